"""Queries across orders, codes and renewals, for the panel and the lists."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, Max, Min, Prefetch, Q, QuerySet, Sum, Value
from django.utils import timezone
from django.utils.functional import cached_property

from jasper_inventory.accounts.models import Level, Membership, Organization, name_columns
from jasper_inventory.accounts.models.memberships import any_administrator
from jasper_inventory.lib.columns import with_columns
from jasper_inventory.lib.pagination import KeyPaginator
from jasper_inventory.lib.written_queries import KEYS, READER, WrittenQuery, is_among_keys
from licenses.actions import Action
from licenses.models import (
    ApprovedCount,
    Enrollment,
    InventoryType,
    Order,
    RequestFields,
    RequestQuerySet,
)
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.requests import progress_columns
from renewals.models import RenewalRequest

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# When requests were made, their kinds and keys.
_Keys: TypeAlias = QuerySet[Any, tuple[Any, Any, Any]]
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
# What the panel shows of a type without available orders.
_NONE = {"orders": 0, "limited": 0, "free": 0, "most_users": 1, "seats": 0}
# Requests whose keys are read instead of counted: more than a supplier of 450,000 orders has.
READ_AT_ONCE = 2_000
# What rows of orders show, and what their options depend on.
_ROW_COLUMNS = (
    *("number", "inventory_type", "outcome", "purchase_order", "teacher_code__code"),
    *("start_date", "finish_date", "joining_paused_at"),
    *("students", "requested_students", "enrolled", "seats", "seats_taken", "seats_available"),
    *("number_of_codes", "codes_created", "codes_allocated"),
    *("assigned_to__name", "assigned_to__path", "assigned_by_organization", "parent"),
    *("requested_by_organization", "requested_to__name", "forwarded_as"),
    *("suspended_at", "suspended_ancestors", "suspended_by_organization"),
)
ORDER, RENEWAL = "order", "renewal"
# What a teacher's Panel counts: licenses that end within these days, and students who just joined.
SOON, LATELY = timedelta(days=30), timedelta(days=7)
_REQUEST_COLUMNS = (
    *("outcome", "requested_at", "requested_students", "purchase_order", "forwarded_as"),
    *("requested_to__name", "requested_by_organization__name", *name_columns("requested_by")),
)
_ORDER_COLUMNS = ("number", "inventory_type", "assigned_to__name")
# What rows of requests show, by kind.
_COLUMNS = {
    ORDER: (*_REQUEST_COLUMNS, *_ORDER_COLUMNS),
    RENEWAL: (*_REQUEST_COLUMNS, *(f"order__{column}" for column in _ORDER_COLUMNS)),
}
_KINDS: Requests = {ORDER: Order.objects.all(), RENEWAL: RenewalRequest.objects.all()}


def panel_counts(membership: Membership) -> dict[str, int]:
    """Return the panel's counts for the orders and requests of a role's own organization."""
    sums = _written_available(timezone.localdate()).read({READER: membership.organization_id})
    by_type = {line["inventory_type"]: line for line in sums}
    center = by_type.get(InventoryType.CENTER_LICENSE, _NONE)
    codes = by_type.get(InventoryType.USER_ACTIVATION_CODES, _NONE)
    return {
        "center_licenses": center["orders"],
        "limited_licenses": center["limited"],
        "unlimited_licenses": center["orders"] - center["limited"],
        "free_seats": center["free"],
        "seats": center["seats"],
        "activation_codes": codes["orders"],
        # Seats equal codes if each code is for one user.
        "free_codes": codes["free"],
        "most_users": codes["most_users"],
        "pending_requests": waiting(membership, OURS)[0],
    }


@lru_cache(maxsize=2)
def _written_available(today: date) -> WrittenQuery[dict[str, Any]]:
    sums: QuerySet[Any, Any] = (
        Order.objects.held_by(Organization(pk=READER))
        .available(today)
        .order_by()
        .values("inventory_type")
        .annotate(
            orders=Count("pk"),
            limited=Count("seats"),
            free=Sum("seats_available", default=0),
            most_users=Max("users_per_code", default=1),
            # Last, because it hides the column of the same name from later ones.
            seats=Sum("seats", default=0),
        )
    )
    return WrittenQuery(sums)


def assigned_totals(membership: Membership) -> dict[str, int]:
    """Return the approved orders by type, whatever their dates: own ones, and of the scope."""
    organization = membership.organization
    counted = {
        kind: numbers
        for kind, *numbers in _written_sums(organization.level).read({READER: organization.pk})
    }
    totals = {}
    for kind, name in _TOTALS.items():
        totals[name], totals[f"scope_{name}"] = counted.get(kind, (0, 0))
    return totals


@cache
def _written_sums(level: int) -> WrittenQuery[Any]:
    return WrittenQuery(ApprovedCount.objects.sums(any_administrator(level).organization))


class OrderPaginator(KeyPaginator):
    """Pages of the inventory."""

    def __init__(
        self,
        orders: QuerySet[Order],
        sections: Iterable[QuerySet[Any]],
        membership: Membership,
        per_page: int,
        *,
        counted: int | None = None,
    ) -> None:
        self.reader = membership.organization
        every = Order.objects.all()
        super().__init__(orders, sections, every, per_page, key="number", counted=counted)

    def read(self, keys: list[int]) -> list[InventoryRow]:
        rows = _written_rows(self.reader.level, timezone.localdate())
        return rows.read({READER: self.reader.pk, KEYS: keys})


# For each level today and, in requests that began before midnight, yesterday.
@lru_cache(maxsize=2 * len(Level))
def _written_rows(level: int, today: date) -> WrittenQuery[InventoryRow]:
    rows: QuerySet[Any, Any] = inventory_rows(any_administrator(level), today)
    return WrittenQuery(rows.filter(is_among_keys("number")).order_by())


def inventory_rows(membership: Membership, today: date) -> OrderQuerySet:
    """Return the orders of a role with what the columns of the inventory show on a day."""
    return (
        with_columns(Order.objects.visible_to(membership), *_ROW_COLUMNS)
        .with_status(today)
        .with_remaining_days(today)
        .with_teachers()
        .with_was_renewed()
        .annotate(has_renew_request=RenewalRequest.objects.exists_for_order())
        .with_terms_shown(membership.organization)
    )


def add_pending_requests(orders: Iterable[InventoryRow]) -> None:
    """Set `pending_request` on the rows of a page: a pending request of either kind, or None."""
    found: dict[int, RequestFields] = {order.pk: order for order in orders if order.is_pending}
    if renewed := {order.pk: order for order in orders if order.has_renew_request}:
        renewals = RenewalRequest.objects.pending().filter(order__in=renewed)
        for renewal in renewals.select_related("requested_to").order_by():
            renewal.order = renewed[renewal.order_id]
            found[renewal.order_id] = renewal
    for order in orders:
        order.pending_request = found.get(order.pk)
    Order.objects.add_forwards(found.values())


def taught_licenses(membership: Membership) -> OrderQuerySet:
    """Return a teacher's licenses, each with the teacher's own enrollment in `teaching`."""
    today = timezone.localdate()
    own = Enrollment.objects.current().teachers().filter(user=membership.user_id)
    own = own.select_related("group_key").with_linked()
    return (
        Order.objects.visible_to(membership)
        .with_status(today)
        .with_remaining_days(today)
        .prefetch_related(Prefetch("enrollments", own, to_attr="teaching"))
        .order_by("-finish_date", "-number")
    )


def teaching_counts(membership: Membership) -> dict[str, int]:
    """Return a teacher's licenses that end soon, and the students who were linked lately."""
    now = timezone.now()
    today = timezone.localdate(now)
    taught = Order.objects.visible_to(membership).order_by().values("pk")
    teachers = Enrollment.objects.current().teachers()
    own = teachers.filter(user=membership.user_id, order__in=taught)
    joined = Q(linked_students__removed_at=None, linked_students__enrolled_at__gte=now - LATELY)
    soon = Q(order__finish_date__range=(today, today + SOON))
    return own.order_by().aggregate(
        ending=Count("order", filter=soon, distinct=True),
        joined=Count("linked_students", filter=joined, distinct=True),
    )


def pending_requests(membership: Membership) -> Requests:
    """Return the pending requests that a role may see, as a queryset per kind."""
    return {
        ORDER: Order.objects.visible_to(membership).pending(),
        RENEWAL: RenewalRequest.objects.visible_to(membership).pending(),
    }


def to_review(pending: Requests, membership: Membership) -> Requests:
    """Return those pending review by a role's organization."""
    own = membership.organization_id
    return {kind: requests.addressed_to(own) for kind, requests in pending.items()}


def ours(pending: Requests, membership: Membership) -> Requests:
    """Return those made by or for a role's organization."""
    own = membership.organization_id
    return {kind: requests.made_by_or_for(own) for kind, requests in pending.items()}


# The lists of requests by name.
TO_REVIEW, OURS = "to_review", "ours"
_LISTS = {TO_REVIEW: to_review, OURS: ours}


def listed_requests(membership: Membership, of: str) -> tuple[Requests, bool]:
    """Return the requests that the page lists, and whether they are the organization's own.

    A supplier sees those to review unless `of` is "ours".
    """
    is_ours = not membership.organization.is_supplier or of == "ours"
    pending = pending_requests(membership)
    return ours(pending, membership) if is_ours else to_review(pending, membership), is_ours


class RequestPaginator(_Paginator):
    """Pages of both kinds of requests, each with what a row shows and what it was forwarded as."""

    @cached_property
    def count(self) -> int:
        """The number of requests. If they are few, reading their keys finds any page, too."""
        keys = list(self.object_list[: READ_AT_ONCE + 1])
        if len(keys) > READ_AT_ONCE:
            return super().count
        self.object_list = keys
        return len(keys)

    def page(self, number: int | str) -> Page[ListedRequest]:
        page = super().page(number)
        page.object_list = self._rows(list(page.object_list))
        return page

    def _rows(self, keys: Iterable[tuple[datetime, str, int]]) -> list[ListedRequest]:
        found: dict[tuple[str, int], ListedRequest] = {}
        for kind in _KINDS:
            pks = [pk for _at, of_kind, pk in keys if of_kind == kind]
            rows = _written_requests(kind).read({KEYS: pks}) if pks else ()
            for row in rows:
                row.kind = kind
                found[kind, row.pk] = row
        return [found[kind, pk] for _at, kind, pk in keys]


@cache
def _written_requests(kind: str) -> WrittenQuery[ListedRequest]:
    columns = (*_COLUMNS[kind], *progress_columns("forwarded_as__"))
    rows = with_columns(_KINDS[kind].filter(is_among_keys("pk")), *columns)
    return WrittenQuery(rows.order_by())


def keys_of(requests: Requests) -> _Keys:
    """Return when the requests of both kinds were made, their kinds and keys, oldest first."""
    orders, renewals = (
        queryset.order_by()
        .annotate(kind=Value(kind, CharField()))
        .values_list("requested_at", "kind", "pk")
        for kind, queryset in requests.items()
    )
    return orders.union(renewals).order_by("requested_at", "kind", "pk")


def pages_to_review(membership: Membership, per_page: int) -> RequestPaginator:
    """Return the pages of the requests pending review by a supplier."""
    keys = _keys(membership, TO_REVIEW)
    if keys is not None:
        return RequestPaginator(keys, per_page)
    return RequestPaginator(keys_of(to_review(pending_requests(membership), membership)), per_page)


def waiting(membership: Membership, of: str) -> tuple[int, datetime | None]:
    """Return the number of a role's requests `TO_REVIEW` or `OURS`, and the oldest one's time."""
    keys = _keys(membership, of)
    if keys is not None:
        return len(keys), keys[0][0] if keys else None
    requests = _LISTS[of](pending_requests(membership), membership)
    sums = [
        queryset.order_by().aggregate(number=Count("pk"), since=Min("requested_at"))
        for queryset in requests.values()
    ]
    since = [each["since"] for each in sums if each["since"]]
    return sum(each["number"] for each in sums), min(since, default=None)


def _keys(membership: Membership, of: str) -> list[Any] | None:
    """Return the keys of requests, oldest first; or None if there are too many to read."""
    organization = membership.organization
    keys = _written_keys(organization.level, of).read({READER: organization.pk})
    return keys if len(keys) <= READ_AT_ONCE else None


@cache
def _written_keys(level: int, of: str) -> WrittenQuery[Any]:
    reader = any_administrator(level)
    keys = keys_of(_LISTS[of](pending_requests(reader), reader))
    return WrittenQuery(keys[: READ_AT_ONCE + 1])
