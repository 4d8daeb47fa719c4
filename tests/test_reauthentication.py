"""Sensitive acts ask for the password or passkey again, and keep what was typed."""

import pytest
from django.contrib.auth.models import Group
from django.urls import URLPattern, get_resolver, reverse

from jasper_inventory.accounts.models import STAFF_GROUP, ErasureRequest, Invitation, Membership
from tests import factories
from tests.access_table import CENTER, TEACHER
from tests.pages import page_text, parsed
from tests.second_factors import app_of, code_of

# Who does the act: a persona of tests/access_table.py.
ON_THE_SITE = {
    "activation_codes:codes_download": CENTER,
    "activation_codes:selected_download": CENTER,
    "activation_codes:codes_copy": CENTER,
    "activation_codes:code_cards": CENTER,
    "activation_codes:group_key_poster": TEACHER,
    "activation_codes:code_replace": CENTER,
    "activation_codes:codes_replace": CENTER,
    "licenses:order_replace_code": CENTER,
    "licenses:group_key_replace": TEACHER,
    "accounts:role_revoke": CENTER,
    "accounts:invitation_create": CENTER,
    "accounts:second_factor_require": CENTER,
    "people:me_erase": CENTER,
}
# Only what is sent to them: see accounts/test_sso.py and accounts/test_sessions.py.
TO_CHANGE = {"accounts:sso_unlink", "accounts:session_list"}
IN_THE_ADMIN = {
    *("accounts_user_add", "accounts_user_change", "accounts_user_delete"),
    *("accounts_membership_add", "accounts_membership_change", "accounts_membership_delete"),
    *("accounts_invitation_add", "accounts_invitation_change", "accounts_invitation_delete"),
    *("auth_group_add", "auth_group_change", "auth_group_delete"),
    *("auth_user_password_change", "accounts_user_erase_page"),
    *("accounts_user_second_factors_page", "accounts_organization_second_factor_page"),
    *("licenses_order_replace_code_page", "activation_codes_download"),
}
# Django-allauth's own, which follow the same rule.
OF_ALLAUTH = {
    *("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"),
    *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"),
}


def _confirmed(resolver=None, namespace=""):
    for pattern in (resolver or get_resolver("jasper_inventory.urls")).url_patterns:
        if not isinstance(pattern, URLPattern):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _confirmed(pattern, inner)
        elif getattr(pattern.callback, "asks_again", False):
            yield namespace + pattern.name


def test_exactly_the_sensitive_acts_ask_again():
    assert set(_confirmed()) == {*ON_THE_SITE, *TO_CHANGE} | {
        f"admin:{name}" for name in IN_THE_ADMIN
    }


@pytest.mark.parametrize("route", ON_THE_SITE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_act_on_the_site_asks_again(sign_in, personas, addresses, route, method):
    personas[ON_THE_SITE[route]].set_password(factories.PASSWORD)
    personas[ON_THE_SITE[route]].save()
    site = sign_in(personas[ON_THE_SITE[route]])
    address = addresses(route)
    site.signed_in_long_ago()

    response = getattr(site, method)(address)

    if method == "post" and response.status_code == 405:
        return
    assert response.url.startswith("/accounts/reauthenticate/?next="), response
    back = site.post(response.url, {"password": factories.PASSWORD})
    assert back.status_code == 302 and back.url == address
    assert site.get(back.url).status_code == 200


@pytest.mark.parametrize("route", sorted(OF_ALLAUTH))
def test_changes_of_second_factors_ask_again(sign_in, admin, route):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    if route not in ("mfa_activate_totp", "mfa_add_webauthn"):
        app_of(admin.user)
    site = sign_in(admin)
    assert not site.get(reverse(route)).headers.get("Location", "").startswith("/accounts/re")
    site.signed_in_long_ago()

    assert site.get(reverse(route)).url.startswith("/accounts/reauthenticate/?next=")


def test_the_time_is_a_setting(sign_in, admin, settings):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    site = sign_in(admin)
    settings.REAUTHENTICATION_MINUTES = 0

    assert site.get("/invitations/new/").url.startswith("/accounts/reauthenticate/")


def test_what_was_typed_is_filled_in_again(sign_in, admin):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    site = sign_in(admin)
    site.signed_in_long_ago()
    response = site.post("/invitations/new/", {"email": "typed@example.com", "role": "1"})
    assert not Invitation.objects.filter(email="typed@example.com").exists()

    page = site.post(response.url, {"password": factories.PASSWORD}, follow=True)

    assert parsed(page).cssselect("#id_email")[0].get("value") == "typed@example.com"


def test_what_was_sent_in_the_admin_is_sent_after_the_confirmation(sign_in, staff, center):
    staff.set_password(factories.PASSWORD)
    staff.save()
    person = factories.person()
    site = sign_in(staff)
    site.signed_in_long_ago()
    typed = {"user": person.pk, "organization": center.pk, "role": "2"}
    response = site.post("/admin/accounts/membership/add/", typed)
    assert not Membership.objects.filter(user=person).exists()
    page = site.post(response.url, {"password": factories.PASSWORD}, follow=True)
    (form,) = parsed(page).cssselect("main form[method='post']")

    site.post("/admin/accounts/membership/add/", dict(form.form_values()))

    assert Membership.objects.get(user=person).organization == center


def test_a_password_is_not_kept(sign_in, staff, center):
    staff.set_password(factories.PASSWORD)
    staff.save()
    person = factories.person()
    site = sign_in(staff)
    site.signed_in_long_ago()

    site.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"password1": "of someone else", "password2": "of someone else"},
    )

    assert "of+someone" not in str(dict(site.session))
    assert "of someone" not in str(dict(site.session))


def test_reading_in_the_admin_does_not_ask(sign_in, staff):
    person = factories.person()
    site = sign_in(staff)
    site.signed_in_long_ago()

    assert site.get(f"/admin/accounts/user/{person.pk}/change/").status_code == 200


def test_a_code_of_the_app_confirms_as_well(sign_in, admin):
    secret, _codes = app_of(admin.user)
    admin.user.set_unusable_password()
    admin.user.save()
    site = sign_in(admin)
    site.signed_in_long_ago()
    response = site.get("/me/erase/")
    assert response.url.startswith("/accounts/security/reauthenticate/?next=")

    site.post(response.url, {"code": code_of(secret)})

    site.post("/me/erase/")
    assert ErasureRequest.objects.exists()


def test_a_wrong_password_confirms_nothing(sign_in, admin):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    site = sign_in(admin)
    site.signed_in_long_ago()
    response = site.get("/me/erase/")

    page = site.post(response.url, {"password": "wrong"})

    assert "This isn't your password" in page_text(page)
    assert site.get("/me/erase/").status_code == 302


def test_the_group_of_staff_needs_it_too(sign_in, db):
    root = factories.person(is_staff=True, is_superuser=True)
    root.set_password(factories.PASSWORD)
    root.save()
    site = sign_in(root)
    site.signed_in_long_ago()
    group = Group.objects.get(name=STAFF_GROUP)

    response = site.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Everyone"})

    assert response.url.startswith("/accounts/reauthenticate/")
