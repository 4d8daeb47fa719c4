"""Withdrawing a pending renewal request."""

from licenses.models import Outcome
from licenses.services.requests import reject_request
from tests import factories
from tests.pages import notifications, page_text, rows


def address(order):
    return f"/inventory/{order.number}/renew/withdraw/"


def test_it_asks_once_then_withdraws_and_renew_is_offered_again(sign_in, admin, center):
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    site = sign_in(admin)

    assert "Withdraw the request to renew order" in page_text(site.get(address(renewal.order)))
    assert site.post(address(renewal.order)).url == "/inventory/"

    renewal.refresh_from_db()
    assert renewal.outcome == Outcome.WITHDRAWN
    page = site.get("/inventory/")
    [said] = notifications(page)
    assert said.startswith("The renewal request was withdrawn. Harbour Hub can no longer approve")
    assert "Renew order" in rows(page)[0]["Options"]


def test_a_request_reviewed_meanwhile_is_not_withdrawn(sign_in, admin, center, staff):
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    reject_request(request=renewal, by=staff, comments="no")
    site = sign_in(admin)

    site.post(address(renewal.order))

    renewal.refresh_from_db()
    assert renewal.outcome == Outcome.REJECTED
    (bar,) = notifications(site.get("/inventory/"))
    assert "no longer pending: it was rejected" in bar


def test_without_a_request_it_is_not_found(sign_in, admin, center):
    assert sign_in(admin).get(address(factories.order(assigned_to=center))).status_code == 404


def test_a_stranger_cannot_withdraw(sign_in, admin, foreign_admin, center):
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)

    assert sign_in(foreign_admin).post(address(renewal.order)).status_code == 404
    renewal.refresh_from_db()
    assert renewal.outcome == Outcome.PENDING
