"""CCI staff see whom throttling holds up, until when, and lift it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jasper_inventory.accounts.models import Tally
from jasper_inventory.accounts.throttling import TooMany, Visitor, admit
from tests import factories
from tests.pages import page_text

pytestmark = pytest.mark.django_db

BLOCKS = "/admin/accounts/tally/"
NOW = timezone.now()


@pytest.fixture
def mallory():
    return factories.person("mallory")


@pytest.fixture
def blocked(mallory):
    """A browser, an account, a network and a sign-in name, each held up; and one that isn't."""
    for key, number in (
        ("codes of browser abc", 40),
        (f"codes of account {mallory.pk}", 40),
        ("codes of network 203.0.113.7", 50_000),
        (f"passwords of account {mallory.pk}", 5),
        ("codes of browser calm", 2),
        ("accounts of address 203.0.113.7", 900),
    ):
        Tally.objects.create(
            key=key,
            number=number,
            last_at=timezone.now(),
            forget_at=timezone.now() + timedelta(hours=1),
        )


def test_blocks_in_effect_are_listed_with_what_whom_since_and_until(sign_in, staff, blocked):
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
