"""Notices about new-license requests. Services queue the tasks; what they render runs later."""

from django_tasks import task

from jasper_inventory.accounts.notifications import administrators_of, post_to
from licenses.models import Order


@task()
def notify_request_made(order_pk):
    """Tell the supplier's people, or CCI staff, that a new license was requested."""
    order = Order.objects.with_people().prefetch_related("products__family").get(pk=order_pk)
    post_to(
        administrators_of(order.requested_to),
        kind="request made",
        event=f"license request {order.pk} made",
        template="licenses/emails/request_made",
        context={"order": order},
    )


@task()
def notify_request_decided(order_pk):
    """Tell the requester what was decided."""
    order = Order.objects.with_people().prefetch_related("products__family").get(pk=order_pk)
    post_to(
        [order.requested_by],
        kind="request decided",
        event=f"license request {order.pk} decided",
        template="licenses/emails/request_decided",
        context={"order": order},
    )


@task()
def notify_decided_by_cci(order_pk):
    """Tell a supplier below CCI that CCI decided a request that was addressed to it."""
    order = Order.objects.with_people().prefetch_related("products__family").get(pk=order_pk)
    post_to(
        administrators_of(order.requested_to),
        kind="request decided by CCI",
        event=f"license request {order.pk} decided by CCI",
        template="licenses/emails/request_decided",
        context={"order": order},
    )


@task()
def notify_assigned_by_cci(order_pk):
    """Tell a supplier below CCI that CCI assigned a license to one of its own."""
    order = Order.objects.with_people().prefetch_related("products__family").get(pk=order_pk)
    post_to(
        administrators_of(order.assigned_to.supplier),
        kind="order assigned by CCI",
        event=f"order {order.pk} assigned by CCI",
        template="licenses/emails/order_assigned",
        context={"order": order},
    )
