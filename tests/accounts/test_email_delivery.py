"""Emails and a real mail server: none is lost, and none is shown twice."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import get_date_max

from jasper_inventory.accounts.email_delivery import deliver_notice, drop_old_texts
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import Notice, RefusedAddress
from jasper_inventory.jobs.models import Job
from jasper_inventory.jobs.services import discard_job
from jasper_inventory.jobs.worker import ALL_JOBS, claim, record, run
from tests import factories
from tests.browsers import Browser
from tests.pages import page_text
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "kim@example.com"


@pytest.fixture
def server(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 1
    with mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def post(kind="test", **values):
    post_notice(kind=kind, address=ADDRESS, subject="S", text="T", **values)
    return Notice.objects.latest("pk")


def work():
    """Do all jobs that are queued, at the time of their next attempt."""
    Job.objects.filter(status="READY").update(run_after=get_date_max())
    done = []
    while job := claim(ALL_JOBS, "test"):
        done.append(job)
        record(job, run(job))
        # Its next attempt isn't due.
        assert len(done) < 10
    return done


def test_an_email_is_sent_once_without_a_transaction_open(server):
    open_meanwhile = []

    def look():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state LIKE 'idle in transaction%%'"
            )
            open_meanwhile.append(cursor.fetchone()[0])
        connection.close()

    server.while_open = look
    notice = post()
    work()
    notice.refresh_from_db()
    assert (notice.attempts, notice.last_error, notice.claimed_until) == (1, "", None)
    assert notice.sent_at
    deliver_notice.call(notice.pk)
    assert [message["To"] for message in server.messages] == [ADDRESS]
    assert open_meanwhile == [0]


@pytest.mark.parametrize("behavior", ["later", "full", "slow", "drop in mid-text"])
def test_an_email_that_the_server_does_not_take_now_is_retried(server, behavior):
    server.behavior = behavior
    notice = post()
    (job,) = work()
    notice.refresh_from_db()
    assert notice.sent_at is None and notice.given_up_at is None and notice.last_error
    assert Job.objects.get(pk=job.pk).status == "READY"
    server.behavior = "take"
    work()
    notice.refresh_from_db()
    assert notice.sent_at and notice.last_error == ""
    assert len({message["Message-ID"] for message in server.messages}) == 1


def test_an_email_is_retried_while_the_server_is_down(server, settings):
    settings.EMAIL_PORT = 1
    notice = post()
    work()
    notice.refresh_from_db()
    assert "refused" in notice.last_error and notice.sent_at is None
    settings.EMAIL_PORT = server.port
    work()
    assert len(server.messages) == 1


def test_an_email_whose_answer_is_lost_is_sent_again_with_the_same_message_id(server):
    server.behavior = "drop before the answer"
    post()
    work()
    server.behavior = "take"
    work()
    first, second = (message["Message-ID"] for message in server.messages)
    assert first == second and first.startswith("<notice.")


@pytest.mark.parametrize(
    ("behavior", "answer"),
    [("refuse recipient", "550 5.1.1 No such user"), ("refuse text", "554 5.6.0 Not here")],
)
def test_an_email_that_was_refused_for_good_is_not_retried(server, behavior, answer):
    server.behavior = behavior
    notice = post()
    (job,) = work()
    assert Job.objects.get(pk=job.pk).status == "SUCCESSFUL"
    assert work() == []
    notice.refresh_from_db()
    assert (notice.sent_at, notice.last_error, notice.text) == (None, answer, "T")
    assert notice.given_up_at
    assert RefusedAddress.objects.get().answer == answer
    server.behavior = "take"
    post()
    work()
    assert not RefusedAddress.objects.exists()


def test_a_link_is_deleted_once_sent_refused_or_expired(server):
    notice = post("account", expires_at=timezone.now() + timedelta(hours=1))
    work()
    notice.refresh_from_db()
    assert notice.sent_at and notice.text == ""
    server.behavior = "refuse recipient"
    notice = post("invitation")
    work()
    notice.refresh_from_db()
    assert notice.given_up_at and notice.text == ""
    server.behavior = "take"
    late, waiting = (
        post("account", expires_at=timezone.now() - timedelta(hours=1)) for _notice in range(2)
    )
    deliver_notice.call(late.pk)
    drop_old_texts()
    for notice in (late, waiting):
        notice.refresh_from_db()
        assert (notice.text, notice.sent_at, notice.attempts) == ("", None, 0)
        assert notice.given_up_at
    work()
    assert len(server.messages) == 1


def test_emails_to_sign_in_are_sent_before_all_others(server):
    for kind in ("test", "test", "account"):
        post(kind)
    assert claim(ALL_JOBS, "test").args_kwargs["args"] == [Notice.objects.latest("pk").pk]


def test_an_email_that_another_worker_sends_is_left_to_it_while_it_may_be_alive(server):
    notice = post()
    until = timezone.now() + timedelta(minutes=1)
    Notice.objects.filter(pk=notice.pk).update(claimed_until=until)
    (job,) = work()
    assert server.messages == [] and Job.objects.get(pk=job.pk).status == "READY"
    Notice.objects.filter(pk=notice.pk).update(claimed_until=timezone.now())
    work()
    assert len(server.messages) == 1


def test_an_email_whose_job_was_discarded_is_given_up(server):
    notice = post()
    job = claim(ALL_JOBS, "test")
    Job.objects.filter(pk=job.pk).update(status="FAILED")
    discard_job(job)
    notice.refresh_from_db()
    assert notice.given_up_at and not Job.objects.exists()


def test_no_commit_no_email(server):
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert work() == []


def test_administrators_see_the_refused_addresses_of_their_own_people_only(server, db):
    center = factories.organization("Tolano Adventures")
    admin = factories.member(center)
    other = factories.member(factories.organization("Elsewhere"))
    for address in (admin.user.email, other.user.email, "nobody@example.com"):
        RefusedAddress.objects.create(
            address=address, answer="550 Unknown", refused_at=timezone.now()
        )

    site = Browser()
    site.force_login(admin.user)
    text = page_text(site.get("/people/"))
    assert admin.user.email in text and "550 Unknown" in text
    assert other.user.email not in text and "nobody@example.com" not in text
