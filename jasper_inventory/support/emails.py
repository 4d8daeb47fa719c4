"""Notices about organizations that move in the tree."""

from django_tasks import task

from jasper_inventory.accounts.emails import administrators_of, post_to
from jasper_inventory.accounts.models import Organization
from licenses.models import Order, Outcome
from renewals.models import RenewalRequest


@task()
def notify_moved(
    organization_pk: int,
    supplier_pk: int,
    is_new: bool,
    *,
    orders: list[int],
    renewals: list[int],
    forwarded: list[int],
    at: str,
) -> None:
    """Notify the old or the new supplier of a moved organization, and list its requests.

    The email doesn't name the other supplier. `forwarded` are the orders that the old supplier
    requested when it forwarded some of them.
    """
    organization = Organization.objects.get(pk=organization_pk)
    supplier = Organization.objects.get(pk=supplier_pk)
    post_to(
        administrators_of(supplier),
        kind="organization came" if is_new else "organization left",
        event=f"organization {organization_pk} moved {at} {is_new}",
        template="emails/support/organization_moved.html",
        context={
            "organization": organization,
            "supplier": supplier,
            "is_new": is_new,
            "is_seen": supplier.is_vendor or organization.path.startswith(supplier.path),
            "orders": Order.objects.filter(pk__in=orders).order_by("number"),
            "renewals": RenewalRequest.objects.filter(pk__in=renewals)
            .select_related("order")
            .order_by("order__number"),
            "own_orders": Order.objects.filter(
                pk__in=forwarded, outcome__in=(Outcome.PENDING, Outcome.APPROVED)
            ).order_by("number"),
        },
    )
