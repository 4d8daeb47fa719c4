"""Throttling of codes: a browser is blocked after wrong codes, its network only for seconds."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as defaults
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone

from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.models import Notice, Tally
from jasper_inventory.accounts.throttling import TooMany, Visitor, admit, wait_after
from jasper_inventory.lib.code_format import ALPHABET, NEW_KEY_LENGTH, NEW_LENGTH
from jasper_inventory.lib.waits import try_again_in
from tests import factories
from tests.helpers import at_once

ADDRESS = "203.0.113.7"
LONG_AGO = timezone.now() - timedelta(hours=1)
HERE = Visitor(ADDRESS, "one", LONG_AGO)
BESIDE = Visitor(ADDRESS, "another", LONG_AGO)


@pytest.fixture
def numbers(settings):
    settings.WRONG_CODES_FREE = 4
    settings.CODE_WAIT = 15
    settings.CODE_LONGEST_WAIT = 600
    settings.WRONG_CODES_PER_NETWORK = 20
    settings.WRONG_CODES_PER_SECOND = 2
    settings.NETWORK_DELAY = 10


def seconds(visitor):
    """How long a visitor is blocked; a right code is let through, and isn't counted."""
    try:
        admit(visitor).was_right()
    except TooMany as refusal:
        return int(re.search(r"Try again in (\d+) seconds?\.", str(refusal))[1])
    return 0


def guess(visitor, times=1):
    for _ in range(times):
        admit(visitor).was_wrong()


def let_pass(**time):
    """Let time pass: move the counted attempts back by this much."""
    passed = timedelta(**time)
    Tally.objects.update(last_at=F("last_at") - passed, forget_at=F("forget_at") - passed)


def flood(times=20):
    """Type this number of wrong codes at once, from browsers without a cookie."""
    for _ in range(times):
        throttling.Attempt(Visitor(ADDRESS)).was_wrong()


@pytest.mark.parametrize(
    ("number", "wait"),
    [(0, 0), (1, 0), (3, 0), (4, 15), (5, 30), (6, 60), (9, 480), (10, 600), (10_000, 600)],
)
def test_a_browsers_wait_doubles_up_to_the_longest(numbers, number, wait):
    assert wait_after(number) == timedelta(seconds=wait)


@pytest.mark.django_db
def test_a_browser_is_blocked_longer_each_time_and_the_one_beside_it_is_not(numbers):
    guess(HERE, 3)
    assert seconds(HERE) == 0
    guess(HERE)
    assert seconds(HERE) == 15
    assert seconds(BESIDE) == 0
    let_pass(seconds=16)
    guess(HERE)
    assert seconds(HERE) == 30


@pytest.mark.django_db
def test_an_account_is_blocked_on_every_computer_and_blocks_no_one_else(numbers):
    guess(Visitor(ADDRESS, "one", LONG_AGO, account=1), 4)
    assert seconds(Visitor("198.51.100.9", "two", LONG_AGO, account=1)) == 15
    assert seconds(Visitor(ADDRESS, "one", LONG_AGO, account=2)) == 0
    assert seconds(HERE) == 0


@pytest.mark.django_db
def test_a_day_after_the_first_wrong_code_a_browser_is_forgotten(numbers):
    guess(HERE, 3)
    let_pass(days=1, seconds=1)
    guess(HERE)
    assert Tally.objects.get(key=HERE.own).number == 1


@pytest.mark.django_db
def test_a_browser_without_a_cookie_counts_as_new(numbers):
    stranger = Visitor(ADDRESS)
    guess(stranger, 19)
    assert seconds(stranger) == 0
    assert set(Tally.objects.values_list("key", flat=True)) == {stranger.by_network}


@pytest.mark.django_db
def test_a_full_network_delays_new_browsers_by_seconds_only(numbers):
    flood()
    assert seconds(Visitor(ADDRESS)) == 10
    now = timezone.now()
    assert seconds(Visitor(ADDRESS, "new", now - timedelta(seconds=4))) == 6
    assert seconds(Visitor("198.51.100.9")) == 0
    # A signed-in person who typed nothing wrong isn't blocked even now.
    assert seconds(Visitor(ADDRESS, account=7)) == 0


@pytest.mark.django_db
def test_a_full_network_lets_a_fixed_number_of_wrong_codes_a_second_through(numbers):
    flood()
    assert seconds(HERE) == 2
    let_pass(seconds=1)
    for visitor in (HERE, BESIDE):
        admit(visitor).was_wrong()
    assert seconds(Visitor(ADDRESS, "third", LONG_AGO)) == 2


@pytest.mark.django_db
def test_a_right_code_takes_nothing_from_a_full_network(numbers):
    flood()
    let_pass(seconds=1)
    assert [seconds(Visitor(ADDRESS, f"pupil{at}", LONG_AGO)) for at in range(30)] == [0] * 30


@pytest.mark.django_db(transaction=True)
def test_no_more_than_a_full_networks_share_pass_at_the_same_moment(numbers):
    factories.vendor()
    flood()
    let_pass(seconds=2)
    visitors = [Visitor(ADDRESS, f"browser{at}", LONG_AGO) for at in range(12)]
    results = at_once(*(lambda one=one: admit(one) for one in visitors))
    assert sum(isinstance(result, TooMany) for result in results) in (
        12 - 4,
        12 - 5,
        12 - 6,
        12 - 7,
    )


@pytest.mark.django_db(transaction=True)
def test_wrong_codes_at_the_same_moment_are_all_counted(settings):
    settings.WRONG_CODES_FREE, settings.WRONG_CODES_PER_SECOND = 100, 0
    factories.vendor()
    at_once(*(lambda one=one: guess(one, 3) for one in (HERE, BESIDE) * 4))
    counted = dict(Tally.objects.values_list("key", "number"))
    assert counted == {HERE.by_network: 24, HERE.own: 12, BESIDE.own: 12}


@pytest.mark.django_db
def test_a_right_code_costs_one_query(django_assert_num_queries):
    for _ in range(3):
        with django_assert_num_queries(1):
            admit(HERE).was_right()


@pytest.mark.django_db
@pytest.mark.parametrize("attacker", [Visitor(ADDRESS), HERE])
def test_cci_staff_are_notified_of_an_attack_once_an_hour(
    numbers, attacker, django_capture_on_commit_callbacks
):
    sue = factories.staff()

    def attack():
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(25):
                throttling.Attempt(attacker).was_wrong()

    attack()
    attack()
    [message] = mail.outbox
    assert (message.to, message.subject) == ([sue.email], "Someone is guessing codes")
    assert ADDRESS in message.body and ADDRESS in message.alternatives[0][0]
    let_pass(hours=1, seconds=1)
    attack()
    assert Notice.objects.filter(kind="guessing").count() == 2


def test_an_address_of_the_new_kind_is_its_network(rf):
    one, two, other = (
        throttling.address_of(rf.get("/", REMOTE_ADDR=address))
        for address in ("2001:db8::1", "2001:db8::ffff", "2001:db8:1::1")
    )
    assert one == two != other


def test_the_chance_of_a_single_hit_in_a_year_stays_below_one_in_a_thousand():
    """From the real limits and lengths: docs/decisions/0004-throttling.md has the reasoning."""
    hostile, year = 100_000, 366 * 24 * 3600
    per_address = defaults.WRONG_CODES_PER_NETWORK + defaults.WRONG_CODES_PER_SECOND * year
    guesses = hostile * per_address
    size = len(ALPHABET)
    keys = size ** (NEW_KEY_LENGTH - 1)
    # The check character of an activation code is one of the 20 letters among the 28 characters.
    codes = size ** (NEW_LENGTH - 1) * 20 // size
    assert guesses * 1_000_000 / keys < 1 / 1000
    assert guesses * 100_000_000 / codes < 1 / 1000


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (0.2, "Try again in 1 second."),
        (59.1, "Try again in 1 minute."),
        (12, "Try again in 12 seconds."),
        (181, "Try again in 4 minutes."),
        (7201, "Try again in 3 hours."),
    ],
)
def test_a_wait_says_how_long_it_lasts(wait, words):
    assert try_again_in(timedelta(seconds=wait)) == words


@pytest.mark.django_db
def test_a_browser_is_known_again_by_its_cookie_and_by_no_forged_one():
    client = Client()
    client.get("/activate/")
    cookie = client.cookies["browser"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    first = client.get("/activate/").wsgi_request.browser.key
    assert client.get("/link/").wsgi_request.browser.key == first
    client.cookies["browser"] = cookie.value[:-2] + "xx"
    assert client.get("/activate/").wsgi_request.browser.key != first
