"""Wrong codes come ever slower: per address, per account and overall.

Only wrong codes are counted, never right ones, nor typing errors that the check sign tells: a
class of thirty behind one address is not held up, and somebody who guesses can work out the
check sign anyway. The numbers are settings; see docs/operators.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django_tasks import task

from jasper_inventory.accounts.models import Organization, Tally, User
from jasper_inventory.accounts.notifications import administrators_of, post_to
from jasper_inventory.accounts.tallies import count, tallies

ALL = "codes of all"
TOLD = "codes told of"
MEMORY = timedelta(days=1)
# Overall it is a rate: so many wrong codes an hour are no longer people who mistype.
OVERALL_MEMORY = timedelta(hours=1)
TOLD_EVERY = timedelta(hours=1)
# No setting can matter past it, and the number must not grow without end.
_MOST_DOUBLINGS = 30


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, behind the proxies that are trusted; of IPv6 the network."""
    return truncate_ip(get_adapter().get_client_ip(request))


@dataclass(frozen=True)
class Guesser:
    """Who types a code: from an address, and maybe signed in."""

    address: str
    account: int | None = None

    @property
    def by_address(self) -> str:
        return f"codes of address {self.address}"

    @property
    def by_account(self) -> str:
        return f"codes of account {self.account}"

    @property
    def keys(self) -> dict[str, timedelta]:
        keys = {self.by_address: MEMORY, ALL: OVERALL_MEMORY}
        return keys if self.account is None else {**keys, self.by_account: MEMORY}


def guesser_of(request: HttpRequest) -> Guesser:
    """Who sent a request."""
    return Guesser(address_of(request), request.user.pk)


def wait_after(number: int, free: int) -> timedelta:
    """How long to wait after so many wrong codes: nothing at first, then ever twice as long."""
    if number == 0 or number < free:
        return timedelta()
    doubled = settings.GUESS_WAIT * 2 ** min(number - free, _MOST_DOUBLINGS)
    return timedelta(seconds=min(doubled, settings.GUESS_LONGEST_WAIT))


def time_to_wait(guesser: Guesser) -> timedelta:
    """How long this person has to wait before another code is looked at. One query.

    Someone signed in is judged by the account; by the address too once the account has typed a
    wrong code, so that one who guesses at school holds up nobody else there who is signed in.
    While the site is under attack nobody has free tries: the first wrong code is followed by a
    wait. Who typed none is let in even then.
    """
    found = tallies(*guesser.keys)
    now = timezone.now()
    under_attack = ALL in found and found[ALL].number >= settings.GUESSES_OVERALL
    waits = [timedelta()]
    judged = {guesser.by_address: settings.GUESSES_PER_ADDRESS}
    if guesser.account is not None:
        if guesser.by_account not in found:
            return timedelta()
        judged[guesser.by_account] = settings.GUESSES_PER_ACCOUNT
    for key, free in judged.items():
        if key in found:
            waits.append(_left(found[key], 0 if under_attack else free, now))
    return max(waits)


def _left(tally: Tally, free: int, now: datetime) -> timedelta:
    return tally.last_at + wait_after(tally.number, free) - now


def count_wrong(guesser: Guesser) -> None:
    """A code that opens nothing for this person was typed. Tells CCI's staff of an attack."""
    count(guesser.keys)
    attacks = (
        Q(key=ALL, number__gte=settings.GUESSES_OVERALL)
        | Q(key=guesser.by_address, number__gte=_relentless(settings.GUESSES_PER_ADDRESS))
        | Q(key=guesser.by_account, number__gte=_relentless(settings.GUESSES_PER_ACCOUNT))
    )
    if Tally.objects.filter(attacks).exists():
        _tell(guesser)


def _relentless(free: int) -> int:
    """So many wrong codes that the wait has become the longest: nobody but a machine goes on."""
    first = max(free, 1)
    waits = (wait_after(first + more, free).total_seconds() for more in range(_MOST_DOUBLINGS))
    return first + sum(wait < settings.GUESS_LONGEST_WAIT for wait in waits)


def _tell(guesser: Guesser) -> None:
    now = timezone.now()
    # Forgotten rows were dropped just now: whoever can make this one is the first in an hour.
    _told, is_first = Tally.objects.get_or_create(
        key=TOLD, defaults={"number": 1, "last_at": now, "forget_at": now + TOLD_EVERY}
    )
    if is_first:
        notify_attack.enqueue(guesser.address, guesser.account, now.isoformat())


@task()
def notify_attack(address: str, account: int | None, at: str) -> None:
    """Tell CCI's staff that somebody tries codes, and from where."""
    found = tallies(ALL)
    context = {
        "address": address,
        "account": User.objects.filter(pk=account).first(),
        "number": found[ALL].number if ALL in found else 0,
    }
    post_to(
        administrators_of(Organization.objects.vendor()),
        kind="guessing",
        event=f"guessing:{at}",
        template="accounts/emails/guessing",
        context=context,
    )
