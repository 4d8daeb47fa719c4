"""A streaming replica: lists and reports are read there, forms and permissions on the primary.

The replica stops replaying at will, so that what was read there shows by its age, not by a clock.
"""

import io
import re
import time
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from jasper_inventory.devserver import postgres
from jasper_inventory.lib.code_format import formatted
from tests import factories, servers, sites

# More than any test takes: no replica here is too far behind, unless a test says so.
LONG = "86400"
PEOPLE = """
from tests import factories
from tests.sites import set_password
center = factories.organization("Tolano Adventures")
for name in ("ann", "bob"):
    user = factories.person(name)
    factories.member(center, user=user)
    set_password(user, factories.PASSWORD)
order = factories.order(factories.CODES, assigned_to=center, purchase_order="PO-BEFORE")
factories.codes(order)
result = order.number
"""
# The servers begin as copies of the tests' own database.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def machines(tmp_path_factory, django_db_setup, django_db_blocker):
    """A primary, its replica, and two web servers that use both."""
    folder = tmp_path_factory.mktemp("replica")
    with servers.cleared_up(folder / "primary") as primary:
        postgres.start(primary)
        with django_db_blocker.unblock():
            servers.fill(primary)
        alone = sites.environment(sites.url_of(postgres.database(primary)))
        replicas = servers.replica_of(primary, folder / "replica")
        with sites.shell(alone) as write, replicas as replica:
            both = alone | {
                "DATABASE_REPLICA_URL": sites.url_of(postgres.database(replica)),
                "REPLICA_LONGEST_LAG": LONG,
                "REPLICA_RETRY_SECONDS": "0",
            }
            web = sites.web_servers(both, both)
            with web as (site, other_site), sites.shell(both) as run:
                yield SimpleNamespace(
                    primary=primary,
                    replica=replica,
                    alone=alone,
                    both=both,
                    run=run,
                    write=write,
                    site=site,
                    other_site=other_site,
                    number=write(PEOPLE),
                )


@pytest.fixture
def signed_in(machines):
    """A function: a browser where this person is signed in."""

    def visitor(name, site=None):
        visitor = sites.Visitor()
        page = visitor.sign_in(site or machines.site, name, factories.PASSWORD)
        assert (page.status, "Tolano Adventures" in page.text) == (200, True)
        return visitor

    return visitor


@pytest.fixture
def caught_up(machines):
    """A function: all that was written is on the replica; after the test, too."""

    def wait():
        servers.query(machines.replica, "SELECT pg_wal_replay_resume()")
        written = servers.query(machines.primary, "SELECT pg_current_wal_insert_lsn()")
        # At the start of a page of the log, the replica gets there only with the next record.
        servers.query(machines.primary, "SELECT pg_logical_emit_message(false, 'test', 'x')")
        until(machines.replica, f"SELECT pg_last_wal_replay_lsn() >= '{written}'", True)

    wait()
    yield wait
    wait()


@pytest.fixture
def paused(machines, caught_up):
    """A replica that stays as it is now."""
    pause(machines)


def pause(machines):
    servers.query(machines.replica, "SELECT pg_wal_replay_pause()")
    until(machines.replica, "SELECT pg_get_wal_replay_pause_state()", "paused")


def until(server, question, answer):
    """Wait for an answer of a server."""
    deadline = time.monotonic() + sites.LONGEST
    while servers.query(server, question) != answer:
        assert time.monotonic() < deadline, question
        time.sleep(0.02)


def rename(machines, text):
    """Change an order on the primary, as someone else would."""
    servers.query(machines.primary, f"UPDATE licenses_order SET purchase_order = '{text}'")


def shown(visitor, site):
    """The purchase order that the inventory page shows."""
    page = visitor.get(f"{site}/inventory/")
    assert page.status == 200
    return re.search(r"PO-[A-Z]+(?![a-z])", page.text)[0]


def test_lists_are_read_from_the_replica(machines, signed_in, caught_up):
    ann = signed_in("ann")
    rename(machines, "PO-OLD")
    caught_up()
    assert shown(ann, machines.site) == "PO-OLD"

    pause(machines)
    rename(machines, "PO-NEW")

    assert shown(ann, machines.site) == "PO-OLD"
    # The order's own window shows what can be done with it.
    edit = ann.get(f"{machines.site}/inventory/{machines.number}/edit/")
    assert "PO-NEW" in edit.text and "PO-OLD" not in edit.text

    caught_up()
    assert shown(ann, machines.site) == "PO-NEW"


def test_a_person_sees_their_own_change_on_every_server(machines, signed_in, caught_up):
    ann, bob = signed_in("ann"), signed_in("bob")
    rename(machines, "PO-OLD")
    caught_up()
    pause(machines)
    window = ann.get(f"{machines.site}/inventory/{machines.number}/codes/")
    saved = ann.send(window, "/codes/")
    assert saved.status == 200
    rename(machines, "PO-NEW")

    assert shown(ann, machines.site) == shown(ann, machines.other_site) == "PO-NEW"
    assert shown(bob, machines.site) == "PO-OLD"

    # Once the replica has it, it is read again.
    caught_up()
    pause(machines)
    rename(machines, "PO-NEXT")
    assert shown(ann, machines.site) == "PO-NEW"


def test_a_revoked_role_ends_whatever_the_replica_says(machines, signed_in, paused):
    bob = signed_in("bob")
    where = "user_id = (SELECT id FROM accounts_user WHERE username = 'bob')"
    roles = "accounts_membership"
    servers.query(machines.primary, f"CREATE TABLE revoked AS SELECT * FROM {roles} WHERE {where}")
    servers.query(machines.primary, f"DELETE FROM {roles} WHERE {where}")
    try:
        assert bob.get(f"{machines.site}/inventory/").status == 403
        count = f"SELECT count(*) FROM {roles} WHERE {where}"
        assert servers.query(machines.replica, count) == 1
    finally:
        servers.query(machines.primary, f"INSERT INTO {roles} SELECT * FROM revoked")
        servers.query(machines.primary, "DROP TABLE revoked")


def workbook(visitor, site, number):
    answer = visitor.get(f"{site}/inventory/{number}/codes/download/")
    assert answer.status == 200
    with ZipFile(io.BytesIO(answer.content)) as file:
        return "".join(file.read(name).decode() for name in file.namelist())


def test_a_download_has_all_that_was_committed_before(machines, signed_in, paused):
    ann = signed_in("ann")
    code = "B" * 13
    codes = "activation_codes_activationcode"
    first = f"id = (SELECT min(id) FROM {codes})"
    servers.query(machines.primary, f"UPDATE {codes} SET code = '{code}' WHERE {first}")

    assert formatted(code) in workbook(ann, machines.site, machines.number)


# The number of orders that a command reports.
REPORT = """
import csv, io
from django.core.management import call_command
out = io.StringIO()
call_command("inventory_report", format="csv", stdout=out)
rows = csv.DictReader(io.StringIO(out.getvalue().lstrip("\\ufeff")))
result = sum(int(row["orders"]) for row in rows)
"""


def test_a_report_has_all_that_was_committed_before(machines, caught_up):
    before = machines.run(REPORT)
    pause(machines)
    machines.write("from tests import factories; factories.order(); result = None")

    assert machines.run(REPORT) == before + 1


def test_reports_are_read_from_the_replica(machines, caught_up):
    caught_up()
    report = """
from django.db import connections
from jasper_inventory.support import reports
from django.utils import timezone
asked = []
def note(execute, sql, params, many, context):
    asked.append(context["connection"].alias)
    return execute(sql, params, many, context)
with connections["replica"].execute_wrapper(note), connections["default"].execute_wrapper(note):
    list(reports.report_rows(today=timezone.localdate()))
result = asked
"""
    assert machines.run(report)[-1] == "replica"


def test_a_replica_that_stops_in_use_is_missed_by_nobody(machines, signed_in, caught_up):
    ann = signed_in("ann")
    rename(machines, "PO-OLD")
    caught_up()
    assert shown(ann, machines.site) == "PO-OLD"

    postgres.stop(machines.replica)
    try:
        rename(machines, "PO-NEW")
        assert shown(ann, machines.site) == "PO-NEW"
        assert "Users (per code)" in workbook(ann, machines.site, machines.number)
        assert "replica.W001" in machines.run(CHECK)
    finally:
        postgres.start(machines.replica)

    # It is tried again.
    caught_up()
    pause(machines)
    rename(machines, "PO-NEXT")
    assert shown(ann, machines.site) == "PO-NEW"


CUT = """
from django.db import connection, connections
from django.test import RequestFactory
from jasper_inventory.lib import replica
from licenses.models import Order
from tests import servers
seen = []
@replica.reads_replica
def view(request):
    seen.append(Order.objects.first() and replica.read_alias())
    if len(seen) == 1:
        with connections["replica"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return list(Order.objects.values_list("number"))
rows = view(RequestFactory().get("/"))
result = [seen, len(rows), view(RequestFactory().get("/")) == rows, seen[-1]]
"""


def test_a_connection_that_is_lost_in_the_middle_of_a_page_starts_it_again(machines, caught_up):
    seen, rows, again, last = machines.run(CUT)

    assert seen[:2] == ["replica", "default"]
    assert rows and again
    assert last == "replica"


def test_a_replica_that_was_lost_is_left_alone_for_a_while(machines, caught_up):
    *_others, last = sites.python(machines.both | {"REPLICA_RETRY_SECONDS": LONG}, CUT)

    assert last == "default"


# The findings of `manage.py check`.
CHECK = """
from django.core import checks
result = [message.id for message in checks.run_checks()]
"""
# The database that a list reads.
READ = """
from django.test import RequestFactory
from jasper_inventory.lib import replica
result = replica.reads_replica(lambda request: replica.read_alias())(RequestFactory().get("/"))
"""


# The same if the replica may not lag at all.
READ_WITHOUT_LAG = f"""
from django.test import override_settings
lag = override_settings(REPLICA_LONGEST_LAG=0)
lag.enable()
{READ}
lag.disable()
"""


def test_a_replica_that_lags_too_far_behind_is_not_read(machines, caught_up):
    pause(machines)
    rename(machines, "PO-NEW")

    assert machines.run(READ) == "replica"
    assert machines.run(READ_WITHOUT_LAG) == "default"


@pytest.fixture
def cut_off(machines, caught_up):
    """A replica that doesn't know where its primary is."""
    primary = servers.query(machines.replica, "SHOW primary_conninfo")
    streams = "SELECT count(*) FROM pg_stat_wal_receiver"
    servers.configure(machines.replica, primary_conninfo="")
    until(machines.replica, streams, 0)
    yield
    servers.configure(machines.replica, primary_conninfo=primary)
    until(machines.replica, streams, 1)


def test_a_replica_that_hears_nothing_of_the_primary_is_not_read(machines, cut_off):
    assert machines.run(READ) == "default"


WRITING = """
from django.db import transaction
from django.test import RequestFactory
from jasper_inventory.lib import replica
from licenses.models import Order
@replica.reads_replica
def view(request):
    found = [Order.objects.all().db, Order.objects.select_for_update().db]
    with transaction.atomic():
        found.append(Order.objects.all().db)
    order = Order.objects.first()
    order.save()
    found.append(order._state.db)
    return found
result = [view(RequestFactory().get("/")), view(RequestFactory().post("/"))[0]]
"""


def test_locks_transactions_writes_and_forms_use_the_primary(machines, caught_up):
    listed, sent = machines.run(WRITING)

    assert listed == ["replica", "default", "default", "default"]
    assert sent == "default"


def test_the_check_says_if_the_replica_is_none(machines, caught_up):
    primary = machines.both | {"DATABASE_REPLICA_URL": machines.alone["DATABASE_URL"]}

    assert machines.run(CHECK) == []
    with sites.shell(primary) as run:
        assert run(CHECK) == ["replica.W002"]
        # It isn't read either.
        assert run(READ) == "default"
