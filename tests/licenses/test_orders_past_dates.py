"""A license whose finish date is past can't be used: it can't be assigned or approved."""

import pytest

from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order, OrderStatus
from licenses.services.fulfillment import preview_approval
from licenses.services.order_edits import edit_order
from tests import factories
from tests.commands import refusal
from tests.factories import days
from tests.licenses import acts
from tests.licenses.acts import assign
from tests.renewals import acts as renewal_acts

pytestmark = pytest.mark.django_db
OVER = {"start_date": days(-20), "finish_date": days(-1)}
MESSAGE = "This date is in the past; today is"


def refused():
    return pytest.raises(DomainError, match=MESSAGE)


def test_assigning_is_refused_up_to_yesterday(staff):
    with refused() as error:
        assign(staff, terms=factories.terms(**OVER))
    assert error.value.field == "finish_date"
    assert not Order.objects.exists()
    today = assign(staff, terms=factories.terms(finish_date=days(0)))
    assert today.status_on(factories.today()) == OrderStatus.AVAILABLE


def test_assigning_out_of_a_parent_order_is_refused(hub, center, hub_admin):
    parent = factories.order(assigned_to=hub, start_date=days(-50))
    values = {"parent": parent, "products": parent.products.all(), "assigned_to": center}
    with refused():
        assign(hub_admin.user, terms=factories.terms(**OVER), **values)
    parent.refresh_from_db()
    assert parent.allocated == 0


def test_approving_a_request_is_refused_and_leaves_it_pending(staff):
    license_request = factories.license_request()
    with refused():
        acts.approve(license_request, staff, terms=factories.terms(**OVER))
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_approving_a_renewal_is_refused_and_leaves_it_pending(staff):
    renewal = factories.renewal_request()
    with refused():
        renewal_acts.approve(renewal, staff, **OVER)
    renewal.refresh_from_db()
    assert renewal.is_pending


def test_checking_a_review_reports_it(hub, admin):
    parent = factories.order(assigned_to=hub, start_date=days(-50))
    mix = list(parent.products.all())
    license_request = factories.license_request(membership=admin, product_mix=mix)
    terms = factories.terms(students=5, **OVER)
    preview = preview_approval(license_request, parent=parent, terms=terms)
    assert MESSAGE in preview.problem


def test_support_staff_read_it_at_the_terminal(staff, center):
    family = factories.products()[0].family
    argv = ("assign_license", center.name, "center", "--product", family.name, "--students", "5")
    dates = ("--start", str(days(-20)), "--finish", str(days(-1)))
    assert MESSAGE in refusal(*argv, *dates, "--by", staff.username)


def test_an_order_that_is_loaded_may_be_over(staff):
    order = assign(staff, terms=factories.terms(**OVER), number=1103, may_have_ended=True)
    assert order.status_on(factories.today()) == OrderStatus.EXPIRED


def test_an_order_that_runs_may_be_ended(staff):
    order = factories.order()
    edit_order(order=order, by=staff, finish_date=days(-1))
    order.refresh_from_db()
    assert order.finish_date == days(-1)
