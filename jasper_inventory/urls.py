"""URLs of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from jasper_inventory.accounts.views import security, sso

handler400 = "jasper_inventory.lib.site.bad_request"
handler500 = "jasper_inventory.lib.site.server_error"
# Shown when a rate limit of django-allauth is exceeded.
handler429 = "jasper_inventory.lib.site.too_many_requests"

urlpatterns = [
    path("", include("jasper_inventory.inventory.urls")),
    path("", include("jasper_inventory.people.urls")),
    path("", include("jasper_inventory.search.urls")),
    path("", include("jasper_inventory.accounts.urls")),
    path("", include("licenses.urls")),
    path("", include("activation_codes.urls")),
    path("inventory/", include("renewals.urls")),
    path("accounts/", include("allauth.account.urls")),
    # Instead of django-allauth's own pages, which its redirects name so.
    path("accounts/security/", security.security, name="mfa_index"),
    path(
        "accounts/security/webauthn/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_list_webauthn",
    ),
    path("accounts/security/", include("allauth.mfa.urls")),
    path("accounts/sso/<slug:provider_id>/callback/", sso.sso_callback, name="sso_callback"),
    path("admin/", admin.site.urls),
]
