"""The four boxes that hold for an order: its own, or those of what it was carved from."""

from collections.abc import Collection

from django.db import connection

from activation_codes.models import BOXES, CodeSettings
from licenses.models import Order

# The nearest order upwards that has a row: see `settings_of`.
_NEAREST = f"""
    WITH RECURSIVE up AS (
        SELECT id AS order_id, id AS holder_id, source_id, 0 AS steps
        FROM licenses_order WHERE id = ANY(%s)
        UNION ALL
        SELECT up.order_id, source.id, source.source_id, up.steps + 1
        FROM up JOIN licenses_order source ON source.id = up.source_id
        WHERE NOT EXISTS (
            SELECT 1 FROM activation_codes_codesettings saved WHERE saved.order_id = up.holder_id
        )
    )
    SELECT up.order_id, up.steps, saved.id, {", ".join(f"saved.{box}" for box in BOXES)}
    FROM up JOIN activation_codes_codesettings saved ON saved.order_id = up.holder_id
"""


def settings_of(order: Order) -> CodeSettings:
    """The order's settings; where none were saved yet, unsaved ones.

    Those are the ones that its source has: before a source's boxes change, each order carved from
    it gets a row of its own (`services.save_settings`), so that what it started with stays a copy.
    An order that was carved from none has the boxes as at first. So has a Center License.
    """
    return settings_of_all([order])[order.pk]


def settings_of_all(orders: Collection[Order]) -> dict[int, CodeSettings]:
    """The settings of many orders, by their keys, in one query."""
    found = {order.pk: CodeSettings(order=order) for order in orders}
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, [list(found)])
        for order_pk, steps, saved_pk, *values in cursor.fetchall():
            settings = found[order_pk]
            for box, value in zip(BOXES, values, strict=True):
                setattr(settings, box, value)
            if steps == 0:
                settings.pk = saved_pk
                settings._state.adding = False
    return found
