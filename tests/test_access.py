"""The status of every address for every persona.

Foreign is 404, visible but not allowed 403; anonymous visitors are redirected to sign in.
"""

from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.returning import answers_get
from tests import factories
from tests.access_table import (
    ANONYMOUS,
    BY_LINK,
    CENTER,
    CLOSED,
    CODES,
    OF_FACTORS,
    OF_SERVICES,
    OPEN,
    PERSONAS,
    SIGNED_IN,
    TABLE,
    admin_addresses,
)
from tests.pages import parsed


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}")
def test_each_persona_gets_what_the_table_says(personas, addresses, row):
    route, method, *statuses = row
    address = addresses(route)
    # The center is last, so that its changes don't affect the answers to the others.
    for persona, status in sorted(
        zip(PERSONAS, statuses, strict=True), key=lambda p: p[0] == CENTER
    ):
        client = Client()
        if persona != ANONYMOUS:
            client.force_login(personas[persona])
        response = getattr(client, method)(address)
        if response.streaming:
            response.getvalue()
        assert response.status_code == status, persona
        if persona == ANONYMOUS and status == 302:
            shown = address if method == "get" or answers_get(address) else "/"
            assert response.url == f"/accounts/login/?next={quote(shown)}"
        elif (method, status) == ("get", 200) and not response.streaming:
            assert_forms_say_who_opened_them(response)


def assert_forms_say_who_opened_them(response):
    """Each form that isn't the person's own; without it nothing is accepted, and nothing kept."""
    if not response["Content-Type"].startswith("text/html"):
        return
    for form in parsed(response).cssselect("form[method='post']"):
        # A form may leave its address to its buttons.
        actions = [form.get("action"), *(b.get("formaction") for b in form.cssselect("button"))]
        for action in filter(None, actions):
            match = resolve(urlsplit(action).path)
            if match.app_name and not getattr(match.func, "for_any_role", False):
                assert form.cssselect("[name=form_owner]"), action


@pytest.mark.parametrize("route", CODES)
def test_pages_where_a_code_is_typed_are_for_everyone(personas, route):
    for persona in PERSONAS:
        client = Client()
        if persona != ANONYMOUS:
            client.force_login(personas[persona])
        assert client.get(reverse(route)).status_code == CODES[route], persona
        sent = client.post(reverse(route), {"code": ""}).status_code
        assert sent in ((405,) if route.endswith("_offer") else (200, 302)), persona


@pytest.mark.parametrize("route", sorted(OPEN - {"account_reset_password_from_key"}))
def test_accounts_pages_that_anyone_may_open(client, db, route):
    args = ["key"] if route == "account_confirm_email" else []

    assert client.get(reverse(route, args=args)).status_code in (200, 302)


def test_a_password_reset_link_that_is_wrong_says_so(client, db):
    address = reverse("account_reset_password_from_key", args=["1", "wrong-key"])

    assert client.get(address).status_code == 200


@pytest.mark.parametrize("route", sorted(SIGNED_IN))
def test_accounts_pages_for_who_is_signed_in(client, sign_in, admin, route):
    assert client.get(reverse(route)).url.startswith("/accounts/login/?next=")
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    assert sign_in(admin).get(reverse(route)).status_code in (200, 302)


@pytest.mark.parametrize("route", sorted(OF_FACTORS))
def test_pages_of_second_factors_need_one(client, sign_in, admin, route):
    address = reverse(route, args=[1] if "webauthn" in route else [])

    assert client.get(address).url.startswith("/accounts/login/?next=")
    assert sign_in(admin).get(address).status_code == 404


@pytest.mark.parametrize("route", sorted(CLOSED))
def test_accounts_pages_that_are_not_there(sign_in, admin, staff, route):
    mine = admin.user.email
    for site in (sign_in(admin), sign_in(staff)):
        assert site.get(reverse(route)).status_code == 404
        typed = {"email": "other@example.com", "action_add": "", "action_primary": ""}
        assert site.post(reverse(route), typed).status_code == 404
    admin.user.refresh_from_db()
    assert admin.user.email == mine


def test_nobody_can_sign_up(client, db):
    response = client.post(
        reverse("account_signup"),
        {"username": "new", "password1": factories.PASSWORD, "password2": factories.PASSWORD},
    )

    assert b"You need a code or an invitation to create an account." in response.content
    assert not User.objects.filter(username="new").exists()


def test_the_admin_is_for_staff_only(personas):
    addresses = list(admin_addresses())
    assert len(addresses) > 30
    for persona in PERSONAS[:-1]:
        client = Client()
        if persona != ANONYMOUS:
            client.force_login(personas[persona])
        for address in addresses:
            for method in ("get", "post"):
                status = getattr(client, method)(address).status_code
                assert status in (301, 302, 403, 404, 405), (persona, method, address)


def test_staff_without_the_group_may_do_nothing_in_the_admin(db):
    client = Client()
    client.force_login(factories.person(is_staff=True))
    # Of their own: the front page, their password, and Django's redirect to a row's page.
    own = ("/admin/", "/admin/password_change/", "/admin/password_change/done/", "/admin/r/1/1/")
    for address in admin_addresses():
        if address not in own:
            assert client.get(address).status_code in (301, 302, 400, 403, 404, 405), address


def test_every_named_route_is_in_a_table():
    tabled = {row[0] for row in TABLE} | set(CODES) | OPEN | SIGNED_IN | CLOSED | BY_LINK
    tabled |= OF_FACTORS | OF_SERVICES
    missing = {name for name in _names(get_resolver("jasper_inventory.urls"), "")} - tabled

    assert not missing


def _names(resolver, namespace):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield namespace + pattern.name
        elif pattern.namespace != "admin":
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _names(pattern, inner)
