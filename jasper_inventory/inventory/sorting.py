"""Sorting the License Inventory by each of its columns.

Most columns are read from an index in their order, or in a few parts, however many orders there
are. The others would need all found orders to be sorted, so only `MOST_COUNTED` of them are.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.filters import PageFilterSet
from jasper_inventory.lib.pagination import MOST_COUNTED, in_sections
from licenses.models import InventoryType, Order
from licenses.models.order_queryset import OrderQuerySet
from renewals.models import RenewalRequest

Sections: TypeAlias = list[QuerySet[Any]]

# The columns by their names in addresses.
LABELS: dict[str, Promise] = {
    "number": gettext_lazy("Order Number"),
    "holder": gettext_lazy("Assigned To"),
    "purchase_order": gettext_lazy("Purchase Order"),
    "type": gettext_lazy("Inventory Type"),
    "teacher_code": gettext_lazy("Teacher Code"),
    "start": gettext_lazy("Start Date"),
    "finish": gettext_lazy("Finish Date"),
    "remaining": gettext_lazy("Remaining Days"),
    "teachers": gettext_lazy("Teachers"),
    "students": gettext_lazy("Students"),
    "has_renew_request": gettext_lazy("Has a Renew Request"),
    "was_renewed": gettext_lazy("Was It Renewed?"),
}
# The first click sorts these from the newest, the most, or Yes; others from the soonest or A.
_FROM_THE_TOP = ("number", "teachers", "students", "has_renew_request", "was_renewed")
# Columns of other tables, or whose index every enrollment would have to change.
_BOUNDED = {
    "holder": "assigned_to__folded",
    "teacher_code": "teacher_code__code",
    "teachers": "teachers",
    "students": "enrolled",
}
# Remaining days follow from the finish date.
_DATES = {"start": "start_date", "finish": "finish_date", "remaining": "finish_date"}
SORT_CHOICES = [(f"{sign}{name}", label) for name, label in LABELS.items() for sign in ("", "-")]
DEFAULT = "-number"


class Heading(TypedDict):
    """How a column is sorted now, as `aria-sort` says it, and by what a click on it sorts."""

    sorted: str
    next: str


def heading(name: str, sorted_by: str) -> Heading:
    """Return how a column's heading shows that the list is sorted by this one."""
    now = {name: "ascending", f"-{name}": "descending"}.get(sorted_by, "")
    first = f"-{name}" if name in _FROM_THE_TOP else name
    other = name if first.startswith("-") else f"-{name}"
    return {"sorted": now, "next": other if sorted_by == first else first}


class SortedSearch(PageFilterSet):
    """A search for orders, sorted by the column that its `sort` names."""

    own: Organization

    @property
    def _chosen(self) -> str:
        """The chosen column, or "" if none or a wrong one was chosen."""
        if "sort" in self.form.errors:
            return ""
        chosen: str = self.form.cleaned_data.get("sort") or ""
        return chosen if self.own.is_supplier or chosen.lstrip("-") != "holder" else ""

    @cached_property
    def counted(self) -> int | None:
        """The number of found orders up to the limit, if it was needed to sort them."""
        if self._chosen.lstrip("-") not in _BOUNDED:
            return None
        return self.found.order_by()[: MOST_COUNTED + 1].count()

    @property
    def sorted_by(self) -> str:
        """The sorted column, with a minus if descending."""
        is_too_large = self.counted is not None and self.counted > MOST_COUNTED
        return DEFAULT if is_too_large else self._chosen or DEFAULT

    def sort_problems(self) -> Iterator[str]:
        """Say why the list isn't sorted as the address says."""
        wanted = self.data.get("sort") if self.data else ""
        if not wanted or wanted == self.sorted_by:
            return
        if self._chosen:
            text = _(
                "More than %(most)s orders can't be sorted by %(column)s. Search for fewer. They "
                "are sorted by order number."
            )
            column = LABELS[self._chosen.lstrip("-")]
            yield text % {"most": f"{MOST_COUNTED:,}", "column": column}
        else:
            text = _("This list can't be sorted by “%(column)s”. It is sorted by order number.")
            yield text % {"column": wanted[:40]}

    @property
    def sections(self) -> Sections:
        """The found orders as sorted: equal ones by number, those without a value last."""
        name, descending = self.sorted_by.lstrip("-"), self.sorted_by.startswith("-")
        found = self.found
        assert isinstance(found, OrderQuerySet)
        if name == "number":
            return [found.order_by("-number" if descending else "number")]
        if name in _PARTS:
            first, second = _PARTS[name](found)
            parts = [second, first] if descending else [first, second]
            return [part.order_by("-number") for part in parts]
        if name == "purchase_order":
            return self._by_purchase_order(found, descending=descending)
        if name == "teachers":
            found = found.with_teachers()
        column = _DATES.get(name) or _BOUNDED[name]
        return in_sections(found, column, "number", descending=descending)

    def _by_purchase_order(self, found: OrderQuerySet, *, descending: bool) -> Sections:
        """Sort by the purchase orders that are shown, so that the others stay secret."""
        shown = Q(compact_purchase_order__gt="") & found.terms_known_to(self.own)
        sign = "-" if descending else ""
        with_one = found.filter(shown).order_by(f"{sign}compact_purchase_order", f"{sign}number")
        return [with_one, found.filter(~shown).order_by("-number")]


def _by_type(found: OrderQuerySet) -> tuple[OrderQuerySet, OrderQuerySet]:
    codes = Q(inventory_type=InventoryType.USER_ACTIVATION_CODES)
    return found.exclude(codes), found.filter(codes)


def _by_request(found: OrderQuerySet) -> tuple[OrderQuerySet, OrderQuerySet]:
    has_one = RenewalRequest.objects.exists_for_order()
    return found.exclude(has_one), found.filter(has_one)


def _by_renewal(found: OrderQuerySet) -> tuple[OrderQuerySet, OrderQuerySet]:
    renewal = Order.objects.filter(renewal_of=OuterRef("pk"), renewal_of__isnull=False)
    return found.exclude(Exists(renewal)), found.filter(Exists(renewal))


# Columns with two values: the orders with each, in ascending order.
_PARTS: dict[str, Callable[[OrderQuerySet], tuple[OrderQuerySet, OrderQuerySet]]] = {
    "type": _by_type,
    "has_renew_request": _by_request,
    "was_renewed": _by_renewal,
}
