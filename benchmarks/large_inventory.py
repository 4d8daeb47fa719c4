"""A database of its own with 5,000 organizations and 200,000 orders, dropped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import setup_test_environment

from jasper_inventory.accounts.models import Level, Membership, Organization, Role, User
from licenses.models import Order, Product, ProductFamily

ORGANIZATIONS = 5_000
ORDERS = 200_000
# Below the distributor; the centers that are left over stand directly below it and below hubs.
RESELLERS, HUBS, DIRECT_CENTERS = 20, 200, 1_000

# The columns of an order that vary. All others get the values that Django gives them.
COLUMNS = (
    *("outcome", "purchase_order", "inventory_type", "assigned_to_id"),
    *("assigned_by_organization_id", "reviewed_by_id", "reviewed_at", "teacher_code_id"),
    *("start_date", "finish_date", "students", "number_of_codes", "users_per_code", "duration"),
    *("is_active", "suspended_ancestors", "enrolled", "allocated", "codes_created"),
    "codes_allocated",
)

# Past the triggers, which would write a history of rows that nobody made.
FILL = """
SET session_replication_role = replica;
CREATE TEMPORARY TABLE product_mix AS
    SELECT mix, id AS product_id FROM generate_series(0, 11) AS mix
    JOIN (SELECT id, position, dense_rank() OVER (ORDER BY family_id) - 1 AS family
          FROM licenses_product) AS product ON family = mix %% 3
    WHERE mix < 3 OR position %% (mix / 3 + 1) <> 0;
INSERT INTO licenses_teachercode (code, created_at)
    SELECT 'BCDFG' || lpad(at::text, 8, '0'), now() FROM generate_series(1, %(orders)s) AS at;
INSERT INTO licenses_order ({columns}, {other_columns})
SELECT 'approved', 'PO-' || at, CASE WHEN of_codes THEN 'codes' ELSE 'center' END,
    holder.id, %(vendor)s, %(by)s, now(), code.id,
    current_date - (at %% 700)::int - 1, current_date - (at %% 700)::int + 364,
    CASE WHEN NOT of_codes AND at %% 50 > 0 THEN 100 END,
    CASE WHEN of_codes THEN 50 END, CASE WHEN of_codes THEN 2 END,
    CASE WHEN of_codes THEN 90 END, at %% 97 > 0, (at %% 89 = 0)::int,
    at %% 40, CASE WHEN of_codes THEN 0 ELSE at %% 30 END, CASE WHEN of_codes THEN 20 ELSE 0 END,
    CASE WHEN of_codes THEN at %% 15 ELSE 0 END, {other_values}
FROM (SELECT at, (at + at / %(holders)s) %% 2 = 1 AS of_codes
      FROM generate_series(1, %(orders)s) AS at) AS line
JOIN (SELECT id, row_number() OVER (ORDER BY path) - 1 AS place
      FROM accounts_organization WHERE depth > 1) AS holder ON holder.place = at %% %(holders)s
JOIN licenses_teachercode AS code ON code.code = 'BCDFG' || lpad(at::text, 8, '0');
INSERT INTO licenses_orderproduct (order_id, product_id)
    SELECT licenses_order.id, product_id FROM licenses_order
    JOIN product_mix ON mix = licenses_order.id %% 12;
INSERT INTO licenses_transfer (kind, from_order_id, to_order_id, number, made_by_id, made_at,
                               purchase_order, reason)
    SELECT 'allocated', id, id + 1, 5, %(by)s, now(), '', '' FROM licenses_order
    WHERE id < (SELECT max(id) FROM licenses_order);
SET session_replication_role = origin;
"""


@contextmanager
def large_inventory() -> Iterator[Membership]:
    """Make it, give its distributor's administrator, and drop it."""
    setup_test_environment()
    old = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = "benchmark_jasper_inventory"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield _fill()
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)


def _fill() -> Membership:
    by = User.objects.create(username="benchmark", is_staff=True)
    for name in ("Office 2013", "Office 2016", "Microsoft 365 Apps"):
        family = ProductFamily.objects.create(name=name)
        for at in range(7):
            Product.objects.create(family=family, name=f"Course {at}", position=at)
    distributor = _organizations()
    values = {"by": by.pk, "vendor": Organization.objects.vendor().pk}
    values |= {"orders": ORDERS, "holders": ORGANIZATIONS}
    others = _defaults_of_other_columns()
    fill = FILL.format(
        columns=", ".join(COLUMNS),
        other_columns=", ".join(others),
        other_values=", ".join(f"%({column})s" for column in others),
    )
    with connection.cursor() as cursor:
        cursor.execute(fill, values | others)
        cursor.execute("VACUUM (ANALYZE)")
    return Membership.objects.create(user=by, organization=distributor, role=Role.ADMINISTRATOR)


def _defaults_of_other_columns() -> dict[str, Any]:
    """Return the defaults of the columns of an order that must have a value, by name."""
    return {
        field.attname: field.get_db_prep_save(field.get_default(), connection)
        for field in Order._meta.concrete_fields
        if field.attname not in COLUMNS
        and not field.has_db_default()
        and not (field.null or field.generated or field.primary_key)
    }


def _organizations() -> Organization:
    """One distributor with all the others below it."""
    made: list[Organization] = []

    def add(parent: Organization, level: Level) -> Organization:
        parent.numchild += 1
        made.append(
            Organization(
                name=f"{level.label} {len(made):05}",
                level=level,
                depth=parent.depth + 1,
                path=Organization._get_path(parent.path, parent.depth + 1, parent.numchild),
            )
        )
        return made[-1]

    vendor = Organization.objects.vendor()
    distributor = add(vendor, Level.DISTRIBUTOR)
    resellers = [add(distributor, Level.RESELLER) for _at in range(RESELLERS)]
    hubs = [add(resellers[at % RESELLERS], Level.HUB) for at in range(HUBS)]
    for _at in range(DIRECT_CENTERS):
        add(distributor, Level.CENTER)
    for at in range(ORGANIZATIONS - len(made)):
        add(hubs[at % HUBS], Level.CENTER)
    Organization.objects.bulk_create(made)
    vendor.save()
    return distributor
