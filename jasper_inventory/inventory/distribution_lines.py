"""The lines of License Distribution: each sum with a link to its orders.

A page has up to 26 lines of ten cells. They are texts, so that the template only fills them in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import quote, urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jasper_inventory.accounts.models import Organization
from jasper_inventory.accounts.organization_field import key_of
from jasper_inventory.inventory.distribution import MOST_OPEN, Sums, Where
from jasper_inventory.inventory.filters import ENDING_CHOICES
from licenses.product_mix import Catalogue, Mix


@dataclass(frozen=True)
class Column:
    """A column: its sum, its heading, and its label without the group heading."""

    name: str
    label: Promise
    full_label: Promise

    @property
    def descending(self) -> str:
        """The name of the order with the largest number first, in addresses."""
        return f"-{self.name}"


OWN = (
    Column("own_received", gettext_lazy("Received"), gettext_lazy("Organization only: received")),
    Column(
        "own_allocated", gettext_lazy("Allocated"), gettext_lazy("Organization only: allocated")
    ),
    Column("own_used", gettext_lazy("In use"), gettext_lazy("Organization only: in use")),
    Column("own_free", gettext_lazy("Free"), gettext_lazy("Organization only: free")),
)
BRANCH = (
    Column("used", gettext_lazy("In use"), gettext_lazy("Including sub-organizations: in use")),
    Column("free", gettext_lazy("Free"), gettext_lazy("Including sub-organizations: free")),
    Column(
        "unlimited",
        gettext_lazy("Unlimited"),
        gettext_lazy("Including sub-organizations: unlimited"),
    ),
)
ENDS = (
    Column("ending_30", gettext_lazy("30 days"), gettext_lazy("Ending within 30 days")),
    Column("ending_60", gettext_lazy("60 days"), gettext_lazy("Ending within 60 days")),
    Column("ending_90", gettext_lazy("90 days"), gettext_lazy("Ending within 90 days")),
)
# The search for the orders behind each of an organization's own sums.
SEARCHED = {
    "own_received": "counted",
    "own_allocated": "allocated",
    "own_used": "used",
    "own_free": "free",
}
# Shown below an organization that is open. Its own page lists all.
MOST_BELOW = 25
COLUMNS = {"own": OWN, "branch": BRANCH, "ends": ENDS}


class Part(TypedDict):
    """A number or a note, with a link to its orders."""

    text: str
    href: str


class Cell(TypedDict):
    """A number with the full label of its column, and the notes below it."""

    label: str
    number: Part
    notes: Sequence[Part]


class Shared:
    """What all lines of a page have in common: found once, because there are many."""

    def __init__(self, where: Where) -> None:
        self.orders, self.where = reverse("inventory:order_list"), reverse("inventory:where")
        # The end of all addresses: the filters that they keep.
        self.kept = f"&{urlencode(where.filters)}" if where.filters else ""
        columns = [*OWN, *BRANCH, *ENDS]
        self.labels = {column.name: str(column.full_label) for column in columns}


@dataclass
class Line:
    """A line of a table: an organization with its sub-organizations, or a product mix."""

    name: str | Mix
    seats: Sums
    at: int
    shared: Shared
    # Of a product mix, the end of addresses, which has the filter by this mix.
    kept: str = ""
    # The link of the line, which the line of the page's own organization doesn't have.
    href: str = ""
    level: str = ""
    # How far below the page's organization, and the link that opens it, or closes it if it is open.
    depth: int = 0
    toggle: str = ""
    is_open: bool = False
    bar: list["Segment"] = field(default_factory=list)

    def cells(self) -> Iterator[Cell]:
        """Yield the cells in the order of the columns."""
        for name, seats in SEARCHED.items():
            yield self._own(name, seats)
        yield self._cell("used", self._in_branch("used"))
        yield self._cell("free", self._in_branch("free"), *self._resting())
        yield self._cell("unlimited", self._in_branch("unlimited"), *self._unlimited_used())
        for days in ENDING_CHOICES:
            yield self._ending(f"ending_{days}", days)

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """The parts of the bar as (kind, label, number)."""
        resting = self.seats["resting"]
        return [
            ("used", _("In use"), number(self.seats["used"])),
            ("free", _("Free and usable today"), number(self.seats["free"] - resting)),
            ("resting", _("Free, but not usable today"), number(resting)),
        ]

    @property
    def bar_text(self) -> str:
        """The text alternative of the bar."""
        return "; ".join(f"{label}: {number}" for _kind, label, number in self.legend)

    @property
    def in_branch(self) -> int:
        """All seats that weren't allocated."""
        return self.seats["used"] + self.seats["free"]

    def _own(self, name: str, seats: str) -> Cell:
        # List orders without seats, too.
        is_there = self.seats["own_orders" if seats == "counted" else name]
        holder = quote(key_of(self.at))
        href = f"{self.shared.orders}?holder={holder}&seats={seats}{self.kept}" if is_there else ""
        counted = _part(self.seats[name], href)
        if seats == "counted" and self.seats["own_unlimited"]:
            return self._cell(name, counted, self._unlimited_note("own_unlimited"))
        return self._cell(name, counted)

    def _resting(self) -> Iterator[Part]:
        if self.seats["resting"]:
            text = _("%(number)s not usable today") % {"number": number(self.seats["resting"])}
            yield {"text": text, "href": self._orders("seats", "resting")}

    def _unlimited_used(self) -> Iterator[Part]:
        if self.seats["unlimited"]:
            used = number(self.seats["unlimited_used"])
            yield {"text": _("%(number)s in use") % {"number": used}, "href": ""}

    def _ending(self, name: str, days: str) -> Cell:
        orders = self.seats[f"{name}_orders"]
        if not orders:
            return self._cell(name, _part(0))
        text = ngettext("%(number)s order", "%(number)s orders", orders)
        notes: list[Part] = [{"text": text % {"number": number(orders)}, "href": ""}]
        if self.seats[f"{name}_unlimited"]:
            notes.append(self._unlimited_note(f"{name}_unlimited"))
        return self._cell(name, _part(self.seats[name], self._orders("ending", days)), *notes)

    def _unlimited_note(self, name: str) -> Part:
        text = _("%(number)s unlimited") % {"number": number(self.seats[name])}
        return {"text": text, "href": ""}

    def _in_branch(self, name: str) -> Part:
        counted = self.seats[name]
        return _part(counted, self._orders("seats", name) if counted else "")

    def _cell(self, name: str, counted: Part, *notes: Part) -> Cell:
        return {"label": self.shared.labels[name], "number": counted, "notes": notes}

    def _orders(self, name: str, value: str) -> str:
        """Return the address of the branch's orders."""
        return f"{self.shared.orders}?below={self.at}&{name}={value}{self.kept}"


def _part(counted: int, href: str = "") -> Part:
    return {"text": number(counted), "href": href}


@dataclass(frozen=True)
class Segment:
    """A part of a bar, with its start and width in percent."""

    kind: str
    start: str
    width: str


def by_organization(
    where: Where, children: Sequence[Organization], opened: Mapping[int, Where], query: str
) -> tuple[Line, list[Line]]:
    """Return the line of the organization shown, and the lines of these children.

    Those of the `opened` ones follow them. `query` is that of the page, without what is open.
    """
    whole, branches = where.by_organization(children)
    shared = Shared(where)
    toggles = _Toggles(query, opened)
    lines = list(_lines(where, zip(children, branches, strict=True), shared, toggles))
    line = Line(where.at.name, whole, where.at.pk, shared, shared.kept)
    line.level = where.at.get_level_display()
    _draw([line])
    _draw(lines)
    return line, lines


class _Toggles:
    """The links that open and close organizations."""

    def __init__(self, query: str, opened: Mapping[int, Where]) -> None:
        self.opened = opened
        self._query = query

    def link(self, pk: int) -> str:
        """Return the address of the page with this organization open, or closed if it is open."""
        keys = [key for key in self.opened if key != pk]
        if pk not in self.opened:
            keys = [*keys[-(MOST_OPEN - 1) :], pk]
        parts = [self._query] if self._query else []
        return "?" + "&".join(parts + [f"open={key}" for key in keys])


def _lines(
    where: Where,
    children: Iterable[tuple[Organization, Sums]],
    shared: Shared,
    toggles: _Toggles,
    depth: int = 0,
) -> Iterator[Line]:
    for child, seats in children:
        yield Line(
            name=child.name,
            seats=seats,
            at=child.pk,
            shared=shared,
            kept=shared.kept,
            href=f"{shared.where}?at={child.pk}{shared.kept}",
            level=child.get_level_display(),
            depth=depth,
            toggle=toggles.link(child.pk) if child.numchild else "",
            is_open=child.pk in toggles.opened,
        )
        if inner := toggles.opened.get(child.pk):
            below = list(inner.children()[:MOST_BELOW])
            _whole, sums = inner.by_organization(below)
            yield from _lines(
                inner, zip(below, sums, strict=True), shared, toggles, depth=depth + 1
            )


def by_mix(where: Where) -> list[Line]:
    """Return the lines of a branch's product mixes, those with the most seats first."""
    catalogue, shared = Catalogue(), Shared(where)
    lines = []
    for key, seats in where.by_mix().items():
        mix = catalogue.mix(key)
        assert mix is not None  # the products of orders exist
        kept = f"{shared.kept}&mix={mix.key}"
        href = f"{shared.where}?at={where.at.pk}{kept}"
        lines.append(Line(mix, seats, where.at.pk, shared, kept, href))
    _draw(lines)
    return sorted(lines, key=lambda line: (-line.in_branch, str(line.name)))


def _draw(lines: Sequence[Line]) -> None:
    """Give each line its bar, relative to the line with the most seats."""
    most = max((line.in_branch for line in lines), default=0)
    for line in lines:
        resting, start = line.seats["resting"], 0
        parts = {"used": line.seats["used"], "free": line.seats["free"] - resting}
        for kind, seats in (parts | {"resting": resting}).items():
            if seats:
                line.bar.append(Segment(kind, _percent(start, most), _percent(seats, most)))
            start += seats


def _percent(seats: int, most: int) -> str:
    return f"{100 * seats / most:.2f}%"


def number(value: int) -> str:
    """Return a number with thousands separators."""
    return str(value) if value < 1_000 else number_format(value, force_grouping=True)
