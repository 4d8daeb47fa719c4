"""The activity log: one entry for each act, for those in scope, which nobody can change."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg2 import sql

from activation_codes.services.codes import create_codes, replace_code
from jasper_inventory.accounts.log_actions import ACTIONS
from jasper_inventory.accounts.models import LogEntry, Role
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.accounts.services.memberships import grant_role, revoke_role
from jasper_inventory.lib.audit import audited
from jasper_inventory.people.erasure import erase_person
from licenses.services.order_edits import edit_order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.commands import refusal, run
from tests.pages import page_text

pytestmark = pytest.mark.django_db


def entries(**conditions):
    return LogEntry.objects.filter(**conditions).order_by("pk")


def actions():
    return [*entries().values_list("action", flat=True)]


def executed(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_an_act_is_written_with_who_where_what_and_why(staff, hub, center, order):
    suspend_order(order=order, by=staff, reason="Not paid")
    entry = entries(action="order.suspended").get()
    assert (entry.actor, entry.role, entry.reason) == (staff, "CCI staff", "Not paid")
    assert (entry.object_kind, entry.object_key, entry.object_text) == (
        *("order", order.pk, str(order)),
    )
    assert entry.organization == center and entry.acted_for.is_vendor
    assert entry.kind == "change"


def test_a_change_has_the_values_before_and_after_but_no_code(staff, order):
    edit_order(order=order, by=staff, purchase_order="PO 2", teacher_code="U7DA7-NIFE-3017")
    entry = entries(action="order.edited").get()
    assert entry.after == {"purchase_order": "PO 2"}
    assert entry.before == {"purchase_order": ""}
    assert "3017" not in str(entries().values())


def test_what_changes_nothing_or_fails_is_not_written(staff, order):
    before = actions()
    edit_order(order=order, by=staff)
    with pytest.raises(ZeroDivisionError), audited("order.tested", by=staff):
        raise ZeroDivisionError
    assert actions() == before


def test_an_act_within_another_is_a_part_of_it(staff, order):
    before = len(actions())
    with audited("order.tested", by=staff), audited("order.resumed", by=staff) as act:
        act.on(order)
    (entry,) = entries()[before:]
    assert (entry.action, entry.object_key) == ("order.tested", order.pk)


def test_a_redemption_is_written_by_the_statement_that_redeems(center):
    order = factories.order(factories.CODES, assigned_to=center)
    code = factories.codes(order)[0]
    redemption = factories.redemption(code)
    entry = entries(action="code.redeemed").get()
    assert entry.actor == redemption.enrollment.user and entry.organization == center
    assert (entry.object_key, entry.object_text) == (order.pk, str(order))
    assert entry.after == {"code": code.pk} and code.code not in str(entries().values())


def test_sign_ins_right_and_wrong_and_sign_outs(client, admin):
    user = admin.user
    user.set_password(factories.PASSWORD)
    user.save()
    before = len(actions())
    for login, password in (
        (user.username, "wrong"),
        ("nobody-called-so", "my secret"),
        (user.username, factories.PASSWORD),
    ):
        client.post("/accounts/login/", {"login": login, "password": password})
    client.post("/accounts/logout/")
    wrong, unknown, right, out = entries()[before:]
    assert [wrong.action, unknown.action] == ["sign_in.failed"] * 2
    assert (wrong.actor, wrong.people, wrong.organization) == (
        *(None, [user.pk], admin.organization),
    )
    assert (unknown.people, unknown.organization) == ([], None)
    assert (right.action, right.actor) == ("sign_in.succeeded", user)
    assert (out.action, out.actor) == ("sign_out.done", user)
    assert right.address == "127.0.0.1" and right.browser and right.request_id
    assert right.source == "account_login"
    for secret in ("nobody-called-so", "my secret", factories.PASSWORD):
        assert secret not in str(entries().values())


def test_a_blocked_sign_in_is_written_once_a_minute(client, admin, settings):
    settings.WRONG_PASSWORDS_PER_NAME = 1
    for _attempt in range(4):
        client.post("/accounts/login/", {"login": admin.user.username, "password": "wrong"})
    assert entries(action="sign_in.failed").count() == 1
    assert entries(action="sign_in.locked").get().people == [admin.user_id]


def test_downloads_copies_and_exports_are_written(site, center, admin):
    order = factories.order(factories.CODES, assigned_to=center)
    create_codes(order=order, by=admin.user)
    before = len(actions())
    page = f"/inventory/{order.number}/codes/"
    site.get(f"{page}download/").getvalue()
    site.get("/inventory/export/").getvalue()
    site.get("/me/download/")
    downloaded, exported, own = entries()[before:]
    assert (downloaded.action, downloaded.actor) == ("codes.downloaded", admin.user)
    assert downloaded.after == {"codes": order.number_of_codes}
    assert (downloaded.role, downloaded.acted_for) == ("administrator", center)
    assert (exported.action, exported.after) == ("list.exported", {"list": "license-inventory"})
    assert own.action == "data.exported"


def test_a_lookup_by_a_command_is_written(order):
    run("find_code", str(order.teacher_code))
    entry = entries(action="code.looked up").get()
    assert entry.source == "command find_code" and entry.actor is None
    assert str(order.teacher_code) not in str(entries().values())


def test_a_change_in_the_admin_by_no_service_is_written(sign_in):
    root = factories.person(is_staff=True, is_superuser=True)
    sign_in(root).post("/admin/auth/group/add/", {"name": "Auditors"})
    entry = entries(action="row.added").get()
    assert (entry.actor, entry.object_kind, entry.source) == (root, "group", "admin:auth_group_add")


def test_entries_refer_to_people_and_outlive_the_role(staff, center, admin):
    rosa = factories.person(first_name="Rosa", last_name="Quill")
    grant_role(user=rosa, organization=center, role=Role.TEACHER, by=staff)
    revoke_role(user=rosa, organization=center, role=Role.TEACHER, by=admin.user)
    granted, revoked = entries(people=[rosa.pk])
    assert (granted.action, granted.object_text) == ("role.granted", "Teacher")
    assert (revoked.action, revoked.organization) == ("role.revoked", center)
    assert "Quill" not in str(entries().values())


def test_erasing_a_person_leaves_their_acts_without_their_network(staff, client):
    user = factories.person("rosa.quill", first_name="Rosa", last_name="Quill")
    entry = LogEntry.objects.create(
        kind="change", action="order.tested", actor=user, address="10.1.2.3", browser="b"
    )
    other = LogEntry.objects.create(kind="change", action="order.tested", address="10.1.2.4")
    erase_person(user=user, by=staff)
    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.address, entry.browser, entry.actor_id) == (None, "", user.pk)
    assert str(entry.actor) == f"Erased person {user.pk}" and other.address == "10.1.2.4"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_logentry SET action = 'x'",
        "DELETE FROM accounts_logentry",
        "TRUNCATE accounts_logentry",
        "SELECT accounts_trim_log('change', now(), 100)",
    ],
)
def test_even_the_owner_of_the_table_changes_nothing(staff, order, statement):
    before = actions()
    if "trim" in statement:
        # Nothing of the last days is deleted, whatever is asked.
        assert executed(statement) == (0,)
    else:
        with pytest.raises(ProgrammingError, match="can only grow"):
            executed(statement)
    assert actions() == before


@pytest.fixture
def site_role(db):
    """The database role of the site, with its rights; the test runs as it."""
    role = "test_record_site"
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    run("grant_rights", "--role", role)
    return role


class as_role:
    """Run a block as another role of the database server."""

    def __init__(self, role):
        self.role = role

    def __enter__(self):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self.role)))

    def __exit__(self, *error):
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_logentry SET action = 'x'",
        "DELETE FROM accounts_logentry",
        "TRUNCATE accounts_logentry",
        "ALTER TABLE accounts_logentry DISABLE TRIGGER ALL",
        "DROP TABLE accounts_logentry",
        "DELETE FROM django_migrations",
        "CREATE OR REPLACE FUNCTION accounts_trim_log(of_kind text, until timestamptz, most bigint,"
        " OUT deleted bigint) LANGUAGE sql AS 'SELECT 1::bigint'",
        "SET accounts.log_maintenance = 'on'; DELETE FROM accounts_logentry",
        "SELECT set_config('accounts.log_maintenance', 'on', true);"
        " UPDATE accounts_logentry SET reason = ''",
    ],
)
def test_the_role_of_the_site_can_only_add_to_the_log(site_role, order, statement):
    before = actions()
    with as_role(site_role):
        assert "can't change the activity log" in run("grant_rights", "--check")
        with pytest.raises(ProgrammingError):
            executed(statement)
    assert actions() == before


def test_the_role_of_the_site_does_everything_else(site_role, staff, center, admin):
    with as_role(site_role):
        order = factories.order(factories.CODES, assigned_to=center)
        code, *_others = factories.codes(order)
        replace_code(code=code, by=admin.user)
        redemption = factories.redemption(order.activation_codes.usable().last())
        record("sign_out.done", by=admin.user)
        erase_person(user=redemption.enrollment.user, by=staff)
        assert entries(action="person.erased").exists()
        assert not entries(actor=redemption.enrollment.user).exclude(browser="").exists()


def test_the_check_of_the_rights_fails_for_the_owner(db):
    assert refusal("grant_rights", "--check") == (
        "The role of DATABASE_URL can change the activity log."
    )


def test_the_rights_are_printed_without_being_granted(db):
    printed = run("grant_rights", "--role", "nobody-has-it", "--dry-run")
    assert 'REVOKE UPDATE, DELETE, TRUNCATE ON accounts_logentry FROM "nobody-has-it";' in printed


def test_administrators_read_their_scope_and_not_the_people_below(
    sign_in, hub_admin, admin, foreign_admin, staff, order
):
    student = factories.member(admin.organization, Role.STUDENT)
    record("course.started", by=student.user, on=order)
    suspend_order(order=order, by=staff, reason="Not paid")
    own, above, foreign = (
        rows_of(sign_in(each).get("/activity-log/?kind=change"))
        for each in (admin, hub_admin, foreign_admin)
    )
    assert str(student.user) in own and "Not paid" in own and "License suspended" in own
    assert "License suspended" in above and str(student.user) not in above
    assert "Not paid" not in above
    for page in (own, above):
        assert str(staff) not in page
    assert "License suspended" not in foreign


def test_a_person_of_a_suborganization_can_not_be_looked_for(sign_in, hub_admin, admin, order):
    student = factories.member(admin.organization, Role.STUDENT)
    record("course.started", by=student.user, on=order, acted_for=admin.organization_id)
    address = f"/activity-log/?who={student.user_id}"
    assert "Course started" not in rows_of(sign_in(hub_admin).get(address))
    assert "Course started" in rows_of(sign_in(admin).get(address))


def rows_of(response):
    return re.sub(r"(?s)<form.*?</form>", "", response.content.decode())


def test_the_search_and_the_file_show_the_same(site, admin, order, staff):
    suspend_order(order=order, by=staff, reason="Not paid")
    query = "action=order.suspended"
    assert rows_of(site.get(f"/activity-log/?{query}")).count("License suspended") == 1
    lines = b"".join(site.get(f"/activity-log/download/?file=csv&{query}")).decode().splitlines()
    assert len(lines) == 2 and "License suspended" in lines[1] and "Not paid" in lines[1]
    assert entries(action="log.exported").get().actor == admin.user


def test_everyone_reads_what_concerns_them(sign_in, admin, staff):
    student = factories.member(admin.organization, Role.STUDENT)
    record("people.viewed", by=staff, people=[student.user_id], after={"page": "secret"})
    page = page_text(sign_in(student).get("/me/activity/"))
    assert "People viewed" in page and "Signed in" in page
    assert str(staff) not in page and "secret" not in page
    assert "People viewed" not in page_text(sign_in(admin).get("/me/activity/"))


def test_pages_take_as_many_queries_for_many_entries(site, admin, order, staff):
    def queries(address):
        with CaptureQueriesContext(connection) as taken:
            site.get(address)
        return len(taken)

    for address in ("/activity-log/", "/me/activity/"):
        record("order.edited", by=admin.user, on=order, people=[staff.pk])
        site.get(address)
        first = queries(address)
        for _one in range(10):
            record("order.edited", by=admin.user, on=order, people=[staff.pk])
        assert queries(address) == first <= 9


def test_retention_is_reported_before_anything_is_deleted(staff, order, settings):
    settings.LOG_DAYS = {"access": 60, "view": 60, "change": 60}
    old = LogEntry.objects.create(
        kind="access", action="sign_in.succeeded", at=timezone.now() - timedelta(days=70)
    )
    LogEntry.objects.create(
        kind="access", action="sign_in.succeeded", at=timezone.now() - timedelta(days=50)
    )
    report = run("apply_retention")
    assert "activity log: Sign-ins and sessions: 1 older than 60 days." in report
    assert "Nothing was deleted" in report and entries(pk=old.pk).exists()
    run("apply_retention", "--apply", "--by", staff.username)
    assert not entries(pk=old.pk).exists()
    assert entries(kind="access").count() == 1
    trimmed = entries(action="log.trimmed").get()
    assert trimmed.actor == staff and trimmed.after["entries"] == 1


def test_every_action_has_words():
    """`audited` and `record` are called with actions that the log knows."""
    called = set()
    for folder in ("jasper_inventory", "licenses", "activation_codes", "renewals"):
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and node.args:
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    first = node.args[0]
                    if name in ("audited", "record", "entry_of") and isinstance(
                        first, ast.Constant
                    ):
                        called.add(first.value)
    assert {one for one in called if isinstance(one, str)} <= set(ACTIONS)
