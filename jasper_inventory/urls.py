"""URLs of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from jasper_inventory.accounts.views import security, sso
from jasper_inventory.lib.headers import security_txt

handler400 = "jasper_inventory.lib.site.bad_request"
handler500 = "jasper_inventory.lib.lost_database.server_error"
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
    path("", include("jasper_inventory.support.urls")),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path(settings.ADMIN_PATH, admin.site.urls),
]
