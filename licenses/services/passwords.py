"""Pupils without e-mail who forgot their password get a new one from who teaches them."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.accounts.services import set_pupil_password
from jasper_inventory.lib.exceptions import NotAllowed
from licenses.models import Enrolment, EnrolmentRole


def pupils_of(membership: Membership | None) -> QuerySet[User]:
    """The students whom this role looks after.

    An administrator's: all on the organization's licences. A teacher's: those linked to the
    teacher there. Nobody else looks after anyone.
    """
    learning = Enrolment.objects.current().filter(user=OuterRef("pk"), role=EnrolmentRole.STUDENT)
    if membership is None or membership.is_student:
        return User.objects.none()
    learning = learning.filter(order__assigned_to=membership.organization_id)
    if membership.is_teacher:
        learning = learning.filter(teacher__user=membership.user_id, teacher__removed_at=None)
    return User.objects.filter(Exists(learning))


def help_with_password(*, pupil: User, password: str, by: User) -> None:
    """Set a new password for a pupil without e-mail, whom `by` looks after in one of the roles."""
    roles = Membership.objects.of_user(by)
    if not by.is_active or not any(pupils_of(role).filter(pk=pupil.pk).exists() for role in roles):
        raise NotAllowed(_("Only a student's own teacher or administrator may do this."))
    set_pupil_password(user=pupil, password=password, by=by)
