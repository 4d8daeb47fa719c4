"""The windows that pause and resume enrollment, a teacher's students, and a student's password."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    looks_after_students,
    teacher_role_required,
)
from jasper_inventory.accounts.passwords import easy_password
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from jasper_inventory.lib.pagination import paged
from licenses.forms.enrollments import OrderPauseForm, OrderUnpauseForm, StudentPasswordForm
from licenses.models import Enrollment
from licenses.permissions import can_pause
from licenses.services.enrollments import pause_joining, unpause_joining
from licenses.services.student_passwords import (
    help_with_password,
    students_of_teacher,
    why_not_to_set_password,
)
from licenses.views.shortcuts import acted, approved_order, teaching

STUDENTS_PER_PAGE = 25


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_pause(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Pause Enrollment: no one can join the order until enrollment is resumed."""
    return acted(
        request,
        approved_order(request, number, may=can_pause),
        OrderPauseForm(typed_data(request)),
        service=pause_joining,
        done=_(
            "Enrollment on order %(order)s is paused. No one can join it until you resume "
            "enrollment."
        ),
        template="licenses/order_pause.html",
    )


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_unpause(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Resume Enrollment: people can join the order again."""
    return acted(
        request,
        approved_order(request, number, may=can_pause),
        OrderUnpauseForm(typed_data(request)),
        service=unpause_joining,
        done=_("Enrollment on order %(order)s was resumed. People can join it again."),
        template="licenses/order_unpause.html",
    )


@require_safe
@teacher_role_required
def group_students(request: MemberHttpRequest, number: int) -> HttpResponse:
    """List the teacher's own students on a license."""
    order, teacher = teaching(request, number)
    students = Enrollment.objects.taught_by(teacher).by_name()
    context = {
        "order": order,
        "teacher": teacher,
        "today": timezone.localdate(),
        **paged(request, students, STUDENTS_PER_PAGE),
    }
    return render(request, "licenses/group_students.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@looks_after_students
def student_password(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Set a password for a student without email: suggest an easy one, and show it once."""
    pupil = get_object_or_404(students_of_teacher(request.membership), pk=pk)
    form = StudentPasswordForm(request.POST or None, initial={"password": easy_password()})
    why_not = why_not_to_set_password(pupil, request.membership)
    context = {"pupil": pupil, "form": form, "why_not": why_not}
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        attempt(
            form,
            help_with_password,
            pupil=pupil,
            password=password,
            by=request.user,
        )
        if form.is_valid():
            context["password"] = password
            return render(request, "licenses/student_password_done.html", context)
    if form.is_bound:
        focus_first_error(form)
    return render(request, "licenses/student_password.html", context)
