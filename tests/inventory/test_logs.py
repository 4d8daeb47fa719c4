"""No log names anyone, even if an email can't be sent or a row is refused."""

import logging

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.emails import notify_new_address, post_notice
from jasper_inventory.accounts.models import Notice, Role
from jasper_inventory.jobs.worker import ALL_JOBS, claim, record, run
from tests import factories
from tests.pages import owner_of

pytestmark = pytest.mark.django_db
ADDRESS = "rosa@quill.example.com"


class Refusing(EmailBackend):
    """A mail server that names the address in its refusal."""

    def send_messages(self, messages):
        raise OSError(f"550 {messages[0].to[0]} is unknown")


@pytest.fixture
def logged(caplog):
    """A function: the text of the log, written as on a running site."""
    [console] = [
        handler
        for handler in logging.getLogger().handlers
        if type(handler) is logging.StreamHandler
    ]
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    return lambda: "\n".join(map(console.format, caplog.records))


@pytest.fixture
def work(settings, django_capture_on_commit_callbacks):
    """A function: queue something, and let the worker do it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

    def worked(queue):
        with django_capture_on_commit_callbacks(execute=True):
            queue()
        job = claim(ALL_JOBS, "test")
        record(job, run(job))

    return worked


def refuse_all(table, column):
    """No row can be written from here on; the database says which one it refused."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CHECK ({column} IS NULL) NOT VALID")


def test_an_email_that_cannot_be_sent_leaves_no_address_in_the_log(settings, work, logged):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    work(lambda: post_notice(kind="x", address=ADDRESS, subject="Dear Rosa", text="Hi Rosa"))
    notice = Notice.objects.get()
    assert ADDRESS in notice.last_error and notice.attempts == 1
    assert "deliver_notice" in logged()
    assert "rosa" not in logged().lower()


def test_a_failed_email_task_leaves_no_address_in_the_log(work, logged):
    user = factories.person("rosa.quill", first_name="Rosa", email="")
    refuse_all("accounts_notice", "address")
    work(lambda: notify_new_address.enqueue(user.pk, ADDRESS))
    assert ADDRESS in DBTaskResult.objects.get(task_path__endswith="new_address").traceback
    assert "IntegrityError" in logged() and "notify_new_address" in logged()
    assert "rosa" not in logged().lower() and ADDRESS not in logged()


def test_a_request_that_the_database_refuses_leaves_nothing_in_the_log(logged, sign_in, admin):
    site = sign_in(admin)
    site.raise_request_exception = False
    shown = owner_of(site.get("/invitations/new/"))
    refuse_all("accounts_invitation", "email")
    typed = {"email": ADDRESS, "role": Role.TEACHER, "form_owner": shown}
    assert site.post("/invitations/new/", typed).status_code == 500
    assert "IntegrityError" in logged() and "rosa" not in logged().lower()


def test_pages_send_no_address_of_their_own_to_other_sites(sign_in, admin, staff):
    for site, address in (
        (Client(), "/accounts/login/"),
        (sign_in(admin), "/people/"),
        (sign_in(staff), "/admin/accounts/user/"),
    ):
        assert site.get(address)["Referrer-Policy"] == "same-origin"
