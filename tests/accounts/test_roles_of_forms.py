"""A form acts in the role that it showed, never in the session's current role."""

import time

import pytest
from django.core import mail
from django.urls import resolve

from jasper_inventory.accounts.models import Invitation, Level, Role
from licenses.models import Enrollment
from licenses.services.enrollments import enroll_teacher
from tests import factories
from tests.access_table import CENTER, HUB, PERSONAS, TABLE, TEACHER
from tests.browsers import records_of
from tests.commands import contents
from tests.factories import CODES
from tests.pages import DIALOG, facts, owner_of, page_text, parsed, press_continue

pytestmark = pytest.mark.django_db

# A form about the person does the same in every role.
OF_ANY_ROLE = {
    "accounts:role_switch",
    "accounts:address_confirm",
    "accounts:email_alerts",
    "accounts:password_choose",
    "accounts:session_list",
    "accounts:shortcuts",
    "accounts:sso_begin",
    "accounts:sso_unlink",
    "accounts:username_noted",
    "activation_codes:course_start",
    "people:me_erase",
    "people:me_keep",
}
POSTS = [route for route, method, *statuses in TABLE if method == "post" and 405 not in statuses]
OF_A_ROLE = sorted(set(POSTS) - OF_ANY_ROLE)
# A request of which each of them understands a part.
TYPED = {
    "email": "kim@example.com",
    "role": "1",
    "purchase_order": "PO-1",
    "requester_comments": "For Kim",
    "decision": "approve",
    "reason": "Leaked",
    "students": "20",
    "password": "correct horse battery",
    "typed": "Kim",
    "code": "K7WQ9-4DFH-2M6R",
}


def able(personas, route):
    """A role that opens the route, by the table."""
    [statuses] = [row[2:] for row in TABLE if row[:2] == (route, "post")]
    by_persona = dict(zip(PERSONAS, statuses, strict=True))
    [who, *_more] = [one for one in (CENTER, HUB, TEACHER) if by_persona[one] in (200, 302)]
    return personas[who].memberships.select_related("organization").get()


def shown_in(browser, role):
    """The hidden fields of every form that is shown in this role."""
    browser.post(f"/role/{role.pk}/")
    return str(browser.get("/email-alerts/").context["form_owner"])


def test_only_these_forms_are_the_persons_own(addresses):
    views = {route: resolve(addresses(route).split("?")[0]).func for route in POSTS}
    own = {route for route, view in views.items() if hasattr(view, "for_any_role")}
    assert own == OF_ANY_ROLE
    assert len(OF_A_ROLE) > 25


@pytest.mark.parametrize("route", OF_A_ROLE)
@pytest.mark.parametrize("then", ["switched", "revoked"])
def test_a_form_of_another_role_changes_nothing(sign_in, personas, addresses, route, then):
    role = able(personas, route)
    other = factories.member(user=role.user)
    browser = sign_in(role)
    opened = shown_in(browser, role)
    if then == "switched":
        browser.post(f"/role/{other.pk}/")
    else:
        role.delete()
    browser.get("/email-alerts/")
    address = addresses(route)
    before, sent = contents(), len(mail.outbox)

    refused = browser.post(address, TYPED | {"form_owner": opened})

    assert refused.status_code == 409
    assert contents() == before and len(mail.outbox) == sent
    said = page_text(refused)
    assert f"You opened this form as {role.full_name}." in said
    assert f"You are now {other.full_name}." in said
    assert "Nothing was saved." in said
    buttons = parsed(refused).cssselect("main button")
    if then == "switched":
        assert f"Continue as {role.full_name}" in said and len(buttons) == 1
        again = press_continue(browser, refused)
        assert again.status_code == 200 and again.wsgi_request.membership == role
    else:
        assert "You no longer have this role" in said and not buttons


@pytest.mark.parametrize("route", OF_A_ROLE)
@pytest.mark.parametrize("owner", ["", "forged"])
def test_a_form_that_does_not_say_its_role_changes_nothing(
    sign_in, personas, addresses, route, owner
):
    role = able(personas, route)
    browser, address = sign_in(role), addresses(route)
    browser.get("/email-alerts/")
    before = contents()

    refused = browser.post(address, TYPED | {"form_owner": owner})

    assert refused.status_code == 409 and contents() == before
    assert f"Continue as {role.full_name}" in page_text(refused)


# The case that was reported, and others that would do most harm.


@pytest.fixture
def roles(center):
    """One person's roles: Center Admin of Tolano Adventures, and Hub Admin of Fraser Valley."""
    at_center = factories.member(center)
    hub = factories.organization("Fraser Valley", level=Level.HUB)
    return at_center, factories.member(hub, user=at_center.user)


def switch(browser, role):
    browser.post(f"/role/{role.pk}/")


@pytest.mark.parametrize("window", [{}, DIALOG], ids=["page", "dialog"])
def test_an_invitation_is_sent_for_the_organization_that_was_shown(sign_in, roles, window):
    at_center, at_hub = roles
    browser = sign_in(at_center)
    switch(browser, at_center)
    shown = owner_of(browser.get("/invitations/new/"))
    typed = {"email": "kim@example.com", "role": Role.ADMINISTRATOR, "form_owner": shown}
    switch(browser, at_hub)

    refused = browser.post("/invitations/new/", typed, **window)

    assert refused.status_code == (200 if window else 409)
    said = page_text(refused)
    assert "You opened this form as Center Admin of Tolano Adventures." in said
    assert "You are now Hub Admin of Fraser Valley. Nothing was saved." in said
    invited = Invitation.objects.filter(email="kim@example.com")
    assert not invited.exists() and not mail.outbox
    again = press_continue(browser, refused) if not window else pressed(browser, refused)
    assert parsed(again).cssselect("[name=email]")[0].get("value") == "kim@example.com"
    browser.post("/invitations/new/", typed | {"form_owner": owner_of(again)})
    assert invited.get().organization == at_center.organization


def pressed(browser, refused):
    """The button of a dialog, which redirects the whole browser."""
    form = parsed(refused).cssselect("form")[0]
    return browser.post(form.get("action"), dict(form.form_values()), follow=True)


def test_typed_text_but_no_password_is_shown_if_its_role_is_lost(sign_in, roles):
    at_center, at_hub = roles
    browser = sign_in(at_center)
    opened = shown_in(browser, at_center)
    at_center.delete()

    refused = browser.post("/invitations/new/", {"email": "kim@example.com", "form_owner": opened})

    assert facts(refused)["Email"] == "kim@example.com"
    refused = browser.post("/people/1/password/", {"password": "s3cret", "form_owner": opened})
    assert "s3cret" not in refused.content.decode()


def test_a_typed_code_is_not_kept(sign_in, roles, admin):
    at_center, at_hub = roles
    browser = sign_in(at_center)
    opened = shown_in(browser, at_center)
    switch(browser, at_hub)
    for address, name in (("/why/", "code"), ("/people/", "typed")):
        refused = browser.post(address, {name: "K7WQ9-4DFH-2M6R", "form_owner": opened})
        assert "K7WQ9" not in refused.content.decode()


def test_a_group_key_is_replaced_in_the_role_that_was_shown_only(sign_in, center, teacher):
    order = factories.order(assigned_to=center)
    person = {"order": order, "user": teacher.user}
    teaching = enroll_teacher(**person, by=factories.staff()).enrollment
    elsewhere = factories.member(user=teacher.user)
    key = str(teaching.group_key)
    browser = sign_in(teacher)
    switch(browser, teacher)
    address = f"/teaching/{order.number}/key/"
    shown = owner_of(browser.get(address))
    switch(browser, elsewhere)

    refused = browser.post(address, {"form_owner": shown})

    assert refused.status_code == 409
    assert str(Enrollment.objects.get(pk=teaching.pk).group_key) == key
    assert key in page_text(press_continue(browser, refused))


def test_codes_are_created_in_the_role_that_was_shown_only(sign_in, roles, center):
    at_center, at_hub = roles
    order = factories.order(CODES, assigned_to=center)
    browser = sign_in(at_center)
    switch(browser, at_center)
    shown = owner_of(browser.get(f"/inventory/{order.number}/codes/"))
    switch(browser, at_hub)

    refused = browser.post(f"/inventory/{order.number}/codes/create/", {"form_owner": shown})

    assert refused.status_code == 409
    assert not order.activation_codes.exists()


def test_another_persons_form_is_not_shown_to_the_next_one(sign_in, admin, foreign_admin):
    theirs = owner_of(sign_in(admin).get("/invitations/new/"))
    refused = sign_in(foreign_admin).post(
        "/invitations/new/", {"email": "kim@example.com", "form_owner": theirs}
    )
    assert refused.status_code == 409
    assert "kim@example.com" not in refused.content.decode()
    assert "Tolano Adventures" not in refused.content.decode()
    said = page_text(refused)
    assert "Someone else opened this form." in said and "doesn't say" not in said


def test_a_form_kept_from_an_ended_session_continues_in_its_role(client, roles):
    at_center, at_hub = roles
    at_center.user.set_password(factories.PASSWORD)
    at_center.user.save()
    client.force_login(at_center.user)
    opened = shown_in(client, at_center)
    switch(client, at_hub)
    client.logout()
    lost = client.post("/invitations/new/", {"email": "kim@example.com", "form_owner": opened})
    login = {"login": at_center.user.username, "password": factories.PASSWORD}

    page = client.post(lost.url, login | {"next": "/invitations/new/"}, follow=True)

    assert page.wsgi_request.membership == at_center
    assert parsed(page).cssselect("[name=email]")[0].get("value") == "kim@example.com"
    assert client.get("/").wsgi_request.membership == at_center


def test_a_form_kept_from_an_ended_session_is_refused_if_its_role_is_lost(client, roles):
    at_center, at_hub = roles
    client.force_login(at_center.user)
    opened = shown_in(client, at_center)
    client.logout()
    client.post("/invitations/new/", {"email": "kim@example.com", "form_owner": opened})
    session = dict(client.session)
    at_center.delete()
    client.force_login(at_hub.user)
    kept = client.session
    kept.update(session | records_of(at_hub.user, {"method": "password", "at": time.time()}))
    kept.save()

    refused = client.get("/invitations/new/")

    assert refused.status_code == 409
    assert facts(refused)["Email"] == "kim@example.com"
    # Once: the page opens again.
    assert client.get("/invitations/new/").status_code == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/role/1/", ""])
def test_switching_redirects_only_to_pages_of_this_site(sign_in, roles, address):
    at_center, _at_hub = roles
    response = sign_in(at_center).post(f"/role/{at_center.pk}/", {"next": address})
    assert response.url == "/"
