"""Queries across orders, codes and renewals, for the panel and the lists."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, Max, Prefetch, Q, QuerySet, Sum, Value
from django.utils import timezone

from jasper_inventory.accounts.models import Membership
from jasper_inventory.lib.pagination import KeyPaginator
from licenses.actions import Action
from licenses.models import (
    Enrollment,
    InventoryType,
    Order,
    RequestFields,
    RequestQuerySet,
)
from licenses.models.order_queryset import USABLE, OrderQuerySet
from renewals.models import RenewalRequest

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# The requests of both kinds, each as a queryset, by kind.
Requests: TypeAlias = Mapping[str, RequestQuerySet[Any]]


class _RowFacts(TypedDict):
    """What `inventory_rows`, `add_pending_requests` and the page set on orders."""

    shows_terms: bool
    status: str
    has_renew_request: bool
    pending_request: RequestFields | None
    actions: list[Action]


class _ListedFacts(TypedDict):
    """What `RequestPaginator` and the pages set on requests."""

    kind: str
    actions: list[Action]


if TYPE_CHECKING:
    InventoryRow = WithAnnotations[Order, _RowFacts]
    ListedRequest = WithAnnotations[RequestFields, _ListedFacts]
    # Of keys, which `RequestPaginator.page` replaces by rows.
    _Paginator = Paginator[Any]
else:
    InventoryRow, ListedRequest, _Paginator = Order, RequestFields, Paginator

_TOTALS = {
    InventoryType.CENTER_LICENSE: "center_licenses",
    InventoryType.USER_ACTIVATION_CODES: "activation_codes",
}
ORDER, RENEWAL = "order", "renewal"
_ROWS: Requests = {
    ORDER: Order.objects.select_related("assigned_to"),
    RENEWAL: RenewalRequest.objects.select_related("order__assigned_to"),
}


def panel_counts(membership: Membership) -> dict[str, int]:
    """Return the panel's counts for the orders of a role's own organization."""
    orders = Order.objects.held_by(membership.organization).with_status(timezone.localdate())
    available = Q(status__in=USABLE)
    center = available & Q(inventory_type=InventoryType.CENTER_LICENSE)
    codes = available & Q(inventory_type=InventoryType.USER_ACTIVATION_CODES)
    limited = center & Q(seats__isnull=False)
    counts = orders.aggregate(
        center_licenses=Count("pk", filter=center),
        limited_licenses=Count("pk", filter=limited),
        free_seats=Sum("seats_available", filter=limited, default=0),
        activation_codes=Count("pk", filter=codes),
        # Seats equal codes if each code is for one user.
        free_codes=Sum("seats_available", filter=codes, default=0),
        most_users=Max("users_per_code", filter=codes, default=1),
        # Last, because it hides the column of the same name from later ones.
        seats=Sum("seats", filter=limited, default=0),
    )
    counts["unlimited_licenses"] = counts["center_licenses"] - counts["limited_licenses"]
    return counts | {"pending_requests": number_of(ours(membership))}


def assigned_totals(membership: Membership) -> dict[str, int]:
    """Count approved orders by type, whatever their dates: own ones, and those of the scope.

    For a center, both are the same.
    """
    # Both counts read an index only.
    own = Count("assigned_to", filter=Q(assigned_to=membership.organization_id))
    orders = Order.objects.in_scope_of(membership.organization).approved().order_by()
    counted = orders.values_list("inventory_type").annotate(all=Count("assigned_to"), own=own)
    totals = {f"{scope}{name}": 0 for scope in ("", "scope_") for name in _TOTALS.values()}
    for kind, number, number_own in counted:
        totals |= {_TOTALS[kind]: number_own, f"scope_{_TOTALS[kind]}": number}
    return totals


class OrderPaginator(KeyPaginator):
    """Pages of the inventory."""

    def __init__(
        self,
        orders: QuerySet[Order],
        sections: Iterable[QuerySet[Any]],
        membership: Membership,
        per_page: int,
    ) -> None:
        super().__init__(orders, sections, inventory_rows(membership), per_page, key="number")


def inventory_rows(membership: Membership) -> OrderQuerySet:
    """Return the orders of a role with everything in the inventory's twelve columns."""
    today = timezone.localdate()
    return (
        Order.objects.visible_to(membership)
        .with_status(today)
        .with_remaining_days(today)
        .with_teachers()
        .with_was_renewed()
        .with_terms_shown(membership.organization)
        .annotate(
            has_renew_request=RenewalRequest.objects.exists_for_order(),
        )
        .select_related("teacher_code", "assigned_to")
    )


def add_pending_requests(orders: Iterable[InventoryRow]) -> None:
    """Set `pending_request` on the rows of a page: a pending request of either kind, or None.

    Only for a page's rows, because joining the statuses to all rows would be too slow.
    """
    found: dict[int, RequestFields] = {}
    if asked := [order.pk for order in orders if order.is_pending]:
        orders_asked = Order.objects.filter(pk__in=asked).with_standing()
        found |= {order.pk: order for order in orders_asked}
    if renewed := [order.pk for order in orders if order.has_renew_request]:
        renewals = RenewalRequest.objects.pending().filter(order__in=renewed).with_standing()
        found |= {renewal.order_id: renewal for renewal in renewals}
    for order in orders:
        pending = order.pending_request = found.get(order.pk)
        if isinstance(pending, RenewalRequest):
            pending.order = order


def taught_licenses(membership: Membership) -> OrderQuerySet:
    """Return a teacher's licenses, each with the teacher's own enrollment in `teaching`."""
    today = timezone.localdate()
    own = Enrollment.objects.current().teachers().filter(user=membership.user_id)
    own = own.select_related("group_key").with_linked()
    return (
        Order.objects.visible_to(membership)
        .with_status(today)
        .with_remaining_days(today)
        .prefetch_related("products__family", Prefetch("enrollments", own, to_attr="teaching"))
        .order_by("-finish_date", "-number")
    )


def to_review(membership: Membership) -> Requests:
    """Return the requests pending review by a role's organization, as a queryset per kind."""
    return {
        ORDER: Order.objects.waiting_for(membership),
        RENEWAL: RenewalRequest.objects.waiting_for(membership),
    }


def ours(membership: Membership) -> Requests:
    """Return the pending requests made by or for a role's organization, as a queryset per kind."""
    own = membership.organization_id
    asked = Q(assigned_to=own) | Q(requested_by_organization=own)
    return {
        ORDER: Order.objects.visible_to(membership).pending().filter(asked),
        RENEWAL: RenewalRequest.objects.pending().manageable_by(membership),
    }


def number_of(requests: Requests) -> int:
    """Return the number of requests of both kinds."""
    return sum(queryset.count() for queryset in requests.values())


class RequestPaginator(_Paginator):
    """Pages of both kinds of requests, each request with everything that a row shows."""

    def __init__(self, requests: Requests, per_page: int) -> None:
        orders, renewals = (
            queryset.order_by()
            .annotate(kind=Value(kind, CharField()))
            .values_list("requested_at", "kind", "pk")
            for kind, queryset in requests.items()
        )
        super().__init__(orders.union(renewals).order_by("requested_at", "kind", "pk"), per_page)

    def page(self, number: int | str) -> Page[ListedRequest]:
        page = super().page(number)
        page.object_list = _rows(list(page.object_list))
        return page


def _rows(keys: Iterable[tuple[datetime, str, int]]) -> list[ListedRequest]:
    found: dict[tuple[str, int], ListedRequest] = {}
    for kind, rows in _ROWS.items():
        pks = [pk for _at, of_kind, pk in keys if of_kind == kind]
        if not pks:
            continue
        people = rows.with_standing().select_related("requested_by", "requested_by_organization")
        for row in people.filter(pk__in=pks):
            row.kind = kind
            found[kind, row.pk] = row
    return [found[kind, pk] for _at, kind, pk in keys]
