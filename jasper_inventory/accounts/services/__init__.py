"""Changes to people, organizations, memberships, invitations, alerts and the active role."""

from jasper_inventory.accounts.services.addresses import (
    confirm_address,
    hold_address,
    note_username,
    prove_address,
)
from jasper_inventory.accounts.services.email_preferences import set_email_alerts
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure, keep_account
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
from jasper_inventory.accounts.services.passwords import (
    change_password,
    choose_password,
    only_cci_sets_it,
    require_new_password,
    reset_password,
    set_pupil_password,
    why_no_help_with_password,
)
from jasper_inventory.accounts.services.sessions import bound_anonymous_sessions
from jasper_inventory.accounts.services.users import (
    NewAccount,
    account_of_form,
    create_account,
    create_invited_account,
)

__all__ = [
    "NewAccount",
    "accept_invitation",
    "accept_with_new_account",
    "account_of_form",
    "ask_for_erasure",
    "bound_anonymous_sessions",
    "change_password",
    "check_levels",
    "choose_password",
    "add_role",
    "confirm_address",
    "create_account",
    "create_invited_account",
    "hold_address",
    "hold_place",
    "hold_tree",
    "lock_tree",
    "note_username",
    "only_cci_sets_it",
    "prove_address",
    "require_new_password",
    "reset_password",
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
