"""CCI staff manage people and memberships in the admin, and see the notices."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from jasper_inventory.accounts.models import STAFF_GROUP, Membership, Notice, Role, User
from tests import admin_pages as ui
from tests import factories, pages


def person_url(person):
    return ui.url(User, "change", person.pk)


# People


def test_adding_a_person_and_a_role(staff_site, center):
    response = ui.fill(
        staff_site,
        ui.url(User, "add"),
        username="kim",
        first_name="Kim",
        last_name="Lee",
        email="kim@example.com",
        password1=factories.PASSWORD,
        password2=factories.PASSWORD,
    )
    kim = User.objects.get(username="kim")
    assert kim.check_password(factories.PASSWORD)
    assert "was added successfully" in ui.messages(response)[0]
    values = ui.form_values(staff_site.get(person_url(kim))) | {
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-role": Role.ADMINISTRATOR,
        "memberships-0-organization": center.pk,
    }

    staff_site.post(person_url(kim), values)

    assert Membership.objects.get(user=kim).organization == center
    text = pages.page_text(staff_site.get(ui.url(User, "history", kim.pk)))
    assert "Role granted" in text
    values = ui.form_values(staff_site.get(person_url(kim))) | {"memberships-0-DELETE": "on"}
    staff_site.post(person_url(kim), values)
    assert not Membership.objects.filter(user=kim).exists()


def test_a_former_address_neither_signs_in_nor_sets_a_password(staff_site):
    kim = factories.person(email="old@example.com")
    kim.set_password(factories.PASSWORD)
    kim.save()
    # When a new password is set, django-allauth keeps a copy of the address.
    Client().post("/accounts/password/reset/", {"email": "old@example.com"})
    assert "reset/key" in mail.outbox.pop().body

    ui.fill(staff_site, person_url(kim), email="new@example.com")

    Client().post("/accounts/password/reset/", {"email": "old@example.com"})
    assert "reset/key" not in mail.outbox.pop().body
    typed = {"login": "old@example.com", "password": factories.PASSWORD}
    assert Client().post("/accounts/login/", typed).status_code == 200
    typed["login"] = "new@example.com"
    assert Client().post("/accounts/login/", typed).status_code == 302


def test_a_role_at_the_vendor_is_a_form_error(staff_site):
    kim = factories.person()
    values = ui.form_values(staff_site.get(person_url(kim))) | {
        "first_name": "Kept",
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-role": Role.TEACHER,
        "memberships-0-organization": factories.vendor().pk,
    }

    response = staff_site.post(person_url(kim), values)

    assert "its staff work in the admin" in ui.errors(response)[""]
    assert "Kept" in response.content.decode()
    kim.refresh_from_db()
    assert kim.first_name == "Pat"


def test_names_and_addresses_are_taken_in_upper_or_lower_case_too(staff_site):
    factories.person("Kim", email="kim@example.com")
    other = factories.person()

    named = ui.fill(staff_site, person_url(other), username="kIM")
    mailed = ui.fill(staff_site, person_url(other), email="KIM@example.com")

    assert "already exists" in ui.errors(named)[""]
    assert "already exists" in ui.errors(mailed)[""]


def test_granting_staff_status_adds_the_group_and_revoking_it_removes_it(staff_site):
    kim = factories.person()

    ui.fill(staff_site, person_url(kim), is_staff="on")
    kim.refresh_from_db()
    assert kim.is_staff
    assert [group.name for group in kim.groups.all()] == [STAFF_GROUP]

    ui.fill(staff_site, person_url(kim), is_staff=None)
    assert not kim.groups.exists()


def test_staff_cannot_create_superusers_or_grant_rights(staff_site):
    kim = factories.person()
    group = Group.objects.create(name="Everything")
    right = Permission.objects.first()
    forged = {"is_superuser": "on", "groups": [group.pk], "user_permissions": [right.pk]}

    page = ui.page(staff_site.get(person_url(kim)))
    ui.fill(staff_site, person_url(kim), first_name="Kim", **forged)

    assert not page.cssselect("[name=is_superuser], [name=groups], [name=user_permissions]")
    kim.refresh_from_db()
    assert kim.first_name == "Kim"
    assert not kim.is_superuser
    assert not kim.groups.exists()
    assert not kim.user_permissions.exists()
    staff_site.post(
        ui.url(User, "add"),
        {
            "username": "new",
            "usable_password": "true",
            "password1": factories.PASSWORD,
            "password2": factories.PASSWORD,
            "is_staff": "on",
            **forged,
        },
    )
    new = User.objects.get(username="new")
    assert not new.is_superuser
    assert not new.is_staff
    assert not new.groups.exists()


def test_staff_cannot_grant_themselves_rights(staff_site, staff):
    ui.fill(staff_site, person_url(staff), is_superuser="on")

    staff.refresh_from_db()
    assert not staff.is_superuser


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("beyond", ["superuser", "group", "permission"])
def test_staff_cannot_take_over_accounts_with_more_rights(staff_site, beyond, active):
    kim = factories.person(is_staff=True, is_superuser=beyond == "superuser", is_active=active)
    if beyond == "group":
        kim.groups.add(Group.objects.create(name="Auditors"))
    if beyond == "permission":
        kim.user_permissions.add(Permission.objects.get(codename="delete_user"))

    password = {"password1": factories.PASSWORD, "password2": factories.PASSWORD}

    assert staff_site.get(person_url(kim)).status_code == 200
    assert staff_site.post(person_url(kim), {"email": "mine@example.com"}).status_code == 403
    address = f"/admin/accounts/user/{kim.pk}/password/"
    assert staff_site.get(address).status_code == 403
    assert staff_site.post(address, {**password, "usable_password": "true"}).status_code == 403


def test_a_superuser_grants_rights(sign_in, db):
    staff_site = sign_in(factories.person(is_staff=True, is_superuser=True))
    kim = factories.person()
    group = Group.objects.create(name="Auditors")

    ui.fill(staff_site, person_url(kim), is_superuser="on", groups=[group.pk])

    kim.refresh_from_db()
    assert kim.is_superuser
    assert list(kim.groups.all()) == [group]


def test_setting_a_password(staff_site):
    kim = factories.person()
    address = f"/admin/accounts/user/{kim.pk}/password/"

    ui.fill(
        staff_site,
        address,
        usable_password="true",
        password1=factories.PASSWORD,
        password2=factories.PASSWORD,
    )

    kim.refresh_from_db()
    assert kim.check_password(factories.PASSWORD)


# Memberships


def test_memberships_are_granted_and_revoked(staff_site, center):
    kim = factories.person()
    add = ui.url(Membership, "add")

    ui.fill(staff_site, add, user=kim.pk, organization=center.pk, role=Role.TEACHER)
    twice = ui.fill(staff_site, add, user=kim.pk, organization=center.pk, role=Role.TEACHER)
    at_vendor = ui.fill(
        staff_site, add, user=kim.pk, organization=factories.vendor().pk, role=Role.TEACHER
    )

    membership = Membership.objects.get(user=kim)
    assert "already has this role" in ui.errors(twice)[""]
    assert "its staff work in the admin" in ui.errors(at_vendor)["organization"]
    assert (
        staff_site.post(ui.url(Membership, "change", membership.pk), {"role": 1}).status_code == 403
    )
    staff_site.post(ui.url(Membership, "delete", membership.pk), {"post": "yes"})
    assert not Membership.objects.filter(user=kim).exists()


def test_many_memberships_are_revoked_at_once(staff_site, center):
    members = [factories.member(center) for _number in range(2)]
    address = ui.url(Membership, "changelist")

    between = ui.act(staff_site, address, "delete_selected", members)
    staff_site.post(address, ui.form_values(between) | {"post": "yes"})

    assert not Membership.objects.exists()


# Notices


def test_notices_distinguish_silence_from_failure(staff_site):
    Notice.objects.create(
        kind="request made",
        address="a@example.com",
        subject="Sent",
        text="Hello",
        attempts=1,
        sent_at=timezone.now(),
    )
    Notice.objects.create(
        kind="request made",
        address="b@example.com",
        subject="Failed",
        text="Hello",
        attempts=3,
        last_error="ConnectionRefusedError: no",
    )

    all_of_them = ui.listed(staff_site.get(ui.url(Notice, "changelist")))
    failed = ui.listed(staff_site.get(ui.url(Notice, "changelist", sent="failed")))
    sent = ui.listed(staff_site.get(ui.url(Notice, "changelist", sent="yes")))
    unsent = ui.listed(staff_site.get(ui.url(Notice, "changelist", sent="no")))

    assert len(all_of_them) == 2
    for rows in (failed, unsent):
        assert [row["shown_subject"] for row in rows] == ["Failed"]
    assert (failed[0]["attempts"], failed[0]["last_error"]) == ("3", "ConnectionRefusedError: no")
    assert [row["shown_subject"] for row in sent] == ["Sent"]


def test_notices_are_read_only_and_hide_links_and_codes(staff_site):
    notice = Notice.objects.create(
        kind="account", address="a@example.com", subject="Password reset", text="secret link"
    )
    address = ui.url(Notice, "change", notice.pk)

    response = staff_site.get(address)

    assert "secret link" not in response.content.decode()
    assert staff_site.post(address, {"subject": "x"}).status_code == 403
    assert staff_site.get(ui.url(Notice, "add")).status_code == 403


@pytest.mark.parametrize("lookup", ["text__contains", "html__startswith", "text"])
def test_links_and_codes_cannot_be_guessed_letter_by_letter(staff_site, lookup):
    Notice.objects.create(kind="account", address="a@example.com", subject="S", text="secret")

    assert staff_site.get(ui.url(Notice, "changelist", **{lookup: "sec"})).status_code == 400


@pytest.mark.parametrize("model", [Membership, Notice, User])
def test_lists_need_the_same_queries_for_many_rows(
    staff_site, center, django_assert_max_num_queries, model
):
    counts = []
    for rows in (1, 6):
        for number in range(rows):
            factories.member(center)
            Notice.objects.create(kind="k", address=f"{number}@example.com", subject="S", text="T")
        with django_assert_max_num_queries(30) as queries:
            assert staff_site.get(ui.url(model, "changelist")).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("is_superuser", [False, True])
def test_staff_find_and_see_an_address_that_is_not_confirmed(sign_in, db, is_superuser):
    factories.vendor()
    site = sign_in(factories.staff(is_superuser=is_superuser))
    ana = factories.person("ana", email="")
    User.objects.filter(pk=ana.pk).update(unconfirmed_email="p@x.org")
    [found] = ui.listed(site.post("/admin/accounts/user/", {"q": "p@x.org"}, follow=True))
    assert found["username"] == "ana"
    page = ui.page(site.get(ui.url(User, "change", ana.pk)))
    assert "p@x.org" in page.cssselect(".field-unconfirmed_email .readonly")[0].text_content()


@pytest.mark.parametrize("typed", ["prof@xn--cole-9oa.example", "PROF@E\u0301cole.example"])
def test_a_person_is_found_by_every_spelling_of_the_address(staff_site, typed):
    factories.person("prof", email="prof@école.example")
    [found] = ui.listed(staff_site.post("/admin/accounts/user/", {"q": typed}, follow=True))
    assert found["username"] == "prof"


def test_ones_own_password_is_changed_on_the_sites_page(staff_site):
    for method in (staff_site.get, staff_site.post):
        assert method("/admin/password_change/").url == "/accounts/password/change/"


@pytest.mark.parametrize("key", ["x", "all", "-1", "1.5", "٣", "%FF%FE%80", "9" * 30, "999999999"])
def test_the_password_page_of_nobody_is_not_found(sign_in, staff, key):
    site = sign_in(staff)
    for send in (site.get, site.post):
        assert send(f"/admin/accounts/user/{key}/password/").status_code == 404
