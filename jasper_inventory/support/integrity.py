"""Recounts of the counters on orders and codes, from the rows that they count."""

from dataclasses import dataclass

from django.db import IntegrityError, connection, connections, transaction

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.replica import reads_replica_now, source
from licenses.models import Order
from licenses.models.branches import ANCESTORS
from licenses.models.mixes import NO_PRODUCTS, SEPARATOR

COLUMNS = ("order_number", "counter", "stored", "counted", "repaired")

# The columns of an order's branch: found anew, and compared with those that are stored.
_ANCESTORS = ", ".join(f"coalesce({found}, 0) AS {column}" for column, found in ANCESTORS.items())
_BRANCH = ", ".join(
    f"('{column}', coalesce(o.{column}_id, 0), branch.{column})" for column in ANCESTORS
)
# A single statement sees every order and its rows at the same moment.
_DIFFERENCES = f"""
    WITH RECURSIVE people AS (
        SELECT order_id, count(*) AS number FROM licenses_enrollment
        WHERE role = 2 AND removed_at IS NULL GROUP BY order_id
    ), children AS (
        SELECT parent_id, sum(coalesce(students, 0))::bigint AS seats,
               sum(coalesce(number_of_codes, 0))::bigint AS codes
        FROM licenses_order WHERE parent_id IS NOT NULL GROUP BY parent_id
    ), created AS (
        SELECT order_id, count(*) AS number FROM activation_codes_activationcode
        WHERE replacement_id IS NULL GROUP BY order_id
    ), suspended AS (
        SELECT id, suspended_at, 0 AS ancestors FROM licenses_order WHERE parent_id IS NULL
        UNION ALL
        SELECT child.id, child.suspended_at,
               suspended.ancestors + (suspended.suspended_at IS NOT NULL)::int
        FROM licenses_order child JOIN suspended ON child.parent_id = suspended.id
    ), branch AS (
        SELECT holder.id AS holder_id,
               array_agg(above.id) AS line,
               {_ANCESTORS}
        FROM accounts_organization holder
        CROSS JOIN generate_series(4, length(holder.path), 4) AS step
        JOIN accounts_organization above ON above.path = left(holder.path, step)
        GROUP BY holder.id
    ), mixes AS (
        SELECT order_id, string_agg(product_id::text, '{SEPARATOR}' ORDER BY product_id) AS mix
        FROM licenses_orderproduct GROUP BY order_id
    ), redeemed AS (
        SELECT redemption.code_id, count(*) AS number
        FROM activation_codes_redemption redemption
        JOIN licenses_enrollment enrollment ON enrollment.id = redemption.enrollment_id
        WHERE enrollment.removed_at IS NULL GROUP BY redemption.code_id
    ), counted AS (
        SELECT o.id, o.id AS row_id, o.number, counter.*
        FROM licenses_order o
        LEFT JOIN people ON people.order_id = o.id
        LEFT JOIN children ON children.parent_id = o.id
        LEFT JOIN created ON created.order_id = o.id
        JOIN suspended ON suspended.id = o.id
        JOIN branch ON branch.holder_id = o.assigned_to_id
        LEFT JOIN mixes ON mixes.order_id = o.id
        CROSS JOIN LATERAL (VALUES
            ('enrolled', o.enrolled, coalesce(people.number, 0)),
            ('allocated', o.allocated, coalesce(children.seats, 0)),
            ('codes_allocated', o.codes_allocated, coalesce(children.codes, 0)),
            ('codes_created', o.codes_created, coalesce(created.number, 0)),
            ('suspended_ancestors', o.suspended_ancestors, suspended.ancestors),
            {_BRANCH},
            ('is_left_behind', o.is_left_behind::int, (
                o.outcome <> 'approved' AND o.requested_by_organization_id <> ALL (branch.line)
            )::int),
            ('mix', (o.mix = coalesce(mixes.mix, '{NO_PRODUCTS}'))::int, 1)
        ) AS counter (name, stored, counted)
        UNION ALL
        SELECT o.id, code.id, o.number, 'used', code.used, coalesce(redeemed.number, 0)
        FROM activation_codes_activationcode code
        JOIN licenses_order o ON o.id = code.order_id
        LEFT JOIN redeemed ON redeemed.code_id = code.id
        WHERE code.used <> coalesce(redeemed.number, 0)
    )
    SELECT row_id, number, name, stored, counted FROM counted
    WHERE stored <> counted ORDER BY number, name, row_id
"""


@dataclass
class Difference:
    """A counter that differs from its rows. `used` belongs to an activation code.

    The columns of an order's branch are compared, too, as numbers: see licenses/models/branches.
    So is its product mix: 1 if it has the keys of its products, 0 if not.
    """

    row_id: int
    order_number: int
    counter: str
    stored: int
    counted: int
    repaired: bool = False


@reads_replica_now
def differences() -> list[Difference]:
    """Return every counter that differs from its rows."""
    with connections[source()].cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [Difference(*row) for row in cursor.fetchall()]


def repair(*, by: User) -> list[Difference]:
    """Set the counters to the numbers of their rows, and return those that differed.

    A counter that would break a constraint (more people than seats) is left as it is and not
    marked `repaired`, because a person must choose who loses a seat. Other writes wait.
    """
    require_cci_staff(by)
    with audited("inventory.repaired", by=by):
        with connection.cursor() as cursor:
            # This mode also waits for transactions that have locked an order to change it.
            cursor.execute(
                "LOCK TABLE licenses_order, activation_codes_activationcode IN EXCLUSIVE MODE"
            )
        found = differences()
        by_row: dict[tuple[bool, int], list[Difference]] = {}
        for difference in found:
            by_row.setdefault((difference.counter == "used", difference.row_id), []).append(
                difference
            )
        for (is_code, pk), wrong in by_row.items():
            _set(ActivationCode if is_code else Order, pk, wrong)
    return found


def _set(model: type[ActivationCode] | type[Order], pk: int, wrong: list[Difference]) -> None:
    try:
        with transaction.atomic():
            model._default_manager.filter(pk=pk).update(
                **{each.counter: each.counted for each in wrong}
            )
    except IntegrityError:
        return
    for each in wrong:
        each.repaired = True
