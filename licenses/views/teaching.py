"""A teacher's own students on a license, and the group key that they type."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import teacher_required
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.pagination import paged
from licenses import services
from licenses.models import Enrollment, Order

STUDENTS_PER_PAGE = 25


def _teaching(request, number):
    """The license of this number and the teacher's own enrollment on it; 404 for others."""
    orders = Order.objects.visible_to(request.membership).with_status(timezone.localdate())
    order = get_object_or_404(orders.prefetch_related("products__family"), number=number)
    own = order.enrollments.current().teachers().select_related("group_key", "order")
    return order, own.get(user=request.user)


@require_safe
@teacher_required
def group_students(request, number):
    """The teacher's own students on a license, and nobody else's."""
    order, teacher = _teaching(request, number)
    students = Enrollment.objects.taught_by(teacher).by_name()
    context = {
        "order": order,
        "teacher": teacher,
        "today": timezone.localdate(),
        **paged(request, students, STUDENTS_PER_PAGE),
    }
    return render(request, "licenses/group_students.html", context)


@require_http_methods(["GET", "POST"])
@teacher_required
def group_key_replace(request, number):
    """Replace the group key, after asking once."""
    order, teacher = _teaching(request, number)
    back = reverse("licenses:group_students", args=[number])
    if request.method == "POST":
        try:
            services.replace_group_key(teacher=teacher, by=request.user)
            text = _(
                "The new group key works now; the old one doesn't. Give it to your students of "
                "%(holder)s (order %(order)s)."
            )
            messages.success(request, text % {"holder": order.assigned_to, "order": order})
        except DomainError as error:
            messages.error(request, error)
        return redirect(back)
    context = {"order": order, "teacher": teacher, "back_url": back}
    return render(request, "licenses/group_key_replace.html", context)
