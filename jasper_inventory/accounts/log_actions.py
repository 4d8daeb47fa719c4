"""The acts in the activity log: what each is called, and which kind it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import LogKind

_ACCESS: dict[str, Promise] = {
    "sign_in.succeeded": _("Signed in"),
    "sign_in.failed": _("Wrong password"),
    "sign_in.locked": _("Sign-in blocked after wrong passwords"),
    "sign_out.done": _("Signed out"),
    "session.ended": _("Session ended"),
    "role.switched": _("Role switched"),
    "identity.confirmed": _("Confirmed who they are"),
}
_VIEWS: dict[str, Promise] = {
    "codes.downloaded": _("Codes downloaded"),
    "codes.printed": _("Codes printed"),
    "codes.copied": _("Codes copied"),
    "codes.viewed": _("Codes viewed"),
    "code.looked up": _("Code looked up"),
    "group key.printed": _("Group key printed"),
    "people.viewed": _("People viewed"),
    "people.searched": _("People searched"),
    "list.exported": _("List exported"),
    "log.exported": _("Activity log exported"),
    "data.exported": _("Personal data downloaded"),
    "students.exported": _("Student data downloaded"),
}
_CHANGES: dict[str, Promise] = {
    "activation code.replaced": _("Activation code replaced"),
    "activation codes.handed out": _("Activation codes handed out"),
    "activation codes.replaced": _("Activation codes replaced"),
    "activation codes.returned": _("Activation codes returned"),
    "address.confirmed": _("Email address confirmed"),
    "alerts.set": _("Alerts changed"),
    "code settings.saved": _("Code settings saved"),
    "code.redeemed": _("Code redeemed"),
    "codes.created": _("Codes created"),
    "course.started": _("Course started"),
    "email alerts.set": _("Email alerts changed"),
    "enrollment.removed": _("Person removed from a license"),
    "enrollment.restored": _("Person restored to a license"),
    "erasure.asked": _("Erasure requested"),
    "erasure.withdrawn": _("Erasure request withdrawn"),
    "group key.replaced": _("Group key replaced"),
    "inventory.repaired": _("Inventory repaired"),
    "invitation.accepted": _("Invitation accepted"),
    "invitation.sent": _("Invitation sent"),
    "invitation.withdrawn": _("Invitation withdrawn"),
    "joining.allowed": _("Enrollment resumed"),
    "joining.paused": _("Enrollment paused"),
    "log.trimmed": _("Activity log trimmed"),
    "mfa.added": _("Second factor added"),
    "mfa.removed": _("Second factor removed"),
    "mfa.used": _("Recovery code used"),
    "mfa.recovery codes created": _("Recovery codes created"),
    "order.activated": _("License activated"),
    "order.approved": _("License request approved"),
    "order.assigned": _("License assigned"),
    "order.deactivated": _("License deactivated"),
    "order.edited": _("Order edited"),
    "order.forwarded": _("License request forwarded"),
    "order.reclaimed": _("Seats reclaimed"),
    "order.rejected": _("License request rejected"),
    "order.requested": _("License requested"),
    "order.resumed": _("License resumed"),
    "order.suspended": _("License suspended"),
    "order.withdrawn": _("License request withdrawn"),
    "organization.created": _("Organization created"),
    "organization.edited": _("Organization edited"),
    "organization.moved": _("Organization moved"),
    "password.chosen": _("Password chosen"),
    "password.set": _("Password set by someone else"),
    "person.added": _("Person added"),
    "person.edited": _("Person edited"),
    "person.erased": _("Person erased"),
    "redemption.removed": _("Redemption removed"),
    "redemption.restored": _("Redemption restored"),
    "renewal.approved": _("Renewal request approved"),
    "renewal.forwarded": _("Renewal request forwarded"),
    "renewal.rejected": _("Renewal request rejected"),
    "renewal.requested": _("Renewal requested"),
    "renewal.withdrawn": _("Renewal request withdrawn"),
    "role.granted": _("Role granted"),
    "role.revoked": _("Role revoked"),
    "row.added": _("Row added in the admin"),
    "row.changed": _("Row changed in the admin"),
    "row.deleted": _("Row deleted in the admin"),
    "sign-in account.linked": _("Sign-in account linked"),
    "sign-in account.unlinked": _("Sign-in account unlinked"),
    "student.enrolled": _("Student enrolled"),
    "student.linked": _("Student linked to a teacher"),
    "students.erased": _("Students erased"),
    "teacher code.replaced": _("Teacher code replaced"),
    "teacher code.sent": _("Teacher code sent"),
    "teacher.enrolled": _("Teacher enrolled"),
    "teacher.joined": _("Teacher joined"),
    "username.noted": _("Username noted"),
}
ACTIONS = {**_ACCESS, **_VIEWS, **_CHANGES}


def kind_of(action: str) -> LogKind:
    """Return the kind of an act."""
    if action in _ACCESS:
        return LogKind.ACCESS
    return LogKind.VIEW if action in _VIEWS else LogKind.CHANGE
