"""Queries across orders, codes and renewals, for the panel and the lists."""

from django.core.paginator import Paginator
from django.db.models import CharField, Count, Max, Prefetch, Q, Sum, Value
from django.utils import timezone

from licenses.models import Enrollment, InventoryType, Order
from licenses.models.order_queryset import USABLE
from renewals.models import RenewalRequest

ORDER, RENEWAL = "order", "renewal"
_ROWS = {
    ORDER: Order.objects.select_related("assigned_to"),
    RENEWAL: RenewalRequest.objects.select_related("order__assigned_to"),
}


def panel_counts(membership):
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


def assigned_totals(membership):
    """Count approved orders by type, whatever their dates: own ones, and those of the scope.

    For a center, both are the same.
    """
    orders = Order.objects.approved().visible_to(membership)
    center = Q(inventory_type=InventoryType.CENTER_LICENSE)
    codes = Q(inventory_type=InventoryType.USER_ACTIVATION_CODES)
    own = Q(assigned_to=membership.organization_id)
    return orders.aggregate(
        center_licenses=Count("pk", filter=center & own),
        activation_codes=Count("pk", filter=codes & own),
        scope_center_licenses=Count("pk", filter=center),
        scope_activation_codes=Count("pk", filter=codes),
    )


def inventory_rows(membership):
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


def add_pending_requests(orders):
    """Set `pending_request` on the rows of a page: a pending request of either kind, or None.

    Only for a page's rows, because joining the statuses to all rows would be too slow.
    """
    found = {}
    if asked := [order.pk for order in orders if order.is_pending]:
        rows = Order.objects.filter(pk__in=asked).with_standing()
        found |= {order.pk: order for order in rows}
    if renewed := [order.pk for order in orders if order.has_renew_request]:
        rows = RenewalRequest.objects.pending().filter(order__in=renewed).with_standing()
        found |= {renewal.order_id: renewal for renewal in rows}
    for order in orders:
        asked = order.pending_request = found.get(order.pk)
        if isinstance(asked, RenewalRequest):
            asked.order = order


def taught_licenses(membership):
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


def to_review(membership):
    """Return the requests pending review by a role's organization, as a queryset per kind."""
    return {
        ORDER: Order.objects.waiting_for(membership),
        RENEWAL: RenewalRequest.objects.waiting_for(membership),
    }


def ours(membership):
    """Return the pending requests made by or for a role's organization, as a queryset per kind."""
    own = membership.organization_id
    asked = Q(assigned_to=own) | Q(requested_by_organization=own)
    return {
        ORDER: Order.objects.visible_to(membership).pending().filter(asked),
        RENEWAL: RenewalRequest.objects.pending().manageable_by(membership),
    }


def number_of(requests):
    """Return the number of requests of both kinds."""
    return sum(queryset.count() for queryset in requests.values())


class RequestPaginator(Paginator):
    """Pages of both kinds of requests, each request with everything that a row shows."""

    def __init__(self, requests, per_page):
        orders, renewals = (
            queryset.order_by()
            .annotate(kind=Value(kind, CharField()))
            .values_list("requested_at", "kind", "pk")
            for kind, queryset in requests.items()
        )
        super().__init__(orders.union(renewals).order_by("requested_at", "kind", "pk"), per_page)

    def page(self, number):
        page = super().page(number)
        page.object_list = _rows(list(page.object_list))
        return page


def _rows(keys):
    found = {}
    for kind, rows in _ROWS.items():
        pks = [pk for _at, of_kind, pk in keys if of_kind == kind]
        if not pks:
            continue
        people = rows.with_standing().select_related("requested_by", "requested_by_organization")
        for row in people.filter(pk__in=pks):
            row.kind = kind
            found[kind, row.pk] = row
    return [found[kind, pk] for _at, kind, pk in keys]
