"""Withdrawing a pending request for a new license."""

from licenses.models import Outcome
from licenses.services.requests import approve_request, offered_terms
from tests import factories
from tests.pages import notifications, page_text


def address(order):
    return f"/inventory/{order.number}/withdraw/"


def test_it_asks_once_then_withdraws(sign_in, admin):
    order = factories.license_request(membership=admin)
    site = sign_in(admin)

    assert "Withdraw the request for a new license" in page_text(site.get(address(order)))
    order.refresh_from_db()
    assert order.outcome == Outcome.PENDING

    assert site.post(address(order)).url == "/inventory/"
    order.refresh_from_db()
    assert order.outcome == Outcome.WITHDRAWN
    assert order.reviewed_by == admin.user
    [said] = notifications(site.get("/inventory/"))
    assert said.startswith("The request was withdrawn. Harbour Hub can no longer approve")


def test_any_administrator_of_the_organization_can_withdraw(sign_in, admin, center):
    order = factories.license_request(membership=admin)

    sign_in(factories.member(center)).post(address(order))

    order.refresh_from_db()
    assert order.outcome == Outcome.WITHDRAWN


def test_a_request_reviewed_meanwhile_is_not_withdrawn(sign_in, admin, staff):
    order = factories.license_request(membership=admin)
    approve_request(request=order, by=staff, terms=offered_terms(order))
    site = sign_in(admin)

    site.post(address(order))

    order.refresh_from_db()
    assert order.outcome == Outcome.APPROVED
    (bar,) = notifications(site.get("/inventory/"))
    assert "no longer pending" in bar


def test_neither_a_stranger_nor_the_supplier_can_withdraw(sign_in, admin, foreign_admin, hub_admin):
    order = factories.license_request(membership=admin)

    assert sign_in(foreign_admin).post(address(order)).status_code == 404
    assert sign_in(hub_admin).post(address(order)).status_code == 403
    order.refresh_from_db()
    assert order.outcome == Outcome.PENDING


def test_an_order_that_never_was_a_request_is_not_found(sign_in, admin, center):
    assert sign_in(admin).get(address(factories.order(assigned_to=center))).status_code == 404
