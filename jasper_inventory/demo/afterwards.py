"""What happened to the demo's orders afterwards: one was edited, two were asked for by proxy."""

from django.apps import apps
from django.db.models import F, OuterRef, Subquery

from jasper_inventory.demo.orders import CENTER, O16
from jasper_inventory.demo.stage import Stage
from licenses.models import Activity, ActivityKind, Order, Outcome, Transfer, TransferKind
from licenses.services.order_edits import edit_order
from licenses.services.requests import request_order
from renewals.models import CodeChoice
from renewals.services import offered_dates, request_renewal


def date_history() -> None:
    """The acts so far stand in the history at their own moments, not at that of loading."""
    events = apps.get_model("licenses", "OrderEvent").objects
    row = Order.objects.filter(pk=OuterRef("pgh_obj"))
    came = events.filter(pgh_label="insert")
    came.filter(outcome=Outcome.PENDING).update(pgh_created_at=_of(row, "requested_at"))
    came.exclude(outcome=Outcome.PENDING).update(pgh_created_at=_of(row, "reviewed_at"))
    went = events.filter(pgh_label="update")
    reviewed = [f"order.{outcome}" for outcome in Outcome.values]
    reviewed_here = went.filter(pgh_context__metadata__action__in=reviewed)
    reviewed_here.filter(reviewed_at__isnull=False).update(pgh_created_at=_of(row, "reviewed_at"))
    went.filter(pgh_context__metadata__action="order.suspended", suspended_at__isnull=False).update(
        pgh_created_at=F("suspended_at")
    )
    back = went.filter(pgh_context__metadata__action="order.reclaimed")
    for transfer in Transfer.objects.filter(kind=TransferKind.RECLAIMED):
        back.filter(pgh_obj=transfer.from_order_id).update(pgh_created_at=transfer.made_at)


def date_activity() -> None:
    """The same for what the orders' own pages show."""
    acts, row = Activity.objects, Order.objects.filter(pk=OuterRef("order"))
    asked = acts.filter(kind=ActivityKind.REQUESTED)
    asked.update(at=_of(row, "requested_at"))
    reviewed = (
        *(ActivityKind.APPROVED, ActivityKind.REJECTED, ActivityKind.WITHDRAWN),
        *(ActivityKind.ASSIGNED, ActivityKind.RENEWED),
    )
    acts.filter(kind__in=reviewed, order__reviewed_at__isnull=False).update(
        at=_of(row, "reviewed_at")
    )
    acts.filter(kind=ActivityKind.SUSPENDED, order__suspended_at__isnull=False).update(
        at=_of(row, "suspended_at")
    )
    for transfer in Transfer.objects.filter(kind=TransferKind.RECLAIMED):
        reclaims = acts.filter(kind=ActivityKind.RECLAIMED, order=transfer.from_order_id)
        reclaims.update(at=transfer.made_at)


def _of(rows, field):
    return Subquery(rows.values(field)[:1])


def edit(stage: Stage, order: Order) -> None:
    """The hub gives a center more places and more time."""
    edit_order(
        order=order,
        by=stage.administrators["hub"],
        students=(order.students or 0) + 10,
        purchase_order=f"{order.purchase_order} B",
        reason="Agreed with Daniel on the phone: one class more.",
    )


def ask_for_others(stage: Stage, order: Order) -> None:
    """The reseller asks for the hub's center, the hub for the renewal of another's order."""
    request_order(
        organization=stage.organizations["harbour"],
        requested_by_organization=stage.organizations["reseller"],
        inventory_type=CENTER,
        products=stage.products[O16].values(),
        by=stage.administrators["reseller"],
        students=25,
        purchase_order="CEG/144",
        comments="They asked at the fair; please help them soon.",
    )
    start, finish = offered_dates(order)
    request_renewal(
        order=order,
        requested_by_organization=stage.organizations["hub"],
        code_choice=CodeChoice.EXISTING,
        start_date=start,
        finish_date=finish,
        students=order.seats,
        by=stage.administrators["hub"],
        comments="So that the classes go on without a gap.",
    )
