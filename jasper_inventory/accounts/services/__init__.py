"""Changes to people, organizations, memberships, invitations, alerts and the active role."""

from jasper_inventory.accounts.services.accounts import (
    NewAccount,
    account_of_form,
    confirm_address,
    create_account,
    create_invited_account,
    set_pupil_password,
    why_no_help_with_password,
)
from jasper_inventory.accounts.services.alerts import set_email_alerts
from jasper_inventory.accounts.services.erasures import ask_for_erasure, keep_account
from jasper_inventory.accounts.services.invitations import (
    accept_invitation,
    accept_with_new_account,
    invite,
    resend_invitation,
    revoke_invitation,
    usable_invitation,
)
from jasper_inventory.accounts.services.organizations import (
    add_role,
    check_levels,
    create_organization,
    grant_role,
    hold_place,
    hold_tree,
    lock_tree,
    place_organization,
    require_administrator,
    require_administrator_left,
    require_cci_staff,
    revoke_role,
    use_role,
)

__all__ = [
    "NewAccount",
    "accept_invitation",
    "accept_with_new_account",
    "account_of_form",
    "ask_for_erasure",
    "check_levels",
    "add_role",
    "confirm_address",
    "create_account",
    "create_invited_account",
    "hold_place",
    "hold_tree",
    "lock_tree",
    "place_organization",
    "set_pupil_password",
    "why_no_help_with_password",
    "create_organization",
    "grant_role",
    "invite",
    "keep_account",
    "require_administrator",
    "require_administrator_left",
    "require_cci_staff",
    "resend_invitation",
    "revoke_invitation",
    "revoke_role",
    "set_email_alerts",
    "usable_invitation",
    "use_role",
]
