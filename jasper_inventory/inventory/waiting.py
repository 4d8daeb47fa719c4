"""Requests of both kinds in one list, oldest first."""

from django.core.paginator import Paginator
from django.db.models import CharField, Q, Value

from licenses.models import Order
from renewals.models import RenewalRequest

ORDER, RENEWAL = "order", "renewal"
_ROWS = {
    ORDER: Order.objects.select_related("assigned_to"),
    RENEWAL: RenewalRequest.objects.select_related("order__assigned_to"),
}


def to_decide(membership):
    """The requests that wait for the decision of a role's organization: a queryset per kind."""
    return {
        ORDER: Order.objects.waiting_for(membership),
        RENEWAL: RenewalRequest.objects.waiting_for(membership),
    }


def ours(membership):
    """The pending requests that a role's organization made, or that were made for it."""
    own = membership.organization_id
    asked = Q(assigned_to=own) | Q(requested_by_organization=own)
    return {
        ORDER: Order.objects.visible_to(membership).pending().filter(asked),
        RENEWAL: RenewalRequest.objects.pending().manageable_by(membership),
    }


def number_of(requests):
    """How many there are, of both kinds."""
    return sum(queryset.count() for queryset in requests.values())


class RequestPaginator(Paginator):
    """Pages over both kinds; the requests of a page come with all that a row shows."""

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
