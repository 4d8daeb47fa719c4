"""Teachers and students on an order: list, removal and restoration."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes.services.redemptions import restore_redemption
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.list_exports import list_export
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.exports import ListFile
from jasper_inventory.lib.pagination import EXPORTED, KeyPaginator, every_row, sized_page
from jasper_inventory.lib.replica import reads_replica
from jasper_inventory.lib.returning import post_only
from jasper_inventory.lib.searches import kept_search
from jasper_inventory.people.exports import order_people_columns
from jasper_inventory.people.filters import PeopleFilter
from jasper_inventory.people.student_erasure import remove_person
from licenses.models import Enrollment, EnrollmentRole, Order
from licenses.permissions import can_manage_people
from licenses.services.enrollments import restore_enrollment
from licenses.views.shortcuts import get_order


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def person_list(request: MemberHttpRequest, number: int) -> HttpResponse:
    """List an order's teachers and students for its holder, or their numbers for suppliers."""
    order = get_order(request, number)
    order.status = order.status_on(timezone.localdate())
    if not can_manage_people(order, request.membership):
        counts = Enrollment.objects.filter(order=order).counts()
        context = {"order": order, "counts": counts}
        return render(request, "people/person_counts.html", context)
    return _people(request, order)


@reads_replica
def _people(request: MemberHttpRequest, order: Order) -> HttpResponse:
    enrollments = Enrollment.objects.filter(order=order)
    typed = kept_search(request)
    is_sent = request.method == "POST"
    search = _search(request, order, typed)
    if is_sent and search.form.is_valid():
        return redirect(search.address_of(request))
    found = search.found
    listed = enrollments.as_listed()
    context = {
        "is_forgotten": typed is None,
        "counts": enrollments.counts(),
        "order": order,
        "search": search,
        **sized_page(request, lambda size: KeyPaginator(found, [found], listed, size)),
    }
    return render(request, "people/person_list.html", context)


def _search(request: MemberHttpRequest, order: Order, typed: str | None) -> PeopleFilter:
    is_sent = request.method == "POST"
    data = request.POST if is_sent else {**request.GET.dict(), "name": typed or ""}
    enrollments = Enrollment.objects.filter(order=order)
    return PeopleFilter(data, enrollments.teachers_first(), request=request)


@require_safe
@administrator_required
@list_export
def person_list_export(request: MemberHttpRequest, typed: str | None, number: int) -> ListFile:
    """Download the people of an order that the page lists."""
    order = get_order(request, number, may=can_manage_people)
    search = _search(request, order, typed)
    found, listed = search.found, Enrollment.objects.filter(order=order).as_listed()
    return ListFile(
        name=f"people-{order.number}",
        title=_("People"),
        columns=order_people_columns(shows_removed=search.shows_removed),
        rows=partial(every_row, KeyPaginator(found, [found], listed, EXPORTED)),
        counted=found.order_by(),
        on=order,
        logged_as="people of an order",
    )


@require_http_methods(["GET", "POST"])
@administrator_required
def person_remove(request: MemberHttpRequest, number: int, pk: int) -> HttpResponse:
    """Remove a teacher or student from an order after confirmation."""
    order, person = _person(request, number, pk)
    back = _back(request, order)
    if person.removed_at:
        text = _("%(name)s was already removed from order %(order)s.")
        messages.info(request, text % {"name": person.user, "order": order})
        return redirect(back)
    if request.method == "POST":
        done = _("%(name)s was removed from order %(order)s. You can find them under Removed.")
        _act(request, _remove, person, done)
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
def person_restore(request: MemberHttpRequest, number: int, pk: int) -> HttpResponse:
    """Restore a person who was removed, if a seat is free."""
    order, person = _person(request, number, pk)
    _act(request, _restore, person, _("%(name)s was restored to order %(order)s."))
    return redirect(_back(request, order))


def _person(request: MemberHttpRequest, number: int, pk: int) -> tuple[Order, Enrollment]:
    order = get_order(request, number, may=can_manage_people)
    return order, get_object_or_404(Enrollment.objects.filter(order=order).as_listed(), pk=pk)


def _back(request: MemberHttpRequest, order: Order) -> str:
    """Return the address of the list, with its search if `next` has it."""
    if "next" in request.GET:
        return back_url(request)
    return reverse("people:person_list", args=[order.number])


def _act(
    request: MemberHttpRequest,
    service: Callable[[Enrollment, User], None],
    person: Enrollment,
    done: str,
) -> None:
    try:
        service(person, request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done % {"name": person.user, "order": person.order})


def _came_by_code(person: Enrollment) -> bool:
    return person.order.is_codes and person.role == EnrollmentRole.STUDENT


def _remove(person: Enrollment, by: User) -> None:
    remove_person(enrollment=person, by=by)


def _restore(person: Enrollment, by: User) -> None:
    if _came_by_code(person):
        restore_redemption(redemption=person.redemption, by=by)
    else:
        restore_enrollment(enrollment=person, by=by)
