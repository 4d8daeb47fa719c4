"""The demo's requests that were passed on, from supplier to supplier."""

from dataclasses import dataclass

from jasper_inventory.demo.stage import Stage
from licenses.models import Order
from licenses.services.requests import forward_request, reject_request


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


def forward(stage: Stage, one: Pass) -> None:
    """Pass a request on as often as there are comments."""
    order = Order.objects.get(purchase_order=one.of, requested_at__isnull=False)
    for comments in one.comments:
        by = stage.reviewer(order.requested_to)
        order = forward_request(request=order, by=by, comments=comments)
        Order.objects.filter(pk=order.pk).update(requested_at=stage.moment(-one.ago))
    if one.refused:
        reviewer = stage.reviewer(order.requested_to)
        reject_request(request=order, by=reviewer, comments=one.refused)
        Order.objects.filter(pk=order.pk).update(reviewed_at=stage.moment(1 - one.ago))
