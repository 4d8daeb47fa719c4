"""The demo's requests that were passed on, from supplier to supplier."""

from dataclasses import dataclass

from jasper_inventory.demo.stage import Stage
from licenses.models import Order
from licenses.services.requests import pass_on_order, reject_order


@dataclass(frozen=True, kw_only=True)
class Pass:
    """The request with this purchase order, passed on: so many days ago, and what was written
    each time, from the lowest supplier upwards; and the answer of the last, if it refused."""

    of: str
    ago: int
    comments: tuple[str, ...]
    refused: str = ""


PASSES = [
    Pass(
        of="1093",
        ago=1,
        comments=(
            "A college asks for a site license; ours of Microsoft 365 Apps is limited.",
            "Our license is limited, too. Could you give us a site license?",
        ),
    ),
    Pass(
        of="MR-363",
        ago=4,
        comments=("For a third Word class at one of our schools.",),
        refused="You have places left on FVLH 38; please use those first.",
    ),
]


def pass_on(stage: Stage, one: Pass) -> None:
    """Pass a request on as often as there are comments."""
    order = Order.objects.get(purchase_order=one.of, requested_at__isnull=False)
    for comments in one.comments:
        by = stage.decider(order.requested_to)
        order = pass_on_order(order=order, by=by, comments=comments)
        Order.objects.filter(pk=order.pk).update(requested_at=stage.moment(-one.ago))
    if one.refused:
        decider = stage.decider(order.requested_to)
        reject_order(order=order, by=decider, comments=one.refused)
        Order.objects.filter(pk=order.pk).update(decided_at=stage.moment(1 - one.ago))
