"""Throttling of wrong passwords: per account, but never for a browser that knows the person.

A browser where somebody signed in before has a count of its own for them, so that others' wrong
passwords, from wherever, never hold up that person at their own computer. Wrong passwords of a
network, which a school shares, hold up its new browsers only, and for seconds.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.browsers import Browser, browser_of
from jasper_inventory.accounts.models import Tally, User
from jasper_inventory.accounts.throttling import address_of, fill, take_back, tallies
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import clean_address, clean_username
from jasper_inventory.lib.waits import try_again_in

PER_NAME = timedelta(minutes=5)
PER_NETWORK = timedelta(minutes=1)
# Emails for a new password to one address in PER_NAME.
_MOST_RESETS = 5


@dataclass(frozen=True)
class SignInAttempt:
    """One password that may be looked at; it counts until it turns out to be right."""

    keys: tuple[str, ...]

    def was_right(self) -> None:
        """Nothing is counted."""
        for key in self.keys:
            take_back(key)


def admit(request: HttpRequest, credentials: Mapping[str, Any]) -> SignInAttempt:
    """Let a password be looked at; raise DomainError, with the wait, after too many wrong ones.

    An unknown name is answered as a known one. The count is taken before the password is looked
    at, so that many at once are no way around it.
    """
    name = str(credentials.get("email") or credentials.get("username") or "").strip()
    user = User.objects.signing_in_as(name)
    browser = browser_of(request)
    limits: list[tuple[str, int, timedelta]] = []
    if user is not None and browser.knows(user.pk):
        own = f"passwords of account {user.pk} in browser {browser.key}"
        limits.append((own, settings.WRONG_PASSWORDS_PER_NAME, PER_NAME))
    else:
        # Once it is old enough a browser is held up by its own wrong passwords alone.
        here = f"passwords of browser {browser.key}"
        if browser.is_new or _time_until_known(browser):
            here = f"passwords of network {address_of(request)}"
        limits.append((here, settings.WRONG_PASSWORDS_PER_ADDRESS, PER_NETWORK))
        limits.append((_key_of(user, name), settings.WRONG_PASSWORDS_PER_NAME, PER_NAME))
    taken: list[str] = []
    for key, most, memory in limits:
        if not fill(key, leak=0, capacity=most, memory=memory, slides=False):
            for one in taken:
                take_back(one)
            raise _too_many(_wait_for(key, memory, browser))
        taken.append(key)
    return SignInAttempt(tuple(taken))


def may_send_reset(address: str) -> bool:
    """Count one more email for a new password to this address; False past a few in a while."""
    key = f"resets of address {hashlib.sha256(address.encode()).hexdigest()}"
    return fill(key, leak=0, capacity=_MOST_RESETS, memory=PER_NAME, slides=False)


def forgive(user: User) -> None:
    """Drop what was counted of a person, who has a new password."""
    of_user = _key_of(user, "")
    own = Tally.objects.filter(key__startswith=f"{of_user} in browser ")
    (own | Tally.objects.filter(key=of_user)).delete()


def _key_of(user: User | None, name: str) -> str:
    if user is not None:
        return f"passwords of account {user.pk}"
    # All spellings that would be one account are one name.
    name = clean_address(name) if "@" in name else clean_username(name).lower()
    # Not the name itself: people type passwords there, too.
    return f"passwords of name {hashlib.sha256(name.encode()).hexdigest()}"


def _time_until_known(browser: Browser) -> timedelta:
    """How long a browser still counts as a new one: nothing once it is old enough."""
    age = timedelta() if browser.is_new else timezone.now() - browser.since
    return max(timedelta(seconds=settings.NETWORK_DELAY) - age, timedelta())


def _wait_for(key: str, memory: timedelta, browser: Browser) -> timedelta:
    if key.startswith("passwords of network "):
        return _time_until_known(browser)
    found = tallies(key).get(key)
    return found.forget_at - timezone.now() if found else memory


def _too_many(wait: timedelta) -> DomainError:
    text = _(
        "Too many attempts for this account or from your network. Schools often share one network "
        "address, so others may have caused this."
    )
    return DomainError(f"{text} {try_again_in(wait)}")
