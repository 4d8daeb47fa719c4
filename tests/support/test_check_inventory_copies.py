"""check_inventory finds every counter and copy that differs, and knows all that triggers write."""

import re

import pgtrigger
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from jasper_inventory.accounts.models import Organization
from jasper_inventory.support.checks import CHECKS, TOTALS, column_of
from jasper_inventory.support.integrity import differences, repair
from licenses.services.enrollments import enroll_student
from licenses.services.suspensions import suspend_order
from tests import factories

# Totals are sums of rows: see tests/licenses/test_orders_totals.py.
ALL = [(check, name) for check in CHECKS if check is not TOTALS for name in check.columns]
# An account's reservation of an email address, which ends when another one confirms the address;
# and that a kept workbook is outdated, which is an event.
NOT_COPIES = {
    ("accounts_user", column) for column in ("unconfirmed_email", "lost_email", "is_username_noted")
} | {("activation_codes_codeworkbook", "state")}


@pytest.fixture
def inventory(hub, center, staff):
    """A row at least for each check, with values that aren't the defaults of their columns."""
    parent = factories.order(assigned_to=hub, students=50)
    mix = list(parent.products.all())
    child = factories.order(assigned_to=center, parent=parent, product_mix=mix, students=9)
    enroll_student(order=child, user=factories.person(), by=staff)
    codes = factories.order(factories.CODES, assigned_to=center, number_of_codes=4)
    factories.redemption(factories.codes(codes)[0])
    factories.order(factories.CODES, assigned_to=center, number_of_codes=4)
    suspend_order(order=parent, by=staff, reason="unpaid")
    factories.member(center)
    assert differences() == []


def tamper(check, name):
    """Write another value into one column of one row, past the triggers; return the row."""
    field = check.model._meta.get_field(name)
    if field.is_relation:
        wrong = [each.pk for each in Organization.objects.all()]
    elif field.get_internal_type() == "BooleanField":
        wrong = [True, False]
    else:
        wrong = ["tampered"] if field.get_internal_type() == "TextField" else [5, 4, 3, 2, 1, 0]
    for row in check.model._default_manager.order_by("pk"):
        for value in wrong:
            if value != getattr(row, field.attname) and _written(row, field.column, value):
                return row
    raise AssertionError(f"no row of {check.model} can have another {name}")


def _written(row, column, value):
    statement = f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, [value, row.pk])
            cursor.execute("SET LOCAL session_replication_role = origin")
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize(("check", "name"), ALL, ids=lambda one: getattr(one, "model", one))
def test_each_wrong_value_is_found_and_repaired(inventory, staff, check, name):
    row = tamper(check, name)
    before = str(getattr(row, name))

    found = [each for each in differences() if (each.check, each.row_id) == (check, row.pk)]
    (difference,) = (each for each in found if each.name == name)
    assert difference.stored != difference.counted
    # What follows from the wrong value may differ as well, and is repaired with it.
    assert all(each.repaired for each in repair(by=staff))
    repair(by=staff)
    assert differences() == []
    row = check.model._default_manager.get(pk=row.pk)
    assert str(getattr(row, name)) == before


def test_a_finding_is_one_line_that_names_the_row_but_no_person(inventory, capsys):
    (check,) = (each for each in CHECKS if each.model._meta.model_name == "enrollment")
    row = tamper(check, "user_folded")

    with pytest.raises(CommandError, match=r"^1 counter is wrong\.$"):
        call_command("check_inventory")
    _headings, _line, found = capsys.readouterr().out.splitlines()
    expected = rf"{row.order.number}  enrollment {row.pk}: user_folded  a name  another name +False"
    assert re.fullmatch(rf" *{expected}", found)


def written_by(model, trigger):
    """The columns that a trigger changes, as (table, column)."""
    text = trigger.compile(model).install_sql
    for columns in re.findall(r"INTO\s+((?:NEW\.\w+[,\s]*)+)", text):
        yield from ((model._meta.db_table, each) for each in re.findall(r"NEW\.(\w+)", columns))
    for column in re.findall(r"NEW\.(\w+)\s*:?=\s", text):
        yield model._meta.db_table, column
    for table, columns in re.findall(r"UPDATE (\w+)\s+SET (.*?)(?:\sWHERE|;)", text, re.DOTALL):
        for column, value in re.findall(r"(\w+) = ([^,\s]+)", columns):
            if column != value:
                yield table, column


def test_all_columns_that_triggers_write_are_checked():
    written = {
        column
        for model, trigger in pgtrigger.registered()
        if isinstance(trigger, pgtrigger.Trigger) and not isinstance(trigger, pgtrigger.Protect)
        for column in written_by(model, trigger)
    }
    checked = {(check.model._meta.db_table, column_of(check.model, name)) for check, name in ALL}

    assert written > NOT_COPIES
    assert written - NOT_COPIES <= checked
    # So that none is overlooked by reading triggers wrongly.
    assert len(written - NOT_COPIES) == 15


OURS = ("accounts", "licenses", "activation_codes", "renewals")
GENERATED = [
    field
    for model in apps.get_models()
    if model._meta.app_label in OURS and not model._meta.proxy
    for field in model._meta.local_fields
    if field.generated
]


@pytest.mark.django_db
@pytest.mark.parametrize("field", GENERATED, ids=str)
def test_generated_columns_need_no_check(field):
    """PostgreSQL itself refuses to store anything else, also past the triggers."""
    statement = f"UPDATE {field.model._meta.db_table} SET {field.column} = NULL"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with pytest.raises(DatabaseError, match="can only be updated to DEFAULT"):
            cursor.execute(statement)
