"""The orders of a large inventory: school years, stocks of suppliers, requests and renewals."""

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random
from typing import Any

from jasper_inventory.accounts.models import Level
from jasper_inventory.demo.large.tree import Node, Tree
from licenses.models import InventoryType, Outcome

CODES, CENTER = InventoryType.USER_ACTIVATION_CODES.value, InventoryType.CENTER_LICENSE.value
YEAR = 365
# School years by their distance from the one that ends today, with their parts of all orders. The
# orders of the year to come are scheduled.
YEARS = {-3: 0.12, -2: 0.20, -1: 0.27, 0: 0.33, 1: 0.08}
FAMILIES, MIXES = 3, 6
CENTER_ORDERS = 50
USERS_PER_CODE = 30
DURATIONS = (90, 180, YEAR)
# The parts of orders that are requests for new licenses and weren't approved. Pending ones are only
# of the last year.
UNSUCCESSFUL = {Outcome.REJECTED: 0.015, Outcome.WITHDRAWN: 0.01, Outcome.PENDING: 0.05}


@dataclass(slots=True, eq=False)
class Line:
    """An order. Days are ordinals; the keys of its people and codes are consecutive."""

    pk: int
    holder: Node
    kind: str
    outcome: str
    created: int
    start: int = 0
    finish: int = 0
    family: int = 0
    mix: int = 0
    users_per_code: int = 0
    duration: int = 0
    is_stock: bool = False
    # Requested by its holder, or by its supplier in its place.
    is_requested: bool = False
    is_by_proxy: bool = False
    forwarded_as: "Line | None" = None
    parent: "Line | None" = None
    renewal_of: "Line | None" = None
    # Whether a renewal has the same teacher code, and the people of the order that it renews.
    keeps_code: bool = False
    is_renewed: bool = False
    is_inactive: bool = False
    is_suspended: bool = False
    is_paused: bool = False
    suspended_ancestors: int = 0
    # Students of a Center License (None: unlimited), or codes.
    size: int | None = None
    reclaimed: int = 0
    enrolled: int = 0
    allocated: int = 0
    codes_created: int = 0
    # The first student, and how many ever joined.
    first_student: int = 0
    students: int = 0
    teachers: range = range(0)
    first_enrollment: int = 0
    first_code: int = 0
    teacher_code: int = 0
    first_group_key: int = 0

    @property
    def is_codes(self) -> bool:
        return self.kind == CODES

    @property
    def is_approved(self) -> bool:
        return self.outcome == Outcome.APPROVED

    @property
    def supplier(self) -> Node:
        assert self.holder.supplier is not None  # the vendor holds no orders
        return self.holder.supplier

    @property
    def code_of(self) -> "Line":
        """The order that had the teacher code first."""
        line = self
        while line.keeps_code and line.renewal_of is not None:
            line = line.renewal_of
        return line


class Orders:
    """Plans orders, the oldest first."""

    def __init__(self, random: Random, tree: Tree, number: int, first_pk: int, today: date):
        self.random, self.tree = random, tree
        self.number, self.first_pk = number, first_pk
        self.today = today.toordinal()
        self.lines: list[Line] = []
        self._stocks: dict[tuple[Any, ...], Line] = {}
        # A year's orders that can be renewed in the next, by holder.
        self._renewable: dict[int, list[Line]] = {}

    def plan(self) -> list[Line]:
        """Return the orders, without their people and codes."""
        weights = list(accumulate(node.weight for node in self.tree.nodes))
        until = 0.0
        for year, share in YEARS.items():
            until += share
            last = self.number if year == max(YEARS) else round(self.number * until)
            before, self._renewable = self._renewable, {}
            self._of_center(year, before, min(round(CENTER_ORDERS * share), last // 10))
            if year == 0:
                self._of_campus()
            while len(self.lines) < last:
                holder = self.random.choices(self.tree.nodes, cum_weights=weights)[0]
                self._add(holder, year, before)
        return self.lines

    def _of_center(self, year: int, before: dict[int, list[Line]], number: int) -> None:
        """Give the center this number of orders, beside the stocks that they are allocated from."""
        first, held = len(self.lines), 0
        while held < number and self._has_room():
            self._add(self.tree.center, year, before)
            held = sum(line.holder is self.tree.center for line in self.lines[first:])

    def _of_campus(self) -> None:
        """Add the site license that 5,000 students are on."""
        line = self._new(self.tree.campus, CENTER, Outcome.APPROVED, self.today - 200)
        line.start, line.finish = self.today - 200, self.today + 164

    def _new(self, holder: Node, kind: str, outcome: str, created: int) -> Line:
        pk = self.first_pk + len(self.lines)
        line = Line(pk, holder, kind, outcome, min(created, self.today - 1))
        self.lines.append(line)
        return line

    def _add(self, holder: Node, year: int, before: dict[int, list[Line]]) -> None:
        drawn = self.random.random()
        for outcome, share in UNSUCCESSFUL.items():
            drawn -= share
            if drawn < 0 and (year == 0 or outcome != Outcome.PENDING):
                self._request(holder, year, outcome)
                return
        old = before.get(holder.pk)
        if old and self.random.random() < 0.27:
            self._renew(old.pop(self.random.randrange(len(old))), year)
        else:
            self._assign(holder, year)

    def _request(self, holder: Node, year: int, outcome: str) -> None:
        """Add a request for a new license that wasn't approved, sometimes forwarded."""
        random = self.random
        created = self.today - random.randrange(60)
        if outcome != Outcome.PENDING:
            created = self._day(min(year, 0))
        line = self._new(holder, random.choice((CODES, CENTER)), outcome, created)
        self._terms_of_codes(line)
        line.is_requested, line.size = True, random.randrange(5, 120)
        line.is_by_proxy = random.random() < 0.05 and line.supplier.level != Level.VENDOR
        is_forwarded = outcome == Outcome.PENDING and random.random() < 0.15
        if is_forwarded and line.supplier.level != Level.VENDOR and self._has_room():
            forwarded = self._new(line.supplier, line.kind, outcome, created)
            forwarded.family, forwarded.mix = line.family, line.mix
            forwarded.users_per_code, forwarded.size = line.users_per_code, line.size
            forwarded.is_requested, line.forwarded_as = True, forwarded

    def _has_room(self) -> bool:
        return len(self.lines) < self.number

    def _day(self, year: int) -> int:
        if year > 0:
            return self.today + 1 + self.random.randrange(150)
        return self.today + 1 + YEAR * (year - 1) + self.random.randrange(YEAR)

    def _terms_of_codes(self, line: Line) -> None:
        random = self.random
        line.family, line.mix = random.randrange(FAMILIES), max(random.randrange(-4, MIXES), 0)
        if line.is_codes:
            line.users_per_code = USERS_PER_CODE if random.random() < 0.1 else 1
            line.duration = random.choice(DURATIONS)

    def _assign(self, holder: Node, year: int) -> None:
        random, start = self.random, self._day(year)
        kind = random.choice((CODES, CENTER))
        is_limited = kind == CODES or random.random() < 0.85
        terms = Line(0, holder, kind, Outcome.APPROVED, min(start, self.today - 1), start)
        self._terms_of_codes(terms)
        terms.finish = start + YEAR - 1
        terms.size = 0 if is_limited else None
        terms.is_requested = random.random() < 0.5
        terms.is_by_proxy = terms.is_requested and random.random() < 0.05
        terms.is_by_proxy = terms.is_by_proxy and terms.supplier.level != Level.VENDOR
        self._take(terms, year)

    def _renew(self, old: Line, year: int) -> None:
        start = old.finish + 1
        if start > self.today + 200:
            return
        created = old.finish - self.random.randrange(60)
        line = Line(0, old.holder, old.kind, Outcome.APPROVED, min(created, self.today - 1), start)
        line.finish = start + YEAR - 1
        line.family, line.mix, line.size = old.family, old.mix, old.size
        line.users_per_code, line.duration = old.users_per_code, old.duration
        line.is_requested, line.renewal_of, old.is_renewed = True, old, True
        line.keeps_code = self.random.random() < 0.5
        self._take(line, year)

    def _take(self, line: Line, year: int) -> None:
        """Add an approved order, unless its stocks were the last ones; some are stopped."""
        if line.size is not None and year <= 0 and self.random.random() < 0.6:
            line.parent = self._stock(line.supplier, year, line)
        if not self._has_room():
            return
        line.pk = self.first_pk + len(self.lines)
        self.lines.append(line)
        drawn = self.random.random()
        if line.start < self.today:
            line.is_suspended = drawn < 0.015
            line.is_inactive = 0.015 <= drawn < 0.04
            line.is_paused = 0.04 <= drawn < 0.045
        line.suspended_ancestors = suspensions(line.parent)
        if not line.is_suspended and not line.suspended_ancestors:
            self._renewable.setdefault(line.holder.pk, []).append(line)

    def _stock(self, holder: Node, year: int, like: Line) -> Line | None:
        """Return the order that a supplier allocates from in this year; add it when needed."""
        if holder.level == Level.VENDOR:
            return None
        key = (holder.pk, year, like.kind, like.family, like.users_per_code)
        if key in self._stocks:
            return self._stocks[key]
        assert holder.supplier is not None  # only the vendor has none
        parent = self._stock(holder.supplier, year, like)
        if not self._has_room():
            return parent if parent and parent.holder is like.supplier else None
        start = self.today + 1 + YEAR * (year - 1)
        stock = self._new(holder, like.kind, Outcome.APPROVED, start)
        stock.start, stock.finish = start, start + 2 * YEAR - 2
        stock.family, stock.users_per_code = like.family, like.users_per_code
        stock.duration = YEAR if stock.is_codes else 0
        stock.is_stock, stock.size, stock.parent = True, 0, parent
        stock.suspended_ancestors = suspensions(parent)
        stock.is_suspended = self.random.random() < 0.01
        self._stocks[key] = stock
        return stock


def suspensions(parent: Line | None) -> int:
    """Return how many of the orders above a parent's child are suspended."""
    return parent.suspended_ancestors + parent.is_suspended if parent else 0
