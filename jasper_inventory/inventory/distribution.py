"""License Distribution: the seats of an organization and its sub-organizations, by branch.

docs/suppliers.md explains the numbers. An order's seats are allocated, in use, or free. Sums over a
branch leave out allocated seats, because they count on the order that received them. Unlimited
licenses have no seats to sum and are counted separately.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from django import forms
from django.db.models import Aggregate, Case, Count, F, Q, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Left
from django.http import QueryDict

from jasper_inventory.accounts.models import Membership, Organization
from jasper_inventory.accounts.models.organizations import OrganizationQuerySet
from jasper_inventory.inventory.filters import ENDING_CHOICES
from jasper_inventory.lib.forms import field_of
from licenses.models import InventoryType, Order
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.order_status import NOT_IN_USE
from licenses.product_mix import MIX, Mix, MixField, of_mix

ENDING = [int(days) for days in ENDING_CHOICES]


class DistributionForm(forms.Form):
    """The organization to show, and optionally one inventory type and one product mix."""

    at = forms.ModelChoiceField(Organization.objects.none(), required=False)
    type = forms.ChoiceField(choices=InventoryType.choices, required=False)
    mix = MixField(required=False)

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


def _sums(today: date, *, own: Q) -> dict[str, Aggregate]:
    """Return the sums of a line by name, of its own orders (`own`) and of its branch.

    SQL leaves out orders without a number of seats, such as unlimited licenses.
    """
    limited, unlimited = Q(seats__isnull=False), Q(seats=None)
    allocated = F("seats_taken") - F("enrolled")
    sums: dict[str, Aggregate] = {
        "orders": Count("pk"),
        "used": Sum("enrolled", filter=limited),
        "free": Sum("seats_available"),
        "resting": Sum("seats_available", filter=Q(status__in=NOT_IN_USE)),
        "unlimited": Count("pk", filter=unlimited),
        "unlimited_used": Sum("enrolled", filter=unlimited),
        "own_orders": Count("pk", filter=own),
        "own_received": Sum("seats", filter=own),
        "own_allocated": Sum(allocated, filter=own & limited),
        "own_used": Sum("enrolled", filter=own & limited),
        "own_free": Sum("seats_available", filter=own),
        "own_unlimited": Count("pk", filter=own & unlimited),
    }
    for days in ENDING:
        ends = Q(finish_date__lte=today + timedelta(days=days))
        sums[f"ending_{days}"] = Sum(F("enrolled") + F("seats_available"), filter=ends)
        sums[f"ending_{days}_orders"] = Count("pk", filter=ends)
        sums[f"ending_{days}_unlimited"] = Count("pk", filter=ends & unlimited)
    return sums


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

    def children(self) -> OrganizationQuerySet:
        """Return the direct sub-organizations by name."""
        below = Organization.objects.visible_to(self.membership).in_scope_of(self.at)
        return below.filter(depth=self.at.depth + 1).order_by("folded", "pk")

    def by_organization(self, children: Sequence[Organization]) -> tuple[Sums, list[Sums]]:
        """Return the sums of the organization and of these children, with sub-organizations."""
        ours, shown = self.at.path, [child.path for child in children]
        path = Left("assigned_to__path", len(ours) + Organization.steplen)
        branch = Case(
            When(path_of_branch__in=[ours, *shown], then="path_of_branch"), default=Value("")
        )
        orders = self._orders.alias(path_of_branch=path)
        branches = dict(self._summed(orders, branch, depth=self.at.depth + 1))
        whole: Sums = Counter()
        for path, sums in branches.items():
            for name in sums:
                if path == ours or not name.startswith("own_"):
                    whole[name] += sums[name]
        return whole, [branches.get(path, Counter()) for path in shown]

    def by_mix(self) -> dict[tuple[int, ...], Sums]:
        """Return the sums including sub-organizations, by the keys of the products."""
        mixes = self._summed(self._orders, MIX, depth=self.at.depth)
        return {tuple(products): sums for products, sums in mixes}

    def _summed(
        self, orders: OrderQuerySet, key: Combinable, *, depth: int
    ) -> Iterator[tuple[Any, Sums]]:
        """Yield the sums of each line; orders of organizations up to this depth are its own."""
        sums = _sums(self.today, own=Q(assigned_to__depth__lte=depth))
        lines = orders.with_status(self.today).order_by().values(line=key).annotate(**sums)
        for line in lines.values("line", *sums):
            yield line.pop("line"), Counter({name: int(line[name] or 0) for name in line})
