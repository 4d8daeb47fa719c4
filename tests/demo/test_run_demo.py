"""What `make demo` says: the accounts that are there, never one that isn't."""

import pytest

from jasper_inventory.demo.dataset import ACCOUNTS, PASSWORD
from jasper_inventory.demo.management.commands.run_demo import accounts_text
from tests import factories


def add_accounts(*usernames):
    for username in usernames:
        factories.person(username)


@pytest.fixture
def embedded(settings):
    settings.EMBEDDED_DATABASE = True


def test_each_account_is_named_with_its_person(db, embedded):
    add_accounts(*ACCOUNTS)
    text = accounts_text()
    for username, who in ACCOUNTS.items():
        assert f"{username} " in text and who in text
    assert PASSWORD in text
    assert "rm -r .data" not in text


def test_an_older_demo_names_its_own_accounts_and_says_how_to_load_it_again(db, embedded):
    add_accounts("kim.williams", "sue.wong")
    text = accounts_text()
    assert "kim.williams" in text and "sue.wong" in text and PASSWORD in text
    assert "distributor" not in text
    assert "rm -r .data && make demo" in text


def test_without_any_of_the_accounts_no_password_is_named(db, embedded):
    add_accounts("somebody.else")
    text = accounts_text()
    assert PASSWORD not in text
    assert "rm -r .data" in text


def test_nobody_is_asked_to_remove_the_data_of_another_server(db, settings):
    settings.EMBEDDED_DATABASE = False
    add_accounts("admin")
    text = accounts_text()
    assert "rm -r" not in text
    assert "set DATABASE_URL to an empty database" in text
