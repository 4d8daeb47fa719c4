"""CCI staff see and lift the blocks of throttling."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.models import Tally
from jasper_inventory.accounts.services.users import NewAccount, create_account
from jasper_inventory.accounts.throttling import TooMany, Visitor, admit
from jasper_inventory.lib.exceptions import DomainError
from tests import factories
from tests.admin_pages import confirm, messages, page
from tests.pages import page_text

pytestmark = pytest.mark.django_db

BLOCKS = "/admin/accounts/tally/"
NOW = timezone.now()


@pytest.fixture
def mallory():
    return factories.person("mallory")


@pytest.fixture
def blocked(mallory):
    """A browser, an account, a network and a sign-in name, each blocked; and one that isn't."""
    for key, number in (
        ("codes of browser abc", 40),
        (f"codes of account {mallory.pk}", 40),
        ("codes of network 203.0.113.7", 50_000),
        (f"passwords of account {mallory.pk}", 5),
        ("codes of browser calm", 2),
        ("resets of address abc", 900),
    ):
        Tally.objects.create(
            key=key,
            number=number,
            last_at=timezone.now(),
            forget_at=timezone.now() + timedelta(hours=1),
        )


def test_blocks_in_effect_are_listed_with_kind_subject_start_and_end(sign_in, staff, blocked):
    shown = page_text(sign_in(staff).get(BLOCKS))
    for words in ("Browser abc", "Account mallory", "Network 203.0.113.7", "Wrong passwords"):
        assert words in shown
    assert "calm" not in shown and "900" not in shown
    assert "calm" in page_text(sign_in(staff).get(BLOCKS + "?in_effect=all"))


def test_lifting_a_block_asks_once_lets_its_browser_in_and_is_recorded(sign_in, staff, blocked):
    visitor = Visitor("198.51.100.1", "abc", NOW)
    with pytest.raises(TooMany):
        admit(visitor)
    site = sign_in(staff)
    data = {"action": "lift", "_selected_action": ["codes of browser abc"]}
    assert "Browser abc" in page_text(site.post(BLOCKS, data))
    assert Tally.objects.filter(key="codes of browser abc").exists()
    site.post(BLOCKS, data | {"confirmed": "1"})
    admit(visitor)
    assert LogEntry.objects.get().user == staff
    assert "Lifted" in LogEntry.objects.get().change_message


def test_the_list_needs_the_same_queries_for_many_rows(
    sign_in, staff, blocked, django_assert_num_queries, mallory
):
    site = sign_in(staff)
    site.get(BLOCKS)
    with CaptureQueriesContext(connection) as few:
        site.get(BLOCKS)
    for at in range(20):
        Tally.objects.create(
            key=f"codes of account {factories.person().pk}",
            number=40 + at,
            last_at=timezone.now(),
            forget_at=timezone.now() + timedelta(hours=1),
        )
    with django_assert_num_queries(len(few)):
        site.get(BLOCKS)


def test_blocks_are_for_staff_only(sign_in, mallory, blocked):
    assert Client().get(BLOCKS).status_code == 302
    assert sign_in(mallory).get(BLOCKS).status_code == 302


def tally(key, number, **times):
    """A current count, kept for an hour."""
    now = timezone.now()
    times = {"last_at": now, "forget_at": now + timedelta(hours=1), **times}
    return Tally.objects.create(key=key, number=number, **times)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("203.0.113.7", "Network 203.0.113.7"),
        ("203.0.113", "Network 203.0.113.7"),
        ("MALLORY", "Account mallory"),
    ],
)
def test_a_block_is_found_by_its_network_or_username(sign_in, staff, blocked, typed, found):
    shown = page_text(sign_in(staff).post(BLOCKS, {"q": typed}, follow=True))
    assert found in shown
    assert "Browser abc" not in shown


def test_blocks_are_listed_however_many_higher_counts_there_are(sign_in, staff, monkeypatch):
    monkeypatch.setattr(throttling, "_MOST_BLOCKS", 3)
    for number in range(5):
        tally(f"codes of network 198.51.100.{number}", 900)
        tally(f"resets of address {number}", 900)
    tally("passwords of name xyz", 5)
    assert throttling.blocks().keys() == {"passwords of name xyz"}


def test_the_limit_of_new_accounts_is_a_block_that_says_how_long_and_can_be_lifted(
    sign_in, staff, settings
):
    settings.ACCOUNTS_PER_HOUR = 2

    def sign_up(name):
        account = NewAccount("Maria", "L", sign_in_as=name, password=factories.PASSWORD)
        create_account(account=account, address="203.0.113.7", then=str)

    site = sign_in(staff)
    sign_up("one")
    assert "Network 203.0.113.7" not in page_text(site.get(BLOCKS))
    sign_up("two")
    with pytest.raises(DomainError, match=r"Try again in (59|60) minutes\."):
        sign_up("three")
    shown = page_text(site.get(BLOCKS))
    assert "New accounts" in shown and "Network 203.0.113.7" in shown
    key = "accounts of network 203.0.113.7"
    site.post(BLOCKS, {"action": "lift", "_selected_action": [key], "confirmed": "1"})
    sign_up("three")


def test_all_that_are_selected_across_pages_are_lifted(sign_in, staff):
    for number in range(60):
        tally(f"codes of browser b{number}", 40)
    site = sign_in(staff)
    data = {"action": "lift", "_selected_action": ["codes of browser b1"], "select_across": "1"}
    confirmation = site.post(BLOCKS, data)
    assert len(page(confirmation).cssselect("input[name=_selected_action]")) == 60
    confirm(site, BLOCKS, confirmation)
    assert not Tally.objects.exists()


def test_a_lifted_block_is_named_as_the_list_names_it(sign_in, staff, mallory):
    key = tally(f"passwords of account {mallory.pk} in browser x3f", 5).key
    data = {"action": "lift", "_selected_action": [key], "confirmed": "1"}
    answer = sign_in(staff).post(BLOCKS, data, follow=True)
    assert messages(answer) == ["Lifted: Account mallory (own browser)"]


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("codes of browser abc", 40),
        ("codes of browser abc", 2),
        ("codes of network 203.0.113.7", 5001),
        ("passwords of account 1", 4),
        ("accounts of network 203.0.113.7", 2999),
        ("resets of address abc", 900),
    ],
)
def test_a_count_that_holds_up_nobody_ends_never(key, number):
    ago = timezone.now() - timedelta(minutes=30)
    assert throttling.ends_of(tally(key, number, last_at=ago)) is None
