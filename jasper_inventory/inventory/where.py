"""Where are my licenses? The places below an organization, summed by the branches under it.

docs/suppliers.md says which number means what. An order's places are either given on, in use or
free; whatever is summed over a branch leaves out what was given on, since the order that got it
counts it. Unlimited licenses have no places to sum: they are counted beside.
"""

from collections import Counter
from datetime import timedelta

from django import forms
from django.db.models import Case, Count, Q, Sum, Value, When
from django.db.models.functions import Left, Lower

from jasper_inventory.accounts.models import Organization
from jasper_inventory.inventory.mixes import MIX, MixField, of_mix
from jasper_inventory.inventory.narrowing import ENDING_CHOICES
from jasper_inventory.inventory.places import GIVEN, PLACES, RESTING, UNLIMITED
from licenses.models import InventoryType, Order

ENDING = [int(days) for days in ENDING_CHOICES]


class WhereForm(forms.Form):
    """What is looked at: an organization of the scope, one inventory type, one product mix."""

    at = forms.ModelChoiceField(Organization.objects.none(), required=False)
    type = forms.ChoiceField(choices=InventoryType.choices, required=False)
    mix = MixField(required=False)

    def __init__(self, data, *, membership):
        super().__init__(data)
        self.own = membership.organization
        self.fields["at"].queryset = Organization.objects.visible_to(membership)

    def clean_at(self):
        """The role's own organization, unless another is asked for."""
        return self.cleaned_data["at"] or self.own


class Places(Counter):
    """The sums of one line: of an organization's own orders, and of its whole branch."""

    def add(self, group, *, own):
        """Count a group of orders that are alike."""
        self["orders"] += group["orders"]
        kept = 0 if group["is_unlimited"] else group["all_places"] - group["all_given"]
        if group["is_unlimited"]:
            self._add_unlimited(group, own=own)
        else:
            self._add_limited(group, free=kept - group["all_used"], own=own)
        for days in ENDING:
            if group["ends_within"] is not None and group["ends_within"] <= days:
                self[f"ending_{days}"] += kept
                self[f"ending_{days}_orders"] += group["orders"]
                self[f"ending_{days}_unlimited"] += group["is_unlimited"] * group["orders"]

    def _add_limited(self, group, *, free, own):
        self["used"] += group["all_used"]
        self["free"] += free
        if group["is_resting"]:
            self["resting"] += free
        if own:
            self["own_orders"] += group["orders"]
            self["received"] += group["all_places"]
            self["given"] += group["all_given"]
            self["own_used"] += group["all_used"]
            self["own_free"] += free

    def _add_unlimited(self, group, *, own):
        self["unlimited"] += group["orders"]
        self["unlimited_used"] += group["all_used"]
        if own:
            self["own_orders"] += group["orders"]
            self["own_unlimited"] += group["orders"]


class Where:
    """The places of a branch, as a role sees them on a day."""

    def __init__(self, membership, *, at, today, inventory_type="", mix=None):
        self.membership, self.at, self.today = membership, at, today
        # As addresses have them.
        chosen = {"type": inventory_type, "mix": mix and mix.key}
        self.filters = {name: value for name, value in chosen.items() if value}
        orders = Order.objects.visible_to(membership).in_scope_of(at).not_ended(today)
        if inventory_type:
            orders = orders.filter(inventory_type=inventory_type)
        self._orders = of_mix(orders, mix) if mix else orders

    def path_to_it(self):
        """The organizations from the role's own down to the one that is looked at."""
        path, step = self.at.path, Organization.steplen
        above = [path[:end] for end in range(step, len(path) + 1, step)]
        return Organization.objects.visible_to(self.membership).filter(path__in=above)

    def children(self):
        """The organizations directly below, by name."""
        below = Organization.objects.visible_to(self.membership).in_scope_of(self.at)
        return below.filter(depth=self.at.depth + 1).order_by(Lower("name"), "pk")

    def by_organization(self, children):
        """The places of the organization with all below it, and of each of these children's."""
        shown = {one.path: Places() for one in (self.at, *children)}
        path = Left("assigned_to__path", len(self.at.path) + Organization.steplen)
        branch = Case(
            When(path_of_branch__in=list(shown), then="path_of_branch"), default=Value("")
        )
        orders = self._orders.alias(path_of_branch=path).annotate(branch=branch)
        total = Places()
        for group in self._grouped(orders, "branch", depth=self.at.depth + 1):
            is_ours = group["branch"] == self.at.path
            total.add(group, own=is_ours)
            if not is_ours and group["branch"]:
                shown[group["branch"]].add(group, own=group["is_own"])
        return total, [shown[child.path] for child in children]

    def by_mix(self):
        """The places of the organization with all below it, by the keys of the products."""
        mixes = {}
        orders = self._orders.annotate(mix=MIX)
        for group in self._grouped(orders, "mix", depth=self.at.depth):
            mixes.setdefault(tuple(group["mix"]), Places()).add(group, own=group["is_own"])
        return mixes

    def _grouped(self, orders, key, *, depth):
        """Sums over orders that are alike in all that matters, so that the rows stay few."""
        ends_within = Case(
            *(
                When(finish_date__lte=self.today + timedelta(days=days), then=Value(days))
                for days in ENDING
            ),
            default=None,
        )
        return (
            orders.with_status(self.today)
            .order_by()
            .annotate(
                is_own=Q(assigned_to__depth__lte=depth),
                is_unlimited=UNLIMITED,
                is_resting=Q(status__in=RESTING),
                ends_within=ends_within,
            )
            .values(key, "is_own", "is_unlimited", "is_resting", "ends_within")
            .annotate(
                orders=Count("pk"),
                all_places=Sum(PLACES),
                all_given=Sum(GIVEN),
                all_used=Sum("enrolled"),
            )
        )
