"""The table of routes, personas and statuses, and a world to request every address in.

Foreign is 404, visible but not allowed 403; anonymous visitors are redirected to sign in.
"""

import re

from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse

from activation_codes.selections import encoded
from jasper_inventory.accounts.models import Level, Role
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.accounts.services.saved_views import save_view
from licenses.services.enrollments import enroll_student, enroll_teacher
from tests import factories

ANONYMOUS, CENTER, HUB, FOREIGN, TEACHER, STUDENT, NOBODY, STAFF = (
    "anonymous",
    "center",
    "hub",
    "foreign",
    "teacher",
    "student",
    "nobody",
    "staff",
)
PERSONAS = (ANONYMOUS, CENTER, HUB, FOREIGN, TEACHER, STUDENT, NOBODY, STAFF)

# Route, method, and the status for each persona in the order of PERSONAS. 302 for an anonymous
# persona redirects to sign-in. The orders belong to the center, a child of the hub.
TABLE = [
    ("inventory:panel", "get", 302, 200, 200, 200, 200, 302, 200, 302),
    ("inventory:panel", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:overview", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:overview", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:order_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:request_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:request_list", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("licenses:order_review", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_review", "post", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_forward", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_forward", "post", 302, 403, 302, 403, 403, 403, 403, 403),
    ("renewals:renewal_review", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("renewals:renewal_review", "post", 302, 403, 200, 403, 403, 403, 403, 403),
    ("renewals:renewal_forward", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("renewals:renewal_forward", "post", 302, 403, 302, 403, 403, 403, 403, 403),
    ("inventory:where", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("inventory:where", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:order_export", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:order_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:request_export", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:request_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:where_export", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("inventory:where_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:column_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:column_list", "post", 302, 302, 302, 302, 403, 403, 403, 403),
    ("inventory:view_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:view_list", "post", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:view_edit", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("inventory:view_edit", "post", 302, 200, 404, 404, 403, 403, 403, 403),
    ("inventory:view_delete", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("inventory:view_delete", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    # Without a search, there is nothing to download.
    ("people:people_export", "get", 302, 302, 302, 302, 403, 403, 403, 403),
    ("people:people_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:person_list_export", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("people:person_list_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:styleguide", "get", 302, 403, 403, 403, 403, 403, 403, 200),
    ("inventory:styleguide", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("licenses:order_request", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("licenses:order_request", "post", 302, 200, 200, 200, 403, 403, 403, 403),
    ("licenses:order_edit", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("licenses:order_edit", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("licenses:order_assign", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_assign", "post", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_reclaim", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_reclaim", "post", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_suspend", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_suspend", "post", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_resume", "get", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:order_resume", "post", 302, 403, 200, 403, 403, 403, 403, 403),
    ("licenses:teacher_code_send", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:teacher_code_send", "post", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:group_students", "get", 302, 403, 403, 403, 200, 403, 403, 403),
    ("licenses:group_students", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("licenses:group_key_replace", "get", 302, 403, 403, 403, 200, 403, 403, 403),
    ("licenses:group_key_replace", "post", 302, 403, 403, 403, 302, 403, 403, 403),
    ("people:person_list", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("people:person_list", "post", 302, 302, 200, 404, 403, 403, 403, 403),
    ("people:person_remove", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("people:person_remove", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("people:person_restore", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:person_restore", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("licenses:order_usage", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("licenses:order_usage", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("licenses:order_alerts", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_alerts", "post", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_pause", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_pause", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("licenses:order_unpause", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_unpause", "post", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_replace_code", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_replace_code", "post", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:transfer_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("licenses:transfer_list", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("licenses:transfer_download", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("licenses:transfer_download", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("licenses:order_withdraw", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("licenses:order_withdraw", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("activation_codes:codes_edit", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("activation_codes:codes_edit", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("activation_codes:codes_create", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("activation_codes:codes_create", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("activation_codes:codes_progress", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("activation_codes:codes_progress", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:codes_cancel", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:codes_cancel", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("activation_codes:codes_download", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("activation_codes:codes_download", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:workbook_progress", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("activation_codes:workbook_progress", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:workbook_cancel", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:workbook_cancel", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("renewals:renewal_request", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("renewals:renewal_request", "post", 302, 200, 200, 404, 403, 403, 403, 403),
    ("renewals:renewal_withdraw", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("renewals:renewal_withdraw", "post", 302, 302, 403, 404, 403, 403, 403, 403),
    ("accounts:organization_find", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:organization_find", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:group_key_poster", "get", 302, 403, 403, 403, 200, 403, 403, 403),
    ("activation_codes:group_key_poster", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:code_list", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:code_list", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("activation_codes:codes_select", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:codes_select", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("activation_codes:handout_create", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:handout_create", "post", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:handout_undo", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:handout_undo", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("activation_codes:codes_copy", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:codes_copy", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:codes_replace", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:codes_replace", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("activation_codes:code_cards", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:code_cards", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:selected_download", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:selected_download", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:code_replace", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("activation_codes:code_replace", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("licenses:student_password", "get", 302, 200, 404, 404, 404, 403, 403, 403),
    ("licenses:student_password", "post", 302, 200, 404, 404, 404, 403, 403, 403),
    ("activation_codes:course_list", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("activation_codes:course_list", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:course_start", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("activation_codes:course_start", "post", 302, 404, 404, 404, 404, 404, 404, 404),
    ("accounts:address_confirm", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:address_confirm", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("inventory:troubleshoot", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:troubleshoot", "post", 302, 200, 200, 200, 403, 403, 403, 403),
    ("inventory:order_troubleshoot", "get", 302, 200, 200, 404, 403, 403, 403, 403),
    ("inventory:order_troubleshoot", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("inventory:enrollment_troubleshoot", "get", 302, 200, 403, 404, 403, 403, 403, 403),
    ("inventory:enrollment_troubleshoot", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:log_entry_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:log_entry_list", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:log_entry_export", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:log_entry_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:export_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:export_list", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:export_progress", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:export_progress", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:export_download", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("accounts:export_download", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:export_delete", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:export_delete", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("accounts:log_entry_own", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:log_entry_own", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:shortcuts", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:shortcuts", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("search:search", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("search:search", "post", 302, 200, 200, 200, 403, 403, 403, 403),
    ("people:people", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("people:people", "post", 302, 200, 200, 200, 403, 403, 403, 403),
    ("people:student_export", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("people:student_export", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:student_erase", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("people:student_erase", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("people:student_keep", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:student_keep", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("people:person", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("people:person", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:me", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("people:me", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:me_download", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("people:me_download", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:me_erase", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    # Without a password, none is typed again.
    ("people:me_erase", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("people:me_keep", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("people:me_keep", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:invitation_list", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:invitation_list", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:invitation_create", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:invitation_create", "post", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:invitation_resend", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:invitation_resend", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("accounts:invitation_revoke", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("accounts:invitation_revoke", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("accounts:second_factor_require", "get", 302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:second_factor_require", "post", 302, 302, 302, 302, 403, 403, 403, 403),
    ("accounts:sso_begin", "get", 405, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:sso_begin", "post", 404, 404, 404, 404, 404, 404, 404, 404),
    ("accounts:sso_confirm", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:sso_confirm", "post", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:sso_unlink", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:sso_unlink", "post", 302, 404, 404, 404, 404, 404, 404, 404),
    ("accounts:role_revoke", "get", 302, 200, 404, 404, 403, 403, 403, 403),
    ("accounts:role_revoke", "post", 302, 302, 404, 404, 403, 403, 403, 403),
    ("accounts:session_list", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    # Asks for the password once more.
    ("accounts:session_list", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:email_alerts", "get", 302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:email_alerts", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:password_choose", "get", 302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:password_choose", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:username_noted", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:username_noted", "post", 302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:role_switch", "get", 302, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:role_switch", "post", 302, 302, 404, 404, 404, 404, 404, 404),
]
# Pages of the codes of an order; their addresses say which are selected.
OF_CODES = [
    f"activation_codes:{name}"
    for name in (
        *("code_list", "codes_select", "handout_create", "handout_undo"),
        *("codes_copy", "codes_replace", "code_cards", "selected_download"),
    )
]
# Pages for typing a code, open to anyone: route -> status of a GET. tests/activation_codes has the
# rest.
CODES = {
    f"activation_codes:{kind}{act}": status
    for kind in ("activate", "link", "teach")
    for act, status in (("", 200), ("_offer", 200), ("_take", 405), ("_sign_in", 405))
} | {"activation_codes:key_forget": 405}
# Pages of django-allauth that work without being signed in.
OPEN = {
    *("mfa_authenticate", "mfa_login_webauthn"),
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "support:readyz",
}
SIGNED_IN = {
    *("mfa_index", "mfa_list_webauthn", "mfa_activate_totp", "mfa_add_webauthn"),
    *("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_generate_recovery_codes"),
    "account_change_password",
    "account_reauthenticate",
    "account_set_password",
}


# For everyone with the link: see accounts/test_invitations.py.
BY_LINK = {"accounts:invitation", "accounts:invitation_open"}
# The answer of a service for single sign-on: see accounts/test_sso.py.
OF_SERVICES = {"sso_callback"}
# Those of the user's own second factors, which are 404 without one: accounts/test_second_factors.
OF_FACTORS = {
    *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"),
    *("mfa_edit_webauthn", "mfa_remove_webauthn"),
}
# A page of django-allauth that this site doesn't have, and one that needs a token.
CLOSED = {"account_email", "support:metrics"}
# For everyone, once it is set: see test_headers.py.
BY_LINK |= {"security_txt"}


def personas_and_addresses(django_db_blocker):
    """The personas and the address of each route; created once, and a test's changes are undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        hub = factories.organization("Harbour Hub", level=Level.HUB)
        center = factories.organization("Tolano Adventures", parent=hub)
        people = {
            CENTER: factories.member(center),
            HUB: factories.member(hub),
            FOREIGN: factories.member(),
            TEACHER: factories.member(center, Role.TEACHER),
            STUDENT: factories.member(center, Role.STUDENT),
        }
        personas = {persona: membership.user for persona, membership in people.items()}
        personas |= {NOBODY: factories.person(), STAFF: factories.staff()}
        yield personas, _addresses(hub, center, people, personas[STAFF])
        transaction.set_rollback(True)


def _addresses(hub, center, people, staff):
    admin, hub_admin, teacher = people[CENTER], people[HUB], people[TEACHER]
    order = factories.order(assigned_to=center)
    taught = enroll_teacher(order=order, user=teacher.user, by=staff).enrollment
    requested = factories.license_request(membership=admin)
    codes = factories.order(factories.CODES, assigned_to=center)
    redemption = factories.redemption(factories.codes(codes)[0])
    pending = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    on_order = enroll_student(order=order, user=factories.person(), by=admin.user).enrollment
    parent = factories.order(assigned_to=hub)
    mix = parent.products.all()
    allocated = factories.order(
        assigned_to=center, parent=parent, product_mix=mix, by=hub_admin.user
    )
    invitation = invite(
        organization=center, role=Role.TEACHER, email="new@example.com", by=admin.user
    )
    site = factories.order(assigned_to=center, students=None)
    pupil = factories.member(center, Role.STUDENT).user_id
    view = save_view(name="Ending", query="ending=30", is_shared=False, by=admin)
    export = factories.list_export(admin)
    numbers = {
        "accounts:export_download": export.pk,
        "accounts:export_delete": export.pk,
        "inventory:view_edit": view.pk,
        "inventory:view_delete": view.pk,
        "people:person": admin.user_id,
        "people:student_erase": pupil,
        "people:student_keep": pupil,
        "accounts:invitation_resend": invitation.pk,
        "accounts:invitation_revoke": invitation.pk,
        "accounts:role_revoke": factories.member(center, Role.TEACHER).pk,
        "licenses:order_assign": parent.number,
        "licenses:order_reclaim": allocated.number,
        "licenses:order_suspend": allocated.number,
        "licenses:order_resume": allocated.number,
        "licenses:order_edit": order.number,
        "licenses:order_review": requested.number,
        "licenses:order_forward": requested.number,
        "renewals:renewal_review": pending.order.number,
        "renewals:renewal_forward": pending.order.number,
        "licenses:teacher_code_send": order.number,
        "licenses:group_students": order.number,
        "licenses:group_key_replace": order.number,
        "activation_codes:group_key_poster": order.number,
        "people:person_list": order.number,
        "people:person_list_export": order.number,
        "people:person_remove": (order.number, taught.pk),
        "people:person_restore": (order.number, taught.pk),
        "inventory:order_troubleshoot": order.number,
        "inventory:enrollment_troubleshoot": (order.number, on_order.pk),
        "licenses:order_usage": order.number,
        "licenses:order_alerts": site.number,
        "licenses:order_pause": site.number,
        "licenses:order_unpause": order.number,
        "licenses:order_replace_code": order.number,
        "licenses:order_withdraw": requested.number,
        "activation_codes:codes_edit": codes.number,
        "activation_codes:code_replace": codes.activation_codes.first().pk,
        "activation_codes:codes_create": codes.number,
        "activation_codes:codes_progress": codes.number,
        "activation_codes:codes_cancel": codes.number,
        "activation_codes:codes_download": codes.number,
        "activation_codes:workbook_progress": codes.number,
        "activation_codes:workbook_cancel": codes.number,
        **dict.fromkeys(OF_CODES, codes.number),
        "renewals:renewal_request": order.number,
        "renewals:renewal_withdraw": pending.order.number,
        "accounts:role_switch": admin.pk,
        "accounts:sso_begin": "none",
        "accounts:sso_unlink": 1,
        "accounts:address_confirm": "token",
        "licenses:student_password": redemption.enrollment.user_id,
        "activation_codes:course_start": (redemption.enrollment_id, codes.products.first().pk),
    }

    selected = encoded(codes.activation_codes.filter(used=0).values_list("pk", flat=True))

    def address(route):
        args = numbers.get(route, ())
        query = f"?selected={selected}" if route in OF_CODES else ""
        return reverse(route, args=args if isinstance(args, tuple) else (args,)) + query

    return address


def all_addresses():
    """An address of every route, with 1 for each of its arguments, and the route's name."""
    for route, name in _patterns(get_resolver("jasper_inventory.urls"), ""):
        yield "/" + route, name


def admin_addresses():
    """Every address of the admin, with keys of no row."""
    for address, name in all_addresses():
        if (
            address.startswith("/admin/")
            and "jsi18n" not in address
            and name not in ("login", "logout")
        ):
            yield address


def _patterns(resolver, prefix):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield _filled(route), pattern.name
        else:
            yield from _patterns(pattern, route)


def _filled(route):
    """The route with a value for each of its arguments."""
    route = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "1", route)
    route = route.replace("^", "").replace("$", "").replace("\\Z", "")
    assert "<" not in route and "(" not in route, route
    return route
