"""Emails about license requests, orders and alerts.

Services queue these tasks; the emails are rendered when the tasks run. An `event` names what
happened; nobody gets a second email about it, even if a task runs twice or daily.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django_tasks import task

from jasper_inventory.accounts.emails import administrators_of, post_to, post_to_address
from jasper_inventory.accounts.models import Organization, Topic, User
from jasper_inventory.accounts.models.users import UserQuerySet
from licenses.models import (
    Alert,
    AlertKind,
    Order,
    Outcome,
    RequestFields,
    Transfer,
    request_behind,
)

TEACHER_CODE = "teacher code"


@task()
def notify_request_made(order_pk: int) -> None:
    """Notify the supplier's administrators, or CCI staff, of a request for a new license."""
    order = _order(order_pk)
    post_to(
        administrators_of(order.requested_to),
        kind="request made",
        topic=Topic.REQUESTS,
        event=f"license request {order.pk} made",
        template="emails/licenses/request_made.html",
        context={"order": order},
    )


def requesters_of(request: RequestFields, holder: Organization) -> UserQuerySet:
    """Return the people to notify of a review as the requester.

    That is the person who made the request or, if no longer an administrator of the requesting
    organization, its administrators. Nobody is notified if the license holder is no longer in
    the scope of that organization, as the email discloses the terms.
    """
    asking = request.requested_by_organization
    if asking is None or not Organization.objects.in_scope_of(asking).filter(pk=holder.pk).exists():
        return User.objects.none()
    people = administrators_of(asking)
    return people.filter(pk__in=[request.requested_by_id]) or people


@task()
def notify_request_reviewed(order_pk: int) -> None:
    """Notify the requester of the outcome, and the license holder of a request by proxy."""
    order = _order(order_pk)
    for_holder = administrators_of(order.assigned_to) if order.is_by_proxy else []
    for people, notified_holder in (
        (requesters_of(order, order.assigned_to), False),
        (for_holder, True),
    ):
        post_to(
            people,
            kind="request reviewed",
            topic=Topic.REQUESTS,
            event=f"license request {order.pk} reviewed",
            template="emails/licenses/request_reviewed.html",
            context={"order": order, "notified_holder": notified_holder},
        )


@task()
def notify_requested_for(order_pk: int) -> None:
    """Notify an organization that one above it requested a license for it."""
    _notify_holder(
        _order(order_pk),
        kind="requested for you",
        event=f"license request {order_pk} made for you",
        template="requested_for_you",
    )


@task()
def notify_reviewed_by_cci(order_pk: int) -> None:
    """Notify a supplier below CCI that CCI reviewed a request that was addressed to it."""
    order = _order(order_pk)
    post_to(
        # Someone who asked on behalf of a child is notified as the requester.
        administrators_of(order.requested_to).exclude(pk__in=[order.requested_by_id]),
        kind="request reviewed by CCI",
        topic=Topic.REQUESTS,
        event=f"license request {order.pk} reviewed by CCI",
        template="emails/licenses/request_reviewed.html",
        context={"order": order, "notified_holder": False},
    )


@task()
def notify_forwarded_reviewed(order_pk: int) -> None:
    """Notify a supplier that the order it requested to fill another request was reviewed."""
    _notify_forwarder(order_pk, kind="forwarded reviewed", template="forwarded_reviewed")


@task()
def notify_first_withdrawn(order_pk: int, by_move: bool = False) -> None:
    """Notify a supplier that the request it forwarded as this order was withdrawn.

    The order itself stays. `by_move` means that the withdrawal came from moving an organization.
    """
    if _order(order_pk).outcome in (Outcome.PENDING, Outcome.APPROVED):
        _notify_forwarder(
            order_pk, kind="forwarded withdrawn", template="forwarded_withdrawn", by_move=by_move
        )


@task()
def notify_withdrawn_for_other(order_pk: int) -> None:
    """Notify the other side, requester or license holder, that a proxy request was withdrawn."""
    order = _order(order_pk)
    notify_other_side(order, event=f"license request {order_pk} withdrawn", is_renewal=False)


def notify_other_side(asked: RequestFields, *, event: str, is_renewal: bool) -> None:
    """Notify the side that did not withdraw a request (of either kind) by proxy.

    The requester is notified only while the license holder is still in its scope.
    """
    holder, asking = asked.asked_order.assigned_to, asked.requested_by_organization
    assert asking is not None and asked.reviewed_by is not None  # a withdrawn request
    who, other = holder, asking
    if asked.reviewed_by.administers(asking):
        who, other = asking, holder
    if not Organization.objects.in_scope_of(other).filter(pk=holder.pk).exists():
        return
    post_to(
        administrators_of(other).exclude(pk=asked.reviewed_by.pk),
        kind="request withdrawn",
        topic=Topic.REQUESTS,
        event=event,
        template="emails/licenses/withdrawn_for_other.html",
        context={
            "asked": asked,
            "order": asked.asked_order,
            "organization": who,
            "is_renewal": is_renewal,
        },
    )


def notify_of_withdrawal_by_move(asked: RequestFields, *, event: str, is_renewal: bool) -> None:
    """Notify both sides that moving an organization ended a request (of either kind) by proxy.

    The requester may no longer see the license holder, so its email has no link. Neither email
    names the new supplier.
    """
    holder, asking = asked.asked_order.assigned_to, asked.requested_by_organization
    for side in (asking, holder):
        post_to(
            administrators_of(side),
            kind="request withdrawn by a move",
            topic=Topic.REQUESTS,
            event=event,
            template="emails/licenses/withdrawn_by_move.html",
            context={
                "asked": asked,
                "order": asked.asked_order,
                "is_renewal": is_renewal,
                "notified_holder": side == holder,
            },
        )


@task()
def notify_withdrawn_by_move(order_pk: int) -> None:
    """Notify both sides that a move ended a request for a new license by proxy."""
    event = f"license request {order_pk} withdrawn by a move"
    notify_of_withdrawal_by_move(_order(order_pk), event=event, is_renewal=False)


def _notify_forwarder(order_pk: int, *, kind: str, template: str, **context: object) -> None:
    order = _order(order_pk)
    first = request_behind(order)
    if first is None or first.is_pending != (kind == "forwarded reviewed"):
        return
    post_to(
        administrators_of(order.assigned_to),
        kind=kind,
        topic=Topic.REQUESTS,
        event=f"license request {order.pk} {kind}",
        template=f"emails/licenses/{template}.html",
        context={"order": order, "first": first, **context},
    )


@task()
def notify_assigned_by_cci(order_pk: int) -> None:
    """Notify a supplier below CCI that CCI assigned a license to one of its organizations."""
    order = _order(order_pk)
    post_to(
        administrators_of(order.assigned_to.supplier),
        kind="order assigned by CCI",
        topic=Topic.LICENSES,
        event=f"order {order.pk} assigned by CCI",
        template="emails/licenses/order_assigned_by_cci.html",
        context={"order": order},
    )


def _order(pk: int) -> Order:
    return Order.objects.with_people().prefetch_related("products__family").get(pk=pk)


def _notify_holder(order: Order, **email: Any) -> None:
    _notify(order.assigned_to, order, **email)


def _notify(
    organization: Organization,
    order: Order,
    *,
    kind: str,
    event: str,
    template: str,
    **context: object,
) -> None:
    post_to(
        administrators_of(organization),
        kind=kind,
        topic=Topic.LICENSES,
        event=event,
        template=f"emails/licenses/{template}.html",
        context={"order": order, **context},
    )


@task()
def notify_allocated(order_pk: int) -> None:
    """Notify the license holder that its supplier assigned a license to it."""
    order = _order(order_pk)
    _notify_holder(
        order,
        kind="order allocated",
        event=f"order {order_pk} allocated",
        template="order_assigned",
    )


def _acted_for(order: Order, person: User) -> Organization | None:
    """Return the organization that the person acted for: CCI, or the assigner of the order."""
    return Organization.objects.vendor() if person.is_staff else order.assigned_by_organization


def _notify_of_act(order: Order, by: Organization | None, **email: Any) -> None:
    """Notify the license holder of what `by` did and, if that was CCI, the assigner too."""
    _notify_holder(order, by=by, **email)
    by_cci = by is not None and by.is_vendor
    if by_cci and order.assigner is not None and not order.assigner.is_vendor:
        _notify(order.assigner, order, by=by, **email)


@task()
def notify_reclaimed(transfer_pk: int) -> None:
    """Notify the license holder of reclaimed seats and, if CCI reclaimed them, the assigner."""
    transfer = Transfer.objects.select_related("made_by").get(pk=transfer_pk)
    order = _order(transfer.from_order_id)
    _notify_of_act(
        order,
        _acted_for(order, transfer.made_by),
        kind="seats reclaimed",
        event=f"transfer {transfer_pk} reclaimed",
        template="order_reclaimed",
        transfer=transfer,
    )


def post_teacher_code(order: Order, *, address: str, note: str, by: User) -> None:
    """Queue the email with the teacher code, in the caller's transaction."""
    post_to_address(
        address,
        kind=TEACHER_CODE,
        event=None,
        template="emails/licenses/teacher_code.html",
        context={"order": order, "note": note, "by": by},
    )


@task()
def notify_suspended(order_pk: int, below: list[int], by_pk: int, reason: str, at: str) -> None:
    """Notify the holders of a suspended order and of the orders `below` that stop with it.

    If CCI suspended it, the assigner is notified too.
    """
    _notify_of_turn(order_pk, below, by_pk, "suspended", at, reason=reason)


@task()
def notify_resumed(order_pk: int, below: list[int], by_pk: int, suspended_at: str) -> None:
    """Notify the same people that the suspension of `suspended_at` was lifted."""
    _notify_of_turn(order_pk, below, by_pk, "resumed", suspended_at)


def _notify_of_turn(
    order_pk: int, below: list[int], by_pk: int, turned: str, at: str, **context: object
) -> None:
    order, by = _order(order_pk), Organization.objects.get(pk=by_pk)
    email = {"kind": f"order {turned}", "template": f"order_{turned}", **context}
    _notify_of_act(order, by, event=f"order {order_pk} {turned} {at}", **email)
    for each in Order.objects.with_people().filter(pk__in=below):
        _notify_holder(each, by=by, event=f"order {each.pk} {turned} {at}", **email)


@task()
def notify_edited(
    order_pk: int, by_pk: int, changes: Sequence[Sequence[str]], reason: str, at: str
) -> None:
    """Notify the license holder of changes to its order and, if CCI made them, the assigner."""
    order, person = _order(order_pk), User.objects.get(pk=by_pk)
    _notify_of_act(
        order,
        _acted_for(order, person),
        kind="order edited",
        event=f"order {order_pk} edited {at}",
        template="order_edited",
        person=person,
        changes=changes,
        reason=reason,
    )


@task()
def notify_group_keys_replaced(order_pk: int, teacher_pks: list[int], by_pk: int, at: str) -> None:
    """Notify teachers that someone else replaced their group keys, without the new keys."""
    post_to(
        User.objects.filter(pk__in=teacher_pks, is_active=True).exclude(pk=by_pk),
        kind="group key replaced",
        event=f"order {order_pk} group keys replaced {at}",
        template="emails/licenses/group_key_replaced.html",
        context={"order": _order(order_pk), "by": User.objects.get(pk=by_pk)},
    )


_ALERTS = {
    AlertKind.STUDENTS: ("order_students", Topic.STUDENTS),
    AlertKind.BURST: ("order_students", Topic.STUDENTS),
    AlertKind.SEATS: ("order_seats", Topic.SEATS),
    AlertKind.ENDING: ("order_expiring", Topic.ENDING),
}


@task()
def notify_alert(alert_pk: int) -> None:
    """Notify the license holder of an alert and, if a code may have leaked, the assigner."""
    alert = Alert.objects.get(pk=alert_pk)
    order = _order(alert.order_id)
    template, topic = _ALERTS[AlertKind(alert.kind)]
    notified = [administrators_of(order.assigned_to)]
    if topic == Topic.STUDENTS and order.assigner is not None:
        notified.append(administrators_of(order.assigner))
    post_to(
        {person.pk: person for people in notified for person in people}.values(),
        kind=f"alert: {alert.kind}",
        topic=topic,
        event=f"alert {alert_pk}",
        template=f"emails/licenses/{template}.html",
        context={
            "order": order,
            "alert": alert,
            "left": max((order.last_day - timezone.localdate()).days, 0),
        },
    )
