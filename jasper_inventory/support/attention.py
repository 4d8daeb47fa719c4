"""Orders that need the attention of CCI staff, for the front page of the admin."""

from datetime import timedelta
from typing import TypedDict
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from licenses.models import Order, OrderStatus
from licenses.models.order_queryset import OrderQuerySet

ENDING_WITHIN = timedelta(days=30)
# Counting stops here: a large inventory has many, and the page must not wait for it.
MOST = 100


class Attention(TypedDict):
    """A kind of orders: how many (as text), and the list of them."""

    name: str
    number: str
    url: str


def orders_needing_attention() -> list[Attention]:
    """Return the numbers of orders that end soon, have no seats left, or are suspended."""
    today = timezone.localdate()
    dates = {"finish_date__gte": today, "finish_date__lte": today + ENDING_WITHIN}
    available = Order.objects.in_status(today, OrderStatus.AVAILABLE)
    search = {"status": OrderStatus.AVAILABLE, **dates}
    return [
        _counted(_("Orders that end within 30 days"), available.filter(**dates), search),
        *(
            _counted(name, Order.objects.in_status(today, status), {"status": status})
            for name, status in (
                (_("Orders without free seats"), OrderStatus.DEPLETED),
                (_("Suspended orders"), OrderStatus.SUSPENDED),
            )
        ),
    ]


def _counted(name: str, orders: OrderQuerySet, search: dict[str, object]) -> Attention:
    number = orders.order_by()[: MOST + 1].count()
    url = f"{reverse('admin:licenses_order_changelist')}?{urlencode(search)}"
    return {"name": name, "number": f"{MOST}+" if number > MOST else str(number), "url": url}
