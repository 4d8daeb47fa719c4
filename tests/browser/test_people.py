"""People and invitations in a browser: with and without script, on a phone, checked with axe."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from jasper_inventory.accounts.models import ErasureRequest, Invitation, Membership, Role
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure
from jasper_inventory.accounts.services.invitations import invite
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rosa(center, teacher, staff):
    """A student with a license by a code, one linked to a teacher, and one that ended."""
    user = factories.person("rosa.patel", first_name="Rosa", last_name="Patel")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, Role.STUDENT, user=user)
    order = factories.order(assigned_to=center)
    teaching = enroll_teacher(order=order, user=teacher.user, by=staff).enrollment
    enroll_student(order=order, user=user, by=staff, teacher=teaching)
    ended = enroll_student(order=factories.order(assigned_to=center), user=user, by=staff)
    remove_enrollment(enrollment=ended.enrollment, by=staff)
    codes = factories.order(factories.CODES, assigned_to=center)
    user.code = factories.redemption(factories.codes(codes)[0], user=user).code
    return user


def test_an_administrator_finds_a_person_by_name_and_by_code(open_site, admin, rosa, js):
    page = open_site(admin, js=js, width=320)
    page.goto("/")
    page.get_by_role("link", name="People").click()
    for typed in ("patel", str(rosa.code).lower()):
        page.get_by_label("Name, email or code").fill(typed)
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("link", name="Rosa Patel")).to_be_visible()
        assert str(rosa.code)[:5].lower() not in page.url.lower()
    page.get_by_role("link", name="Rosa Patel").click()
    expect(page.get_by_role("heading", name="Rosa Patel")).to_be_visible()
    expect(page.get_by_text(str(rosa.code))).to_be_visible()


def test_inviting_accepting_and_removing(open_site, admin, center, js):
    page = open_site(admin, js=js)
    page.goto("/people/")
    page.get_by_role("link", name="Administrators and Teachers").click()
    page.get_by_role("link", name="Invite", exact=True).click()
    window = page.get_by_role("dialog" if js else "main")
    window.get_by_label("Email").fill("new@example.com")
    window.get_by_label("Teacher", exact=True).check()
    window.get_by_role("button", name="Send Invitation").click()
    expect(page.get_by_role("status")).to_contain_text(
        "The invitation to new@example.com is on its way"
    )
    expect(page.get_by_role("rowheader", name="new@example.com")).to_be_visible()

    link = re.search(r"/invitation/[\w-]+/", mail.outbox[-1].body)[0]
    theirs = open_site(js=js, width=320)
    theirs.goto(link)
    assert theirs.url.endswith("/invitation/")
    for label, typed in {"First Name": "Nora", "Last Name": "Fields", "Username": "nora"}.items():
        theirs.get_by_label(label).fill(typed)
    theirs.get_by_label("Password", exact=False).nth(0).fill(factories.PASSWORD)
    theirs.get_by_label("Password (again)").fill(factories.PASSWORD)
    theirs.get_by_role("button", name="Create Account and Accept").click()
    expect(theirs.get_by_role("status")).to_have_text(
        "Welcome. Your role is now Teacher – Tolano Adventures."
    )

    page.goto("/invitations/")
    page.get_by_role("link", name="Remove Nora Fields, Teacher").click()
    window.get_by_role("button", name="Remove Role").click()
    expect(page.get_by_role("status")).to_contain_text("Nora Fields is no longer Teacher")
    assert not Membership.objects.filter(user__username="nora").exists()


def test_a_person_requests_erasure_and_withdraws_the_request(open_site, rosa, staff, js):
    page = open_site(rosa, js=js, width=320)
    page.goto("/me/")
    page.get_by_role("link", name="Erase My Account").click()
    page.get_by_role("button", name="Request Erasure").click()
    said = "Your request to erase your account was sent"
    expect(page.get_by_role("status")).to_contain_text(said)
    assert ErasureRequest.objects.pending().filter(user=rosa).exists()
    page.get_by_role("button", name="Keep My Account").click()
    expect(page.get_by_role("status")).to_have_text(
        "Your request was withdrawn. Your account will be kept."
    )
    assert not ErasureRequest.objects.pending().exists()


def test_every_page_is_clean_and_fits(open_site, admin, hub_admin, center, rosa, axe_anywhere):
    old, _new = (
        invite(organization=center, role=Role.TEACHER, email=f"{name}@example.com", by=admin.user)
        for name in ("a.rather.long.name.of.somebody", "new")
    )
    Invitation.objects.filter(pk=old.pk).update(expires_at=old.created_at)
    ask_for_erasure(by=rosa)
    teachers = Membership.objects.get(role=Role.TEACHER)
    addresses = {
        admin: [
            "/people/",
            "/people/?search=not-kept",
            f"/people/{rosa.pk}/",
            f"/people/{rosa.pk}/erase/",
            "/invitations/",
            "/invitations/new/",
            f"/invitations/{old.pk}/revoke/",
            "/organization/second-factor/",
            "/me/sessions/",
            f"/role/{teachers.pk}/revoke/",
            "/me/",
            "/me/erase/",
        ],
        hub_admin: ["/people/", "/me/"],
        rosa: ["/me/", "/accounts/reauthenticate/"],
        None: ["/invitation/never-there/"],
    }
    for who, theirs in addresses.items():
        page = open_site(who)
        for address in theirs:
            page.goto(address)
            axe_anywhere(page)


def test_the_invited_ones_page_and_the_dialogs(open_site, admin, center, axe_anywhere):
    invite(organization=center, role=Role.ADMINISTRATOR, email="new@example.com", by=admin.user)
    page = open_site(width=320)
    page.goto(re.search(r"/invitation/[\w-]+/", mail.outbox[-1].body)[0])
    axe_anywhere(page)
    page.get_by_role("button", name="Create Account and Accept").click()
    axe_anywhere(page)

    page = open_site(admin)
    page.goto("/invitations/")
    page.get_by_role("link", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send Invitation").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    axe_anywhere(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Remove").click()
    dialog.get_by_role("button", name="Remove Role").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is the last administrator")
    axe_anywhere(page)
