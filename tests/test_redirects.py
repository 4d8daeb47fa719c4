"""After signing in, and from every refusal, people get to pages that they can open."""

import pytest
from django.test import Client
from django.urls import reverse

from jasper_inventory.accounts.models import Level, Role, SavedView
from jasper_inventory.lib.returning import answers_get
from jasper_inventory.role_finders import FINDERS
from licenses.services.enrollments import enroll_teacher
from tests import factories
from tests.access_table import (
    CENTER,
    CODES,
    HUB,
    PERSONAS,
    TABLE,
    TEACHER,
    admin_addresses,
)
from tests.pages import DIALOG, page_text, parsed, press_continue, text

pytestmark = pytest.mark.django_db

POST_ONLY = [route for route, method, *to in TABLE if method == "get" and 405 in to]
POST_ONLY += [route for route, status in CODES.items() if status == 405]
PANEL = "/"


@pytest.fixture
def signing_in(admin):
    """A function: the address to which signing in with this `next` redirects."""
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    login = {"login": admin.user.username, "password": factories.PASSWORD}
    return lambda address: Client().post("/accounts/login/", login | {"next": address}).url


# After signing in


@pytest.mark.parametrize("route", POST_ONLY)
def test_no_sign_in_redirects_to_an_address_that_only_accepts_forms(addresses, signing_in, route):
    address = addresses(route)
    assert not answers_get(address)
    assert signing_in(address) == PANEL
    assert signing_in(f"{address}?next=/courses/") == PANEL


def test_no_sign_in_redirects_to_such_an_address_of_the_admin(sign_in, staff):
    browser = sign_in(staff)
    for address in admin_addresses():
        if browser.get(address).status_code == 405:
            assert not answers_get(address), address


def test_every_page_can_still_be_signed_in_to(addresses, signing_in):
    for route, method, *statuses in TABLE:
        if method == "get" and 405 not in statuses:
            assert answers_get(addresses(route)), route
    assert signing_in("/inventory/?page=2") == "/inventory/?page=2"


@pytest.mark.parametrize("route", [*POST_ONLY, "accounts:role_revoke", "licenses:order_withdraw"])
def test_a_form_sent_after_the_session_ended_returns_to_its_page(addresses, route):
    # Signing in by a service needs no session, as codes don't.
    if route in CODES or route == "accounts:sso_begin":
        return
    lost = Client().post(addresses(route), HTTP_REFERER="http://testserver/courses/?page=2")
    assert lost.url == "/accounts/login/?next=/courses/%3Fpage%3D2"


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/courses/", "http://testserver/role/1/", "http://["]
)
def test_without_a_previous_page_of_this_site_it_redirects_to_the_panel(addresses, referer):
    address = addresses("activation_codes:course_start")
    assert Client().post(address, HTTP_REFERER=referer).url == "/accounts/login/?next=/"


# An address that only accepts forms


@pytest.mark.parametrize("route", POST_ONLY)
@pytest.mark.parametrize("window", [{}, DIALOG], ids=["page", "dialog"])
def test_it_says_how_to_continue(sign_in, admin, addresses, route, window):
    headers = window | {"HTTP_REFERER": "http://testserver/courses/"}
    response = sign_in(admin).get(addresses(route), **headers)
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    section = parsed(response).cssselect("[data-jasper-error]")[0]
    assert "Go back and click the button there" in text(section)
    assert section.cssselect("a")[0].get("href") == "/courses/"
    assert bool(parsed(response).cssselect("header.menu-bar")) != bool(window)


def test_a_form_sent_to_a_page_that_takes_none_gets_the_same(sign_in, admin):
    assert "Go back" in page_text(sign_in(admin).post("/inventory/"))
    assert sign_in(admin).head("/role/1/").status_code == 405


# A page of another role of one's own


def test_every_page_of_something_is_found_by_role(addresses):
    """Pages with a number or key in their address, for some roles only."""
    named = set()
    for route, method, *statuses in TABLE:
        is_for_some = method == "get" and 405 not in statuses and {403, 404} & set(statuses)
        if is_for_some and any(part.isdecimal() for part in addresses(route).split("/")):
            named.add(route)
    assert named == set(FINDERS)


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row[1] == "get" and 405 not in row], ids=lambda row: row[0]
)
def test_the_right_role_is_offered_and_opens_the_page(sign_in, personas, addresses, row):
    """All these roles are one person's: exactly the roles that open the page are offered."""
    address, statuses = addresses(row[0]), dict(zip(PERSONAS, row[2:], strict=True))
    roles = {who: personas[who].memberships.get() for who in (CENTER, HUB, TEACHER)}
    of_one_person = {"teaching", "views", "exports"} & set(address.split("/"))
    if set(statuses.values()) <= {302, 200} or of_one_person:
        pytest.skip("for everybody, or for one person")
    # Not a persona: they have a role at the organization of their own page.
    user = factories.person()
    mine = {
        who: factories.member(roles[who].organization, roles[who].role, user=user)
        for who in (CENTER, HUB, TEACHER)
    }
    elsewhere = factories.member(role=Role.STUDENT, user=user)
    browser = sign_in(user)
    browser.post(f"/role/{elsewhere.pk}/")
    refused = browser.get(address)
    assert refused.status_code in (403, 404)
    offered = parsed(refused).cssselect("main form[action^='/role/']")
    fitting = [role for who, role in mine.items() if statuses[who] in (200, 302)]
    assert {form.get("action") for form in offered} == {f"/role/{role.pk}/" for role in fitting}
    for role in fitting:
        assert f"Open as {role.full_name}" in page_text(refused)
    if fitting and not {"download", "export"} & set(address.split("/")):
        opened = press_continue(browser, refused)
        assert opened.status_code == 200
        assert opened.wsgi_request.get_full_path() == address


def test_a_teacher_is_offered_the_role_at_the_students_center(sign_in, center, teacher):
    order = factories.order(assigned_to=center)
    enroll_teacher(order=order, user=teacher.user, by=factories.staff())
    elsewhere = factories.member(user=teacher.user)
    browser = sign_in(teacher)
    browser.post(f"/role/{elsewhere.pk}/")
    refused = browser.get(f"/teaching/{order.number}/")
    assert "Open as Teacher of Tolano Adventures" in page_text(refused)
    assert press_continue(browser, refused).status_code == 200


def test_an_order_of_another_role_is_offered_with_the_query_of_the_address(sign_in, admin):
    order = factories.order(assigned_to=admin.organization)
    elsewhere = factories.member(user=admin.user)
    browser = sign_in(admin)
    browser.post(f"/role/{elsewhere.pk}/")
    address = f"/inventory/{order.number}/edit/?next=%2Frequests%2F"
    refused = browser.get(address)
    assert refused.status_code == 404
    assert press_continue(browser, refused).wsgi_request.get_full_path() == address


@pytest.mark.parametrize("window", ["", "delete/"])
@pytest.mark.parametrize("is_shared", [False, True])
def test_a_saved_view_is_offered_to_those_who_may_change_it(sign_in, admin, window, is_shared):
    view = SavedView.objects.create(
        owner=admin.user, organization=admin.organization, name="Fall", is_shared=is_shared
    )
    colleague = factories.member(admin.organization)
    for who, opens in ((admin, True), (colleague, is_shared)):
        elsewhere = factories.member(user=who.user)
        browser = sign_in(who)
        browser.post(f"/role/{elsewhere.pk}/")
        address = f"/inventory/views/{view.pk}/{window}"
        refused = browser.get(address)
        assert refused.status_code == 404
        assert (f"Open as {who.full_name}" in page_text(refused)) == opens
        if opens:
            assert press_continue(browser, refused).wsgi_request.get_full_path() == address


def test_an_export_is_offered_in_the_role_that_requested_it(sign_in, admin):
    address = f"/exports/{factories.list_export(admin).pk}/download/"
    for who, opens in ((admin, True), (factories.member(admin.organization), False)):
        elsewhere = factories.member(user=who.user)
        browser = sign_in(who)
        browser.post(f"/role/{elsewhere.pk}/")
        refused = browser.get(address)
        assert refused.status_code == 404
        assert (f"Open as {who.full_name}" in page_text(refused)) == opens


def test_nobody_is_offered_pages_that_none_of_their_roles_opens(sign_in, admin, foreign_admin):
    order = factories.order(assigned_to=admin.organization)
    factories.member(user=foreign_admin.user)
    refused = sign_in(foreign_admin).get(f"/inventory/{order.number}/edit/")
    assert "Open as" not in page_text(refused)
    assert "Open as" not in page_text(sign_in(foreign_admin).get("/nowhere/"))
    assert "Open as" not in page_text(Client().get("/nowhere/"))


def test_the_number_of_roles_costs_no_queries(sign_in, admin, django_assert_num_queries):
    order = factories.order(assigned_to=admin.organization)
    browser = sign_in(admin)
    for more in (1, 5):
        for _role in range(more):
            center = factories.organization(level=Level.CENTER)
            elsewhere = factories.member(center, user=admin.user)
        browser.post(f"/role/{elsewhere.pk}/")
        browser.get("/")
        # Session, person, roles, the order, and the role that sees it.
        with django_assert_num_queries(5):
            assert browser.get(f"/inventory/{order.number}/edit/").status_code == 404


def test_the_sentence_of_a_wrong_role(sign_in, teacher):
    said = page_text(sign_in(teacher).get(reverse("inventory:order_list")))
    assert "Your current role can't open this page." in said
