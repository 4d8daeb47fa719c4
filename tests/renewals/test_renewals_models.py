"""Renewal requests: the refusals of the database, and the scope of readers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jasper_inventory.accounts.models import Role
from licenses.models import Order, Outcome
from licenses.services.requests import reject_request, withdraw_request
from renewals.models import RenewalRequest
from tests import factories

pytestmark = pytest.mark.django_db


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def change(renewal, **values):
    RenewalRequest.objects.filter(pk=renewal.pk).update(**values)


def again(renewal, **values):
    """A second request for the same order, bypassing the services."""
    copy = RenewalRequest.objects.get(pk=renewal.pk)
    copy.pk = None
    for name, value in values.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


def test_one_renewal_request_at_most_is_pending_per_order():
    renewal = factories.renewal_request()
    with refused("renewals_renewalrequest_one_pending"), transaction.atomic():
        again(renewal)
    withdraw_request(request=renewal, by=renewal.requested_by)
    second = again(renewal, outcome=Outcome.PENDING, reviewed_by=None, reviewed_at=None)
    assert second.is_pending


def test_other_orders_may_have_one_too():
    factories.renewal_request()
    factories.renewal_request()
    assert RenewalRequest.objects.pending().count() == 2


def test_a_finish_before_the_start_is_refused():
    renewal = factories.renewal_request()
    with refused("renewals_renewalrequest_dates"):
        change(renewal, finish_date=renewal.start_date - timedelta(days=1))


def test_there_are_no_other_code_choices():
    renewal = factories.renewal_request()
    with refused("renewals_renewalrequest_code_choice"):
        change(renewal, code_choice="other")


def test_there_are_no_other_outcomes():
    renewal = factories.renewal_request()
    withdraw_request(request=renewal, by=renewal.requested_by)
    with refused("renewals_renewalrequest_outcome"):
        change(renewal, outcome="other")


def test_an_approved_request_and_no_other_has_a_new_order():
    renewal = factories.renewal_request()
    reviewed = {"reviewed_by": renewal.requested_by, "reviewed_at": timezone.now()}
    for values in (
        {"outcome": Outcome.APPROVED, **reviewed},
        {"outcome": Outcome.REJECTED, "new_order": factories.order(), **reviewed},
        {"new_order": factories.order()},
    ):
        with refused("renewals_renewalrequest_new_order"), transaction.atomic():
            change(renewal, **values)


def test_a_new_order_comes_from_one_request():
    new = factories.order()
    reviewed = {"reviewed_by": new.reviewed_by, "reviewed_at": timezone.now()}
    change(factories.renewal_request(), outcome=Outcome.APPROVED, new_order=new, **reviewed)
    with refused("new_order_id"):
        change(factories.renewal_request(), outcome=Outcome.APPROVED, new_order=new, **reviewed)


def test_a_review_has_a_person_and_a_time():
    renewal = factories.renewal_request()
    with refused("renewals_renewalrequest_reviewed_by_and_at"):
        change(renewal, outcome=Outcome.REJECTED)


def test_a_request_names_both_sides_and_the_time():
    renewal = factories.renewal_request()
    with refused("renewals_renewalrequest_requested_by_and_at"):
        change(renewal, requested_by=None)


def test_nobody_requests_0_students():
    with refused("renewals_renewalrequest_requested_students"):
        change(factories.renewal_request(), requested_students=0)


def test_comments_have_at_most_4000_characters():
    with refused("renewals_renewalrequest_comments_length"):
        change(factories.renewal_request(), requester_comments="x" * 4_001)


def test_it_reads_as_the_order_that_is_renewed():
    renewal = factories.renewal_request()
    assert str(renewal) == f"Renewal of {renewal.order.number}"


def test_has_a_renew_request_while_one_is_pending():
    renewal = factories.renewal_request()
    other = factories.order()
    annotated = Order.objects.annotate(has=RenewalRequest.objects.exists_for_order())
    assert {order.pk: order.has for order in annotated} == {renewal.order_id: True, other.pk: False}
    withdraw_request(request=renewal, by=renewal.requested_by)
    assert not any(order.has for order in annotated.all())


def test_the_newest_request_of_an_order(admin, staff):
    order = factories.order(assigned_to=admin.organization)
    first = factories.renewal_request(order, membership=admin)
    reject_request(request=first, by=staff, comments="No")
    second = factories.renewal_request(order, membership=admin)
    factories.renewal_request()
    assert list(RenewalRequest.objects.newest_of(order)) == [second]


# Scope


@pytest.fixture
def requests(hub_admin, admin, foreign_admin):
    """A renewal request of a hub, of its center, and of a foreign center."""
    return {
        name: factories.renewal_request(
            factories.order(assigned_to=membership.organization), membership=membership
        )
        for name, membership in [("hub", hub_admin), ("center", admin), ("foreign", foreign_admin)]
    }


def test_a_center_sees_and_manages_its_own(requests, admin):
    assert set(RenewalRequest.objects.visible_to(admin)) == {requests["center"]}
    assert set(RenewalRequest.objects.manageable_by(admin)) == {requests["center"]}


def test_a_hub_sees_its_scope_and_manages_its_own(requests, hub_admin):
    visible = {requests["hub"], requests["center"]}
    assert set(RenewalRequest.objects.visible_to(hub_admin)) == visible
    assert set(RenewalRequest.objects.manageable_by(hub_admin)) == {requests["hub"]}


def test_a_foreign_center_sees_none_of_them(requests, foreign_admin):
    assert set(RenewalRequest.objects.visible_to(foreign_admin)) == {requests["foreign"]}


def test_teachers_students_and_nobody_see_none(requests, center, teacher):
    for membership in (teacher, factories.member(center, Role.STUDENT), None):
        assert not RenewalRequest.objects.visible_to(membership)
        assert not RenewalRequest.objects.manageable_by(membership)
