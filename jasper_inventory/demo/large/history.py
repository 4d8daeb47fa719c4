"""The history that services would have written, derived from the loaded rows.

Each row has its first state, each order and request also its present one if that differs, and
each act names its actor. The counters of an order are only in its present state, instead of one
change for every student who joined.
"""

from typing import Any

from django.db.models import Model

from activation_codes.models import CodeBatch, Redemption
from jasper_inventory.accounts.models import Membership, Organization, User
from licenses.models import Enrollment, GroupKey, Order, OrderProduct
from renewals.models import RenewalRequest

# The keys of contexts, in the order of their rows: an act's kind, then the row that it made.
_CONTEXT = "('00000000-0000-{kind:04}-0000-' || lpad(to_hex({pk}), 12, '0'))::uuid"
MADE, REVIEWED, JOINED, ASKED = 1, 2, 3, 4


def _context(kind: int, pk: str) -> str:
    return _CONTEXT.format(kind=kind, pk=pk)


# What an order was when it was made: a request has no terms yet, and no one has joined.
_REQUESTED = "requested_at IS NOT NULL AND renewal_of_id IS NULL"
_EMPTY = (
    *("reviewed_by_id", "reviewed_at", "start_date", "finish_date", "students"),
    *("number_of_codes", "duration", "assigned_by_organization_id", "parent_id"),
    "teacher_code_id",
)
FIRST_ORDER = {
    "outcome": f"CASE WHEN {_REQUESTED} THEN 'pending' ELSE outcome END",
    **{name: f"CASE WHEN NOT ({_REQUESTED}) THEN {name} END" for name in _EMPTY},
    "approval_comments": f"CASE WHEN {_REQUESTED} THEN '' ELSE approval_comments END",
    **dict.fromkeys(("enrolled", "allocated", "codes_created", "codes_allocated"), "0"),
    **dict.fromkeys(("suspended_at", "suspended_by_id", "suspended_by_organization_id"), "NULL"),
    **dict.fromkeys(("joining_paused_at", "joining_paused_by_id", "forwarded_as_id"), "NULL"),
    **dict.fromkeys(("suspension_reason", "joining_pause_reason"), "''"),
    "suspended_ancestors": "0",
    "is_active": "true",
}
FIRST_RENEWAL = {
    "outcome": "'pending'",
    **dict.fromkeys(("reviewed_by_id", "reviewed_at", "new_order_id"), "NULL"),
    "approval_comments": "''",
}
_ORDER_CHANGED = f"({_REQUESTED} AND outcome <> 'pending') OR enrolled + allocated" + (
    " + codes_created + codes_allocated + suspended_ancestors > 0 OR NOT is_active"
    " OR suspended_at IS NOT NULL OR joining_paused_at IS NOT NULL OR forwarded_as_id IS NOT NULL"
)
_OLDEST = "(SELECT min(date_joined) FROM accounts_user)"
_OF_ORDER = "(SELECT coalesce(requested_at, reviewed_at) FROM licenses_order WHERE id = order_id)"
_ENROLLMENT = _context(JOINED, "enrollment_id")

# Per model: when its row was made, and in which act.
FIRST: dict[type[Model], tuple[str, str, dict[str, str]]] = {
    Organization: (_OLDEST, "NULL", {}),
    User: ("date_joined", "NULL", {}),
    Membership: ("created_at", "NULL", {}),
    GroupKey: ("created_at", "NULL", {}),
    Order: ("coalesce(requested_at, reviewed_at)", _context(MADE, "id"), FIRST_ORDER),
    OrderProduct: (_OF_ORDER, _context(MADE, "order_id"), {}),
    CodeBatch: ("created_at", "NULL", {}),
    RenewalRequest: ("requested_at", _context(ASKED, "id"), FIRST_RENEWAL),
    Enrollment: ("enrolled_at", _context(JOINED, "id"), {"removed_at": "NULL"}),
    Redemption: ("redeemed_at", _ENROLLMENT, {}),
}
# Per model: which rows changed, when, and in which act.
CHANGED: dict[type[Model], tuple[str, str, str]] = {
    Order: (
        _ORDER_CHANGED,
        "coalesce(suspended_at, reviewed_at, requested_at)",
        f"CASE WHEN {_REQUESTED} AND outcome <> 'pending' THEN {_context(REVIEWED, 'id')} END",
    ),
    RenewalRequest: ("outcome <> 'pending'", "reviewed_at", "NULL"),
    Enrollment: ("removed_at IS NOT NULL", "removed_at", "NULL"),
}
# The acts: their keys, times, names and actors.
CONTEXTS = f"""
INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
SELECT {_context(MADE, "id")}, at, at, jsonb_build_object('action', act, 'user', who)
FROM licenses_order, LATERAL (SELECT coalesce(requested_at, reviewed_at) AS at,
    CASE WHEN renewal_of_id IS NOT NULL THEN 'renewal.approved'
         WHEN requested_at IS NULL THEN 'order.assigned' ELSE 'order.requested' END AS act,
    CASE WHEN {_REQUESTED} THEN requested_by_id ELSE reviewed_by_id END AS who) AS made
ORDER BY licenses_order.id;
INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
SELECT {_context(REVIEWED, "id")}, reviewed_at, reviewed_at,
    jsonb_build_object('action', 'order.' || outcome, 'user', reviewed_by_id)
FROM licenses_order WHERE {_REQUESTED} AND outcome <> 'pending' ORDER BY id;
INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
SELECT {_context(JOINED, "enrollment.id")}, enrolled_at, enrolled_at, jsonb_build_object(
    'action', CASE WHEN role = 1 THEN 'teacher.joined'
        WHEN ends_on IS NULL THEN 'student.enrolled' ELSE 'code.redeemed' END,
    'user', user_id)
FROM licenses_enrollment AS enrollment ORDER BY enrollment.id;
INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
SELECT {_context(ASKED, "id")}, requested_at, requested_at,
    jsonb_build_object('action', 'renewal.requested', 'user', requested_by_id)
FROM renewals_renewalrequest ORDER BY id;
"""


def write_history(cursor: Any) -> None:
    """Write the history of all loaded rows; their triggers are off."""
    cursor.execute(CONTEXTS)
    for model, (at, context, first) in FIRST.items():
        _write(cursor, model, "insert", at=at, context=context, values=first)
    for model, (which, at, context) in CHANGED.items():
        _write(cursor, model, "update", at=at, context=context, values={}, which=which)


def _write(
    cursor: Any,
    model: type[Model],
    label: str,
    *,
    at: str,
    context: str,
    values: dict[str, str],
    which: str = "true",
) -> None:
    # Added by django-pghistory, which mypy can't see.
    (event,) = set(model.pgh_event_models.values())  # type: ignore[attr-defined]
    names = [
        field.column
        for field in event._meta.local_fields
        if not field.name.startswith("pgh_") and not field.primary_key
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    selected = ", ".join(values.get(name, f'"{name}"') for name in names)
    cursor.execute(
        f"INSERT INTO {event._meta.db_table} (pgh_created_at, pgh_label, pgh_obj_id,"
        f" pgh_context_id, {columns}) SELECT {at}, '{label}', id, {context}, {selected}"
        f" FROM {model._meta.db_table} WHERE {which} ORDER BY id"
    )
