"""Throttling of wrong passwords per account, except in browsers that know the person.

A browser in which a person has signed in has its own counter for them, so that others' wrong
passwords never block them on their own computer. Wrong passwords from a network, which a school
may share, block only its new browsers, for a few seconds.
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
from jasper_inventory.accounts.throttling import address_of, counters, fill, uncount
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import clean_address, clean_username
from jasper_inventory.lib.waits import try_again_in

PER_NAME = timedelta(minutes=5)
PER_NETWORK = timedelta(minutes=1)
A_DAY = timedelta(days=1)
# Password reset emails to one address in PER_NAME.
_MOST_RESETS = 5


@dataclass(frozen=True)
class SignInAttempt:
    """An admitted sign-in attempt, which counts as wrong until it turns out to be right."""

    keys: tuple[str, ...]

    def was_right(self) -> None:
        """Undo counting the attempt."""
        for key in self.keys:
            uncount(key)


def admit(request: HttpRequest, credentials: Mapping[str, Any]) -> SignInAttempt:
    """Admit a sign-in attempt; raise DomainError with the wait after too many wrong passwords.

    Unknown names are answered like known ones. The attempt is counted before the password is
    checked, so that concurrent attempts can't pass the limit.
    """
    name = str(credentials.get("email") or credentials.get("username") or "").strip()
    user = User.objects.signing_in_as(name)
    browser = browser_of(request)
    limits: list[tuple[str, int, timedelta]] = []
    if user is not None and browser.knows(user.pk):
        own = f"passwords of account {user.pk} in browser {browser.key}"
        limits.append((own, settings.WRONG_PASSWORDS_PER_NAME, PER_NAME))
    else:
        # An older browser is blocked only by its own wrong passwords.
        here = f"passwords of browser {browser.key}"
        if browser.is_new or _time_until_known(browser):
            here = f"passwords of network {address_of(request)}"
        limits.append((here, settings.WRONG_PASSWORDS_PER_ADDRESS, PER_NETWORK))
        limits.append((_key_of(user, name), settings.WRONG_PASSWORDS_PER_NAME, PER_NAME))
    taken: list[str] = []
    for key, most, memory in limits:
        if not fill(key, leak=0, capacity=most, memory=memory, slides=False):
            for one in taken:
                uncount(one)
            raise _too_many(_wait_for(key, memory, browser))
        taken.append(key)
    return SignInAttempt(tuple(taken))


def admit_second_factor(request: HttpRequest, user: User) -> SignInAttempt:
    """Admit a code of a second factor, counted like a wrong password until it is right.

    Those who know the password may not keep the person out of a browser that knows them. Since a
    code has only 6 digits, few are admitted in a day.
    """
    whose = f"of account {user.pk}"
    if browser_of(request).knows(user.pk):
        whose += f" in browser {browser_of(request).key}"
    limits = {
        f"factors {whose}": (settings.WRONG_PASSWORDS_PER_NAME, PER_NAME),
        f"factors a day {whose}": (settings.WRONG_FACTORS_PER_DAY, A_DAY),
    }
    taken: list[str] = []
    for key, (most, memory) in limits.items():
        if not fill(key, leak=0, capacity=most, memory=memory, slides=False):
            for one in taken:
                uncount(one)
            found = counters(key).get(key)
            wait = found.forget_at - timezone.now() if found else memory
            raise DomainError(f"{_('Too many wrong codes for this account.')} {try_again_in(wait)}")
        taken.append(key)
    return SignInAttempt(tuple(taken))


def use_code_once(user: User, code: str) -> bool:
    """Return whether this code of an authenticator app is used for the first time.

    It counts in the database, so that of two that are sent at once only one is accepted.
    """
    digest = hashlib.sha256(code.encode()).hexdigest()
    key = f"used code of account {user.pk} {digest[:32]}"
    return fill(key, leak=0, capacity=1, memory=PER_NAME, slides=False)


def may_send_reset(address: str) -> bool:
    """Count a password reset email to this address; return False after too many."""
    key = f"resets of address {hashlib.sha256(address.encode()).hexdigest()}"
    return fill(key, leak=0, capacity=_MOST_RESETS, memory=PER_NAME, slides=False)


def forgive(user: User) -> None:
    """Delete the counters of a user who has a new password."""
    of_user = _key_of(user, "")
    own = Tally.objects.filter(key__startswith=f"{of_user} in browser ")
    (own | Tally.objects.filter(key=of_user)).delete()


def _key_of(user: User | None, name: str) -> str:
    if user is not None:
        return f"passwords of account {user.pk}"
    # All spellings of one account are one name.
    name = clean_address(name) if "@" in name else clean_username(name).lower()
    # A digest, because people sometimes type passwords there.
    return f"passwords of name {hashlib.sha256(name.encode()).hexdigest()}"


def _time_until_known(browser: Browser) -> timedelta:
    """Return how long a browser still counts as new."""
    age = timedelta() if browser.is_new else timezone.now() - browser.since
    return max(timedelta(seconds=settings.NETWORK_DELAY) - age, timedelta())


def _wait_for(key: str, memory: timedelta, browser: Browser) -> timedelta:
    if key.startswith("passwords of network "):
        return _time_until_known(browser)
    found = counters(key).get(key)
    return found.forget_at - timezone.now() if found else memory


def _too_many(wait: timedelta) -> DomainError:
    text = _(
        "Too many attempts for this account or from your network. Schools often share one network "
        "address, so others may have caused this."
    )
    return DomainError(f"{text} {try_again_in(wait)}")
