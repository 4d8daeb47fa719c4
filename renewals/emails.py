"""Emails about renewal requests."""

from django_tasks import task

from jasper_inventory.accounts.emails import administrators_of, post_to
from jasper_inventory.accounts.models import Topic
from licenses.emails import notify_of_withdrawal_by_move, notify_other_side, requesters_of
from renewals.models import RenewalRequest


def _renewal(pk: int) -> RenewalRequest:
    people = ("requested_by", "requested_by_organization", "requested_to", "reviewed_by")
    return (
        RenewalRequest.objects.select_related(
            "order__assigned_to", "order__teacher_code", "new_order__teacher_code", *people
        )
        .prefetch_related("order__products__family")
        .get(pk=pk)
    )


@task()
def notify_renewal_requested(renewal_pk: int) -> None:
    """Notify the supplier's administrators, or CCI staff, of a renewal request."""
    renewal = _renewal(renewal_pk)
    post_to(
        administrators_of(renewal.requested_to),
        kind="renewal requested",
        topic=Topic.REQUESTS,
        event=f"renewal request {renewal.pk} made",
        template="emails/renewals/renewal_requested.html",
        context={"renewal": renewal, "order": renewal.order},
    )


@task()
def notify_renewal_reviewed(renewal_pk: int, by_cci: bool = False) -> None:
    """Notify the requester of the outcome, and the license holder of a request by proxy.

    With `by_cci`, notify the supplier instead that CCI reviewed the request.
    """
    renewal = _renewal(renewal_pk)
    event = "reviewed by CCI" if by_cci else "reviewed"
    notified = [(requesters_of(renewal, renewal.order.assigned_to), False)]
    if by_cci:
        # The supplier's user who made a request by proxy is notified as the requester.
        people = administrators_of(renewal.requested_to)
        notified = [(people.exclude(pk__in=[renewal.requested_by_id]), False)]
    elif renewal.is_by_proxy:
        notified.append((administrators_of(renewal.order.assigned_to), True))
    for people, notified_holder in notified:
        post_to(
            people,
            kind=f"renewal {event}",
            topic=Topic.REQUESTS,
            event=f"renewal request {renewal.pk} {event}",
            template="emails/renewals/renewal_reviewed.html",
            context={
                "renewal": renewal,
                "order": renewal.order,
                "notified_holder": notified_holder,
            },
        )


@task()
def notify_withdrawn_for_other(renewal_pk: int) -> None:
    """Notify the other side, requester or license holder, of a withdrawn request by proxy."""
    renewal = _renewal(renewal_pk)
    notify_other_side(renewal, event=f"renewal request {renewal_pk} withdrawn", is_renewal=True)


@task()
def notify_renewal_withdrawn_by_move(renewal_pk: int) -> None:
    """Notify both sides that moving an organization withdrew a renewal request by proxy."""
    event = f"renewal request {renewal_pk} withdrawn by a move"
    notify_of_withdrawal_by_move(_renewal(renewal_pk), event=event, is_renewal=True)


@task()
def notify_renewal_requested_for(renewal_pk: int) -> None:
    """Notify the license holder's administrators of a renewal request made for it by proxy."""
    renewal = _renewal(renewal_pk)
    post_to(
        administrators_of(renewal.order.assigned_to),
        kind="renewal requested for you",
        topic=Topic.REQUESTS,
        event=f"renewal request {renewal_pk} made for you",
        template="emails/renewals/renewal_requested_for_you.html",
        context={"renewal": renewal, "order": renewal.order},
    )
