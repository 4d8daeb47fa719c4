"""Notices about renewal requests."""

from django_tasks import task

from jasper_inventory.accounts.models import Topic
from jasper_inventory.accounts.notifications import administrators_of, post_to
from renewals.models import RenewalRequest


def _renewal(pk):
    people = ("requested_by", "requested_by_organization", "requested_to", "decided_by")
    return (
        RenewalRequest.objects.select_related(
            "order__assigned_to", "order__teacher_code", "new_order__teacher_code", *people
        )
        .prefetch_related("order__products__family")
        .get(pk=pk)
    )


@task()
def notify_renewal_requested(renewal_pk):
    """Tell the supplier's people, or CCI staff, that a renewal was requested."""
    renewal = _renewal(renewal_pk)
    post_to(
        administrators_of(renewal.requested_to),
        kind="renewal requested",
        topic=Topic.REQUESTS,
        event=f"renewal request {renewal.pk} made",
        template="renewals/emails/renewal_requested",
        context={"renewal": renewal, "order": renewal.order},
    )


@task()
def notify_renewal_decided(renewal_pk, by_cci=False):
    """Tell the requester what was decided; `by_cci`: tell the supplier that CCI decided it."""
    renewal = _renewal(renewal_pk)
    if by_cci:
        people, event = administrators_of(renewal.requested_to), "decided by CCI"
    else:
        people, event = [renewal.requested_by], "decided"
    post_to(
        people,
        kind=f"renewal {event}",
        topic=Topic.REQUESTS,
        event=f"renewal request {renewal.pk} {event}",
        template="renewals/emails/renewal_decided",
        context={"renewal": renewal, "order": renewal.order},
    )
