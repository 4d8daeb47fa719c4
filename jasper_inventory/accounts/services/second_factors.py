"""Requiring second factors of an organization's people, and removing a person's lost ones."""

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _

from jasper_inventory.accounts.emails import notify_of_sign_in_change
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.permissions import require_administrator, require_cci_staff
from jasper_inventory.accounts.second_factors import encrypted_again
from jasper_inventory.accounts.services.sessions import end_sessions
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError

# Of authenticator apps and of recovery codes.
_SECRETS = {"secret", "seed"}


def set_second_factor_required(
    *, organization: Organization, is_required: bool, by: User
) -> Organization:
    """Require a second factor of the organization's administrators and teachers, or no longer."""
    text = _("Only administrators of %(organization)s can do this.")
    require_administrator(organization, by, text % {"organization": organization})
    with audited("organization.edited", by=by) as act:
        act.on(organization)
        act.changes(
            {"requires_second_factor": organization.requires_second_factor},
            {"requires_second_factor": is_required},
        )
        Organization.objects.filter(pk=organization.pk).update(requires_second_factor=is_required)
    organization.requires_second_factor = is_required
    return organization


def encrypt_second_factors(*, by: User) -> tuple[int, int]:
    """Encrypt all secrets with today's SECRET_KEY, so that former keys can be removed.

    Return how many were encrypted, and how many no key of the settings can read.
    """
    require_cci_staff(by)
    done = unreadable = 0
    with audited("mfa.encrypted", by=by):
        for factor in Authenticator.objects.select_for_update().order_by("pk"):
            for name in factor.data.keys() & _SECRETS:
                try:
                    factor.data[name] = encrypted_again(factor.data[name])
                except InvalidToken:
                    unreadable += 1
                else:
                    factor.save(update_fields=["data"])
                    done += 1
    return done, unreadable


def remove_second_factors(*, user: User, reason: str, by: User) -> None:
    """Remove a person's passkeys, authenticator app and recovery codes, and notify them.

    For people who lost theirs. Those who must have one are led to set it up at the next sign-in.
    """
    require_cci_staff(by)
    with audited("mfa.removed", by=by, reason=reason) as act:
        act.on(user)
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        number, _rows = Authenticator.objects.filter(user=user).delete()
        if not number:
            raise DomainError(_("%(name)s has no second factor.") % {"name": user})
        end_sessions(user=user)
        notify_of_sign_in_change.enqueue(user.pk, "factors_removed", reason)
