"""What no column can promise alone: an order carved from another one lies inside it."""

import pgtrigger

# Looked at when the transaction ends: terms and products are written one after the other.
_REFUSE = """
    THEN
        RAISE EXCEPTION 'an order must lie inside the order that it was carved from'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'licenses_order_inside_source';
    END IF;
    RETURN NULL;
"""

INSIDE_SOURCE = pgtrigger.Trigger(
    name="inside_source",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert
    | pgtrigger.UpdateOf(
        "source_id",
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
            FROM licenses_order carved JOIN licenses_order source ON source.id = carved.source_id
            WHERE (carved.id = NEW.id OR carved.source_id = NEW.id)
              AND (
                carved.inventory_type <> source.inventory_type
                OR carved.start_date < source.start_date
                OR carved.finish_date > source.finish_date
                OR carved.users_per_code <> source.users_per_code
                OR carved.duration > source.duration
                OR carved.inventory_type = 'center'
                   AND carved.students IS NULL AND source.students IS NOT NULL
              )
        )
        {_REFUSE}
    """,
)

PRODUCTS_INSIDE_SOURCE = pgtrigger.Trigger(
    name="products_inside_source",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    timing=pgtrigger.Deferred,
    func=f"""
        IF EXISTS (
            SELECT 1
            FROM licenses_order carved JOIN licenses_orderproduct mix ON mix.order_id = carved.id
            WHERE carved.source_id IS NOT NULL
              AND (
                carved.id = COALESCE(NEW.order_id, OLD.order_id)
                OR carved.source_id = COALESCE(NEW.order_id, OLD.order_id)
              )
              AND NOT EXISTS (
                SELECT 1 FROM licenses_orderproduct held
                WHERE held.order_id = carved.source_id AND held.product_id = mix.product_id
              )
        )
        {_REFUSE}
    """,
)
