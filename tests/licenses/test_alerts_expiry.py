"""Licenses that expire soon: the notice that is due, and the daily command that sends them."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.models import Notice
from licenses.emails import notify_alert
from licenses.models import Alert, AlertKind, AlertRun
from licenses.services.alerts import due_mark, raise_alerts, send_ending_alerts
from licenses.services.suspensions import suspend_order
from tests import admin_pages as ui
from tests import factories
from tests.helpers import at_once, change
from tests.licenses.acts import renewed

pytestmark = pytest.mark.django_db

FINISH = date(2027, 6, 30)


@pytest.mark.parametrize(
    ("left", "mark"),
    [
        (91, None),
        (90, 90),
        (61, 90),
        (60, 60),
        (31, 60),
        (30, 30),
        (8, 30),
        (7, 7),
        (2, 7),
        (1, 1),
        (0, 1),
    ],
)
def test_the_notice_that_is_due(left, mark):
    today = FINISH - timedelta(days=left)
    assert due_mark(start=FINISH - timedelta(days=365), finish=FINISH, today=today) == mark


@pytest.mark.parametrize(("days", "mark"), [(30, None), (31, 30), (29, None)])
def test_a_short_license_has_no_alert_on_its_first_day(days, mark):
    today = FINISH - timedelta(days=min(days, 30))
    assert due_mark(start=FINISH - timedelta(days=days), finish=FINISH, today=today) == mark


@pytest.fixture
def send(capsys, django_capture_on_commit_callbacks):
    """A function: run the command and return its line."""

    def run(*options):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("send_alerts", *options)
        return capsys.readouterr().out.strip()

    return run


def expiring(center, left, **values):
    values.setdefault("start_date", factories.days(-200))
    return factories.order(assigned_to=center, finish_date=factories.days(left), **values)


def notices():
    ends = [message for message in mail.outbox if " expires at the end of " in message.subject]
    return [(message.to[0], message.subject) for message in ends]


def test_the_holders_administrators_are_notified_once_per_order_and_mark(
    center, admin, hub_admin, foreign_admin, send
):
    order = expiring(center, 30)
    second = factories.member(center)
    expiring(center, 91)
    assert send() == "Licenses that end within 90 days: 1. Alerts raised: 1."
    subject = f"Order {order} expires at the end of {factories.days(30)}"
    assert sorted(notices()) == sorted([(admin.user.email, subject), (second.user.email, subject)])
    for body in (mail.outbox[-1].body, mail.outbox[-1].alternatives[0][0]):
        assert "There are 30 days left." in body
        assert f"/inventory/{order}/edit/" in body
    assert send() == "Licenses that end within 90 days: 1. Alerts raised: 0."
    assert len(notices()) == 2


def test_a_missed_day_is_caught_up_and_each_mark_notifies_once(center, admin, send):
    order = expiring(center, 58)
    # 60 was missed by two days; then 30, 7 and 1.
    for left, number in ((58, 1), (40, 0), (30, 1), (29, 0), (7, 1), (1, 1), (0, 0)):
        order.refresh_from_db()
        Alert.objects.filter(order=order)
        moved = factories.days(left)
        marks = Alert.objects.filter(order=order)
        for alert in marks:
            # As if time had passed: the finish date moves nearer.
            alert.mark = f"{moved} {alert.mark.split()[1]}"
            alert.save()
        change(order, finish_date=moved)
        assert send().endswith(f"Alerts raised: {number}."), left
    assert [alert.mark.split()[1] for alert in Alert.objects.order_by("pk")] == [
        *("60", "30", "7", "1")
    ]


def test_a_new_finish_date_notifies_again(center, admin, send):
    order = expiring(center, 7)
    send()
    change(order, finish_date=factories.days(30))
    send()
    assert [subject for _to, subject in notices()] == [
        f"Order {order} expires at the end of {factories.days(7)}",
        f"Order {order} expires at the end of {factories.days(30)}",
    ]


def test_only_orders_in_force_that_are_not_renewed(center, admin, staff, send):
    expiring(center, -1)
    expiring(center, 30, is_active=False)
    expiring(center, 30, start_date=factories.days(1))
    suspend_order(order=expiring(center, 30), by=staff, reason="Unpaid")
    renewed(expiring(center, 30))
    factories.license_request(membership=admin)
    assert send() == "Licenses that end within 90 days: 0. Alerts raised: 0."


def test_its_last_day_is_one_of_the_sites_time_zone(center, admin, send):
    order = expiring(center, 0)
    send()
    assert notices() == [
        (admin.user.email, f"Order {order} expires at the end of {factories.today()}")
    ]
    assert "Today is its last day." in mail.outbox[-1].body


def test_a_dry_run_notifies_nobody(center, admin, send):
    expiring(center, 7)
    line = send("--dry-run")
    counted = "Licenses that end within 90 days: 1. Alerts raised: 1."
    assert line == f"Dry run, nothing was changed. A real run says: {counted}"
    assert not Notice.objects.exists() and not Alert.objects.exists()
    assert not AlertRun.objects.exists()


def test_the_status_distinguishes_silence_from_failure(center, admin, send):
    with pytest.raises(CommandError, match="has never run"):
        send("--status")
    send()
    assert send("--status").endswith("Licenses that end within 90 days: 0. Alerts raised: 0.")
    AlertRun.objects.update(started_at=timezone.now() - timedelta(hours=26))
    with pytest.raises(CommandError, match="it should run daily"):
        send("--status")
    AlertRun.objects.create()
    with pytest.raises(CommandError, match="did not finish"):
        send("--status")


def test_a_run_that_breaks_off_stays_unfinished(center, admin, monkeypatch):
    expiring(center, 7)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("licenses.services.alerts.raise_alerts", broken)
    with pytest.raises(RuntimeError):
        send_ending_alerts()
    assert AlertRun.objects.get().finished_at is None


def test_the_queries_grow_with_the_alerts_only(center, send, django_assert_num_queries):
    expiring(center, 7)
    send_ending_alerts()
    # The run, the licenses, the alerts between two savepoints, and the end of the run.
    with django_assert_num_queries(6):
        send_ending_alerts()
    for _one in range(3):
        expiring(center, 7)
    send_ending_alerts()
    with django_assert_num_queries(6):
        send_ending_alerts()


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr("licenses.services.alerts.BATCH", 2)


def test_batches_reach_every_license_once(center, admin, send, small_batches):
    for _one in range(5):
        expiring(center, 7)
    assert send() == "Licenses that end within 90 days: 5. Alerts raised: 5."
    assert len(set(notices())) == len(notices()) == 5
    assert send() == "Licenses that end within 90 days: 5. Alerts raised: 0."
    assert len(notices()) == 5


def test_a_run_that_was_interrupted_is_completed_by_the_next(
    center, admin, send, small_batches, monkeypatch
):
    for _one in range(5):
        expiring(center, 7)
    done = []

    def raised_until_interrupted(alerts):
        if done:
            raise KeyboardInterrupt
        done.append(raise_alerts(alerts))
        return done[0]

    with monkeypatch.context() as patch:
        patch.setattr("licenses.services.alerts.raise_alerts", raised_until_interrupted)
        with pytest.raises(KeyboardInterrupt):
            send()
    assert Alert.objects.count() == 2
    assert send() == "Licenses that end within 90 days: 5. Alerts raised: 3."
    assert len(set(notices())) == len(notices()) == 5


def test_a_batch_takes_two_statements_to_raise_and_to_queue_its_emails(
    center, settings, django_assert_num_queries
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    for _one in range(5):
        expiring(center, 7)
    # The run, the licenses, alerts and tasks between two savepoints, and the end of the run.
    with django_assert_num_queries(7):
        send_ending_alerts()
    queued = DBTaskResult.objects.filter(task_path=notify_alert.module_path)
    assert sorted(task.args_kwargs["args"] for task in queued) == sorted(
        [pk] for pk in Alert.objects.values_list("pk", flat=True)
    )
    assert DBTaskResult.objects.ready().count() == 5


def test_staff_see_runs_and_alerts_in_the_admin(sign_in, staff, center, admin, send):
    order = expiring(center, 7)
    send()
    client = sign_in(staff)
    for model in (AlertRun, Alert):
        row = model.objects.get()
        assert client.get(ui.url(model, "changelist")).status_code == 200
        assert client.get(ui.url(model, "change", row.pk)).status_code == 200
        assert client.get(ui.url(model, "add")).status_code == 403
    page = ui.page(client.get(ui.url(Alert, "changelist"), {"q": str(order.number)}))
    assert "Tolano Adventures" in page.text_content()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_notify_once():
    center = factories.organization()
    factories.member(center)
    order = expiring(center, 7)
    at_once(send_ending_alerts, send_ending_alerts)
    assert Alert.objects.filter(kind=AlertKind.ENDING).count() == 1
    assert [subject for _to, subject in notices()] == [
        f"Order {order} expires at the end of {factories.days(7)}"
    ]
    assert AlertRun.objects.exclude(finished_at=None).count() == 2
