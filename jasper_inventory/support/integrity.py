"""Recounts of counters and copies: columns that follow from other rows, compared with those rows.

`jasper_inventory/support/checks.py` lists them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import IntegrityError, connection, transaction

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.replica import streams_replica_now
from jasper_inventory.lib.streams import streamed
from jasper_inventory.support.checks import CHECKS, Check

COLUMNS = ("order_number", "counter", "stored", "counted", "repaired")

# A single statement sees all tables at the same moment.
_DIFFERENCES = " UNION ALL ".join(check.sql(at) for at, check in enumerate(CHECKS))
_SORTED = f"""
    SELECT * FROM ({_DIFFERENCES}) AS found (at, row_id, number, name, stored, counted)
    ORDER BY number, at, row_id, name
"""


@dataclass
class Difference:
    """A counter or copy that differs from the rows that it follows from."""

    check: Check
    row_id: int
    # None if the row belongs to no order.
    order_number: int | None
    name: str
    stored: Any
    counted: Any
    repaired: bool = False

    @property
    def counter(self) -> str:
        """The column, with the row that it is in, unless that is the order or one of its codes."""
        if not self.check.names_row:
            return self.name
        return f"{self.check.model._meta.verbose_name} {self.row_id}: {self.name}"


def differences() -> list[Difference]:
    """Return every counter and copy that differs from its rows."""
    return [*each_difference()]


@streams_replica_now
def each_difference() -> Iterator[Difference]:
    """Yield every counter and copy that differs from its rows, a few at a time."""
    for at, row_id, number, name, stored, counted in streamed(_SORTED):
        check = CHECKS[at]
        hidden = name in check.private
        stored = "a name" if hidden else json.loads(stored)
        counted = "another name" if hidden else json.loads(counted)
        yield Difference(check, row_id, number, name, stored, counted)


def repair(*, by: User) -> list[Difference]:
    """Set the counters and copies to what their rows say, and return those that differed.

    A counter that would break a constraint (more people than seats) is left as it is and not
    marked `repaired`, because a person must choose who loses a seat. Other writes wait.
    """
    require_cci_staff(by)
    with audited("inventory.repaired", by=by) as act:
        with connection.cursor() as cursor:
            # This mode also waits for transactions that have locked an order to change it.
            cursor.execute(
                "LOCK TABLE accounts_organization, licenses_order, activation_codes_activationcode"
                " IN EXCLUSIVE MODE"
            )
        found = differences()
        for (check, pk), wrong in groupby(found, lambda each: (each.check, each.row_id)):
            _set(check, pk, [*wrong])
        act.changes(None, {"values": len(found)})
        if not found:
            act.leave_out()
    return found


def _set(check: Check, pk: int, wrong: list[Difference]) -> None:
    try:
        with transaction.atomic():
            check.repair(pk, {each.name: each.counted for each in wrong})
    except IntegrityError:
        return
    for each in wrong:
        each.repaired = True
