"""load_inventory: as consistent as what services write, and the same data from the same seed."""

import hashlib

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from activation_codes.code_check import is_well_formed
from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.accounts.models import Level, Membership, Organization, User
from jasper_inventory.demo.large import loader
from jasper_inventory.demo.large.loader import DESCRIPTIONS, TABLES
from jasper_inventory.support.integrity import differences
from licenses.models import Enrollment, Order, OrderStatus, Outcome, Transfer, TransferKind
from renewals.models import RenewalRequest
from tests import factories

SIZE = {"organizations": 60, "orders": 1_000, "codes": 2_000, "students": 1_500}
# Each foreign key: its table and column, then those that it refers to.
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, mine.attname, confrelid::regclass::text, other.attname
FROM pg_constraint
JOIN pg_attribute mine ON mine.attrelid = conrelid AND mine.attnum = conkey[1]
JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = confkey[1]
WHERE contype = 'f'
"""
DEFAULTS = """
SELECT table_name, column_name, column_default FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, column_name
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef"


def load(seed=1, **sizes):
    call_command("load_inventory", seed=seed, **{**SIZE, **sizes})


def rows_of(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def digest():
    """The contents of all loaded tables, except for keys that sequences gave."""
    found = hashlib.sha256()
    for model in TABLES:
        names = [field.column for field in model._meta.local_fields if not field.is_relation]
        columns = ", ".join(name for name in names if name not in ("id", "number", "mix"))
        text = f"SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM {model._meta.db_table} r"
        found.update(rows_of(f"{text}, LATERAL (SELECT {columns}) t")[0][0].encode())
    return found.hexdigest()


@pytest.fixture
def inventory(db):
    load()


def test_counters_and_foreign_keys_are_right(inventory):
    assert differences() == []
    for table, column, other, key in rows_of(FOREIGN_KEYS):
        lost = rows_of(
            f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL"
            f" AND {column} NOT IN (SELECT {key} FROM {other})"
        )
        assert lost == [(0,)], f"{table}.{column}"


def test_the_deferred_triggers_that_were_off_accept_the_data(inventory):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE licenses_order SET parent_id = parent_id")
        cursor.execute("UPDATE licenses_orderproduct SET product_id = product_id")
        cursor.execute("UPDATE accounts_organization SET level = level")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Organization.objects.find_problems() == ([], [], [], [], [])


def test_it_has_the_given_sizes(inventory):
    assert Order.objects.count() == SIZE["orders"]
    assert ActivationCode.objects.filter(replacement=None).count() == SIZE["codes"]
    students = Membership.objects.filter(role=3).values("user").distinct()
    assert students.count() == SIZE["students"]
    assert abs(Organization.objects.count() - SIZE["organizations"]) < 20


def test_every_status_and_kind_of_row_exists(inventory):
    statuses = Order.objects.with_status(timezone.localdate()).values_list("status", flat=True)
    assert set(statuses) == set(OrderStatus.values)
    assert set(RenewalRequest.objects.values_list("outcome", flat=True)) == set(Outcome.values)
    assert set(Transfer.objects.values_list("kind", flat=True)) == set(TransferKind.values)
    assert Enrollment.objects.removed().exists()
    assert Order.objects.filter(suspended_ancestors__gt=0).exists()
    assert ActivationCode.objects.exclude(replacement=None).exists()
    assert all(map(is_well_formed, ActivationCode.objects.values_list("code", flat=True)))
    assert Redemption.objects.current().exists()
    years = {day.year for day in Order.objects.approved().values_list("start_date", flat=True)}
    assert len(years) >= 4


def test_shares_are_those_of_the_named_organizations(inventory):
    def held(username):
        membership = Membership.objects.get(user__username=username)
        return Order.objects.visible_to(membership).count()

    assert 0.35 < held("large.distributor") / SIZE["orders"] < 0.6
    assert 0.05 < held("medium.distributor") / SIZE["orders"] < 0.25
    assert held("large.center") == 50
    assert held("large.campus") == 1
    assert Order.objects.get(assigned_to__memberships__user__username="large.campus").enrolled > 300


def test_each_row_has_its_history(inventory):
    for model in TABLES:
        if events := {*getattr(model, "pgh_event_models", {}).values()}:
            inserted = events.pop().objects.filter(pgh_label="insert")
            made = inserted.values_list("pgh_obj_id", flat=True)
            missing = set(model.objects.values_list("pk", flat=True)) - set(made)
            # The vendor was there before.
            assert len(missing) == 0, model
    order = Order.objects.filter(outcome=Outcome.REJECTED).first()
    first, last = order.events.order_by("pk")
    assert (first.outcome, last.outcome) == ("pending", "rejected")
    assert first.pgh_context.metadata == {
        "action": "order.requested",
        "user": order.requested_by_id,
    }
    assert last.pgh_context.metadata["action"] == "order.rejected"


def test_new_rows_continue_after_the_loaded_ones(inventory):
    order = factories.order()
    assert order.number == SIZE["orders"] + Order.objects.earliest("number").number
    assert order.events.count() == 1


def test_the_named_accounts_exist_and_have_no_password(inventory):
    users = User.objects.filter(username__in=DESCRIPTIONS)
    assert users.count() == len(DESCRIPTIONS)
    assert not any(user.has_usable_password() for user in users)
    assert users.get(username="cci.staff").is_cci_staff
    teacher = Membership.objects.get(user__username="large.teacher")
    assert teacher.is_teacher and Order.objects.visible_to(teacher).exists()
    level = Membership.objects.get(user__username="large.hub").organization.level
    assert level == Level.HUB


def test_indexes_and_defaults_are_as_before(db):
    before = rows_of(INDEXES), rows_of(DEFAULTS)
    load()
    assert (rows_of(INDEXES), rows_of(DEFAULTS)) == before


def test_each_field_that_it_does_not_load_has_its_default(db, monkeypatch):
    """So a new field with a default, or one that may be empty, needs no change of the loader."""
    loaded, tables = {}, loader._tables

    def noted(*args):
        for model, columns, lines in tables(*args):
            loaded[model] = columns.split()
            yield model, columns, lines

    monkeypatch.setattr(loader, "_tables", noted)
    load()

    others = [
        field
        for model, columns in loaded.items()
        for field in model._meta.local_concrete_fields
        # The rest is written by the database only.
        if field.editable and not field.null and field.column not in {*columns, "id"}
    ]
    assert {"enable_badges", "first_alert"} <= {field.name for field in others}
    for field in others:
        values = {*field.model.objects.values_list(field.attname, flat=True)}
        assert values == {field.get_default()}, field


def test_the_triggers_that_were_off_would_change_nothing(inventory):
    """Columns that triggers keep are loaded as they would write them."""
    for model in TABLES:
        table = model._meta.db_table
        if any(isinstance(one, pgtrigger.Protect) for one in getattr(model._meta, "triggers", ())):
            # Its rows never change.
            continue
        contents = f"SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM {table} t"
        before = rows_of(contents)
        columns = [
            f"{field.column} = {field.column}"
            for field in model._meta.local_concrete_fields
            if not field.generated and not field.primary_key
        ]
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {', '.join(columns)}")
        assert rows_of(contents) == before, table


def test_the_same_seed_loads_the_same_data_and_another_one_other_data(db):
    digests = []
    for seed in (1, 1, 2):
        with_rollback(digests, seed)
    assert digests[0] == digests[1] != digests[2]


def with_rollback(digests, seed):
    with transaction.atomic():
        load(seed, orders=200)
        digests.append(digest())
        transaction.set_rollback(True)


def test_it_refuses_a_database_that_has_orders(db):
    factories.order()
    with pytest.raises(CommandError, match="This database has orders"):
        load()
    assert Order.objects.count() == 1


def test_it_refuses_to_take_over_an_account(db):
    factories.person("large.hub")
    with pytest.raises(CommandError, match="The username large.hub is in use"):
        load()
    assert User.objects.count() == 1 and not Order.objects.exists()
