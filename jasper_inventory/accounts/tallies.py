"""Counting what happens too often, by keys such as an address, until it is forgotten."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone

from jasper_inventory.accounts.models import Tally


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
