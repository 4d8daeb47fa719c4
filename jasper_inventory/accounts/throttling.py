"""Throttling of typed codes: a browser or account waits after wrong codes, a network hardly ever.

A code that exists never counts, whatever its state, nor does a typing error that the check
character shows. A network, which a school shares, never waits longer than a few seconds:
docs/decisions/0004-throttling.md has the calculation, docs/operators.md the settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.emails import administrators_of, post_to
from jasper_inventory.accounts.models import Organization, Tally, User
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.waits import try_again_in

MEMORY = timedelta(days=1)
NOTIFIED = "codes notified of"
NOTIFIED_EVERY = timedelta(hours=1)
# What a full network's next free try is waited for.
_NEXT_TRY = timedelta(seconds=2)
# No setting can matter past it, and the number must not grow without end.
_MOST_DOUBLINGS = 30
# Read for the list of blocks, the latest first.
_MOST_BLOCKS = 2_000


class TooMany(DomainError):
    """Nothing was looked up; the message says how long to wait."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(f"{message} {try_again_in(wait)}", field="code")


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, behind the proxies that are trusted; of IPv6 the network."""
    return truncate_ip(get_adapter().get_client_ip(request))


@dataclass(frozen=True)
class Visitor:
    """Who types a code: from a network, in a browser, and maybe signed in."""

    address: str
    # Empty where the request brought no cookie.
    browser: str = ""
    browser_since: datetime | None = None
    account: int | None = None

    @property
    def by_network(self) -> str:
        return f"codes of network {self.address}"

    @property
    def own(self) -> str:
        """What is judged first: the account, else the browser; empty where it has no cookie."""
        if self.account is not None:
            return f"codes of account {self.account}"
        return self.browser and f"codes of browser {self.browser}"


def visitor_of(request: HttpRequest) -> Visitor:
    """Who sent a request."""
    browser = browser_of(request)
    key = "" if browser.is_new else browser.key
    return Visitor(address_of(request), key, browser.since, request.user.pk)


def wait_after(number: int) -> timedelta:
    """How long to wait after so many wrong codes: nothing at first, then ever twice as long."""
    free = settings.WRONG_CODES_FREE
    if number == 0 or number < free:
        return timedelta()
    doubled = settings.CODE_WAIT * 2 ** min(number - free, _MOST_DOUBLINGS)
    return timedelta(seconds=min(doubled, settings.CODE_LONGEST_WAIT))


@dataclass(frozen=True)
class Attempt:
    """One look-up that was let through. Say afterwards what came of it."""

    visitor: Visitor
    # Whether the network's count has it already.
    is_counted: bool = False

    def was_right(self) -> None:
        """The code exists: nothing is counted."""
        if self.is_counted:
            take_back(self.visitor.by_network)

    def was_wrong(self, *, is_typing_error: bool = False) -> None:
        """No code of any kind was found. Of what may be a typing error only the network's count,
        which nobody at a school ever meets, learns. Notifies CCI staff of an attack.
        """
        visitor = self.visitor
        if not self.is_counted:
            fill(visitor.by_network, leak=settings.WRONG_CODES_PER_SECOND, memory=MEMORY)
        if visitor.own and not is_typing_error:
            count({visitor.own: MEMORY})
        found = tallies(visitor.by_network, visitor.own)
        own = found.get(visitor.own)
        is_relentless = own and wait_after(own.number).total_seconds() >= settings.CODE_LONGEST_WAIT
        if is_relentless or _is_full(found.get(visitor.by_network)):
            _notify(visitor, max(tally.number for tally in found.values()))


def admit(visitor: Visitor) -> Attempt:
    """Let a code be looked up. Raises TooMany. One query, as long as its network is calm.

    A network that sent very many wrong codes lets those who typed none go on as before where
    they are signed in; every other browser waits for seconds, once.
    """
    found = tallies(visitor.own, visitor.by_network)
    own = found.get(visitor.own)
    now = timezone.now()
    if own and (wait := own.last_at + wait_after(own.number) - now) > timedelta():
        raise TooMany(_("Too many wrong codes. Compare the code with what you were given."), wait)
    level = level_of(found.get(visitor.by_network), leak=settings.WRONG_CODES_PER_SECOND)
    # Counted first from half on, so that many at once can't pass the limit.
    if level < settings.WRONG_CODES_PER_NETWORK / 2 or (visitor.account and not own):
        return Attempt(visitor)
    seen = max(filter(None, (visitor.browser_since, own and own.last_at)), default=now)
    wait = seen + timedelta(seconds=settings.NETWORK_DELAY) - now
    if level >= settings.WRONG_CODES_PER_NETWORK and wait > timedelta():
        raise TooMany(_busy_network(), wait)
    if not fill(
        visitor.by_network,
        leak=settings.WRONG_CODES_PER_SECOND,
        memory=MEMORY,
        capacity=settings.WRONG_CODES_PER_NETWORK,
    ):
        raise TooMany(_busy_network(), _NEXT_TRY)
    return Attempt(visitor, is_counted=True)


def _busy_network() -> str:
    return _(
        "Many wrong codes came from your network. Schools often share one network address, so "
        "others may have caused this. Your code was not checked yet."
    )


def _is_full(tally: Tally | None) -> bool:
    level = level_of(tally, leak=settings.WRONG_CODES_PER_SECOND)
    return level >= settings.WRONG_CODES_PER_NETWORK


def _notify(visitor: Visitor, number: int) -> None:
    now = timezone.now()
    # Forgotten rows were dropped just now: whoever can make this one is the first in an hour.
    _told, is_first = Tally.objects.get_or_create(
        key=NOTIFIED, defaults={"number": 1, "last_at": now, "forget_at": now + NOTIFIED_EVERY}
    )
    if is_first:
        notify_attack.enqueue(visitor.address, visitor.account, number, now.isoformat())


@task()
def notify_attack(address: str, account: int | None, number: int, at: str) -> None:
    """Notify CCI staff that somebody tries codes, and from where."""
    context = {
        "address": address,
        "account": User.objects.filter(pk=account).first(),
        "number": number,
    }
    post_to(
        administrators_of(Organization.objects.vendor()),
        kind="guessing",
        event=f"guessing:{at}",
        template="accounts/emails/guessing",
        context=context,
    )


def _limits() -> dict[str, int]:
    """From which number on a count can hold somebody up, by how its key begins.

    The first beginning that fits is the key's.
    """
    return {
        "codes of network ": settings.WRONG_CODES_PER_NETWORK,
        "codes of ": max(1, settings.WRONG_CODES_FREE),
        "passwords of network ": settings.WRONG_PASSWORDS_PER_ADDRESS,
        "passwords of browser ": settings.WRONG_PASSWORDS_PER_ADDRESS,
        "passwords of ": settings.WRONG_PASSWORDS_PER_NAME,
        "accounts of network ": settings.ACCOUNTS_PER_HOUR,
    }


def blocks() -> dict[str, datetime]:
    """Whom throttling holds up now, and until when: by key of `Tally`, at most `_MOST_BLOCKS`."""
    whens = [
        When(key__startswith=beginning, then=Value(number))
        for beginning, number in _limits().items()
    ]
    # Of a key of another kind the limit is null, and so no number reaches it.
    reached = Q(number__gte=Case(*whens, output_field=BigIntegerField()))
    counts = Tally.objects.filter(reached, forget_at__gt=timezone.now())
    held: dict[str, datetime] = {}
    for tally in counts.order_by("-last_at")[:_MOST_BLOCKS]:
        if until := ends_of(tally):
            held[tally.key] = until
    return held


def ends_of(tally: Tally) -> datetime | None:
    """Until when a count holds somebody up; None where it holds up nobody."""
    until = _until(tally)
    return until if until is not None and until > timezone.now() else None


def _until(tally: Tally) -> datetime | None:
    limits = _limits().items()
    most = next((number for start, number in limits if tally.key.startswith(start)), None)
    if most is None or tally.number < most:
        return None
    if not tally.key.startswith("codes of "):
        return tally.forget_at
    if not tally.key.startswith("codes of network "):
        return tally.last_at + wait_after(tally.number)
    too_many = tally.number - settings.WRONG_CODES_PER_NETWORK + 1
    leak = settings.WRONG_CODES_PER_SECOND
    return tally.last_at + timedelta(seconds=too_many / leak) if leak else tally.forget_at


def longest_wait() -> timedelta:
    """The longest that anybody has to wait before a code is looked up."""
    return timedelta(seconds=max(settings.CODE_LONGEST_WAIT, settings.NETWORK_DELAY))


def tallies(*keys: str) -> dict[str, Tally]:
    """What was counted for these keys and isn't forgotten yet: one query."""
    return Tally.objects.filter(forget_at__gt=timezone.now()).in_bulk(keys)


def count(keys: Mapping[str, timedelta], number: int = 1) -> None:
    """Count one (or `number`) more for each key; drop what is forgotten.

    A key is forgotten so long after it was first counted.

    One statement, exact whatever happens at once, and always in the same order, so that two
    never wait for each other.
    """
    now = _dropped()
    rows: list[tuple[object, ...]] = [
        (key, number, now, now + memory, now) for key, memory in sorted(keys.items())
    ]
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Tally._meta.db_table} AS tally (key, number, last_at, forget_at, since)"
            f" VALUES {values} ON CONFLICT (key) DO UPDATE"
            " SET number = tally.number + EXCLUDED.number, last_at = EXCLUDED.last_at",
            [value for row in rows for value in row],
        )


def fill(
    key: str, *, leak: int, memory: timedelta, capacity: int | None = None, slides: bool = True
) -> bool:
    """Add one to a bucket that loses `leak` a second; False, and nothing, where it is full.

    One statement, exact whatever happens at once. Without `capacity` it takes any number. It is
    forgotten so long after its last change or, unless it `slides`, after its first.
    """
    now = _dropped()
    table = Tally._meta.db_table
    level = (
        "GREATEST(0, tally.number - FLOOR(%s * GREATEST(0,"
        " EXTRACT(EPOCH FROM EXCLUDED.last_at - tally.last_at))))"
    )
    statement = (
        f"INSERT INTO {table} AS tally (key, number, last_at, forget_at, since)"
        f" VALUES (%s, 1, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET number = {level} + 1,"
        " last_at = EXCLUDED.last_at"
    )
    if slides:
        statement += ", forget_at = EXCLUDED.forget_at"
    values: list[object] = [key, now, now + memory, now, leak]
    if capacity is not None:
        statement += f" WHERE {level} < %s"
        values += [leak, capacity]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount == 1


def take_back(key: str) -> None:
    """Undo one `fill`."""
    Tally.objects.filter(key=key, number__gt=0).update(number=F("number") - 1)


def level_of(tally: Tally | None, *, leak: int) -> int:
    """How full a bucket is now."""
    if tally is None:
        return 0
    passed = max(0.0, (timezone.now() - tally.last_at).total_seconds())
    return max(0, tally.number - int(leak * passed))


def _dropped() -> datetime:
    """Drop what is forgotten; return the time of now."""
    now = timezone.now()
    Tally.objects.filter(forget_at__lte=now).delete()
    return now
