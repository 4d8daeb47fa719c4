"""Throttling of typed codes: browsers and accounts wait after wrong codes, networks rarely do.

Existing codes never count, whatever their state, nor do typing errors that the check character
shows. A network, which a school may share, never waits longer than a few seconds.
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
# The wait for the next free attempt of a full network.
_NEXT_TRY = timedelta(seconds=2)
# More doublings exceed every setting, and the number must not grow without limit.
_MOST_DOUBLINGS = 30
# The latest blocks that the list shows.
_MOST_BLOCKS = 2_000


class TooMany(DomainError):
    """A refusal to check a code, with a message that says how long to wait."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(f"{message} {try_again_in(wait)}", field="code")


def address_of(request: HttpRequest) -> str:
    """Return a request's IP address behind trusted proxies; for IPv6, its network."""
    return str(truncate_ip(get_adapter().get_client_ip(request)))


@dataclass(frozen=True)
class Visitor:
    """The network, browser and account from which a code was typed."""

    address: str
    # Empty if the request had no cookie.
    browser: str = ""
    browser_since: datetime | None = None
    account: int | None = None

    @property
    def by_network(self) -> str:
        return f"codes of network {self.address}"

    @property
    def own(self) -> str:
        """The key of the account, or of the browser, or "" for a browser without a cookie."""
        if self.account is not None:
            return f"codes of account {self.account}"
        return self.browser and f"codes of browser {self.browser}"


def visitor_of(request: HttpRequest) -> Visitor:
    """Return the visitor who sent a request."""
    browser = browser_of(request)
    key = "" if browser.is_new else browser.key
    return Visitor(address_of(request), key, browser.since, request.user.pk)


def wait_after(number: int) -> timedelta:
    """Return the wait after a number of wrong codes: none at first, then doubling."""
    free = settings.WRONG_CODES_FREE
    if number == 0 or number < free:
        return timedelta()
    doubled = settings.CODE_WAIT * 2 ** min(number - free, _MOST_DOUBLINGS)
    return timedelta(seconds=min(doubled, settings.CODE_LONGEST_WAIT))


@dataclass(frozen=True)
class Attempt:
    """An admitted attempt, whose result the caller reports afterwards."""

    visitor: Visitor
    # Whether it is already counted for the network.
    is_counted: bool = False

    def was_right(self) -> None:
        """Count nothing, because the code exists."""
        if self.is_counted:
            uncount(self.visitor.by_network)

    def was_wrong(self, *, is_typing_error: bool = False) -> None:
        """Count a code that doesn't exist, and notify CCI staff of an attack.

        A possible typing error counts only for the network, whose limit no school reaches.
        """
        visitor = self.visitor
        if not self.is_counted:
            fill(visitor.by_network, leak=settings.WRONG_CODES_PER_SECOND, memory=MEMORY)
        if visitor.own and not is_typing_error:
            count({visitor.own: MEMORY})
        found = counters(visitor.by_network, visitor.own)
        own = found.get(visitor.own)
        is_relentless = own and wait_after(own.number).total_seconds() >= settings.CODE_LONGEST_WAIT
        if is_relentless or _is_full(found.get(visitor.by_network)):
            _notify(visitor, max(tally.number for tally in found.values()))


def admit(visitor: Visitor) -> Attempt:
    """Admit an attempt or raise TooMany. It takes one query unless the network is busy.

    In a network that sent very many wrong codes, signed-in users without wrong codes aren't
    affected; every other browser waits once for a few seconds.
    """
    found = counters(visitor.own, visitor.by_network)
    own = found.get(visitor.own)
    now = timezone.now()
    if own and (wait := own.last_at + wait_after(own.number) - now) > timedelta():
        raise TooMany(_("Too many wrong codes. Check the code you were given."), wait)
    level = level_of(found.get(visitor.by_network), leak=settings.WRONG_CODES_PER_SECOND)
    # From half of the limit on, attempts are counted first, so that concurrent ones can't pass it.
    if level < settings.WRONG_CODES_PER_NETWORK / 2 or (visitor.account and not own):
        return Attempt(visitor)
    moments = [visitor.browser_since, own.last_at if own else None]
    seen = max((moment for moment in moments if moment), default=now)
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
    return bool(level >= settings.WRONG_CODES_PER_NETWORK)


def _notify(visitor: Visitor, number: int) -> None:
    now = timezone.now()
    # Expired rows were just deleted: if this row can be created, it is the first in an hour.
    _counter, is_first = Tally.objects.get_or_create(
        key=NOTIFIED, defaults={"number": 1, "last_at": now, "forget_at": now + NOTIFIED_EVERY}
    )
    if is_first:
        notify_attack.enqueue(visitor.address, visitor.account, number, now.isoformat())


@task()
def notify_attack(address: str, account: int | None, number: int, at: str) -> None:
    """Notify CCI staff that someone is guessing codes, and from where."""
    context = {
        "address": address,
        "account": User.objects.filter(pk=account).first(),
        "number": number,
    }
    post_to(
        administrators_of(Organization.objects.vendor()),
        kind="guessing",
        event=f"guessing:{at}",
        template="emails/accounts/wrong_codes.html",
        context=context,
    )


def _limits() -> dict[str, int]:
    """Return the numbers from which counters block, by the start of their keys.

    The first match counts.
    """
    return {
        "codes of network ": settings.WRONG_CODES_PER_NETWORK,
        "codes of ": max(1, settings.WRONG_CODES_FREE),
        "passwords of network ": settings.WRONG_PASSWORDS_PER_ADDRESS,
        "passwords of browser ": settings.WRONG_PASSWORDS_PER_ADDRESS,
        "passwords of ": settings.WRONG_PASSWORDS_PER_NAME,
        "factors of ": settings.WRONG_PASSWORDS_PER_NAME,
        "factors a day of ": settings.WRONG_FACTORS_PER_DAY,
        "accounts of network ": settings.ACCOUNTS_PER_HOUR,
    }


def blocks() -> dict[str, datetime]:
    """Return the ends of all current blocks, by counter key, at most `_MOST_BLOCKS`."""
    whens = [
        When(key__startswith=beginning, then=Value(number))
        for beginning, number in _limits().items()
    ]
    # Other keys have a null limit, which no number reaches.
    reached = Q(number__gte=Case(*whens, output_field=BigIntegerField()))
    counts = Tally.objects.filter(reached, forget_at__gt=timezone.now())
    held: dict[str, datetime] = {}
    for tally in counts.order_by("-last_at")[:_MOST_BLOCKS]:
        if until := ends_of(tally):
            held[tally.key] = until
    return held


def ends_of(tally: Tally) -> datetime | None:
    """Return the end of a counter's block, or None if it doesn't block."""
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
    """Return the longest possible wait before a code is checked."""
    return timedelta(seconds=max(settings.CODE_LONGEST_WAIT, settings.NETWORK_DELAY))


def counters(*keys: str) -> dict[str, Tally]:
    """Return the unexpired counters of these keys, in one query."""
    return Tally.objects.filter(forget_at__gt=timezone.now()).in_bulk(keys)


def count(keys: Mapping[str, timedelta], number: int = 1) -> None:
    """Increase the counter of each key by `number`, and delete expired counters.

    The values of `keys` are the counters' lifetimes. One statement in sorted order is exact under
    concurrency and avoids deadlocks.
    """
    now = _drop_expired()
    rows: list[tuple[str | int | datetime, ...]] = [
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
    """Add one to a bucket that loses `leak` per second, or return False if it is full.

    Without `capacity` the bucket is never full. It expires after `memory` since its last change,
    or since its first one without `slides`. One statement is exact under concurrency.
    """
    now = _drop_expired()
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
    values: list[str | int | datetime] = [key, now, now + memory, now, leak]
    if capacity is not None:
        statement += f" WHERE {level} < %s"
        values += [leak, capacity]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount == 1)


def uncount(key: str) -> None:
    """Undo one `fill`."""
    Tally.objects.filter(key=key, number__gt=0).update(number=F("number") - 1)


def level_of(tally: Tally | None, *, leak: int) -> int:
    """Return the current level of a bucket."""
    if tally is None:
        return 0
    passed = max(0.0, (timezone.now() - tally.last_at).total_seconds())
    return max(0, tally.number - int(leak * passed))


def _drop_expired() -> datetime:
    """Delete expired counters and return the current time."""
    now = timezone.now()
    Tally.objects.filter(forget_at__lte=now).delete()
    return now
