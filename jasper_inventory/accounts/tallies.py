"""Counting what happens too often, by keys such as an address, until it is forgotten."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
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
    now = timezone.now()
    Tally.objects.filter(forget_at__lte=now).delete()
    rows: list[tuple[str, int, datetime, datetime]] = [
        (key, number, now, now + memory) for key, memory in sorted(keys.items())
    ]
    values = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Tally._meta.db_table} AS tally (key, number, last_at, forget_at)"
            f" VALUES {values} ON CONFLICT (key) DO UPDATE"
            " SET number = tally.number + EXCLUDED.number, last_at = EXCLUDED.last_at",
            [value for row in rows for value in row],
        )
