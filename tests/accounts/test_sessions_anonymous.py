"""Visitors create a bounded number of sessions, and lose nothing that they typed."""

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jasper_inventory.accounts.models import AnonymousSession, Session
from jasper_inventory.accounts.session_store import key_hash
from jasper_inventory.lib.form_recovery import OWNER
from tests import factories
from tests.access_table import CODES, OPEN, TABLE
from tests.factories import PASSWORD
from tests.helpers import at_once

pytestmark = pytest.mark.django_db
MOST = 20


@pytest.fixture(autouse=True)
def few(settings):
    settings.ANONYMOUS_SESSIONS_PER_ADDRESS = MOST
    # This tests the bound, not the limits on how often a page may be requested.
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def code(center):
    return str(factories.codes(factories.order(factories.CODES, assigned_to=center))[0])


def open_addresses():
    """Every address that accepts a POST by a visitor: open pages, and forms of ended sessions."""
    for route in sorted(OPEN | set(CODES) | {"accounts:invitation", "account_logout"}):
        yield _address(route)
    for route in sorted({row[0] for row in TABLE}):
        yield _address(route)


def _address(route):
    for args in ((), (1,), (1, 1), ("x",), ("1", "x")):
        try:
            return reverse(route, args=args)
        except Exception:
            continue
    raise AssertionError(route)


def typed(code, number):
    owner = signing.dumps(1, salt=OWNER)
    return {"code": code, OWNER: owner, "login": f"name{number}", "password": "wrong"}


def test_posts_over_all_open_routes_leave_a_bounded_number_of_rows(code):
    addresses = list(open_addresses())
    assert len(addresses) > 60
    for number, address in enumerate(addresses * 2):
        Client().post(address, typed(code, number))
    # These alone reach the bound: one that an address above created outside of it is too many.
    for number in range(MOST + 5):
        Client().post("/activate/sign-in/", typed(code, number))
    assert Session.objects.count() <= MOST
    assert AnonymousSession.objects.count() <= MOST


def test_one_address_pushes_out_its_own_oldest_and_nobody_elses(code):
    site, other = Client(), Client(REMOTE_ADDR="198.51.100.7")
    for client in (site, other):
        client.post("/activate/sign-in/", {"code": code})
    for _number in range(MOST):
        Client().post("/activate/sign-in/", {"code": code})
    assert not Session.objects.filter(pk=key_hash(site.session.session_key)).exists()
    assert Session.objects.filter(pk=key_hash(other.session.session_key)).exists()


@pytest.mark.parametrize("has_cookie", [False, True])
def test_one_that_sends_a_form_again_and_again_takes_nothing_from_others(code, has_cookie):
    pupils = [Client() for _number in range(MOST // 2)]
    for pupil in pupils:
        pupil.get("/activate/")
        pupil.post("/activate/sign-in/", {"code": code})
    sender = Client()
    sender.get("/activate/")
    for _number in range(MOST * 2):
        site = Client()
        if has_cookie:
            site.cookies["browser"] = sender.cookies["browser"].value
        site.post("/activate/sign-in/", {"code": code})
    for pupil in pupils:
        assert Session.objects.filter(pk=key_hash(pupil.session.session_key)).exists()
    assert AnonymousSession.objects.count() == Session.objects.count() == MOST


def test_text_a_visitor_typed_is_kept_through_signing_in_and_the_session_lasts(code):
    kim = factories.person("kim")
    kim.set_password(PASSWORD)
    kim.save()
    site = Client()
    to_sign_in = site.post("/activate/sign-in/", {"code": code}).url
    site.post(to_sign_in, {"login": "kim", "password": PASSWORD})
    assert code in site.get("/activate/offer/").content.decode()
    for _number in range(MOST + 1):
        Client().post("/activate/sign-in/", {"code": code})
    assert site.get("/courses/").status_code == 200


def test_ended_sessions_are_dropped_for_everyone(code, settings):
    Client(REMOTE_ADDR="198.51.100.7").post("/activate/sign-in/", {"code": code})
    long_ago = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)
    AnonymousSession.objects.update(created_at=long_ago)
    Client().post("/activate/sign-in/", {"code": code})
    assert AnonymousSession.objects.count() == Session.objects.count() == 1


def test_no_code_is_readable_in_a_cookie(code):
    site = Client()
    site.post("/activate/sign-in/", {"code": code})
    plain = code.replace("-", "")
    for cookie in site.cookies.values():
        assert plain not in cookie.value.replace("-", "")


def test_a_page_that_keeps_nothing_creates_no_session():
    for address in ("/accounts/login/", "/activate/", "/courses/"):
        Client().get(address)
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bound_holds_however_many_come_at_once(code):
    def come():
        for _number in range(10):
            Client().post("/activate/sign-in/", {"code": code})

    at_once(*[come] * 6)
    assert AnonymousSession.objects.count() == Session.objects.count() == MOST
