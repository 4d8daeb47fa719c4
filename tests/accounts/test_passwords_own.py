"""A password that someone else set must be changed before other pages open."""

import getpass
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.passwords import set_student_password
from licenses.services.enrollments import enroll_student
from licenses.services.student_passwords import help_with_password
from tests import admin_pages as ui
from tests import factories
from tests.access_table import TABLE
from tests.commands import refusal, run
from tests.factories import PASSWORD
from tests.helpers import last_act
from tests.pages import DIALOG, field_errors, page_text, parsed

pytestmark = pytest.mark.django_db
GIVEN = "maple-otter-canoe-42"
OWN = "only I know this one"
CHOOSE = "/accounts/password/choose/"


@pytest.fixture
def pupil(order, staff):
    user = factories.person("pupil", email="")
    user.set_password(PASSWORD)
    user.save()
    enroll_student(order=order, user=user, by=staff)
    return user


def fresh(user):
    return User.objects.get(pk=user.pk)


def signed_in(user, password=GIVEN):
    site = Client()
    response = site.post("/accounts/login/", {"login": user.username, "password": password})
    assert response.status_code == 302
    return site


def by_administrator(user, monkeypatch, request):
    by = request.getfixturevalue("admin").user
    help_with_password(pupil=user, password=GIVEN, by=by)


def by_cci_staff(user, monkeypatch, request):
    site = Client()
    site.force_login(request.getfixturevalue("staff"))
    typed = {"password1": GIVEN, "password2": GIVEN, "usable_password": "true"}
    site.post(f"/admin/accounts/user/{user.pk}/password/", typed)


def by_command(user, monkeypatch, request):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": GIVEN)
    run("changepassword", user.username, "--by", request.getfixturevalue("staff").username)


@pytest.mark.parametrize("sets", [by_administrator, by_cci_staff, by_command])
def test_a_password_set_by_someone_else_ends_the_sessions_and_must_be_changed(
    sets, pupil, monkeypatch, request
):
    before = signed_in(pupil, PASSWORD)
    assert before.get("/courses/").status_code == 200
    sets(pupil, monkeypatch, request)
    assert before.get("/courses/").url.startswith("/accounts/login/")
    assert fresh(pupil).must_change_password
    assert last_act(pupil)["action"] == "password.set"
    assert signed_in(pupil).get("/courses/").url == f"{CHOOSE}?next=%2Fcourses%2F"


def test_an_account_that_cci_staff_add_must_change_its_password(staff, sign_in):
    ui.fill(
        sign_in(staff),
        ui.url(User, "add"),
        username="kim",
        password1=GIVEN,
        password2=GIVEN,
    )
    assert User.objects.get(username="kim").must_change_password


def test_a_password_of_ones_own_is_not_one_that_someone_else_set(staff, sign_in, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": OWN)
    run("changepassword", staff.username, "--by", staff.username)
    assert not fresh(staff).must_change_password
    own = sign_in(fresh(staff)).get(f"/admin/accounts/user/{staff.pk}/password/")
    assert own.url == "/accounts/password/change/"


def test_only_cci_staff_set_passwords_by_command(admin, pupil, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": GIVEN)
    assert "Only CCI staff" in refusal("changepassword", "pupil", "--by", admin.user.username)
    assert fresh(pupil).check_password(PASSWORD)


STAYS_OPEN = {
    "accounts:password_choose",
    "account_logout",
}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("headers", [{}, DIALOG], ids=["page", "htmx"])
def test_every_page_redirects_to_choosing_a_password_first(pupil, admin, method, headers):
    set_student_password(user=pupil, password=GIVEN, by=admin.user)
    site = signed_in(pupil)
    routes = {row[0] for row in TABLE if "(" not in row[0]} - STAYS_OPEN
    seen = 0
    for route in sorted(routes):
        for args in ((), (1,), (1, 1), ("x",)):
            try:
                address = reverse(route, args=args)
            except Exception:
                continue
            response = getattr(site, method)(address, **headers)
            to = response.headers.get("HX-Redirect") if headers else response.url
            assert to.startswith(CHOOSE), (route, response.status_code)
            seen += 1
            break
    assert seen == len(routes)
    for address in ("/admin/", "/accounts/password/change/", "/activate/"):
        response = getattr(site, method)(address, **headers)
        to = response.headers.get("HX-Redirect") if headers else response.url
        assert to.startswith(CHOOSE)


def test_after_choosing_one_lands_on_the_page_one_wanted(pupil, admin):
    set_student_password(user=pupil, password=GIVEN, by=admin.user)
    site = signed_in(pupil)
    page = site.get("/courses/?page=1", follow=True)
    assert "Someone else knows your current password." in page_text(page)
    [form] = parsed(page).cssselect("main form")
    response = site.post(form.get("action"), {"password": OWN})
    assert response.url == "/courses/?page=1"
    assert site.get(response.url).status_code == 200
    assert fresh(pupil).check_password(OWN) and not fresh(pupil).must_change_password
    assert last_act(pupil)["action"] == "password.chosen"
    assert signed_in(pupil, OWN).get("/courses/").status_code == 200


def test_a_form_sent_meanwhile_returns_to_the_page_it_is_on(pupil, admin):
    set_student_password(user=pupil, password=GIVEN, by=admin.user)
    site = signed_in(pupil)
    sent = site.post("/me/keep/", HTTP_REFERER="http://testserver/me/?page=2")
    assert sent.url == f"{CHOOSE}?next=%2Fme%2F%3Fpage%3D2"
    assert site.post("/me/keep/", HTTP_REFERER="https://evil.example/").url == f"{CHOOSE}?next=%2F"
    # Nor to a page that only accepts forms.
    for closed in ("/admin/logout/", "/me/keep/"):
        sent = site.post("/me/keep/", HTTP_REFERER=f"http://testserver{closed}")
        assert sent.url == f"{CHOOSE}?next=%2F"
        response = site.get("/courses/", HTTP_HX_CURRENT_URL=f"http://testserver{closed}", **DIALOG)
        assert response.headers["HX-Redirect"].endswith(f"{CHOOSE}?next=%2F")
    evil = site.post(f"{CHOOSE}?next=https://evil.example/", {"password": OWN})
    assert evil.url == "/"


@pytest.mark.parametrize("password", ["", "short", "1234567890", GIVEN])
def test_a_weak_password_and_the_given_one_are_refused(pupil, admin, password):
    set_student_password(user=pupil, password=GIVEN, by=admin.user)
    page = signed_in(pupil).post(CHOOSE, {"password": password})
    assert "password" in field_errors(page)
    assert fresh(pupil).must_change_password


def test_signing_out_stays_possible(pupil, admin):
    set_student_password(user=pupil, password=GIVEN, by=admin.user)
    site = signed_in(pupil)
    site.post("/accounts/logout/")
    assert "_auth_user_id" not in site.session


def test_changing_or_resetting_a_password_makes_it_the_persons_own(sign_in):
    user = factories.person("kim")
    user.set_password(GIVEN)
    user.must_change_password = True
    user.save()
    Client().post("/accounts/password/reset/", {"email": "kim"})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0]
    site = Client()
    address = site.get(link, follow=True).redirect_chain[-1][0]
    site.post(address, {"password1": OWN, "password2": OWN})
    assert fresh(user).check_password(OWN) and not fresh(user).must_change_password
    site = signed_in(user, OWN)
    typed = {"oldpassword": OWN, "password1": GIVEN, "password2": GIVEN}
    site.post("/accounts/password/change/", typed)
    assert fresh(user).check_password(GIVEN)
    assert site.get("/courses/").status_code == 200
