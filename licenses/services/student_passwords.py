"""New passwords for students without email, set by their own school."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.accounts.services.passwords import (
    cci_only_refusal,
    password_help_refusal,
    set_student_password,
)
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import NotAllowed
from licenses.models import Enrollment, EnrollmentRole


def students_of_teacher(membership: Membership | None) -> QuerySet[User]:
    """Return the students that this role looks after.

    For an administrator, all students on the organization's licenses. For a teacher, those linked
    to the teacher. No one for other roles.
    """
    learning = Enrollment.objects.current().filter(user=OuterRef("pk"), role=EnrollmentRole.STUDENT)
    if membership is None or membership.is_student:
        return User.objects.none()
    learning = learning.filter(order__assigned_to=membership.organization_id)
    if membership.is_teacher:
        learning = learning.filter(teacher__user=membership.user_id, teacher__removed_at=None)
    return User.objects.filter(Exists(learning))


def why_not_to_set_password(pupil: User, membership: Membership) -> str:
    """Return why this role may not set a student's password; empty if it may.

    A password gives access to everything that the student can see, so all of it must belong to
    the organization. The message doesn't disclose the student's other organizations.
    """
    if reason := password_help_refusal(pupil):
        return reason
    own = membership.organization_id
    roles = Membership.objects.filter(user=pupil).exclude(organization=own)
    enrolled = Enrollment.objects.current().filter(user=pupil).exclude(order__assigned_to=own)
    return cci_only_refusal() if roles.exists() or enrolled.exists() else ""


def help_with_password(*, pupil: User, password: str, by: User) -> None:
    """Set a new password for a student without email that one of the roles of `by` looks after."""
    with audited("password.set", by=by):
        # Enrollments and roles lock the person too, so nothing is added in the meantime.
        pupil = User.objects.select_for_update(of=("self",)).get(pk=pupil.pk)
        looking_after = [
            role
            for role in Membership.objects.of_user(by)
            if students_of_teacher(role).filter(pk=pupil.pk).exists()
        ]
        if not by.is_active or not looking_after:
            raise NotAllowed(_("Only a student's own teacher or administrator can do this."))
        reasons = [why_not_to_set_password(pupil, role) for role in looking_after]
        if all(reasons):
            raise NotAllowed(reasons[0])
        set_student_password(user=pupil, password=password, by=by)
