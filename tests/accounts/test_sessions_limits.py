"""Sessions end when unused and after a working day; people see and end their own."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jasper_inventory.accounts.models import Role, Session, User
from jasper_inventory.accounts.services.passwords import reset_password
from jasper_inventory.accounts.session_store import key_hash
from jasper_inventory.lib.user_agents import browser_name
from tests import admin_pages as ui
from tests import factories
from tests.factories import PASSWORD
from tests.pages import page_text, parsed

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = "/me/sessions/"


@pytest.fixture
def kim(center):
    return with_password(factories.member(center, user=factories.person("kim")).user)


@pytest.fixture
def clock(monkeypatch):
    """A function: let this time pass."""
    passed, now = [timedelta()], timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + passed[0])

    def passes(**time):
        passed[0] += timedelta(**time)

    return passes


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(user, **headers):
    site = Client(**headers)
    typed = {"login": user.username, "password": PASSWORD}
    assert site.post("/accounts/login/", typed).status_code == 302
    return site


def is_in(site, page="/me/"):
    response = site.get(page)
    return response.status_code == 200 or not response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("shorter", ["staff", "superuser"])
def test_a_session_ends_after_two_hours_unused_and_for_cci_staff_after_half_an_hour(
    shorter, kim, clock
):
    boss = factories.staff("boss") if shorter == "staff" else factories.person("boss")
    User.objects.filter(pk=boss.pk).update(is_superuser=shorter == "superuser")
    site, short = signed_in(kim), signed_in(with_password(User.objects.get(pk=boss.pk)))
    clock(minutes=29)
    assert is_in(site) and is_in(short)
    clock(minutes=31)
    assert is_in(site) and not is_in(short)
    clock(minutes=119)
    assert is_in(site)
    clock(minutes=121)
    assert not is_in(site)


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(kim, clock):
    site = signed_in(kim)
    other = factories.member(user=kim, role=Role.TEACHER)
    for _hour in range(11):
        clock(hours=1)
        assert is_in(site)
    # Neither saving the session nor its new key prolongs it.
    site.post(reverse("accounts:role_switch", args=[other.pk]))
    clock(minutes=55)
    assert is_in(site)
    clock(minutes=6)
    assert not is_in(site)


def test_the_limits_are_settings(kim, clock, settings):
    settings.IDLE_MINUTES, settings.SESSION_COOKIE_AGE = 5, 3600
    site = signed_in(kim)
    clock(minutes=6)
    assert not is_in(site)


def test_someone_who_becomes_cci_staff_gets_the_short_limit(kim, clock):
    site = signed_in(kim)
    User.objects.filter(pk=kim.pk).update(is_staff=True)
    clock(minutes=2)
    assert is_in(site)
    clock(minutes=31)
    assert not is_in(site)


def test_pages_write_that_someone_is_active_at_most_once_a_minute(kim, clock):
    site = signed_in(kim)
    site.get("/me/")

    def writes():
        with CaptureQueriesContext(connection) as sent:
            assert site.get("/me/").status_code == 200
        return [one["sql"] for one in sent if not one["sql"].startswith("SELECT")]

    assert writes() == []
    clock(seconds=61)
    [written] = writes()
    assert written.startswith('UPDATE "accounts_session"')
    assert writes() == []


def test_the_database_holds_no_key_that_opens_a_session(kim):
    site = signed_in(kim)
    key = site.cookies["sessionid"].value
    [row] = Session.objects.values()
    assert key not in str(row) and row["session_key"] == key_hash(key)
    assert not is_in(with_key(row["session_key"]))


def test_signing_in_and_switching_the_role_change_the_key_but_forms_stay_valid(kim, center):
    role = factories.member(center, Role.TEACHER, user=kim)
    site = Client(enforce_csrf_checks=True)
    site.get("/accounts/login/")
    before = site.cookies["sessionid"].value if "sessionid" in site.cookies else ""
    typed = {"login": "kim", "password": PASSWORD, "csrfmiddlewaretoken": token(site)}
    site.post("/accounts/login/", typed)
    first = site.cookies["sessionid"].value
    other_tab = hidden(site.get("/email-alerts/"))
    site.post(reverse("accounts:role_switch", args=[role.pk]), {"csrfmiddlewaretoken": token(site)})
    second = site.cookies["sessionid"].value
    assert len({before, first, second}) == 3
    assert Session.objects.count() == 1
    assert not is_in(with_key(first)) and is_in(with_key(second))
    assert site.post("/email-alerts/", other_tab).status_code == 302


def token(site):
    return site.cookies["csrftoken"].value


def hidden(page):
    [form] = parsed(page).cssselect("main form")
    return dict(form.form_values())


def with_key(key):
    site = Client()
    site.cookies["sessionid"] = key
    return site


def test_the_list_shows_ones_own_sessions_and_marks_this_one(kim):
    signed_in(factories_other(), REMOTE_ADDR="192.0.2.9")
    signed_in(kim, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.7")
    site = signed_in(kim, REMOTE_ADDR="203.0.113.8")
    text = page_text(site.get(PAGE))
    assert "Firefox, Linux" in text and "203.0.113.7" in text and "203.0.113.8" in text
    assert "192.0.2.9" not in text
    assert text.count("This session") == 1 and "2 sessions" in text


def factories_other():
    return with_password(factories.person("other"))


def test_one_session_or_all_others_are_ended_but_only_ones_own(kim):
    other = factories_other()
    theirs, mine = signed_in(other), [signed_in(kim) for _number in range(3)]
    site = signed_in(kim)
    site.post("/accounts/reauthenticate/", {"password": PASSWORD})
    keys = [key_hash(one.cookies["sessionid"].value) for one in (theirs, mine[0])]
    said = [page_text(site.post(PAGE, {"session": key}, follow=True)) for key in keys]
    assert "This session had already ended." in said[0] and "The session was ended." in said[1]
    assert is_in(theirs) and not is_in(mine[0]) and is_in(mine[1])
    site.post(PAGE, {})
    assert [is_in(one) for one in (theirs, *mine, site)] == [True, False, False, False, True]


def test_ending_sessions_asks_for_the_password(kim, sign_in, settings):
    settings.REAUTHENTICATION_MINUTES = 0
    mine = signed_in(kim)
    response = sign_in(kim).post(PAGE, {})
    assert response.url.startswith("/accounts/reauthenticate/")
    assert is_in(mine)


def test_cci_staff_end_a_persons_sessions_but_not_a_superusers(kim, staff_site):
    mine, boss = signed_in(kim), factories.person("boss", is_superuser=True)
    address = reverse("admin:accounts_user_end_sessions", args=[kim.pk])
    assert "last seen" in page_text(staff_site.get(address))
    staff_site.post(address, {"confirmed": "1"})
    assert not is_in(mine) and is_in(staff_site, "/admin/")
    theirs = Client()
    theirs.force_login(boss)
    staff_site.post(reverse("admin:accounts_user_end_sessions", args=[boss.pk]), {})
    assert is_in(theirs, "/admin/")


def test_deactivating_someone_ends_their_sessions(kim, staff_site):
    signed_in(kim)
    ui.fill(staff_site, ui.url(User, "change", kim.pk), is_active=False)
    assert not Session.objects.of_user(kim).exists()


def test_a_new_password_ends_all_other_sessions(kim):
    others, site = [signed_in(kim), signed_in(kim)], signed_in(kim)
    new = "maple otter canoe lantern"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    site.post("/accounts/password/change/", typed)
    assert is_in(site) and not any(is_in(other) for other in others)
    assert Session.objects.of_user(kim).count() == 1
    reset_password(password=PASSWORD, by=User.objects.get(pk=kim.pk))
    assert not is_in(site) and not Session.objects.of_user(kim).exists()


def test_signing_out_and_clearsessions_remove_the_row(kim, clock):
    site = signed_in(kim)
    site.post("/accounts/logout/")
    assert not Session.objects.of_user(kim).exists()
    signed_in(kim)
    call_command("clearsessions")
    assert Session.objects.of_user(kim).count() == 1
    clock(minutes=121)
    call_command("clearsessions")
    assert not Session.objects.of_user(kim).exists()


def test_a_session_without_known_sign_in_begins_now(kim, clock):
    """As those that tests or other libraries create."""
    site = Client()
    site.force_login(kim)
    assert SESSION_KEY in site.session and is_in(site)
    clock(minutes=121)
    assert not is_in(site)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141 Safari/537.36",
            "Chrome, Windows",
        ),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPad"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141 Safari/537.36 Edg/141", "Edge, Windows"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_browsers_have_names(sent, name):
    assert browser_name(sent) == name
