"""create_organization, grant_role, revoke_role, resend_notices."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.email_delivery import deliver_notice
from jasper_inventory.accounts.emails import notify_erasure_asked, post_notice
from jasper_inventory.accounts.models import (
    Invitation,
    Level,
    Membership,
    Notice,
    Organization,
    Role,
)
from tests import factories
from tests.commands import contents, refusal, run
from tests.helpers import last_act

# create_organization


def test_create_organization(sue, hub):
    line = run(
        "create_organization", " Bay  School ", "center", "--parent", hub.name, "--by", "sue"
    )
    made = Organization.objects.get(name="Bay School")
    assert line == f"Created center Bay School below Harbour Hub (id {made.pk})."
    assert (made.level, made.supplier) == (Level.CENTER, hub)
    assert last_act(made) == {"action": "organization.created", "user": sue.pk}


def test_create_organization_below_the_vendor(sue):
    run("create_organization", "North", "distributor", "--by", sue.email)
    assert Organization.objects.get(name="North").supplier.is_vendor


def test_create_organization_twice(sue):
    run("create_organization", "North", "distributor", "--by", "sue")
    before = contents()
    assert "already" in run("create_organization", "NORTH", "distributor", "--by", "sue")
    assert contents() == before


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["Bay", "hub", "--parent", "Harbour Hub"], "A Hub can't be below Harbour Hub"),
        (["Bay", "center", "--parent", "Nowhere"], 'There is no organization "Nowhere".'),
        ([" ", "center"], "Enter a name for the organization."),
        (["Bay", "vendor"], "invalid choice: 'vendor'"),
        (["x" * 121, "center"], "120"),
    ],
)
def test_create_organization_refuses(sue, hub, argv, message):
    before = contents()
    assert message in refusal("create_organization", *argv, "--by", "sue")
    assert contents() == before


def test_create_organization_rehearsed(sue):
    before = contents()
    line = run("create_organization", "North", "hub", "--by", "sue", "--dry-run")
    assert line.startswith("Dry run, nothing was changed. A real run says: Created hub North")
    assert contents() == before


def test_one_of_several_organizations_is_named_by_id(sue, hub):
    factories.organization(hub.name, level=Level.HUB)
    argv = ["create_organization", "Bay", "center", "--by", "sue", "--parent"]
    assert "Enter an id" in refusal(*argv, hub.name)
    run(*argv, hub.pk)
    assert Organization.objects.get(name="Bay").supplier == hub


# grant_role, revoke_role


def test_grant_and_revoke(sue, center):
    kim = factories.person("kim")
    argv = ["kim", center.name, "administrator", "--by", "sue"]
    assert run("grant_role", *argv) == "kim is now Center Admin of Tolano Adventures."
    membership = Membership.objects.get(user=kim, organization=center, role=Role.ADMINISTRATOR)
    assert last_act(membership) == {"action": "role.granted", "user": sue.pk}
    before = contents()
    assert "already" in run("grant_role", *argv)
    assert contents() == before
    assert run("revoke_role", *argv) == "kim is no longer Administrator of Tolano Adventures."
    assert not Membership.objects.exists()
    assert "kim doesn't have the role Administrator" in refusal("revoke_role", *argv)


@pytest.mark.parametrize("command", ["grant_role", "revoke_role"])
@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["nobody", "Tolano Adventures", "teacher"], 'There is no user "nobody".'),
        (["kim", "Nowhere", "teacher"], 'There is no organization "Nowhere".'),
        (["kim", "Tolano Adventures", "king"], "invalid choice: 'king'"),
        (["kim", "Tolano Adventures"], "required: role"),
    ],
)
def test_roles_refuse(sue, center, command, argv, message):
    factories.person("kim")
    before = contents()
    assert message in refusal(command, *argv, "--by", "sue")
    assert contents() == before


@pytest.mark.parametrize("command", ["grant_role", "revoke_role"])
def test_roles_rehearsed(sue, center, command):
    kim = factories.person("kim")
    factories.member(center, Role.TEACHER, user=kim)
    before = contents()
    role = "student" if command == "grant_role" else "teacher"
    line = run(command, "kim", center.name, role, "--by", "sue", "--dry-run")
    assert line.startswith("Dry run, nothing was changed. A real run says: kim is")
    assert contents() == before


def test_no_role_at_the_vendor(sue):
    factories.person("kim")
    line = refusal("grant_role", "kim", "CCI Learning", "teacher", "--by", "sue")
    assert "work in the admin" in line


@pytest.mark.parametrize(
    "argv",
    [
        ["create_organization", "Bay", "center"],
        ["create_organization", "Tolano Adventures", "center", "--parent", "Harbour Hub"],
        ["grant_role", "kim", "Tolano Adventures", "teacher"],
    ],
)
def test_only_cci_staff(center, hub_admin, argv):
    factories.member(center, user=factories.person("kim"))
    before = contents()
    for who in ("kim", hub_admin.user.username):
        assert refusal(*argv, "--by", who) == "Only CCI staff can do this."
    assert refusal(*argv, "--by", "nobody") == 'There is no user "nobody".'
    assert "required: --by" in refusal(*argv)
    assert contents() == before


def test_a_role_is_taken_by_an_administrator_of_the_organization_or_cci(center, hub_admin):
    factories.member(center, user=factories.person("kim"))
    argv = ["revoke_role", "kim", "Tolano Adventures", "administrator", "--by"]
    before = contents()
    line = refusal(*argv, hub_admin.user.username)
    assert line == "Only an administrator of an organization can revoke its roles."
    assert "is the last administrator of Tolano Adventures" in refusal(*argv, "kim")
    assert contents() == before


# resend_notices


@pytest.fixture
def queue(settings):
    """The queue of a running site, which tests see but don't run."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def old_notice(minutes, **values):
    """A notice of this age whose task was lost."""
    post_notice(kind="test", address="kim@example.com", subject="S", text="T", **values)
    notice = Notice.objects.latest("pk")
    Notice.objects.filter(pk=notice.pk).update(
        created_at=timezone.now() - timedelta(minutes=minutes)
    )
    DBTaskResult.objects.all().delete()
    return notice


def queued():
    return [task.args_kwargs["args"][0] for task in DBTaskResult.objects.filter(status="READY")]


def test_resend_notices(db, queue):
    late = old_notice(61)
    old_notice(59)
    sent = old_notice(200)
    Notice.objects.filter(pk=sent.pk).update(sent_at=timezone.now())
    line = run("resend_notices")
    assert line == "1 unsent emails and 0 failed tasks were queued again."
    assert queued() == [late.pk]
    assert run("resend_notices").startswith("0 unsent emails")
    assert queued() == [late.pk]


def test_resend_notices_that_were_tried_in_vain(db, queue):
    late = old_notice(61)
    Notice.objects.filter(pk=late.pk).update(attempts=8, last_error="refused")
    run("resend_notices")
    deliver_notice.func(late.pk)
    assert [message.to for message in mail.outbox] == [["kim@example.com"]]


def test_a_pending_attempt_is_left_alone(db, queue):
    late = old_notice(600)
    deliver_notice.using(run_after=timezone.now() + timedelta(hours=3)).enqueue(late.pk)
    assert run("resend_notices", "--minutes", "5").startswith("0 unsent emails")
    assert DBTaskResult.objects.count() == 1


def set_aside(task):
    DBTaskResult.objects.filter(pk=task.id).update(
        status="FAILED",
        finished_at=timezone.now() - timedelta(minutes=61),
        traceback="…",
        worker_ids=["one", "two"],
    )


def test_an_email_whose_task_was_set_aside_is_queued_again(db, queue):
    task = deliver_notice.enqueue(old_notice(61).pk)
    set_aside(task)
    before = contents()["django_tasks_database_dbtaskresult"]
    run("resend_notices", "--minutes", "120")
    assert contents()["django_tasks_database_dbtaskresult"] == before
    line = run("resend_notices")
    assert line == "1 unsent emails and 0 failed tasks were queued again."
    again = DBTaskResult.objects.get()
    assert (again.status, again.finished_at, again.traceback) == ("READY", None, "")
    assert again.worker_ids == []


def test_other_tasks_that_were_set_aside_run_again_when_requested(db, queue):
    set_aside(notify_erasure_asked.enqueue(1))
    assert "0 failed tasks" in run("resend_notices")
    assert "1 failed tasks" in run("resend_notices", "--failed")
    assert DBTaskResult.objects.get().status == "READY"


def test_resend_rehearsed(db, queue):
    old_notice(61)
    before = contents()
    line = run("resend_notices", "--dry-run")
    assert line.startswith("Dry run, nothing was changed. A real run says: 1 unsent emails")
    assert contents() == before


def test_resend_refuses(db):
    assert "whole number above 0" in refusal("resend_notices", "--minutes", "0")


def test_invite_person_sends_a_link(center, staff, django_capture_on_commit_callbacks, mailoutbox):
    argv = ["invite_person", "Rosa@Example.com", "Tolano Adventures", "administrator", "--by"]
    with django_capture_on_commit_callbacks(execute=True):
        line = run(*argv, staff.username, "--dry-run")
    assert line.startswith("Dry run, nothing was changed. A real run says: ")
    assert not Invitation.objects.exists() and not mailoutbox
    with django_capture_on_commit_callbacks(execute=True):
        line = run(*argv, staff.username)
    assert line == ("rosa@example.com was invited to become Center Admin – Tolano Adventures.")
    assert [email.to for email in mailoutbox] == [["rosa@example.com"]]
    assert "already has an invitation" in refusal(*argv, staff.username)
