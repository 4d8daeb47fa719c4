"""load_demo before the demo data exist: all or nothing."""

import pytest
from django.core.management import CommandError, call_command

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.demo import loader
from jasper_inventory.demo.loader import load
from jasper_inventory.lib.exceptions import DomainError
from tests import factories


def test_it_refuses_if_debug_is_off(db, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG and DEMO are off"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_it_stays_away_from_other_data(db, settings):
    settings.DEBUG = True
    factories.person("sue.wong")
    with pytest.raises(CommandError, match="these are in use: sue.wong"):
        call_command("load_demo")
    assert User.objects.count() == 1


def test_a_broken_load_leaves_nothing(db, monkeypatch):
    def broken(story):
        raise DomainError("broken")

    monkeypatch.setattr(loader.Story, "tell", broken)
    with pytest.raises(DomainError):
        load()
    assert not User.objects.exists()
    assert Organization.objects.count() == 1
