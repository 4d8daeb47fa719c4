"""License Distribution: the seats of an organization and its sub-organizations, by branch.

docs/suppliers.md explains the numbers. An order's seats are allocated, in use, or free. Sums over a
branch leave out allocated seats, because they count on the order that received them. Unlimited
licenses have no seats to sum and are counted separately.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from django import forms
from django.db import connections, transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, Q, When
from django.db.models.expressions import Combinable
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Organization
from jasper_inventory.accounts.models.organizations import NAME_LENGTH, OrganizationQuerySet
from jasper_inventory.inventory.filters import ENDING_CHOICES
from jasper_inventory.lib.forms import TextField, field_of
from jasper_inventory.lib.text_fields import has
from licenses.models import InventoryType, Order
from licenses.models.branches import child_above_holder
from licenses.models.order_status import NOT_IN_USE
from licenses.product_mix import Mix, MixField, of_mix

ENDING = [int(days) for days in ENDING_CHOICES]


# The columns of the page's table, as in `distribution_lines`.
SORTS = (
    *("own_received", "own_allocated", "own_used", "own_free", "used", "free", "unlimited"),
    *(f"ending_{days}" for days in ENDING),
)
SORT_CHOICES = [(f"{sign}{name}", name) for name in ("name", *SORTS) for sign in ("", "-")]
ONLY_CHOICES = [("seats", _("Only with licenses"))]
BY_CHOICES = [("mix", _("Product Mix"))]
# Each level that is opened is summed apart.
MOST_OPEN = 5


class DistributionForm(forms.Form):
    """The organization to show, and optionally one inventory type and one product mix.

    Its seats are listed by direct sub-organization, or by product mix.
    """

    at = forms.ModelChoiceField(Organization.objects.none(), required=False)
    type = forms.ChoiceField(choices=InventoryType.choices, required=False)
    mix = MixField(required=False)
    by = forms.ChoiceField(choices=BY_CHOICES, required=False)
    # Of the direct sub-organizations: part of the name, whether they must have licenses, the order.
    name = TextField(label=_("Name"), required=False, max_length=NAME_LENGTH)
    only = forms.ChoiceField(choices=ONLY_CHOICES, required=False)
    sort = forms.ChoiceField(choices=SORT_CHOICES, required=False)

    def __init__(self, data: QueryDict, *, membership: Membership) -> None:
        super().__init__(data)
        self.own = membership.organization
        field_of(self, "at", forms.ModelChoiceField).queryset = Organization.objects.visible_to(
            membership
        )

    def clean_at(self) -> Organization:
        """Return the chosen organization, or the role's own by default."""
        return self.cleaned_data["at"] or self.own


# The sums of a line, by name.
Sums: TypeAlias = Counter[str]

# Reads the orders once and sums each of them twice. `ends` is the first of ENDING that includes the
# finish date. An organization's own orders are summed apart from those below it.
_SUMMED = """
    SELECT child, mix, coalesce(is_own, is_at), ends,
           count(*), count(seats), sum(seats)::bigint, sum(seats_available)::bigint,
           sum(seats_available) FILTER (WHERE is_resting)::bigint,
           sum(enrolled) FILTER (WHERE seats IS NOT NULL)::bigint,
           sum(enrolled) FILTER (WHERE seats IS NULL)::bigint
    FROM ({orders}) AS counted
    GROUP BY GROUPING SETS ((child, is_own, ends), (mix, is_at, ends))
"""
# There are few groups. PostgreSQL expects one for nearly every order, and would sort all orders to
# stay within its usual memory.
_MEMORY = "SET LOCAL work_mem = '256MB'"


@dataclass(frozen=True, slots=True)
class _Group:
    """Orders of one branch or product mix that are summed together, and their sums."""

    # One of the two.
    child: int | None
    mix: str | None
    is_own: bool
    ends: int | None
    orders: int
    limited: int
    received: int | None
    free: int | None
    resting: int | None
    used: int | None
    unlimited_used: int | None

    def sums(self) -> Iterator[tuple[str, int]]:
        """Yield the group's part of the sums of its line, by name."""
        free, used = self.free or 0, self.used or 0
        unlimited = self.orders - self.limited
        yield from (("orders", self.orders), ("used", used), ("free", free))
        yield from (("resting", self.resting or 0), ("unlimited", unlimited))
        yield "unlimited_used", self.unlimited_used or 0
        if self.is_own:
            received = self.received or 0
            yield from (("own_orders", self.orders), ("own_received", received))
            # Seats that are neither in use nor free are allocated.
            yield from (("own_allocated", received - used - free), ("own_used", used))
            yield from (("own_free", free), ("own_unlimited", unlimited))
        for days in ENDING:
            if self.ends is not None and self.ends <= days:
                yield f"ending_{days}", used + free
                yield f"ending_{days}_orders", self.orders
                yield f"ending_{days}_unlimited", unlimited


class Where:
    """The seats of a branch, as a role sees them on a day."""

    def __init__(
        self,
        membership: Membership,
        *,
        at: Organization,
        today: date,
        inventory_type: str = "",
        mix: Mix | None = None,
    ) -> None:
        self.membership, self.at, self.today = membership, at, today
        # As in URLs.
        chosen = {"type": inventory_type, "mix": mix.key if mix else ""}
        self.filters = {name: value for name, value in chosen.items() if value}
        orders = Order.objects.visible_to(membership).in_scope_of(at).not_ended(today)
        if inventory_type:
            orders = orders.filter(inventory_type=inventory_type)
        self._orders = of_mix(orders, mix) if mix else orders

    def path_to_it(self) -> OrganizationQuerySet:
        """Return the organizations from the role's own down to the one shown."""
        path, step = self.at.path, Organization.steplen
        above = [path[:end] for end in range(step, len(path) + 1, step)]
        return Organization.objects.visible_to(self.membership).filter(path__in=above)

    def children(self, name: str = "") -> OrganizationQuerySet:
        """Return the direct sub-organizations by name, or those with this part in their name."""
        below = Organization.objects.visible_to(self.membership).in_scope_of(self.at)
        children = below.filter(depth=self.at.depth + 1).order_by("folded", "pk")
        return children.filter(has("folded", name)) if name else children

    def sorted_children(self, chosen: dict[str, Any]) -> OrganizationQuerySet | list[int]:
        """Return the direct sub-organizations as chosen, or their keys if their sums decide."""
        children, sort = self.children(chosen["name"]), chosen["sort"]
        column, descending = sort.lstrip("-"), sort.startswith("-")
        if column in ("", "name") and not chosen["only"]:
            return children.order_by("-folded", "-pk") if descending else children
        branches, _mixes = self._summed
        keys = list(children.values_list("pk", flat=True))
        if chosen["only"]:
            keys = [key for key in keys if key in branches]
        if column in SORTS:
            sign = -1 if descending else 1
            # Equal ones stay sorted by name.
            keys.sort(key=lambda key: sign * branches[key][column] if key in branches else 0)
        elif descending:
            keys.reverse()
        return keys

    def by_organization(self, children: Sequence[Organization]) -> tuple[Sums, list[Sums]]:
        """Return the sums of the organization and of these children, with sub-organizations."""
        branches, mixes = self._summed
        whole: Sums = Counter()
        for sums in mixes.values():
            whole.update(sums)
        return whole, [branches.get(child.pk, Counter()) for child in children]

    def by_mix(self) -> dict[str, Sums]:
        """Return the sums including sub-organizations, by the product mix."""
        return self._summed[1]

    @cached_property
    def _summed(self) -> tuple[dict[int, Sums], dict[str, Sums]]:
        """The sums by the key of the child, or of the organization itself, and by product mix."""
        branches: dict[int, Sums] = {}
        mixes: dict[str, Sums] = {}
        for group in self._groups():
            if group.child is not None:
                line = branches.setdefault(group.child, Counter())
            else:
                assert group.mix is not None  # the database finds a mix for each order
                line = mixes.setdefault(group.mix, Counter())
            for name, number in group.sums():
                line[name] += number
        return branches, mixes

    def _groups(self) -> list[_Group]:
        child = child_above_holder(self.at)
        ends = [When(finish_date__lte=self.today + timedelta(days=n), then=n) for n in ENDING]
        facts = {
            "child": child,
            "is_own": _fact(Q(assigned_to=child)),
            "is_at": _fact(Q(assigned_to=self.at)),
            "ends": Case(*ends),
            "is_resting": _fact(Q(status__in=NOT_IN_USE)),
        }
        columns = ("mix", "seats", "seats_available", "enrolled")
        orders = self._orders.with_status(self.today).order_by().values(*columns, **facts)
        statement, values = orders.query.sql_with_params()
        in_transaction = transaction.atomic(using=orders.db, savepoint=False)
        with in_transaction, connections[orders.db].cursor() as cursor:
            cursor.execute(_MEMORY)
            cursor.execute(_SUMMED.format(orders=statement), values)
            return [_Group(*row) for row in cursor.fetchall()]


def _fact(condition: Q) -> Combinable:
    return ExpressionWrapper(condition, output_field=BooleanField())


def organizations(children: Iterable[Organization] | Iterable[int]) -> list[Organization]:
    """Return the organizations of `Where.sorted_children`, which may be only their keys."""
    rows: list[Organization | int] = [*children]
    keys = [child for child in rows if isinstance(child, int)]
    found = Organization.objects.in_bulk(keys) if keys else {}
    known = (found.get(child) if isinstance(child, int) else child for child in rows)
    # One that was deleted since is left out.
    return [child for child in known if child is not None]
