"""Erasure of students by their school: of the account, or of the ties to the school."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.services.redemptions import reclaim_redemption
from jasper_inventory.accounts.models import (
    ErasureRequest,
    Membership,
    Organization,
    Role,
    User,
)
from jasper_inventory.accounts.permissions import require_administrator
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.people.erasure import erase_person
from licenses.models import Enrollment, EnrollmentRole
from licenses.services.enrollments import remove_enrollment


def remove_person(*, enrollment: Enrollment, by: User) -> None:
    """Remove a person from an order; a student's use returns to the code."""
    if enrollment.order.is_codes and enrollment.role == EnrollmentRole.STUDENT:
        reclaim_redemption(redemption=enrollment.redemption, by=by)
    else:
        remove_enrollment(enrollment=enrollment, by=by)


def students_of(organization: Organization) -> QuerySet[User]:
    """Return the people who are students of an organization, and nothing else there."""
    roles = Membership.objects.filter(organization=organization)
    enrolled = Enrollment.objects.filter(order__assigned_to=organization)
    learn = Q(pk__in=roles.filter(role=Role.STUDENT).values("user")) | Q(
        pk__in=enrolled.students().values("user")
    )
    work = Q(pk__in=roles.exclude(role=Role.STUDENT).values("user")) | Q(
        pk__in=enrolled.teachers().values("user")
    )
    return User.objects.filter(learn, erased_at=None, is_staff=False).exclude(work)


def has_other_ties(student: User, organization: Organization) -> bool:
    """Return whether a student has a role or a license elsewhere, now or before."""
    roles = Membership.objects.filter(user=student).exclude(organization=organization)
    enrolled = Enrollment.objects.filter(user=student).exclude(order__assigned_to=organization)
    return roles.exists() or enrolled.exists()


def erase_student(*, student: User, organization: Organization, by: User) -> ErasureRequest | None:
    """Erase a student for their school.

    Without ties to other organizations, the account is erased after `SCHOOL_ERASURE_DAYS`; return
    the request, which can be undone until then. Otherwise remove the student from the school's
    licenses, and the role there, now; return None.
    """
    text = _("Only an administrator of the school can erase its students.")
    require_administrator(organization, by, text)
    with audited("students.erased", by=by) as act:
        # Roles and enrollments lock the person too, so no ties are added in the meantime.
        student = User.objects.select_for_update(of=("self",), no_key=True).get(pk=student.pk)
        act.on(student)
        if not students_of(organization).filter(pk=student.pk).exists():
            raise DomainError(_("This person isn't only a student of your organization."))
        if has_other_ties(student, organization):
            act.changes(None, {"ends": "ties"})
            _unlink(student, organization, by)
            return None
        act.changes(None, {"ends": "account"})
        request, is_new = ErasureRequest.objects.get_or_create(
            user=student,
            done_at=None,
            withdrawn_at=None,
            defaults={"asked_at": timezone.now(), "asked_by": by, "asked_for": organization},
        )
        if not is_new:
            raise DomainError(_("The erasure of this account was already requested."))
    return request


def keep_student(*, student: User, organization: Organization, by: User) -> None:
    """Undo the erasure of a student; raise DomainError if it is too late."""
    text = _("Only an administrator of the school can keep its students.")
    require_administrator(organization, by, text)
    with audited("erasure.withdrawn", by=by) as act:
        act.on(student)
        pending = ErasureRequest.objects.pending().filter(user=student, asked_for=organization)
        if pending.update(withdrawn_at=timezone.now()) != 1:
            raise DomainError(_("There is nothing to undo."))


def due_requests() -> QuerySet[ErasureRequest]:
    """Return the requests of schools that can no longer be undone, oldest first."""
    until = timezone.now() - timedelta(days=settings.SCHOOL_ERASURE_DAYS)
    due = ErasureRequest.objects.pending().filter(asked_for__isnull=False, asked_at__lt=until)
    return due.select_related("user", "asked_for").order_by("pk")


def erase_due(request: ErasureRequest, *, by: User) -> bool:
    """Erase the student of a due request, unless the student has other ties by now."""
    assert request.asked_for is not None  # of a school
    if has_other_ties(request.user, request.asked_for):
        return False
    return erase_person(user=request.user, by=by)


def _unlink(student: User, organization: Organization, by: User) -> None:
    current = Enrollment.objects.current().filter(user=student, order__assigned_to=organization)
    for enrollment in current.select_related("order", "user").order_by("order"):
        remove_person(enrollment=enrollment, by=by)
    Membership.objects.filter(user=student, organization=organization).delete()
