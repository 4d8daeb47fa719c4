"""Work outside of pages: codes and their workbook, alerts, reports."""

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from openpyxl import Workbook

from activation_codes.code_check import generate
from activation_codes.exports import COLUMNS, write_codes
from activation_codes.models import ActivationCode
from activation_codes.services.codes import create_codes
from benchmarks.floors import query
from benchmarks.measuring import Case, Floor, Prepare
from benchmarks.world import World
from jasper_inventory.accounts.models import Level, Organization, User
from jasper_inventory.lib.code_format import formatted
from jasper_inventory.lib.time_limits import batch_work
from licenses.models import Alert, AlertKind, AlertRun, InventoryType, Order, Product, ProductFamily
from licenses.services.alerts import MARKS, send_ending_alerts
from licenses.services.orders import assign_order
from licenses.terms import Terms, a_year_after

Works = Iterator[Callable[[], Any]]


def new_order(name: str, number: int, *, users_per_code: int = 1) -> tuple[Order, User]:
    """Assign an order of this number of codes; return it and the person who may create them."""
    today = timezone.localdate()
    by = User.objects.create(username=name, is_staff=True)
    family = ProductFamily.objects.create(name=name)
    vendor = Organization.objects.vendor()
    center = Organization.objects.add_child(vendor, {"name": name, "level": Level.CENTER})
    order = assign_order(
        assigned_to=center,
        inventory_type=InventoryType.USER_ACTIVATION_CODES,
        products=[Product.objects.create(family=family, name=name)],
        terms=Terms(
            start_date=today,
            finish_date=a_year_after(today),
            number_of_codes=number,
            users_per_code=users_per_code,
            duration=90,
        ),
        by=by,
    )
    return order, by


@contextmanager
def order_of_codes(number: int) -> Iterator[tuple[Order, User]]:
    """Give a new order of codes, and undo it at the end."""
    with transaction.atomic():
        yield new_order(f"benchmark {uuid4()}", number)
        transaction.set_rollback(True)


def creating(number: int) -> Case:
    """Return the case of Create Codes, beside a COPY of such rows."""

    @contextmanager
    def service(world: World) -> Works:
        with order_of_codes(number) as (order, by):
            yield lambda: create_codes(order=order, by=by)

    @contextmanager
    def copy(world: World) -> Works:
        table = ActivationCode._meta.db_table
        with order_of_codes(number) as (order, _by), tempfile.TemporaryFile() as rows:
            for code in generate(number):
                rows.write(f"{order.pk}\t{code}\t1\n".encode())
            rows.seek(0)
            with connection.cursor() as cursor:
                statement = f"COPY {table} (order_id, code, users) FROM STDIN"
                yield lambda: cursor.copy_expert(statement, rows)

    floor = Floor("COPY of such rows, made before", copy)
    return Case(f"create {number:,} codes", "Activation codes", service, floor, once=True)


def downloading(number: int) -> Case:
    """Return the case of Download Codes, beside openpyxl with the same values."""

    @contextmanager
    def export(world: World) -> Works:
        with order_of_codes(number) as (order, by), tempfile.TemporaryFile() as stream:
            create_codes(order=order, by=by)
            yield lambda: write_codes(order, stream)

    @contextmanager
    def bare(world: World) -> Works:
        with tempfile.TemporaryFile() as stream, tempfile.TemporaryFile("w+") as values:
            values.writelines(f"{formatted(code)}\n" for code in generate(number))
            values.seek(0)
            yield lambda: _write(values, stream)

    floor = Floor("openpyxl, write-only, values at hand", bare)
    return Case(f"download {number:,} codes", "Activation codes", export, floor, once=True)


def _write(values: Any, stream: Any) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Codes")
    sheet.append([str(heading) for heading, _width, _value in COLUMNS])
    empty = [None] * (len(COLUMNS) - 2)
    for line in values:
        sheet.append([line.rstrip("\n"), 1, *empty])
    book.save(stream)


@contextmanager
def _sending(world: World) -> Works:
    """Yield the run of send_alerts that finds all alerts due; they are deleted afterwards."""
    tasks = set(DBTaskResult.objects.values_list("pk", flat=True))
    yield send_ending_alerts
    Alert.objects.filter(kind=AlertKind.ENDING).delete()
    AlertRun.objects.all().delete()
    DBTaskResult.objects.exclude(pk__in=tasks).delete()


@contextmanager
def _inserting(world: World) -> Works:
    statement = """
        INSERT INTO licenses_alert (order_id, kind, mark, students, raised_at)
        SELECT id, 'ending', finish_date || ' ' || days, enrolled, now()
        FROM licenses_order, LATERAL (
            SELECT min(mark) AS days FROM unnest(%s) AS mark WHERE finish_date - %s <= mark
        ) AS due
        WHERE outcome = 'approved' AND is_active AND suspended_at IS NULL
          AND suspended_ancestors = 0 AND start_date <= %s AND finish_date BETWEEN %s AND %s + 90
          AND days < finish_date - start_date AND NOT EXISTS (
            SELECT FROM licenses_order AS renewal WHERE renewal.renewal_of_id = licenses_order.id
        )
    """
    today = timezone.localdate()
    with transaction.atomic(), connection.cursor() as cursor:
        yield lambda: cursor.execute(statement, [list(MARKS), *[today] * 4])
        transaction.set_rollback(True)


def as_command(prepare: Prepare) -> Prepare:
    """Return the same preparation with the time limits that commands have."""

    @contextmanager
    def prepared(world: World) -> Works:
        with batch_work(), prepare(world) as work:
            yield work

    return prepared


@as_command
@contextmanager
def _reporting(world: World) -> Works:
    yield lambda: call_command("inventory_report", format="csv", stdout=io.StringIO())


@as_command
@contextmanager
def _checking(world: World) -> Works:
    yield lambda: call_command("check_inventory", format="csv", stdout=io.StringIO())


REPORT = """
SELECT assigned_to_id, inventory_type,
       CASE WHEN outcome <> 'approved' THEN outcome
            WHEN finish_date < current_date THEN 'expired'
            WHEN suspended_at IS NOT NULL OR suspended_ancestors > 0 THEN 'suspended'
            WHEN NOT is_active THEN 'inactive'
            WHEN start_date > current_date THEN 'scheduled'
            WHEN seats_available <= 0 THEN 'depleted'
            ELSE 'available' END,
       count(*), sum(seats), count(*) FILTER (WHERE outcome = 'approved' AND seats IS NULL),
       sum(seats_taken), sum(seats_available),
       count(*) FILTER (WHERE finish_date <= current_date + 30),
       count(*) FILTER (WHERE finish_date <= current_date + 60),
       count(*) FILTER (WHERE finish_date <= current_date + 90)
FROM licenses_order GROUP BY 1, 2, 3
"""
# Each kind of counter and copy is read and counted once, and not compared with the stored counter.
# Names are compared, as nothing else would read them.
CHECK = """
SELECT (SELECT count(*) FROM (SELECT order_id, count(*) FROM licenses_enrollment
            WHERE role = 2 AND removed_at IS NULL GROUP BY 1) AS people),
       (SELECT count(*) FROM (SELECT parent_id, sum(students), sum(number_of_codes)
            FROM licenses_order WHERE parent_id IS NOT NULL GROUP BY 1) AS children),
       (SELECT count(*) FROM (SELECT order_id, count(*), sum(used)
            FROM activation_codes_activationcode WHERE replacement_id IS NULL GROUP BY 1) AS codes),
       (SELECT count(*) FROM (SELECT code_id, count(*)
            FROM activation_codes_redemption JOIN licenses_enrollment AS enrollment
            ON enrollment.id = enrollment_id WHERE removed_at IS NULL GROUP BY 1) AS redeemed),
       (SELECT count(*) FROM (SELECT distributor_id, reseller_id, hub_id, assigned_to_id, count(*)
            FROM licenses_order GROUP BY 1, 2, 3, 4, inventory_type) AS totals),
       (SELECT count(*) FROM (SELECT order_id, string_agg(product_id::text, '-')
            FROM licenses_orderproduct GROUP BY 1) AS mixes),
       (SELECT count(*) FROM licenses_enrollment JOIN accounts_user AS person
            ON person.id = user_id WHERE user_folded <> folded OR user_is_active <> is_active),
       (SELECT count(*) FROM accounts_membership JOIN accounts_user AS person
            ON person.id = user_id WHERE user_folded <> folded),
       (SELECT count(*) FROM licenses_transfer AS transfer
            JOIN licenses_order AS one ON one.id = from_order_id
            JOIN licenses_order AS other ON other.id = to_order_id
            WHERE one.distributor_id <> transfer.distributor_id
            AND other.distributor_id <> transfer.distributor_id)
"""


def all_work() -> list[Case]:
    """Return the cases of all work outside of pages."""
    insert = Floor("INSERT ... SELECT of the same alerts", _inserting)
    sums, counts = (
        replace(floor, prepare=as_command(floor.prepare))
        for floor in (
            query("the same sums in SQL", REPORT),
            query("the same counts in SQL", CHECK),
        )
    )
    return [
        creating(100_000),
        downloading(100_000),
        Case("send_alerts", "Commands", _sending, insert, once=True),
        Case("inventory_report", "Commands", _reporting, sums),
        Case("check_inventory", "Commands", _checking, counts),
    ]
