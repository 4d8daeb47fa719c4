"""A school's own students: all of them as a file, and erasing one."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.list_exports import list_export
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.exports import ListFile
from jasper_inventory.lib.returning import post_only
from jasper_inventory.lib.streams import in_parts
from jasper_inventory.people.exports import STUDENT_COLUMNS
from jasper_inventory.people.student_erasure import (
    erase_student,
    has_other_ties,
    keep_student,
    students_of,
)
from licenses.models import Enrollment


@require_safe
@administrator_required
@list_export
def student_export(request: MemberHttpRequest, _typed: str | None) -> ListFile:
    """Download the organization's own students, with a row for each of their licenses."""
    students = Enrollment.objects.visible_to(request.membership).students()
    listed = students.select_related("user", "order", "teacher__user")

    def rows() -> Iterator[Enrollment]:
        yield from in_parts(listed.order_by("user_folded", "user", "pk"), 2_000)

    return ListFile(
        name="students",
        title=_("Students"),
        columns=STUDENT_COLUMNS,
        rows=rows,
        counted=students.order_by(),
        action="students.exported",
        on=request.membership.organization,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def student_erase(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Erase a student after confirmation, or end the student's ties to the organization."""
    organization = request.membership.organization
    student = get_object_or_404(students_of(organization), pk=pk)
    refusal = ""
    if request.method == "POST":
        try:
            made = erase_student(student=student, organization=organization, by=request.user)
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, _done(student, is_unlinked=made is None))
            return redirect("people:people") if made is None else redirect("people:person", pk)
    context = {
        "student": student,
        "refusal": refusal,
        "has_other_ties": has_other_ties(student, organization),
        "days": settings.SCHOOL_ERASURE_DAYS,
    }
    return render(request, "people/student_erase.html", context)


@post_only
@administrator_required
def student_keep(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Undo the erasure of a student."""
    organization = request.membership.organization
    student = get_object_or_404(students_of(organization), pk=pk)
    try:
        keep_student(student=student, organization=organization, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = _("%(student)s will not be erased.")
        messages.success(request, text % {"student": student})
    return redirect("people:person", pk)


def _done(student: User, *, is_unlinked: bool) -> str:
    if is_unlinked:
        text = _("%(student)s no longer belongs to your organization.")
    else:
        text = _("%(student)s will be erased in %(days)s days. You can undo it until then.")
    return text % {"student": student, "days": settings.SCHOOL_ERASURE_DAYS}
