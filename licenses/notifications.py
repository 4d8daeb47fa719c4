"""Notices about new-license requests. Services queue the tasks; what they render runs later."""

from django.utils import timezone
from django_tasks import task

from jasper_inventory.accounts.models import Topic
from jasper_inventory.accounts.notifications import administrators_of, post_to
from licenses.models import Alert, AlertKind, Order, Transfer


@task()
def notify_request_made(order_pk):
    """Tell the supplier's people, or CCI staff, that a new license was requested."""
    order = _order(order_pk)
    post_to(
        administrators_of(order.requested_to),
        kind="request made",
        topic=Topic.REQUESTS,
        event=f"license request {order.pk} made",
        template="licenses/emails/request_made",
        context={"order": order},
    )


@task()
def notify_request_decided(order_pk):
    """Tell the requester what was decided."""
    order = _order(order_pk)
    post_to(
        [order.requested_by],
        kind="request decided",
        topic=Topic.REQUESTS,
        event=f"license request {order.pk} decided",
        template="licenses/emails/request_decided",
        context={"order": order},
    )


@task()
def notify_decided_by_cci(order_pk):
    """Tell a supplier below CCI that CCI decided a request that was addressed to it."""
    order = _order(order_pk)
    post_to(
        administrators_of(order.requested_to),
        kind="request decided by CCI",
        topic=Topic.REQUESTS,
        event=f"license request {order.pk} decided by CCI",
        template="licenses/emails/request_decided",
        context={"order": order},
    )


@task()
def notify_assigned_by_cci(order_pk):
    """Tell a supplier below CCI that CCI assigned a license to one of its own."""
    order = _order(order_pk)
    post_to(
        administrators_of(order.assigned_to.supplier),
        kind="order assigned by CCI",
        topic=Topic.LICENSES,
        event=f"order {order.pk} assigned by CCI",
        template="licenses/emails/order_assigned",
        context={"order": order},
    )


def _order(pk):
    return Order.objects.with_people().prefetch_related("products__family").get(pk=pk)


def _tell_holder(order, *, kind, event, template, **context):
    post_to(
        administrators_of(order.assigned_to),
        kind=kind,
        topic=Topic.LICENSES,
        event=event,
        template=f"licenses/emails/{template}",
        context={"order": order, **context},
    )


@task()
def notify_given(order_pk):
    """Tell the holder that its supplier assigned a license to it."""
    order = _order(order_pk)
    _tell_holder(order, kind="order given", event=f"order {order_pk} given", template="order_given")


@task()
def notify_taken_back(transfer_pk):
    """Tell the holder how many places its supplier took back, and why."""
    transfer = Transfer.objects.get(pk=transfer_pk)
    _tell_holder(
        _order(transfer.from_order_id),
        kind="places taken back",
        event=f"transfer {transfer_pk} taken back",
        template="order_taken_back",
        transfer=transfer,
    )


@task()
def notify_suspended(order_pk, reason, suspended_at):
    """Tell the holder that its license is suspended, and why."""
    _tell_holder(
        _order(order_pk),
        kind="order suspended",
        event=f"order {order_pk} suspended {suspended_at}",
        template="order_suspended",
        reason=reason,
    )


@task()
def notify_resumed(order_pk, suspended_at):
    """Tell the holder that the suspension of a moment is lifted."""
    _tell_holder(
        _order(order_pk),
        kind="order resumed",
        event=f"order {order_pk} resumed {suspended_at}",
        template="order_resumed",
    )


_ALERTS = {
    AlertKind.STUDENTS: ("order_alert", Topic.STUDENTS),
    AlertKind.BURST: ("order_alert", Topic.STUDENTS),
    AlertKind.PLACES: ("order_places", Topic.PLACES),
    AlertKind.ENDING: ("order_ending", Topic.ENDING),
}


@task()
def notify_alert(alert_pk):
    """Tell the holder of an alert; of a code that may be passed around, who assigned it too."""
    alert = Alert.objects.get(pk=alert_pk)
    order = _order(alert.order_id)
    template, topic = _ALERTS[alert.kind]
    told = [administrators_of(order.assigned_to)]
    if topic == Topic.STUDENTS:
        told.append(administrators_of(order.assigned_by_organization))
    post_to(
        {person.pk: person for people in told for person in people}.values(),
        kind=f"alert: {alert.kind}",
        topic=topic,
        event=f"alert {alert_pk}",
        template=f"licenses/emails/{template}",
        context={
            "order": order,
            "alert": alert,
            "left": max((order.finish_date - timezone.localdate()).days, 0),
        },
    )
