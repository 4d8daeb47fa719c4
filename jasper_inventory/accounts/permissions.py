"""Permissions that a service requires of the person who acts."""

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.lib.exceptions import NotAllowed


def require_cci_staff(by: User) -> None:
    """Raise NotAllowed unless `by` works at CCI Learning."""
    if not by.is_cci_staff:
        raise NotAllowed(_("Only CCI staff may do this."))


def require_administrator(organization: Organization | None, by: User, message: str) -> None:
    """Raise NotAllowed with `message` unless `by` is CCI staff or administers the organization."""
    if not by.is_cci_staff and not by.administers(organization):
        raise NotAllowed(message)
