"""Large batches of codes, which a worker creates in the background."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import task

from activation_codes.models import PendingBatch
from activation_codes.services.codes import (
    create_codes,
    require_codes_order,
    save_boxes,
    why_no_codes,
)
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.background import (
    MOST_AT_ONCE,
    CanceledError,
    progress_of,
    stop_unless,
)
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import DISCARDED, LONG, SET_ASIDE, when
from licenses.models import Order


def create_or_queue_codes(
    *, order: Order, by: User, boxes: Mapping[str, bool]
) -> int | PendingBatch:
    """Save the settings and create all remaining codes, or queue them if they are many.

    Return the number of codes created, 0 if there were none left, or the pending batch. Raise
    DomainError if the order isn't in force.
    """
    if order.codes_left <= MOST_AT_ONCE:
        return create_codes(order=order, by=by, boxes=boxes)
    require_codes_order(order, by)
    with audited("code settings.saved", by=by) as act:
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if reason := why_no_codes(order):
            raise DomainError(reason)
        act.on(order)
        act.changes({name: getattr(order, name) for name in boxes}, dict(boxes))
        save_boxes(order, boxes)
        if order.codes_left == 0:
            return 0
        # One that couldn't be finished is replaced.
        PendingBatch.objects.filter(order=order).exclude(problem="").delete()
        batch, is_new = PendingBatch.objects.get_or_create(
            order=order, defaults={"number_of_codes": order.codes_left, "created_by": by}
        )
        if is_new:
            create_pending_codes.enqueue(batch.pk)
    return batch


def cancel_batch(*, order: Order, by: User) -> bool:
    """Cancel an order's pending batch; return False if it was finished or canceled before.

    A worker that is writing its codes notices it, and leaves none of them.
    """
    require_codes_order(order, by)
    deleted, _per_model = PendingBatch.objects.filter(order=order).delete()
    return bool(deleted)


@task(priority=LONG)
def create_pending_codes(batch_pk: int) -> None:
    """Create the codes of a pending batch, unless it was canceled. Safe to run twice."""
    batch = PendingBatch.objects.select_related("order", "created_by").filter(pk=batch_pk).first()
    if batch is None:
        return
    try:
        with progress_of(batch, "created") as progress, transaction.atomic():
            create_codes(order=batch.order, by=batch.created_by, progress=progress)
            # With the same commit, so that either the codes are there or the pending batch.
            stop_unless(bool(PendingBatch.objects.filter(pk=batch_pk).delete()[0]))
    except CanceledError:
        return
    except DomainError as error:
        PendingBatch.objects.filter(pk=batch_pk).update(problem=str(error))


@when(SET_ASIDE, create_pending_codes)
@when(DISCARDED, create_pending_codes)
def show_failed_batch(batch_pk: int) -> None:
    """Show that the codes could not be created, so that someone can start again."""
    problem = _("Try again, or contact support.")
    PendingBatch.objects.filter(pk=batch_pk).update(problem=problem)
