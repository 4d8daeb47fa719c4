"""Every act in the admin on one row or on many leaves its entry in the activity log."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from activation_codes.models import Redemption
from jasper_inventory.accounts.models import (
    LogEntry,
    Membership,
    Organization,
    Session,
    Tally,
    User,
)
from jasper_inventory.jobs.models import Job
from licenses.models import Enrollment, LicenseRequest
from licenses.services.enrollments import enroll_teacher
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories
from tests.pages import page_text
from tests.second_factors import app_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(sign_in, db):
    return sign_in(factories.person("root", is_staff=True, is_superuser=True))


def groups():
    return [Group.objects.create(name=f"Auditors {number}") for number in range(3)]


def blocks():
    now = timezone.now()
    times = {"last_at": now, "since": now, "forget_at": now + timezone.timedelta(hours=1)}
    keys = [f"passwords of network 10.0.0.{number}" for number in range(3)]
    return [Tally.objects.create(key=key, number=900, **times) for key in keys]


def enrollments():
    staff = factories.staff()
    order = factories.order(by=staff)
    return [
        enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
        for _number in range(3)
    ]


def redemptions():
    order = factories.order(factories.CODES, number_of_codes=3)
    return [factories.redemption(code) for code in factories.codes(order)]


def jobs():
    return [
        Job.objects.get(
            pk=DBTaskResult.objects.create(
                task_path="jasper_inventory.accounts.emails.send_notice",
                args_kwargs={"args": [number], "kwargs": {}},
                backend_name="default",
                queue_name="default",
                status="FAILED",
                priority=0,
                exception_class_path="builtins.OSError",
            ).pk
        )
        for number in range(3)
    ]


# Each action of a list, what creates rows for it, and the entry that it leaves for each of them.
ACTIONS = {
    (Group, "delete_selected"): (groups, "row.deleted"),
    (Membership, "delete_selected"): (
        lambda: [factories.member() for _number in range(3)],
        "role.revoked",
    ),
    (Tally, "lift"): (blocks, "row.changed"),
    (LicenseRequest, "approve_selected"): (
        lambda: [factories.license_request() for _number in range(3)],
        "order.approved",
    ),
    (LicenseRequest, "reject_selected"): (
        lambda: [factories.license_request() for _number in range(3)],
        "order.rejected",
    ),
    (RenewalRequest, "approve_selected"): (
        lambda: [factories.renewal_request() for _number in range(3)],
        "renewal.approved",
    ),
    (RenewalRequest, "reject_selected"): (
        lambda: [factories.renewal_request() for _number in range(3)],
        "renewal.rejected",
    ),
    (Enrollment, "remove_selected"): (enrollments, "enrollment.removed"),
    (Redemption, "reclaim_selected"): (redemptions, "redemption.removed"),
    (Job, "retry"): (jobs, "row.changed"),
    (Job, "discard"): (jobs, "row.changed"),
}


def registered():
    """The admins, and a request of a superuser."""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    return admin.site._registry.items(), request


def test_these_are_all_actions_of_lists():
    admins, request = registered()
    found = {(model, name) for model, one in admins for name in one.get_actions(request)}
    assert found == set(ACTIONS)


@pytest.mark.parametrize(
    ("model", "action"), ACTIONS, ids=lambda one: getattr(one, "__name__", one)
)
def test_an_action_on_many_rows_leaves_an_entry_for_each(root, model, action):
    create, entry = ACTIONS[model, action]
    rows = create()
    before = LogEntry.objects.order_by("pk").last()
    address = ui.url(model, "changelist")

    page = ui.act(root, address, action, rows)
    if ui.page(page).cssselect("form [type=submit]") and b"changelist-form" not in page.content:
        typed = {"comments": "No", "reason": "No"} if action.startswith("reject") else {}
        page = ui.confirm(root, address, page, **typed)

    made = LogEntry.objects.filter(pk__gt=before.pk if before else 0, action=entry)
    assert made.count() == len(rows), ui.messages(page)
    assert {one.actor.username for one in made} == {"root"}


# The pages of one row are those of a service, which records its act: here, those about sign-in.


def test_staff_remove_the_lost_second_factors_of_a_person(staff_site, sign_in, admin):
    app_of(admin.user)
    sign_in(admin)
    page = staff_site.get(ui.url(User, "change", admin.user_id))
    address = ui.url(User, "second_factors_page", admin.user_id)
    assert address in page.content.decode()
    assert "call back on a number that you know" in page_text(staff_site.get(address))

    done = ui.fill(staff_site, address, reason="Lost phone, called back")

    assert f"The second factors of {admin.user} were removed." in ui.messages(done)
    assert not Authenticator.objects.filter(user=admin.user).exists()
    assert not Session.objects.of_user(admin.user).exists()
    entry = LogEntry.objects.get(action="mfa.removed")
    assert (entry.reason, entry.people) == ("Lost phone, called back", [admin.user_id])
    assert "Lost phone, called back" in mail.outbox[-1].body
    assert mail.outbox[-1].to == [admin.user.email]
    assert address not in staff_site.get(ui.url(User, "change", admin.user_id)).content.decode()


def test_without_a_reason_nothing_is_removed(staff_site, admin):
    app_of(admin.user)

    page = ui.fill(staff_site, ui.url(User, "second_factors_page", admin.user_id), reason=" ")

    assert ui.errors(page)
    assert Authenticator.objects.filter(user=admin.user).count() == 2


def test_a_person_without_second_factors_has_none_to_remove(staff_site, admin):
    page = ui.fill(staff_site, ui.url(User, "second_factors_page", admin.user_id), reason="Lost")

    assert "has no second factor" in page_text(page)
    assert not LogEntry.objects.filter(action="mfa.removed").exists()


def test_second_factors_of_superusers_are_removed_by_superusers_only(staff_site, root):
    boss = factories.person("boss", is_staff=True, is_superuser=True)
    app_of(boss)
    address = ui.url(User, "second_factors_page", boss.pk)

    assert staff_site.get(address).status_code == 403
    assert staff_site.post(address, {"reason": "Lost"}).status_code == 403
    assert Authenticator.objects.filter(user=boss).exists()

    ui.fill(root, address, reason="Lost")
    assert not Authenticator.objects.filter(user=boss).exists()


def test_staff_require_a_second_factor_of_an_organization_and_no_longer(staff_site, center):
    address = ui.url(Organization, "second_factor_page", center.pk)
    for is_required in (True, False):
        done = ui.fill(staff_site, address)

        assert f"Second factors at {center}: the setting was changed." in ui.messages(done)
        center.refresh_from_db()
        assert center.requires_second_factor == is_required
        entry = LogEntry.objects.filter(action="organization.edited").latest("pk")
        assert entry.after == {"requires_second_factor": is_required}
        assert entry.object_key == center.pk


def test_pages_about_sign_in_ask_again(staff_site, staff, center, admin):
    staff.set_password(factories.PASSWORD)
    staff.save()
    app_of(admin.user)
    site = Client()
    site.force_login(staff)
    site.signed_in_long_ago()
    for address in (
        ui.url(User, "second_factors_page", admin.user_id),
        ui.url(Organization, "second_factor_page", center.pk),
    ):
        assert site.post(address, {"reason": "Lost"}).url.startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(user=admin.user).exists()
