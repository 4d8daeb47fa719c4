"""Requiring second factors of an organization's people, and removing a person's lost ones."""

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from jasper_inventory.accounts.emails import notify_of_sign_in_change
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.permissions import require_administrator, require_cci_staff
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError


def set_second_factor_required(
    *, organization: Organization, is_required: bool, by: User
) -> Organization:
    """Require a second factor of the organization's administrators and teachers, or no longer."""
    text = _("Only administrators of %(organization)s can do this.")
    require_administrator(organization, by, text % {"organization": organization})
    action = "organization.second_factor_required" if is_required else "organization.edited"
    with audited(action, by=by):
        Organization.objects.filter(pk=organization.pk).update(requires_second_factor=is_required)
    organization.requires_second_factor = is_required
    return organization


def remove_second_factors(*, user: User, reason: str, by: User) -> None:
    """Remove a person's passkeys, authenticator app and recovery codes, and notify them.

    For people who lost theirs. Those who must have one are led to set it up at the next sign-in.
    """
    require_cci_staff(by)
    with audited("person.second_factors_removed", by=by, reason=reason):
        # The person's row changes in the history only by this.
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        number, _rows = Authenticator.objects.filter(user=user).delete()
        if not number:
            raise DomainError(_("%(name)s has no second factor.") % {"name": user})
        notify_of_sign_in_change.enqueue(user.pk, "factors_removed", reason)
