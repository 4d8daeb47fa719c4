"""The search of the License Inventory: a plain GET form."""

from collections.abc import Mapping
from typing import ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.filters import BranchFilter, OrganizationFilter
from jasper_inventory.accounts.models import Organization
from jasper_inventory.inventory.attention import NEED_CHOICES, NEEDS
from jasper_inventory.inventory.chips import SearchChips
from jasper_inventory.inventory.sorting import SORT_CHOICES, SortedSearch
from jasper_inventory.lib.code_format import look_alike_pattern, normalize
from jasper_inventory.lib.filters import (
    DayFilter,
    PageFilterSet,
    PeriodForm,
    WholeNumberFilter,
    order_number_filter,
)
from jasper_inventory.lib.forms import choices_of
from jasper_inventory.lib.text_fields import has, has_words
from licenses.models import InventoryType, Order, OrderProduct, OrderStatus, Product
from licenses.models.branches import ALLOCATED, held_by
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.order_status import ENDED, NOT_IN_USE, USABLE
from licenses.models.orders import MOST_DAYS
from licenses.models.seats import IS_FULL, IS_NEARLY_FULL
from licenses.product_mix import MixFilter
from renewals.models import RenewalRequest

# The guide's choices, and the statuses that none of them finds.
STATUS_CHOICES = {
    "available": (_("Available Licenses"), USABLE),
    "expired": (_("Expired Licenses"), ENDED),
    "requested": (_("Requested"), (OrderStatus.REQUESTED,)),
    # Whatever its status.
    "renewal": (_("With Renewal Request"), ()),
}
OTHER_STATUSES = {
    status.value: (status.label, (status,))
    for status in OrderStatus
    if not any(status in statuses for _label, statuses in STATUS_CHOICES.values())
}
SCOPE_CHOICES = [
    ("", _("All")),
    ("ours", _("My organization only")),
    ("below", _("Sub-organizations only")),
]
# The days that License Distribution and its links count.
ENDING_CHOICES = {
    "30": _("Within 30 days"),
    "60": _("Within 60 days"),
    "90": _("Within 90 days"),
}
ASSIGNED_BY_CHOICES = [("us", _("My organization"))]
_LIMITED = Q(seats__isnull=False)
# These choices find orders that haven't ended. Unlimited licenses have no number of seats, so only
# the choices that mention them or count all licenses include them.
SEATS_CHOICES = {
    "free": (_("Some free"), Q(seats_available__gt=0)),
    "nearly": (_("Nearly full"), IS_NEARLY_FULL),
    "full": (_("Full"), IS_FULL),
    "resting": (_("Some free, but not usable today"), Q(seats_available__gt=0)),
    "used": (_("Some in use"), _LIMITED & Q(enrolled__gt=0)),
    "allocated": (_("Some allocated"), _LIMITED & ALLOCATED),
    "unlimited": (_("Unlimited"), ~_LIMITED),
    "counted": (_("On licenses that haven't ended"), Q()),
}


def _labels(choices: Mapping[str, tuple[str | Promise, object]]) -> list[tuple[str, str | Promise]]:
    """Return the choices of a field, without their conditions."""
    return [(value, label) for value, (label, _condition) in choices.items()]


class _SearchForm(PeriodForm):
    period = ("ends_from", "ends_to")


class MoreFilters(PageFilterSet):
    """The filters besides the guide's: behind *More filters*, or only in links."""

    request: MemberHttpRequest

    below = django_filters.ModelChoiceFilter(
        label=_("Organization, including sub-organizations"),
        # The stubs leave out that it may be a function.
        queryset=lambda request: Organization.objects.visible_to(  # type: ignore[arg-type]
            request.membership
        ),
        method="by_branch",
        widget=forms.HiddenInput,
    )
    mix = MixFilter(label=_("Product Mix"), widget=forms.HiddenInput)
    product = django_filters.CharFilter(label=_("Product"), method="by_product", max_length=160)
    seats = django_filters.ChoiceFilter(
        label=_("Seats"),
        choices=_labels(SEATS_CHOICES),
        empty_label=_("All"),
        method="by_seats",
    )
    ending = WholeNumberFilter(
        label=_("Ending Within (days)"), method="by_end", min_value=0, max_value=MOST_DAYS
    )
    ends_from = DayFilter(
        label=_("Finish Date From"), field_name="finish_date", lookup_expr="gte", help_text=""
    )
    ends_to = DayFilter(
        label=_("Finish Date To"), field_name="finish_date", lookup_expr="lte", help_text=""
    )
    assigned_by = django_filters.ChoiceFilter(
        label=_("Assigned By"),
        choices=ASSIGNED_BY_CHOICES,
        empty_label=_("All"),
        method="by_assigner",
    )
    attention = django_filters.ChoiceFilter(
        label=_("Needs Attention"),
        choices=NEED_CHOICES,
        method="by_need",
        widget=forms.HiddenInput,
    )

    def by_branch(self, queryset: OrderQuerySet, name: str, value: Organization) -> OrderQuerySet:
        """Return the orders of an organization and its sub-organizations."""
        return queryset.in_scope_of(value)

    def by_product(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Return the orders with a product whose name and family contain each typed word."""
        # Read first: there are few, and the database then knows how many orders have them.
        called = Product.objects.filter(has_words(["family__folded", "folded"], value))
        products = list(called.order_by().values_list("pk", flat=True))
        has_one = OrderProduct.objects.filter(order=OuterRef("pk"), product__in=products)
        return queryset.filter(Exists(has_one)) if products else queryset.none()

    def by_seats(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        _label, condition = SEATS_CHOICES[value]
        today = timezone.localdate()
        if value == "resting":
            queryset = queryset.in_status(today, *NOT_IN_USE)
        return queryset.not_ended(today).filter(condition)

    def by_end(self, queryset: OrderQuerySet, name: str, value: int) -> OrderQuerySet:
        return queryset.ending_within(value, timezone.localdate())

    def by_need(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.filter(NEEDS[value].condition(timezone.localdate()))

    def by_assigner(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Return the orders that the role's organization assigned."""
        return queryset.approved().filter(
            assigned_by_organization=self.request.membership.organization_id
        )


class OrderFilter(SearchChips, SortedSearch, MoreFilters):
    """The search of the License Inventory; an empty one finds all orders."""

    number = order_number_filter()
    purchase_order = django_filters.CharFilter(
        label=_("Purchase Order"), method="by_purchase_order", max_length=64
    )
    license_code = django_filters.CharFilter(
        label=_("License Code"), method="by_license_code", max_length=64
    )
    status = django_filters.ChoiceFilter(
        label=_("Order Status"),
        choices=[("", _("All")), *_labels(STATUS_CHOICES), *_labels(OTHER_STATUSES)],
        empty_label=None,
        method="by_status",
        widget=forms.RadioSelect,
    )
    type = django_filters.ChoiceFilter(
        label=_("Inventory Type"),
        field_name="inventory_type",
        choices=[("", _("All")), *InventoryType.choices],
        empty_label=None,
        widget=forms.RadioSelect,
    )
    scope = django_filters.ChoiceFilter(
        label=_("Assigned To"),
        choices=SCOPE_CHOICES,
        empty_label=None,
        method="by_scope",
        widget=forms.RadioSelect,
    )
    holder = OrganizationFilter(label=_("Organization"), method="by_holder")
    branch = BranchFilter()
    sort = django_filters.ChoiceFilter(
        choices=SORT_CHOICES, method="by_sort", widget=forms.HiddenInput
    )

    class Meta:
        model = Order
        form = _SearchForm
        fields: ClassVar[list[str]] = []

    # Of suppliers: a center has no sub-organizations, and assigns nothing.
    of_suppliers = ("scope", "holder", "branch", "below", "assigned_by")

    def __init__(
        self, data: QueryDict, queryset: OrderQuerySet, *, request: MemberHttpRequest
    ) -> None:
        super().__init__(data, queryset, request=request)
        self.own = request.membership.organization
        if not self.own.is_supplier:
            for name in self.of_suppliers:
                del self.filters[name]
            seats = self.filters["seats"].field
            assert isinstance(seats, forms.ChoiceField)
            seats.choices = [one for one in choices_of(seats) if one[0] != "allocated"]

    def by_purchase_order(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Match part of the purchase order, with or without hyphens and spaces, if it is shown."""
        return queryset.filter(
            has("compact_purchase_order", value), queryset.terms_known_to(self.own)
        )

    def by_license_code(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Match part of the teacher code, with or without hyphens, in upper or lower case."""
        characters = normalize(value)
        if not characters:
            return queryset.none()
        return queryset.filter(teacher_code__code__regex=look_alike_pattern(characters))

    def by_status(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        if value == "renewal":
            return queryset.filter(RenewalRequest.objects.exists_for_order())
        _label, statuses = (STATUS_CHOICES | OTHER_STATUSES)[value]
        return queryset.in_status(timezone.localdate(), *statuses)

    def by_holder(self, queryset: OrderQuerySet, name: str, value: Organization) -> OrderQuerySet:
        """Return the orders of the organization or, if so chosen, of its branch."""
        branch = bool(self.form.cleaned_data.get("branch"))
        return queryset.filter(held_by(value, branch=branch))

    def by_sort(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Return all: `sections` sorts them."""
        return queryset

    def by_scope(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Return the own organization's orders, or only those of its sub-organizations."""
        own = {"assigned_to": self.own}
        return queryset.filter(**own) if value == "ours" else queryset.exclude(**own)

    @cached_property
    def problems(self) -> list[str]:
        """What the page says of parameters by which the list isn't filtered or sorted."""
        return [*self.unused(), *self.sort_problems()]

    @property
    def form_kind(self) -> bool:
        """What fields depend on: the searches of suppliers have more of them, and more choices."""
        return self.own.is_supplier

    @property
    def statuses(self) -> tuple[list[BoundWidget], list[BoundWidget]]:
        """The radio buttons of the guide's statuses, and those of the other ones."""
        radios = list(self.form["status"])
        return radios[: -len(OTHER_STATUSES)], radios[-len(OTHER_STATUSES) :]

    @property
    def opens_more(self) -> bool:
        """Whether a filter behind *More filters* is used, so that it is shown open."""
        status = self.form["status"].value()
        return status in OTHER_STATUSES or any(
            self.form[name].value()
            for name in MoreFilters.base_filters
            if name in self.form.fields and not self.form.fields[name].widget.is_hidden
        )
