"""The notices about a request for a new license and about its outcome."""

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.models import Notice
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Outcome
from licenses.services.requests import reject_request, withdraw_request
from tests import factories
from tests.licenses.acts import FIRST, approve, notified

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(settings):
    """Tasks are queued in the database for a worker, as on a running site; count them."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    return DBTaskResult.objects.count


def test_the_suppliers_administrators_are_notified_of_a_request(admin, hub, hub_admin):
    colleague = factories.member(hub)
    left = factories.member(hub)
    left.user.is_active = False
    left.user.save()
    order = factories.license_request(membership=admin)
    assert notified(order, "made") == {hub_admin.user.email, colleague.user.email}
    assert {address for message in mail.outbox for address in message.to} == notified(order, "made")


def test_cci_staff_are_notified_of_a_request_to_cci(staff, foreign_admin):
    order = factories.license_request(membership=foreign_admin)
    assert notified(order, "made") == {staff.email}


@pytest.mark.parametrize("decision", [Outcome.APPROVED, Outcome.REJECTED])
def test_the_requester_is_notified_of_the_outcome(staff, admin, decision):
    order = factories.license_request(membership=admin)
    FIRST[decision](order, staff)
    assert notified(order, "reviewed") == {admin.user.email}


def test_a_person_who_lost_the_role_is_not_notified_but_the_others_are(staff, admin, center):
    colleague = factories.member(center)
    order = factories.license_request(membership=admin)
    admin.delete()
    approve(order, staff)
    assert notified(order, "reviewed") == {colleague.user.email}


def test_a_supplier_is_notified_when_cci_rejects_a_request_to_it(staff, admin, hub_admin):
    order = factories.license_request(membership=admin)
    reject_request(request=order, by=staff, comments="No")
    assert notified(order, "reviewed by CCI") == {hub_admin.user.email}


def test_a_supplier_that_reviews_itself_is_not_notified(admin, hub_admin):
    order = factories.license_request(membership=admin)
    reject_request(request=order, by=hub_admin.user, comments="No")
    assert notified(order, "reviewed by CCI") == set()
    assert notified(order, "reviewed") == {admin.user.email}


def test_emails_are_sent_after_commit_by_the_queue(queued, admin, hub_admin, staff):
    order = factories.license_request(membership=admin)
    assert queued() == 1
    reject_request(request=order, by=hub_admin.user, comments="No")
    assert queued() == 2
    assert not mail.outbox and not Notice.objects.exists()


def test_a_refused_act_notifies_nobody(queued, admin, hub_admin):
    order = factories.license_request(membership=admin)
    before = queued()
    with pytest.raises(DomainError):
        approve(order, hub_admin.user)
    with pytest.raises(DomainError):
        factories.license_request(membership=admin, purchase_order="x" * 65)
    assert queued() == before


def test_withdrawing_notifies_nobody(queued, admin):
    order = factories.license_request(membership=admin)
    before = queued()
    withdraw_request(request=order, by=admin.user)
    assert queued() == before
