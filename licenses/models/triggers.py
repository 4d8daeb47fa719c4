"""Triggers that keep an order within the terms of its parent order."""

import pgtrigger

# Checked at the end of the transaction, as terms and products are written separately.
_REFUSE = """
    THEN
        RAISE EXCEPTION 'an order must lie within its parent order'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'licenses_order_inside_parent';
    END IF;
    RETURN NULL;
"""

INSIDE_PARENT = pgtrigger.Trigger(
    name="inside_parent",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert
    | pgtrigger.UpdateOf(
        "parent_id",
        "inventory_type",
        "start_date",
        "finish_date",
        "students",
        "users_per_code",
        "duration",
    ),
    timing=pgtrigger.Deferred,
    func=f"""
        IF EXISTS (
            SELECT 1
            FROM licenses_order child JOIN licenses_order parent ON parent.id = child.parent_id
            WHERE (child.id = NEW.id OR child.parent_id = NEW.id)
              AND (
                child.inventory_type <> parent.inventory_type
                OR child.start_date < parent.start_date
                OR child.finish_date > parent.finish_date
                OR child.users_per_code <> parent.users_per_code
                OR child.duration > parent.duration
                OR child.inventory_type = 'center'
                   AND child.students IS NULL AND parent.students IS NOT NULL
              )
        )
        {_REFUSE}
    """,
)

PRODUCTS_INSIDE_PARENT = pgtrigger.Trigger(
    name="products_inside_parent",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    timing=pgtrigger.Deferred,
    func=f"""
        IF EXISTS (
            SELECT 1
            FROM licenses_order child JOIN licenses_orderproduct mix ON mix.order_id = child.id
            WHERE child.parent_id IS NOT NULL
              AND (
                child.id = COALESCE(NEW.order_id, OLD.order_id)
                OR child.parent_id = COALESCE(NEW.order_id, OLD.order_id)
              )
              AND NOT EXISTS (
                SELECT 1 FROM licenses_orderproduct held
                WHERE held.order_id = child.parent_id AND held.product_id = mix.product_id
              )
        )
        {_REFUSE}
    """,
)
