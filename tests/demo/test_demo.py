"""The demo data: the guide's rows exactly, and correct counters."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from activation_codes.models import ActivationCode
from activation_codes.services.codes import creators_of
from jasper_inventory.accounts.models import (
    STAFF_GROUP,
    Membership,
    Notice,
    Organization,
    Role,
    User,
)
from jasper_inventory.demo.dataset import ACCOUNTS, PASSWORD
from jasper_inventory.demo.loader import load
from jasper_inventory.inventory.queries import inventory_rows
from licenses import activity
from licenses.models import (
    AlertKind,
    Enrollment,
    EnrollmentRole,
    Order,
    OrderStatus,
    Product,
    Transfer,
    TransferKind,
)
from licenses.services.allocations import product_ids
from licenses.usage import usage_of
from renewals.models import RenewalRequest


@pytest.fixture(scope="module")
def loaded(test_settings, django_db_setup, django_db_blocker):
    """The demo data, loaded once for the tests of this file and then undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def data(loaded, db):
    return timezone.localdate()


def kim():
    return Membership.objects.get(user__username="kim.williams", role=Role.ADMINISTRATOR)


def test_every_status_is_there(data):
    statuses = Counter(Order.objects.with_status(data).values_list("status", flat=True))
    assert set(statuses) == set(OrderStatus.values)
    assert 70 <= sum(statuses.values()) <= 90


def test_the_guides_rows(data):
    rows = [
        (
            row.number,
            row.purchase_order,
            row.get_inventory_type_display(),
            (row.start_date - data).days,
            row.remaining_days,
            row.teachers,
            row.enrolled,
            row.has_renew_request,
            row.was_renewed,
            row.status,
        )
        for row in inventory_rows(kim(), timezone.localdate()).order_by("-number")
    ]
    codes, center = "User Activation Codes", "Center License"
    assert rows == [
        (1103, "", codes, 0, 731, 0, 0, False, False, "available"),
        (1052, "UAC- Center2", codes, -2, 729, 0, 0, False, False, "available"),
        (20, "T087878", codes, -22, 344, 1, 2, False, False, "depleted"),
        (13, "PO-Center2-Center", center, -72, 296, 2, 0, False, False, "available"),
    ]


def test_the_guides_edit_order_window(data):
    order = Order.objects.with_people().get(number=20)
    assert order.seats == 2
    assert str(order.assigned_by_organization) == "CCI Learning"
    assert str(order.reviewed_by) == "Sue Wong"
    assert str(order.assigned_to) == "Tolano Adventures"
    assert str(order.teacher_code) == "SALES-1124-0817"


def test_the_guides_codes_window(data):
    order = Order.objects.get(number=1103)
    assert (order.number_of_codes, order.users_per_code, order.duration) == (1, 1, 10)
    assert order.codes_created == 0
    assert not creators_of(order)
    made = Order.objects.get(number=1052)
    assert made.codes_created == made.number_of_codes == made.activation_codes.count()
    assert [str(person) for person in creators_of(made)] == ["Kim Williams"]


def test_the_guides_products(data):
    office = Product.objects.filter(family__name="Office 2016")
    assert [product.name for product in office] == [
        "Access",
        "Excel Core",
        "Excel Expert",
        "Outlook",
        "PowerPoint",
        "Word Core",
        "Word Expert",
    ]
    assert Product.objects.on_offer().filter(family__name="Office 2013").count() == 7
    for order in Order.objects.filter(number__in=[13, 20, 1052, 1103]):
        assert product_ids(order) == {product.pk for product in office}


def test_kim_teaches_students(data):
    links = Enrollment.objects.filter(teacher__user=kim().user, role=EnrollmentRole.STUDENT)
    assert links.count() == 2
    assert {link.order.number for link in links} == {20}
    roles = Membership.objects.of_user(kim().user)
    assert [str(role.role_name) for role in roles] == ["Center Admin", "Teacher"]


def test_the_teacher_has_licenses_keys_and_students(data):
    own = Enrollment.objects.current().teachers().filter(user__username="teacher").with_linked()
    assert len(own) > 3
    assert all(teacher.group_key for teacher in own)
    # The student's course that requires a link to a teacher.
    unlinked = [teacher.order.purchase_order for teacher in own if not teacher.linked]
    assert unlinked == ["MRSS-409"]


def test_accounts_have_the_demo_password(data):
    users = {user.username: user for user in User.objects.all()}
    for username in ACCOUNTS:
        assert users[username].check_password(PASSWORD)
    assert users["admin"].is_superuser
    assert users["sue.wong"].is_cci_staff
    assert [group.name for group in users["sue.wong"].groups.all()] == [STAFF_GROUP]


def test_no_other_account_has_a_password(data):
    usable = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert usable == set(ACCOUNTS)


def test_addresses_are_reserved_ones(data):
    reserved = (".example.com", ".example.org", ".example.net")
    assert all(user.email.endswith(reserved) for user in User.objects.exclude(email=""))


def test_counters_equal_their_rows(data):
    students = Count(
        "enrollments",
        filter=Q(enrollments__role=EnrollmentRole.STUDENT, enrollments__removed_at=None),
        distinct=True,
    )
    codes = Count("activation_codes", distinct=True)
    for order in Order.objects.annotate(real_students=students, real_codes=codes):
        allocated = order.children.aggregate(students=Sum("students"), codes=Sum("number_of_codes"))
        assert order.enrolled == order.real_students
        assert order.codes_created == order.real_codes
        assert order.allocated == (allocated["students"] or 0)
        assert order.codes_allocated == (allocated["codes"] or 0)
    redeemed = Count("redemptions", filter=Q(redemptions__enrollment__removed_at=None))
    for code in ActivationCode.objects.annotate(redeemed=redeemed):
        assert code.used == code.redeemed


def test_a_site_license_is_near_its_alert(data):
    order = Order.objects.get(alerts__kind=AlertKind.BURST)
    assert order.is_unlimited
    assert order.first_alert - 15 < order.enrolled < order.first_alert
    usage = usage_of(order, data)
    assert usage.steps[-1].students == order.enrolled
    assert usage.busiest.joined >= 58
    assert sum(step.joined > 0 for step in usage.steps) > 30


def test_orders_stay_within_their_parent_orders(data):
    children = Order.objects.exclude(parent=None).select_related("parent")
    assert children.count() > 25
    for child in children:
        parent = child.parent
        assert child.inventory_type == parent.inventory_type
        assert parent.start_date <= child.start_date <= child.finish_date <= parent.finish_date
        assert product_ids(child) <= product_ids(parent)
        assert child.users_per_code == parent.users_per_code
        assert (child.duration or 0) <= (parent.duration or 0)
        assert child.assigned_by_organization == parent.assigned_to
        assert child.suspended_ancestors == (parent.suspended_at is not None)


def test_the_past_is_possible(data):
    now = timezone.now()
    for order in Order.objects.all():
        moments = [order.requested_at, order.reviewed_at, order.suspended_at]
        assert all(moment <= now for moment in moments if moment)
        if order.requested_at and order.reviewed_at:
            assert order.requested_at <= order.reviewed_at
    for enrollment in Enrollment.objects.select_related("order"):
        joined = timezone.localdate(enrollment.enrolled_at)
        assert joined <= data
        assert joined <= enrollment.order.finish_date
        if enrollment.ends_on:
            assert enrollment.ends_on == joined + timedelta(days=enrollment.order.duration)


def test_every_supplier_has_pending_requests(data):
    suppliers = {"CCI Learning", "Pacific Learning Distribution", "Cascade Education Group"}
    suppliers.add("Fraser Valley Learning Hub")
    new = Order.objects.pending().values_list("requested_to__name", flat=True)
    renewals = RenewalRequest.objects.pending().values_list("requested_to__name", flat=True)
    assert set(new) == set(renewals) == suppliers


def test_no_one_was_notified(data):
    assert not Notice.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert not mail.outbox


def test_history_names_the_actors(data):
    first = Order.objects.get(number=1052).events.order_by("pgh_id").first()
    assert first.pgh_context.metadata["action"] == "order.assigned"
    assert first.pgh_context.metadata["user"] == User.objects.get(username="sue.wong").pk


def test_a_second_load_changes_nothing(data, settings, capsys):
    settings.DEBUG = True
    before = (Order.objects.count(), User.objects.count(), Organization.objects.count())
    call_command("load_demo")
    assert "nothing was changed" in capsys.readouterr().out
    assert before == (Order.objects.count(), User.objects.count(), Organization.objects.count())


def test_it_can_be_forced(data, settings, capsys):
    settings.DEBUG = False
    call_command("load_demo", "--force")
    assert "are already loaded" in capsys.readouterr().out


@pytest.mark.parametrize("account", ["distributor", "reseller", "hub"])
def test_a_supplier_has_something_to_assign_to_reclaim_and_to_suspend(data, account):
    membership = Membership.objects.get(user__username=account)
    own = Order.objects.manageable_by(membership).available(timezone.localdate())
    assert any(order.unused != 0 for order in own)
    allocated = list(Order.objects.assigned_by(membership))
    assert any(order.unused for order in allocated)
    assert any(order.suspended_at is None for order in allocated)
    seen = Transfer.objects.visible_to(membership)
    assert {transfer.kind for transfer in seen} == set(TransferKind)


def test_the_hub_has_something_to_resume(data):
    membership = Membership.objects.get(user__username="hub")
    assert Order.objects.assigned_by(membership).exclude(suspended_at=None).exists()


def test_transfers_are_dated_in_the_past_and_the_newest_are_last(data):
    for transfer in Transfer.objects.select_related("to_order", "from_order"):
        assert transfer.made_at <= timezone.now()
        if transfer.is_allocated:
            assert transfer.made_at >= transfer.to_order.reviewed_at
        else:
            assert transfer.made_at >= transfer.from_order.reviewed_at


def test_one_order_was_edited_and_the_history_is_dated(data):
    hub = Membership.objects.get(user__username="hub")
    orders = Order.objects.with_terms_shown(hub.organization)
    edited = orders.assigned_by(hub).get(purchase_order__endswith=" B")
    acts = activity.acts_of(edited, hub)
    assert [act.what for act in acts] == ["Edited", "Renewal requested", "Assigned"]
    assert acts[0].changes and acts[0].reason
    assert acts[-1].at == edited.reviewed_at
    for order in orders:
        assert [act.at for act in activity.acts_of(order, hub)]


def test_two_requests_were_made_by_proxy(data):
    license_request = (
        Order.objects.pending().exclude(requested_by_organization=F("assigned_to")).get()
    )
    assert license_request.requested_by_organization.name == "Cascade Education Group"
    renewal = RenewalRequest.objects.pending().get(
        requested_by__username="hub", order__assigned_to__name="Harbour College"
    )
    assert renewal.is_by_proxy
