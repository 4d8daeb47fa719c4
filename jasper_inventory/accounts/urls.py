"""URLs of the people and organizations app."""

from django.urls import path

from jasper_inventory.accounts.views import (
    invitations,
    list_exports,
    log_entries,
    memberships,
    organizations,
    security,
    sessions,
    sso,
    users,
)

app_name = "accounts"
urlpatterns = [
    path("organizations/find/", organizations.organization_find, name="organization_find"),
    path("role/<int:pk>/", memberships.role_switch, name="role_switch"),
    path("accounts/address/<str:token>/", users.address_confirm, name="address_confirm"),
    path("accounts/password/choose/", users.password_choose, name="password_choose"),
    path("accounts/username-noted/", users.username_noted, name="username_noted"),
    path("me/sessions/", sessions.session_list, name="session_list"),
    path("role/<int:pk>/revoke/", memberships.role_revoke, name="role_revoke"),
    path(
        "organization/second-factor/",
        security.second_factor_require,
        name="second_factor_require",
    ),
    path("accounts/sso/<slug:provider_id>/", sso.sso_begin, name="sso_begin"),
    path("accounts/confirm/", sso.sso_confirm, name="sso_confirm"),
    path("accounts/linked/<int:pk>/unlink/", sso.sso_unlink, name="sso_unlink"),
    path("invitations/", invitations.invitation_list, name="invitation_list"),
    path("invitations/new/", invitations.invitation_create, name="invitation_create"),
    path(
        "invitations/<int:pk>/resend/",
        invitations.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "invitations/<int:pk>/revoke/",
        invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path("invitation/", invitations.invitation, name="invitation"),
    path("invitation/<str:token>/", invitations.invitation_open, name="invitation_open"),
    path("activity-log/", log_entries.log_entry_list, name="log_entry_list"),
    path("activity-log/download/", log_entries.log_entry_export, name="log_entry_export"),
    path("exports/", list_exports.export_list, name="export_list"),
    path("exports/progress/", list_exports.export_progress, name="export_progress"),
    path("exports/<int:pk>/download/", list_exports.export_download, name="export_download"),
    path("exports/<int:pk>/delete/", list_exports.export_delete, name="export_delete"),
    path("me/activity/", log_entries.log_entry_own, name="log_entry_own"),
    path("shortcuts/", users.shortcuts, name="shortcuts"),
    path("email-alerts/", users.email_alerts, name="email_alerts"),
    # Replaces django-allauth's page.
    path("accounts/email/", users.not_offered),
]
