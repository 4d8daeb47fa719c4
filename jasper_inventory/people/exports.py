"""People as files, with the columns of their pages."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.exports import Column
from jasper_inventory.people.templatetags.person_rows import linked
from licenses.models import Enrollment

PEOPLE_COLUMNS = [
    Column(_("Name"), lambda person: str(person), 28),
    Column(_("Username"), lambda person: person.username, 24),
    Column(_("Email"), lambda person: person.email, 32),
    Column(_("Roles"), lambda person: ", ".join(map(str, person.roles_seen)), 40),
    Column(_("Licenses"), lambda person: len(person.enrollments_seen), 10),
]


STUDENT_COLUMNS = [
    Column(_("Name"), lambda one: str(one.user), 28),
    Column(_("Username"), lambda one: one.user.username, 24),
    Column(_("Email"), lambda one: one.user.email, 32),
    Column(_("Order Number"), lambda one: one.order.number, 14),
    Column(_("Teacher"), lambda one: str(one.teacher.user) if one.teacher else "", 24),
    Column(_("Since"), lambda one: timezone.localdate(one.enrolled_at), 12),
    Column(_("Until"), lambda one: one.last_day, 12),
    Column(
        _("Removed"),
        lambda one: timezone.localdate(one.removed_at) if one.removed_at else None,
        12,
    ),
    Column(_("Last Sign-In"), lambda one: one.user.last_login, 18),
]


def order_people_columns(*, shows_removed: bool) -> list[Column]:
    """Return the columns of an order's people, with the day they were removed or end."""
    removed = Column(_("Removed"), lambda one: timezone.localdate(one.removed_at), 12)
    until = Column(_("Until"), lambda one: one.last_day, 12)
    return [
        Column(_("Name"), _name, 28),
        Column(_("Username"), lambda one: one.user.username, 24),
        Column(_("Email"), lambda one: one.user.email, 32),
        Column(_("Role"), lambda one: one.get_role_display(), 12),
        Column(_("Linked To"), linked, 24),
        Column(_("Since"), lambda one: timezone.localdate(one.enrolled_at), 12),
        removed if shows_removed else until,
    ]


def _name(enrollment: Enrollment) -> str:
    return str(enrollment.user)
