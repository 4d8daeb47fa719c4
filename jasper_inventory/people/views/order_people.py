"""Who teaches and learns on an order: the list, taking people off, putting them back."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from activation_codes.services.redemptions import restore_redemption, take_back_redemption
from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.pagination import paged
from jasper_inventory.lib.returning import post_only
from jasper_inventory.lib.searches import kept_search
from jasper_inventory.people.filters import PeopleFilter
from licenses.models import Enrollment, EnrollmentRole
from licenses.permissions import is_holder
from licenses.services.enrollments import remove_enrollment, restore_enrollment
from licenses.views.shortcuts import get_order

PEOPLE_PER_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def person_list(request, number):
    """An order's teachers and students for its holder; suppliers see how many there are."""
    order = get_order(request, number)
    order.status = order.status_on(timezone.localdate())
    if not is_holder(request, order):
        counts = Enrollment.objects.filter(order=order).counts()
        context = {"order": order, "counts": counts}
        return render(request, "people/person_counts.html", context)
    people = Enrollment.objects.filter(order=order).as_listed()
    typed = kept_search(request)
    is_sent = request.method == "POST"
    data = request.POST if is_sent else {**request.GET.dict(), "name": typed or ""}
    search = PeopleFilter(data, people, request=request)
    if is_sent and search.form.is_valid():
        return redirect(search.address_of(request))
    context = {
        "is_forgotten": typed is None,
        "counts": Enrollment.objects.filter(order=order).counts(),
        "order": order,
        "search": search,
        "today": timezone.localdate(),
        **paged(request, search.found, PEOPLE_PER_PAGE),
    }
    return render(request, "people/person_list.html", context)


@require_http_methods(["GET", "POST"])
@administrator_required
def person_remove(request, number, pk):
    """Take a teacher or a student off an order, after asking once."""
    order, person = _person(request, number, pk)
    back = _back(request, order)
    if person.removed_at:
        text = _("%(name)s was taken off order %(order)s already.")
        messages.info(request, text % {"name": person.user, "order": order})
        return redirect(back)
    if request.method == "POST":
        done = _("%(name)s was taken off order %(order)s. You find them under Taken off.")
        _act(request, _take_off, person, done)
        return redirect(back)
    context = {
        "order": order,
        "person": person,
        "elsewhere": list(person.on_renewals().values_list("order__number", flat=True)),
        "back_url": back,
    }
    return render(request, "people/person_remove.html", context)


@post_only
@administrator_required
def person_restore(request, number, pk):
    """Put someone back who was taken off, while there is room."""
    order, person = _person(request, number, pk)
    _act(request, _put_back, person, _("%(name)s is on order %(order)s again."))
    return redirect(_back(request, order))


def _person(request, number, pk):
    order = get_order(request, number, holder_only=True)
    return order, get_object_or_404(Enrollment.objects.filter(order=order).as_listed(), pk=pk)


def _back(request, order):
    """The list as it was searched."""
    if "next" in request.GET:
        return back_url(request)
    return reverse("people:person_list", args=[order.number])


def _act(request, service, person, done):
    try:
        service(person, request.user)
    except DomainError as error:
        messages.error(request, error)
    else:
        messages.success(request, done % {"name": person.user, "order": person.order})


def _came_by_code(person):
    return person.order.is_codes and person.role == EnrollmentRole.STUDENT


def _take_off(person, by):
    if _came_by_code(person):
        take_back_redemption(redemption=person.redemption, by=by)
    else:
        remove_enrollment(enrollment=person, by=by)


def _put_back(person, by):
    if _came_by_code(person):
        restore_redemption(redemption=person.redemption, by=by)
    else:
        restore_enrollment(enrollment=person, by=by)
