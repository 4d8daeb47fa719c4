"""Finding whose a code is, for support staff; to strangers every refusal reads the same."""

from typing import Any

from django.utils import timezone

from activation_codes.codes import is_well_formed
from activation_codes.models import ActivationCode
from jasper_inventory.lib.codes import ALPHABET, LENGTH, normalize
from licenses.models import Order, OrderStatus, TeacherCode

COLUMNS = ("code", "kind", "order_number", "organization", "status", "start_date", "finish_date")
COLUMNS += ("users", "used", "redeemed_by")


def found_rows(typed: str) -> list[dict[str, Any]]:
    """The orders that a typed code leads to: one by an activation code, all by a teacher code."""
    code = normalize(typed)
    teacher = TeacherCode.objects.filter(code=code).first()
    if teacher:
        orders = _orders().filter(teacher_code=teacher)
        return [_row(order, str(teacher), "teacher code") for order in orders]
    found = ActivationCode.objects.with_redeemers().filter(code=code).first()
    if found is None:
        return []
    row = _row(_orders().get(pk=found.order_id), str(found), "activation code")
    return [row | {"users": found.users, "used": found.used, "redeemed_by": found.emails}]


def _orders():
    return Order.objects.with_status(timezone.localdate()).select_related("assigned_to")


def _row(order: Any, code: str, kind: str) -> dict[str, Any]:
    return {
        "code": code,
        "kind": kind,
        "order_number": order.number,
        "organization": order.assigned_to.name,
        "status": str(OrderStatus(order.status).label),
        "start_date": order.start_date,
        "finish_date": order.finish_date,
        "users": None,
        "used": None,
        "redeemed_by": None,
    }


def why_not_found(typed: str) -> str:
    """Whether a text that leads nowhere is mistyped or an unknown code. Doesn't repeat it."""
    code = normalize(typed)
    if len(code) != LENGTH:
        return f"A typing error: a code has {LENGTH} signs, not {len(code)}."
    if is_well_formed(code):
        return "Unknown: no such code was ever created here."
    strange = sorted(set(code) - set(ALPHABET))
    if strange:
        return (
            "No teacher code, and as an activation code a typing error: those never have "
            f"{' '.join(strange)}."
        )
    return "No teacher code, and as an activation code a typing error: its check sign is wrong."
