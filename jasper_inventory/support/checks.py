"""All counters and copies: columns that follow from other rows, and how they follow in SQL.

Counters are kept by services, copies by triggers. `tests/support/test_check_inventory_copies.py`
fails if a trigger writes a column that isn't listed. Generated columns aren't: PostgreSQL refuses
every other value of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Field, Model, Sum

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Level, Membership, Organization, memberships
from licenses.models import (
    ApprovedCount,
    Enrollment,
    InventoryType,
    Order,
    Transfer,
    enrollments,
)
from licenses.models.branches import ABOVE, ANCESTORS, COLUMNS
from licenses.models.mixes import NO_PRODUCTS, SEPARATOR
from licenses.models.totals import COUNTED


def column_of(model: type[Model], name: str) -> str:
    """Return the column of a model's field."""
    field = model._meta.get_field(name)
    assert isinstance(field, Field) and field.column
    return field.column


@dataclass(frozen=True)
class Check:
    """Columns of one table, and what each of them must be."""

    model: type[Model]
    # SQL by the name of a field, over `t`, the row, and what is joined to it.
    columns: Mapping[str, str]
    joins: str
    # SQL of the number of the order that the row belongs to.
    number: str = "NULL::bigint"
    # Whether a finding names the row, besides the order.
    names_row: bool = True
    # Fields with a person's name, which no report shows.
    private: frozenset[str] = frozenset()

    def stored(self, name: str) -> str:
        """Return the SQL of what is stored."""
        return f"t.{column_of(self.model, name)}"

    def repair(self, pk: int, found: Mapping[str, Any]) -> None:
        """Store what was found for these fields of a row."""
        self.model._default_manager.filter(pk=pk).update(
            # A trigger finds what a copy must be, whatever is written.
            **{name: F(name) if name in self.private else value for name, value in found.items()}
        )

    def sql(self, at: int) -> str:
        """Return the query of the columns that differ; `at` is the check's own number."""
        stored = {name: self.stored(name) for name in self.columns}
        differs = {
            name: f"{stored[name]} IS DISTINCT FROM {found}" for name, found in self.columns.items()
        }
        lines = ", ".join(
            f"('{name}', {_shown(stored[name], hidden=name in self.private)},"
            f" {_shown(found, hidden=name in self.private)}, {differs[name]})"
            for name, found in self.columns.items()
        )
        # Rows without a difference, nearly all, aren't split into their columns.
        return f"""
            SELECT {at}, t.id, {self.number}, fact.name, fact.stored, fact.counted
            FROM {self.model._meta.db_table} AS t {self.joins}
            CROSS JOIN LATERAL (VALUES {lines}) AS fact (name, stored, counted, differs)
            WHERE ({" OR ".join(differs.values())}) AND fact.differs
        """


class TotalsCheck(Check):
    """Totals of organizations, each the sum of several rows: a repair adds what is missing.

    The name of each is a type of orders and what is counted, such as "codes_of_branch".
    """

    def stored(self, name: str) -> str:
        return f"coalesce(kept.{name}, 0)"

    def repair(self, pk: int, found: Mapping[str, Any]) -> None:
        """Add what is missing now: repairs of the orders' branches have changed totals, too."""
        organization = Organization.objects.get(pk=pk)
        for name in found:
            kind, counted = name.split("_of_")
            orders = Order.objects.approved().filter(inventory_type=kind)
            totals = ApprovedCount.objects.filter(organization=organization, inventory_type=kind)
            is_own = counted == "own" or organization.is_vendor
            of_it = orders.held_by(organization) if is_own else orders.in_scope_of(organization)
            stored = totals.aggregate(sum=Sum(counted, default=0))["sum"]
            changes = {"own": 0, "branch": 0} | {counted: of_it.count() - stored}
            ApprovedCount.objects.create(organization=organization, inventory_type=kind, **changes)


def _shown(value: str, *, hidden: bool) -> str:
    return "'null'::jsonb" if hidden else f"coalesce(to_jsonb({value}), 'null')"


_STEP = Organization.steplen
_OF_ORDER = "(SELECT number FROM licenses_order WHERE id = t.order_id)"
_FROM_PERSON = "JOIN accounts_user AS person ON person.id = t.user_id"

_SEATS = """
    LEFT JOIN (
        SELECT order_id, count(*) AS number FROM licenses_enrollment
        WHERE role = 2 AND removed_at IS NULL GROUP BY order_id
    ) AS people ON people.order_id = t.id
    LEFT JOIN (
        SELECT parent_id, sum(coalesce(students, 0))::bigint AS seats,
               sum(coalesce(number_of_codes, 0))::bigint AS codes
        FROM licenses_order WHERE parent_id IS NOT NULL GROUP BY parent_id
    ) AS children ON children.parent_id = t.id
    LEFT JOIN (
        SELECT order_id, count(*) AS number FROM activation_codes_activationcode
        WHERE replacement_id IS NULL GROUP BY order_id
    ) AS created ON created.order_id = t.id
"""
# An order below two suspended ones is found twice. OFFSET 0 makes PostgreSQL look for the children
# of these few orders, rather than read all orders for each level.
_SUSPENDED = """
    LEFT JOIN (
        WITH RECURSIVE stopped AS (
            SELECT id FROM licenses_order WHERE suspended_at IS NOT NULL
        ), below AS (
            SELECT child.id FROM stopped, LATERAL (
                SELECT id FROM licenses_order WHERE parent_id = stopped.id OFFSET 0
            ) AS child
            UNION ALL
            SELECT child.id FROM below, LATERAL (
                SELECT id FROM licenses_order WHERE parent_id = below.id OFFSET 0
            ) AS child
        )
        SELECT id, count(*) AS number FROM below GROUP BY id
    ) AS suspended ON suspended.id = t.id
"""
_FOUND = ", ".join(f"{found} AS {column}" for column, found in ANCESTORS.items())
_BRANCH = f"""
    JOIN (
        SELECT holder.id, array_agg(above.id) AS line, {_FOUND}
        FROM accounts_organization AS holder
        CROSS JOIN generate_series({_STEP}, length(holder.path), {_STEP}) AS step
        JOIN accounts_organization AS above ON above.path = left(holder.path, step)
        GROUP BY holder.id
    ) AS branch ON branch.id = t.assigned_to_id
"""
_MIX = f"""
    LEFT JOIN (
        SELECT order_id, string_agg(product_id::text, '{SEPARATOR}' ORDER BY product_id) AS keys
        FROM licenses_orderproduct GROUP BY order_id
    ) AS mix ON mix.order_id = t.id
"""
_ORDERS = Check(
    Order,
    {
        "enrolled": "coalesce(people.number, 0)",
        "allocated": "coalesce(children.seats, 0)",
        "codes_allocated": "coalesce(children.codes, 0)",
        "codes_created": "coalesce(created.number, 0)",
        "suspended_ancestors": "coalesce(suspended.number, 0)",
        **{column: f"branch.{column}" for column in ABOVE.values()},
        "is_left_behind": """(
            t.outcome <> 'approved' AND coalesce(
                t.requested_by_organization_id <> ALL (branch.line), false
            )
        )""",
        "mix": f"coalesce(mix.keys, '{NO_PRODUCTS}')",
    },
    joins=_SEATS + _SUSPENDED + _BRANCH + _MIX,
    number="t.number",
    names_row=False,
)

_CODES = Check(
    ActivationCode,
    {"used": "coalesce(redeemed.number, 0)"},
    joins="""
        LEFT JOIN (
            SELECT redemption.code_id, count(*) AS number
            FROM activation_codes_redemption AS redemption
            JOIN licenses_enrollment AS enrollment ON enrollment.id = redemption.enrollment_id
            WHERE enrollment.removed_at IS NULL GROUP BY redemption.code_id
        ) AS redeemed ON redeemed.code_id = t.id
    """,
    number=_OF_ORDER,
    names_row=False,
)

_ENROLLMENTS = Check(
    Enrollment,
    {column: f"person.{of_person}" for column, of_person in enrollments.COPIES.items()},
    joins=_FROM_PERSON,
    number=_OF_ORDER,
    private=frozenset({"user_folded"}),
)
_MEMBERSHIPS = Check(
    Membership,
    {column: f"person.{of_person}" for column, of_person in memberships.COPIES.items()},
    joins=_FROM_PERSON,
    private=frozenset({"user_folded"}),
)

# The key of an unchanged purchase order is that of the order. Computing it takes much longer.
_PURCHASE_ORDERS = """
    CASE WHEN t.purchase_order = holder.purchase_order THEN holder.compact_purchase_order
    ELSE concat_ws(
        ' ', jasper_compact(t.purchase_order),
        nullif(holder.compact_purchase_order, jasper_compact(t.purchase_order))
    ) END
"""
_HOLDERS = {name: f"holder.{column_of(Order, name)}" for name in COLUMNS.values()}
_HELD_BY = ", ".join(_HOLDERS.values())
_TRANSFERS = Check(
    Transfer,
    {
        **_HOLDERS,
        "supplier": "supplier.assigned_to_id",
        "is_left_behind": f"""(
            organization.level <> {Level.VENDOR.value}
            AND NOT coalesce(supplier.assigned_to_id = ANY (ARRAY[{_HELD_BY}]), false)
        )""",
        "compact_purchase_orders": _PURCHASE_ORDERS,
    },
    joins="""
        JOIN licenses_order AS holder ON holder.id =
            CASE t.kind WHEN 'allocated' THEN t.to_order_id ELSE t.from_order_id END
        JOIN licenses_order AS supplier ON supplier.id =
            CASE t.kind WHEN 'allocated' THEN t.from_order_id ELSE t.to_order_id END
        JOIN accounts_organization AS organization ON organization.id = supplier.assigned_to_id
    """,
    number="holder.number",
)

_ORGANIZATIONS = Check(
    Organization,
    {
        "depth": f"length(t.path) / {_STEP}",
        "numchild": "coalesce(children.number, 0)",
    },
    joins=f"""
        LEFT JOIN (
            SELECT left(path, -{_STEP}) AS path, count(*) AS number
            FROM accounts_organization GROUP BY 1
        ) AS children ON children.path = t.path
    """,
)

_COUNTS = {
    f"{kind}_of_{counted}": f"sum({counted}) FILTER (WHERE inventory_type = '{kind}')"
    for kind in InventoryType.values
    for counted in ("own", "branch")
}
_SUMS = ", ".join(f"{total} AS {name}" for name, total in _COUNTS.items())
TOTALS = TotalsCheck(
    Organization,
    {name: f"coalesce(counted.{name}, 0)" for name in _COUNTS},
    joins=f"""
        LEFT JOIN (
            SELECT organization_id, {_SUMS} FROM licenses_approvedcount GROUP BY organization_id
        ) AS kept ON kept.organization_id = t.id
        LEFT JOIN (
            SELECT organization_id, {_SUMS} FROM ({COUNTED}) AS found GROUP BY organization_id
        ) AS counted ON counted.organization_id = t.id
    """,
)

CHECKS = (_ORDERS, _CODES, _ENROLLMENTS, _MEMBERSHIPS, _TRANSFERS, _ORGANIZATIONS, TOTALS)
