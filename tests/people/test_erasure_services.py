"""Erasing a person: nothing of the name is left in any table; counts and history stay."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import (
    ErasureRequest,
    Invitation,
    Membership,
    MutedTopic,
    Notice,
    Role,
    Session,
    Topic,
    User,
)
from jasper_inventory.accounts.services.email_preferences import set_email_alerts
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure
from jasper_inventory.accounts.services.invitations import accept_invitation, invite
from jasper_inventory.accounts.services.users import NewAccount, create_account
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError, NotAllowed, UnknownCode
from jasper_inventory.people.erasure import erase_person
from jasper_inventory.support.integrity import differences
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    remove_enrollment,
    restore_enrollment,
)
from licenses.services.joins import join_by_group_key
from licenses.services.requests import reject_request
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories
from tests.commands import contents, refusal, run
from tests.helpers import last_act
from tests.pages import page_text, rows, text
from tests.people.planted import tables_that_reveal

pytestmark = pytest.mark.django_db


@pytest.fixture
def zeb(center, hub_admin, staff):
    """A person with every kind of row: a student who teaches and administers as well."""
    with audited("person.added", by=staff):
        user = factories.person("formername", first_name="Formerly", last_name="Formername")
    with audited("person.edited", by=staff):
        user.username, user.email = "zquix", "zquix@quizzle.example.com"
        user.first_name, user.last_name = "Zebulon", "O'Quizzle"
        user.set_password(factories.PASSWORD)
        user.save()
    factories.member(center, Role.STUDENT, user=user)
    factories.member(center, Role.TEACHER, user=user)
    return factories.member(center, user=user).user


@pytest.fixture
def everywhere(zeb, center, admin, staff, sign_in, django_capture_on_commit_callbacks):
    """Everything the site writes about a person, written."""
    with django_capture_on_commit_callbacks(execute=True):
        order = factories.order(assigned_to=center, by=staff, notify=True)
        teaching = enroll_teacher(order=order, user=zeb, by=staff).enrollment
        enroll_student(order=order, user=zeb, by=staff, teacher=teaching)
        codes = factories.order(factories.CODES, assigned_to=center, by=staff, notify=True)
        redemption = factories.redemption(factories.codes(codes, by=zeb)[0], user=zeb)
        # Emails to the supplier and to CCI name the requester; the outcome is sent to the person.
        request = factories.license_request(membership=zeb.memberships.get(role=1))
        reject_request(request=request, by=staff, comments="No.")
        factories.renewal_request(order, membership=zeb.memberships.get(role=1))
        invite(organization=center, role=Role.TEACHER, email="a@example.com", by=zeb)
        used = invite(
            organization=center, role=Role.TEACHER, email="zquix@example.com", by=admin.user
        )
        accept_invitation(invitation=used, by=zeb)
        invite(organization=center, role=Role.TEACHER, email="formername@example.com", by=staff)
        set_email_alerts(by=zeb, topics=[Topic.REQUESTS, Topic.LICENSES])
        ask_for_erasure(by=zeb)
        post_notice(kind="old", address="formername@example.com", subject="Formerly", text="x")
    Notice.objects.create(
        kind="waits", address=zeb.email, recipient=zeb, subject="Zebulon", text="Hi"
    )
    # The person's browser, and the admin's log, which names the rows it changes.
    site = Client()
    site.post("/accounts/login/", {"login": "zquix", "password": factories.PASSWORD})
    desk = sign_in(staff)
    ui.fill(desk, ui.url(User, "change", zeb.pk), is_active="on")
    desk.post(f"/admin/activation_codes/redemption/{redemption.pk}/take-back/", {})
    EmailAddress.objects.create(user=zeb, email="zquix@old.example.com", verified=True)
    return {"site": site, "order": order, "codes": codes, "redemption": redemption}


def test_no_table_contains_the_person(zeb, everywhere, admin, staff):
    before = tables_that_reveal()
    assert set(before) >= {
        "accounts_user",
        "accounts_userevent",
        "accounts_notice",
        "accounts_invitation",
        "account_emailaddress",
        "django_admin_log",
    }
    assert everywhere["site"].get("/me/").status_code == 200

    assert erase_person(user=zeb, by=staff) is True

    assert tables_that_reveal() == {}
    assert differences() == []


def test_an_address_that_was_only_reserved_is_erased_too(staff):
    sent = "zquix.reserved@example.com"
    zeb = factories.person("zquix", email="")
    zeb.unconfirmed_email = sent
    zeb.save()
    post_notice(kind="account", address=sent, subject="Confirm", text=sent, recipient=None)
    other = factories.person("other", email="")
    User.objects.filter(pk=other.pk).update(lost_email="zquix.lost@example.com")
    for person in (zeb, User.objects.get(pk=other.pk)):
        erase_person(user=person, by=staff)
    assert tables_that_reveal() == {}


def test_counts_and_history_stay_under_a_neutral_name(zeb, everywhere, admin, staff, sign_in):
    order, codes = everywhere["order"], everywhere["codes"]
    for one in (order, codes):
        one.refresh_from_db()
    taken = [(one.enrolled, one.codes_created) for one in (order, codes)]
    enrollments = zeb.enrollments.count()
    erase_person(user=zeb, by=staff)
    zeb = User.objects.get(pk=zeb.pk)
    name = f"Erased person {zeb.pk}"
    assert str(zeb) == name
    for one in (order, codes):
        one.refresh_from_db()
    assert [(one.enrolled, one.codes_created) for one in (order, codes)] == taken
    assert zeb.enrollments.count() == enrollments
    assert last_act(zeb)["action"] == "person.erased"
    assert last_act(zeb)["user"] == staff.pk
    history = sign_in(staff).get(f"/admin/licenses/order/{order.pk}/history/")
    assert name in text(ui.page(history))
    assert str(RenewalRequest.objects.get().requested_by) == name
    window = sign_in(admin).get(f"/people/{zeb.pk}/")
    assert name in page_text(window)
    erasure_request = ErasureRequest.objects.get(user=zeb)
    assert erasure_request.asked_at and erasure_request.done_at and erasure_request.done_by == staff


def test_access_ends(zeb, everywhere, staff):
    site = everywhere["site"]
    assert site.get("/me/").status_code == 200
    User.objects.filter(pk=zeb.pk).update(last_login=timezone.now())
    erase_person(user=zeb, by=staff)
    assert site.get("/me/").url.startswith("/accounts/login/")
    assert not Membership.objects.filter(user=zeb).exists()
    assert not MutedTopic.objects.filter(user=zeb).exists()
    assert not Invitation.objects.open().filter(invited_by=zeb).exists()
    sessions = [one.get_decoded().get("_auth_user_id") for one in Session.objects.all()]
    assert str(zeb.pk) not in sessions
    for login in ("zquix", "zquix@quizzle.example.com", f"erased person {zeb.pk}"):
        Client().post("/accounts/login/", {"login": login, "password": factories.PASSWORD})
    assert User.objects.get(pk=zeb.pk).last_login is None


def test_queued_emails_to_the_person_are_not_sent(zeb, everywhere, staff):
    erase_person(user=zeb, by=staff)
    assert not Notice.objects.filter(kind="waits").exists()
    sent = Notice.objects.filter(recipient=zeb)
    assert sent and {(one.subject, one.text, one.html) for one in sent} == {("", "", "")}


def test_erased_people_are_not_found(zeb, everywhere, admin, staff, sign_in):
    site = sign_in(admin)
    code = str(everywhere["redemption"].code)
    assert rows(site.post("/people/", {"typed": code}))
    erase_person(user=zeb, by=staff)
    assert not rows(site.post("/people/", {"typed": code}))
    for typed in ("zebulon", "erased", "zquix"):
        assert not rows(site.post("/people/", {"typed": typed}, follow=True))


def test_a_second_time_changes_nothing(zeb, admin, staff):
    erase_person(user=zeb, by=staff)
    before = contents()
    assert erase_person(user=zeb, by=staff) is False
    assert contents() == before


def test_who_may_not_be_erased(staff, admin, center):
    with pytest.raises(DomainError, match="CCI staff and superusers can't be erased"):
        erase_person(user=factories.staff(), by=staff)
    root = factories.person(is_superuser=True)
    with pytest.raises(DomainError, match="CCI staff and superusers can't be erased"):
        erase_person(user=root, by=staff)
    with pytest.raises(DomainError, match="is the last administrator of Tolano Adventures"):
        erase_person(user=admin.user, by=staff)
    factories.member(center)
    assert erase_person(user=admin.user, by=staff)


def test_only_cci_staff_erase(zeb, admin):
    for by in (admin.user, zeb):
        with pytest.raises(NotAllowed):
            erase_person(user=zeb, by=by)


def test_the_command(zeb, admin, staff):
    before = contents()
    rehearsed = run("erase_person", "zquix", "--by", staff.username, "--dry-run")
    assert rehearsed.startswith("Dry run, nothing was changed. A real run says: ")
    assert contents() == before
    line = run("erase_person", "zquix", "--by", staff.username)
    assert line == f"zquix was erased and is now called Erased person {zeb.pk}."
    again = run("erase_person", f"erased person {zeb.pk}", "--by", staff.username)
    assert again == f"Erased person {zeb.pk} was already erased; nothing was changed."
    assert refusal("erase_person", "zquix", "--by", staff.username) == ('There is no user "zquix".')
    assert refusal("erase_person", admin.user.username, "--by", admin.user.username) == (
        "Only CCI staff can do this."
    )


def test_cci_staff_erase_in_the_admin(zeb, everywhere, admin, staff, sign_in):
    site = sign_in(staff)
    assert "Erasure requests 1" in text(ui.page(site.get("/admin/")))
    assert "Zebulon O'Quizzle" in text(ui.page(site.get("/admin/accounts/erasurerequest/")))
    erasure_request = ErasureRequest.objects.get()
    shown = site.get(f"/admin/accounts/erasurerequest/{erasure_request.pk}/change/")
    page = f"/admin/accounts/user/{zeb.pk}/"
    assert f"{page}change/" in shown.content.decode()
    assert f"{page}erase/" in site.get(f"{page}change/").content.decode()
    confirm = site.get(f"{page}erase/")
    assert "This permanently erases Zebulon O'Quizzle (zquix)." in text(ui.page(confirm))
    assert User.objects.get(pk=zeb.pk).erased_at is None
    response = site.post(f"{page}erase/", follow=True)
    name = f"Erased person {zeb.pk}"
    assert ui.messages(response) == [f"The account was erased. It is now called {name}."]
    assert tables_that_reveal() == {}
    assert LogEntry.objects.filter(object_repr=name).exists()
    assert f"{page}erase/" not in response.content.decode()
    # The remaining rows can be read, not written.
    site.post(f"{page}change/", {"username": "back", "is_active": "on"})
    assert User.objects.get(pk=zeb.pk).username == f"erased person {zeb.pk}"
    assert "Erasure requests 0" in text(ui.page(site.get("/admin/")))


def test_the_admin_says_why_not(admin, staff, sign_in):
    response = sign_in(staff).post(f"/admin/accounts/user/{admin.user_id}/erase/")
    assert "is the last administrator of Tolano Adventures" in text(ui.page(response))


def test_nobody_joins_an_erased_teacher_or_restores_the_person(center, staff):
    order = factories.order(assigned_to=center, notify=True)
    user = factories.person()
    teacher = enroll_teacher(order=order, user=user, by=staff).enrollment
    learning = enroll_student(order=order, user=user, by=staff).enrollment
    remove_enrollment(enrollment=learning, by=staff)
    key = str(teacher.group_key)
    erase_person(user=user, by=staff)
    learning.refresh_from_db()

    with pytest.raises(UnknownCode):
        join_by_group_key(typed=key, by=factories.person())
    with pytest.raises(DomainError, match="was erased"):
        restore_enrollment(enrollment=learning, by=staff)
    assert not user.memberships.exists()
    assert differences() == []


def test_an_address_that_was_never_confirmed_stays_in_no_record_of_tasks(
    settings, staff, django_capture_on_commit_callbacks
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    account = NewAccount("Zebulon", "O'Quizzle", "zquix@example.com", factories.PASSWORD)
    other = NewAccount("Ana", "Silva", "ana@example.com", factories.PASSWORD)
    with django_capture_on_commit_callbacks(execute=True):
        user, other_user = (
            create_account(account=each, address="::1", then=lambda user: user)[0]
            for each in (account, other)
        )
    assert "django_tasks_database_dbtaskresult" in tables_that_reveal()

    erase_person(user=user, by=staff)

    assert tables_that_reveal() == {}
    assert [task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()] == [other_user.pk]
