from django.urls import path

from jasper_inventory.accounts import invitation_views, views

app_name = "accounts"
urlpatterns = [
    path("organizations/find/", views.organization_find, name="organization_find"),
    path("role/<int:pk>/", views.role_switch, name="role_switch"),
    path("accounts/address/<str:token>/", views.address_confirm, name="address_confirm"),
    path("accounts/password/choose/", views.password_choose, name="password_choose"),
    path("accounts/username-noted/", views.username_noted, name="username_noted"),
    path("role/<int:pk>/revoke/", invitation_views.role_revoke, name="role_revoke"),
    path("invitations/", invitation_views.invitation_list, name="invitation_list"),
    path("invitations/new/", invitation_views.invitation_create, name="invitation_create"),
    path(
        "invitations/<int:pk>/resend/",
        invitation_views.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "invitations/<int:pk>/revoke/",
        invitation_views.invitation_revoke,
        name="invitation_revoke",
    ),
    path("invitation/", invitation_views.invitation, name="invitation"),
    path("invitation/<str:token>/", invitation_views.invitation_open, name="invitation_open"),
    path("email-alerts/", views.email_alerts, name="email_alerts"),
    # Before django-allauth's own.
    path("accounts/email/", views.not_offered),
]
