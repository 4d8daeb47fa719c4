"""Wrong codes come ever slower: per address, per account and overall; right ones never count."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F

from jasper_inventory.accounts import guessing
from jasper_inventory.accounts.guessing import Guesser, count_wrong, time_to_wait, wait_after
from jasper_inventory.accounts.models import Notice, Tally
from tests import factories
from tests.helpers import at_once

HERE = Guesser("203.0.113.7")
THERE = Guesser("198.51.100.9")


@pytest.fixture(autouse=True)
def numbers(settings):
    settings.GUESSES_PER_ADDRESS = 4
    settings.GUESSES_PER_ACCOUNT = 2
    settings.GUESSES_OVERALL = 20
    settings.GUESS_WAIT = 15
    settings.GUESS_LONGEST_WAIT = 600


def seconds(guesser):
    return max(0, round(time_to_wait(guesser).total_seconds()))


def guess(guesser, times=1):
    for _ in range(times):
        count_wrong(guesser)


def pass_by(**time):
    """Let time go by: what was counted lies so much further back."""
    Tally.objects.update(
        last_at=F("last_at") - timedelta(**time), forget_at=F("forget_at") - timedelta(**time)
    )


@pytest.mark.parametrize(
    ("number", "wait"),
    [(0, 0), (1, 0), (3, 0), (4, 15), (5, 30), (6, 60), (9, 480), (10, 600), (10_000, 600)],
)
def test_the_wait_doubles_up_to_the_longest(number, wait):
    assert wait_after(number, 4) == timedelta(seconds=wait)


@pytest.mark.django_db
def test_an_address_waits_ever_longer():
    guess(HERE, 3)
    assert seconds(HERE) == 0
    guess(HERE)
    assert seconds(HERE) == 15
    assert seconds(THERE) == 0
    pass_by(seconds=16)
    assert seconds(HERE) == 0
    guess(HERE)
    assert seconds(HERE) == 30


@pytest.mark.django_db
def test_an_account_waits_wherever_it_goes():
    guess(Guesser(HERE.address, account=1), 2)
    assert seconds(Guesser(THERE.address, account=1)) == 15
    assert seconds(Guesser(HERE.address, account=2)) == 0


@pytest.mark.django_db
def test_one_who_guesses_at_school_holds_up_nobody_who_is_signed_in_there():
    guess(HERE, 8)
    assert seconds(HERE) == 240
    pupil = Guesser(HERE.address, account=1)
    assert seconds(pupil) == 0
    # But accounts are no way around the address.
    guess(pupil)
    assert seconds(pupil) == 480


@pytest.mark.django_db
def test_under_attack_the_first_wrong_code_is_followed_by_a_wait():
    for number in range(19):
        guess(Guesser(f"192.0.2.{number}"))
    assert seconds(Guesser("192.0.2.1")) == 0
    guess(HERE)
    assert seconds(HERE) == 30
    assert seconds(Guesser("192.0.2.1")) == 30
    # Who typed no wrong code is let in.
    assert seconds(THERE) == 0
    pass_by(hours=1, seconds=1)
    assert seconds(HERE) == 0


@pytest.mark.django_db
def test_a_day_after_the_first_wrong_code_all_are_forgotten():
    guess(HERE, 3)
    pass_by(days=1, seconds=1)
    guess(HERE)
    assert seconds(HERE) == 0
    assert Tally.objects.get(key=HERE.by_address).number == 1


@pytest.mark.django_db
def test_what_is_forgotten_is_dropped():
    guess(HERE)
    pass_by(days=2)
    guess(THERE)
    assert set(Tally.objects.values_list("key", flat=True)) == {THERE.by_address, guessing.ALL}


@pytest.mark.django_db
def test_it_costs_one_query_to_ask_and_three_to_count(django_assert_num_queries):
    guesser = Guesser(HERE.address, account=1)
    for _ in range(3):
        with django_assert_num_queries(1):
            time_to_wait(guesser)
        with django_assert_num_queries(3):
            count_wrong(guesser)


@pytest.mark.django_db
def test_ccis_staff_are_told_of_an_attack_once_an_hour(django_capture_on_commit_callbacks):
    sue = factories.staff()
    factories.person()

    def attack():
        with django_capture_on_commit_callbacks(execute=True):
            for number in range(25):
                guess(Guesser(f"192.0.2.{number}"))

    attack()
    attack()
    [message] = mail.outbox
    assert message.to == [sue.email]
    assert message.subject == "Somebody is trying codes"
    for body in (message.body, message.alternatives[0][0]):
        assert "20 wrong ones" in body
        assert "192.0.2.19" in body
    pass_by(hours=1, seconds=1)
    attack()
    assert len(mail.outbox) == 2
    assert Notice.objects.filter(kind="guessing").count() == 2


@pytest.mark.django_db
def test_one_who_never_stops_is_an_attack_too(django_capture_on_commit_callbacks):
    factories.staff()
    guesser = Guesser(HERE.address, account=factories.person("mallory").pk)
    with django_capture_on_commit_callbacks(execute=True):
        guess(guesser, 7)
        assert not mail.outbox
        guess(guesser)
    assert HERE.address in mail.outbox[0].body
    assert "Signed in as: mallory." in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_wrong_codes_at_the_same_moment_are_all_counted():
    factories.vendor()
    guessers = [HERE, THERE, Guesser(HERE.address, account=1), Guesser(THERE.address, account=1)]
    at_once(*(lambda guesser=guesser: guess(guesser, 3) for guesser in guessers * 2))
    counted = dict(Tally.objects.values_list("key", "number"))
    assert counted[guessing.ALL] == 24
    assert counted[HERE.by_address] == counted[THERE.by_address] == 12
    assert counted[Guesser("", account=1).by_account] == 12


def test_an_address_of_the_new_kind_is_its_network(rf):
    one, two, other = (
        guessing.address_of(rf.get("/", REMOTE_ADDR=address))
        for address in ("2001:db8::1", "2001:db8::ffff", "2001:db8:1::1")
    )
    assert one == two != other
