"""Triggers that outdate the kept workbook of an order when anything that it shows changes.

A workbook shows `exports.COLUMNS`. They come from five tables: codes, redemptions, enrollments,
people and handouts. The facts of its order come from the order, its organization and its products.
Each has a trigger, so nothing has to remember it.
"""

from typing import Any

import pgtrigger

# A worker takes this lock alone for a moment before it reads the codes: see `workbooks`. So it
# waits for those who changed a code without knowing of the workbook, and all others know of it.
LOCK_NAME = "hashtextextended('workbook of order ' || {order}, 0)"


def _outdates(name: str, orders: str, first: str = "", **options: Any) -> pgtrigger.Trigger:
    """Return the trigger that outdates the workbooks of these orders, a query."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        declare=[("of_order", "bigint")],
        func=f"""
            {first}
            FOR of_order IN {orders} ORDER BY 1 LOOP
                PERFORM pg_advisory_xact_lock_shared({LOCK_NAME.format(order="of_order")});
                UPDATE activation_codes_codeworkbook
                SET version = version + 1,
                    state = CASE state WHEN 'ready' THEN 'outdated' ELSE state END
                WHERE order_id = of_order;
                IF FOUND THEN
                    DELETE FROM activation_codes_workbookpart part
                    USING activation_codes_codeworkbook workbook
                    WHERE workbook.id = part.workbook_id AND workbook.order_id = of_order;
                END IF;
            END LOOP;
            RETURN NULL;
        """,
        **options,
    )


# One for all rows of a statement, because codes are created by the hundred thousand.
CODES_CREATED = _outdates(
    "outdate_workbook_created",
    "SELECT DISTINCT order_id FROM created",
    level=pgtrigger.Statement,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="created"),
)
CODE_CHANGED = _outdates(
    "outdate_workbook_changed",
    "SELECT DISTINCT id FROM unnest(ARRAY[OLD.order_id, NEW.order_id]) id WHERE id IS NOT NULL",
    level=pgtrigger.Row,
    operation=pgtrigger.Update | pgtrigger.Delete,
)
# Its codes get it and lose it by a change of their own.
HANDOUT_CHANGED = _outdates(
    "outdate_workbook",
    "SELECT NEW.order_id",
    level=pgtrigger.Row,
    operation=pgtrigger.Update,
    condition=pgtrigger.AnyChange("name", "email"),
)
REDEMPTION_CHANGED = _outdates(
    "outdate_workbook",
    "SELECT DISTINCT order_id FROM activation_codes_activationcode"
    " WHERE id IN (OLD.code_id, NEW.code_id)",
    level=pgtrigger.Row,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
)
_ORDERS = (
    "SELECT DISTINCT code.order_id FROM activation_codes_activationcode code"
    " JOIN activation_codes_redemption redemption ON redemption.code_id = code.id"
    " JOIN licenses_enrollment enrollment ON enrollment.id = redemption.enrollment_id"
)
ENROLLMENT_CHANGED = _outdates(
    "outdate_workbook",
    f"{_ORDERS} WHERE enrollment.id = NEW.id",
    level=pgtrigger.Row,
    operation=pgtrigger.Update,
    condition=pgtrigger.AnyChange("user", "removed_at"),
)
# At the end of the transaction, because erasing a person takes a while, and no one should wait for
# it to redeem a code. The lock waits for those who are just redeeming a code for this person.
PERSON_CHANGED = _outdates(
    "outdate_workbook",
    f"{_ORDERS} WHERE enrollment.user_id = NEW.id",
    "PERFORM 1 FROM accounts_user WHERE id = NEW.id FOR UPDATE;",
    level=pgtrigger.Row,
    operation=pgtrigger.Update,
    condition=pgtrigger.AnyChange("first_name", "last_name", "email"),
    timing=pgtrigger.Deferred,
)
ORDER_CHANGED = _outdates(
    "outdate_workbook",
    "SELECT NEW.id",
    level=pgtrigger.Row,
    operation=pgtrigger.Update,
    condition=pgtrigger.AnyChange(
        *("start_date", "finish_date", "users_per_code", "duration", "mix", "assigned_to")
    ),
)
# Only of orders with a workbook: an organization may have more orders than a transaction has locks.
ORGANIZATION_CHANGED = _outdates(
    "outdate_workbook",
    "SELECT workbook.order_id FROM activation_codes_codeworkbook workbook"
    " JOIN licenses_order ON licenses_order.id = workbook.order_id"
    " WHERE licenses_order.assigned_to_id = NEW.id",
    level=pgtrigger.Row,
    operation=pgtrigger.Update,
    condition=pgtrigger.AnyChange("name"),
)


def _renamed(products: str) -> pgtrigger.Trigger:
    """Return the trigger of a name that all workbooks show whose order has one of these products.

    Their order in the workbook follows from names and positions.
    """
    return _outdates(
        "outdate_workbook",
        "SELECT DISTINCT workbook.order_id FROM activation_codes_codeworkbook workbook"
        " JOIN licenses_orderproduct mix ON mix.order_id = workbook.order_id"
        f" JOIN licenses_product product ON product.id = mix.product_id WHERE {products}",
        level=pgtrigger.Row,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("name", "position"),
    )


PRODUCT_RENAMED = _renamed("product.id = NEW.id")
FAMILY_RENAMED = _renamed("product.family_id = NEW.id")
