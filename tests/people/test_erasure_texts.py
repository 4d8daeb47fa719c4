"""Erasing rewrites no text: notices refer to people, and sessions drop the person's data."""

import re
import time
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings as django_settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.email_delivery import deliver_notice, drop_old_texts, worded
from jasper_inventory.accounts.emails import post_to
from jasper_inventory.accounts.models import Membership, Notice, Role, Session, User
from jasper_inventory.accounts.services import invitations as invitation_services
from jasper_inventory.accounts.throttling import notify_attack
from jasper_inventory.people.erasure import erase_person
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.helpers import at_once
from tests.pages import page_text
from tests.people.planted import tables_that_reveal

pytestmark = pytest.mark.django_db


@pytest.fixture
def zeb(center):
    user = factories.person(
        "zquix", first_name="Zebulon", last_name="O'Quizzle", email="zquix@quizzle.example.com"
    )
    return factories.member(center, user=user)


@pytest.fixture
def queued(settings):
    """Tasks are queued in the database, as on a running site; so no email has been sent."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def test_a_student_named_like_the_school_keeps_the_school_name(
    center, admin, staff, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation_services.invite(
            organization=center, role=Role.TEACHER, email="new@example.com", by=admin.user
        )
        factories.license_request(membership=admin)
    namesake = factories.person("ta", first_name="Tolano", last_name="Adventures", email="")
    factories.member(center, Role.STUDENT, user=namesake)
    before = list(Notice.objects.order_by("pk").values())
    assert any("Tolano Adventures" in one["text"] for one in before)

    erase_person(user=namesake, by=staff)

    assert list(Notice.objects.order_by("pk").values()) == before


def test_a_queued_email_to_others_is_sent_with_the_neutral_name(
    zeb, admin, hub_admin, staff, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "nowhere.Backend"
    with django_capture_on_commit_callbacks(execute=True):
        factories.license_request(membership=zeb)
    (notice,) = Notice.objects.filter(recipient=hub_admin.user)
    assert "Zebulon O'Quizzle" in worded([notice])[0].text
    assert "Zebulon O&#x27;Quizzle" in worded([notice])[0].html
    # A role has a copy of its person's name.
    mine = {"accounts_user", "accounts_userevent", "accounts_membership"}
    assert tables_that_reveal().keys() == mine
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    erase_person(user=zeb.user, by=staff)
    deliver_notice.call(notice.pk)

    (sent,) = mail.outbox
    assert f"Erased person {zeb.user_id}" in sent.body
    assert "Quizzle" not in sent.body + sent.alternatives[0][0]


def test_a_reference_that_someone_typed_names_nobody(zeb, admin, hub_admin, staff):
    typed = f"⟦name {zeb.user_id}⟧ ⟦password {admin.user_id}⟧"
    factories.license_request(membership=admin, comments=typed)
    assert typed in mail.outbox[0].body
    assert str(admin.user) in mail.outbox[0].body


def test_the_notice_about_guessing_refers_to_the_account(zeb, admin, staff):
    notify_attack.enqueue("192.0.2.1", zeb.user_id, 30, "2026-11-29")
    assert "zquix" in mail.outbox[-1].body
    erase_person(user=zeb.user, by=staff)
    assert tables_that_reveal() == {}


def test_email_templates_use_only_values_stored_as_references():
    """A field of a person two relations away would be written unchanged."""
    wrong = re.compile(r"\w+\.\w+\.(username|email|first_name|last_name|get_\w+_name)")
    templates = list(Path(django_settings.BASE_DIR, "templates/emails").glob("**/*.html"))
    assert len(templates) > 30
    assert [one.name for one in templates if wrong.search(one.read_text())] == []


def test_texts_are_dropped_some_days_after_they_were_sent(admin, hub_admin, settings):
    factories.license_request(membership=admin)
    settings.NOTICE_BODY_DAYS = 90
    assert drop_old_texts() == 0
    settings.NOTICE_BODY_DAYS = -1
    assert drop_old_texts() == Notice.objects.count() > 0
    assert set(Notice.objects.values_list("text", "html")) == {("", "")}
    assert all(Notice.objects.values_list("subject", flat=True))


def test_sessions_of_others_keep_nothing_about_the_person(
    center, admin, zeb, staff, sign_in, hub_admin
):
    order = factories.order(assigned_to=center, notify=True)
    learning = enroll_student(order=order, user=zeb.user, by=staff).enrollment
    other = enroll_student(
        order=order, user=factories.person(first_name="Una"), by=staff
    ).enrollment
    site, unconcerned = sign_in(admin), sign_in(admin)
    site.post(f"/inventory/{order.number}/people/{learning.pk}/remove/")
    for typed in ("zebulon", "zquix@quizzle.example.com"):
        site.post("/people/", {"typed": typed})
    unconcerned.post(f"/inventory/{order.number}/people/{other.pk}/remove/")
    ended = Client()
    session = ended.session
    session["unsent_form"] = {"path": "/", "data": "email=zquix%40quizzle.example.com", "owner": 1}
    session.save()

    erase_person(user=zeb.user, by=staff)

    for one in Session.objects.all():
        kept = str(one.get_decoded()).lower()
        assert "zebulon" not in kept and "quizzle" not in kept
    # Both are still signed in, and the other one's notification is still there.
    assert site.get("/people/").status_code == 200
    assert "Una" in page_text(unconcerned.get("/"))


def test_the_admins_log_and_failed_tasks_reveal_nothing(zeb, admin, staff):
    gone = zeb.user.memberships.model.objects.get(pk=zeb.pk)
    from allauth.account.models import EmailAddress

    for model, text in ((EmailAddress, "zquix@quizzle.example.com"), (Membership, "Center Admin")):
        LogEntry.objects.create(
            user=staff,
            content_type=ContentType.objects.get_for_model(model),
            object_id=str(gone.pk if model is Membership else 987_654),
            object_repr=text,
            action_flag=CHANGE,
            change_message="zquix" if model is Membership else "",
        )
    DBTaskResult.objects.create(
        priority=0,
        task_path="x.y",
        args_kwargs={"args": [], "kwargs": {}},
        queue_name="default",
        backend_name="default",
        exception_class_path="x",
        traceback="Key (email)=(zquix@quizzle.example.com) already exists.",
    )
    erase_person(user=zeb.user, by=staff)
    assert tables_that_reveal() == {}


def test_a_person_erased_meanwhile_gets_no_email(zeb, admin, staff):
    loaded = [User.objects.get(pk=zeb.user_id)]
    erase_person(user=zeb.user, by=staff)
    _post(loaded)
    assert not Notice.objects.exists() and tables_that_reveal() == {}


def _post(users):
    post_to(
        users,
        kind="x",
        event="x",
        template="emails/accounts/wrong_codes.html",
        context={"address": "::1", "number": 1, "account": users[0]},
    )


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_is_written_while_erasing_runs_is_cleaned_too(zeb, admin, staff):
    posted = Event()

    def post():
        with transaction.atomic():
            _post([User.objects.get(pk=zeb.user_id)])
            posted.set()
            _wait_for_a_lock()

    def erase():
        assert posted.wait(20)
        return erase_person(user=zeb.user, by=staff)

    assert at_once(post, erase) == [None, True]
    notice = Notice.objects.filter(recipient=zeb.user).first()
    assert notice is None or "quizzle" not in f"{notice.address}{notice.text}"
    assert tables_that_reveal() == {}


def _wait_for_a_lock():
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("erasing doesn't wait for the notice")


def test_addresses_of_other_people_stay_untouched(zeb, center, admin, staff):
    """One that another account has confirmed, one that was given up, one that was only typed."""
    user = zeb.user
    lost, former, reserved = (f"{name}@mail.example.com" for name in ("lost", "former", "typed"))
    user.email = former
    user.save()
    user.email = ""
    user.save()
    others = [factories.person(email=address) for address in (lost, former)]
    User.objects.filter(pk=user.pk).update(lost_email=lost, unconfirmed_email=reserved)
    invite = {"organization": center, "role": Role.TEACHER, "by": admin.user}
    invitations = [
        invitation_services.invite(email=one, **invite) for one in (lost, former, reserved)
    ]
    for other in others:
        Notice.objects.create(
            kind="x", recipient=other, address=other.email, subject="Hi", text="Theirs"
        )
        Notice.objects.create(kind="x", address=other.email, subject="Hi", text="Theirs")
    about = Notice.objects.create(
        kind="account", recipient=user, address=lost, subject="Hi", text="About zquix"
    )
    before = list(Notice.objects.exclude(pk=about.pk).order_by("pk").values())
    assert len(before) == 7

    erase_person(user=User.objects.get(pk=user.pk), by=staff)

    assert list(Notice.objects.exclude(pk=about.pk).order_by("pk").values()) == before
    assert not Notice.objects.filter(pk=about.pk).exclude(text="").exists()
    for invitation in invitations:
        invitation.refresh_from_db()
    assert [one.email for one in invitations] == [lost, former, reserved]
    assert {one.revoked_at for one in invitations} == {None}


@pytest.mark.parametrize(
    ("name", "typed"), [("Zebulon", "zebu"), ("Élie", "elie"), ("O'Quizzle", "oquizzle")]
)
def test_no_kept_search_of_anybody_outlasts_the_name(zeb, admin, staff, sign_in, name, typed):
    """A search finds by parts and in any spelling, so all of them are erased."""
    zeb.user.last_name = name
    zeb.user.save()
    site = sign_in(admin)
    found = site.post("/people/", {"typed": typed}).url
    assert "zquix" in page_text(site.get(found))

    erase_person(user=zeb.user, by=staff)

    assert not [one for one in Session.objects.all() if typed in str(one.get_decoded())]
    assert "This search has expired" in page_text(site.get(found, follow=True))


def test_signing_out_while_a_person_is_erased_stops_nothing(
    zeb, admin, staff, sign_in, monkeypatch
):
    site = sign_in(admin)
    site.post("/people/", {"typed": "zebulon"})
    read = Session.get_decoded

    def read_then_signed_out(session):
        kept = read(session)
        Session.objects.filter(pk=session.pk).delete()
        return kept

    monkeypatch.setattr(Session, "get_decoded", read_then_signed_out)

    assert erase_person(user=zeb.user, by=staff) is True
    assert not Session.objects.exists()
