"""The orders a supplier can fill a request from, the result, and the notice to the requester."""

from dataclasses import replace

import pytest
from django.core import mail

from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order
from licenses.services.fulfillment import fulfillment_of, preview_approval
from licenses.services.requests import approve_request, offered_terms, withdraw_request
from tests import factories
from tests.factories import CODES, days
from tests.helpers import change

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, finish_date=days(500))


@pytest.fixture
def license_request(admin, hub_admin, mix):
    return factories.license_request(membership=admin, product_mix=mix)


def approve(license_request, by, parent, **values):
    terms = replace(offered_terms(license_request), **values.pop("terms", {}))
    return approve_request(request=license_request, by=by, terms=terms, parent=parent, **values)


def numbers(offer):
    return [parent.number for parent in offer.parents]


def test_terms_granted_as_requested_are_no_change(license_request, hub_admin, parent):
    assert approve(license_request, hub_admin.user, parent).changes == []


def test_each_change_is_kept_and_described(license_request, hub_admin, parent, mix):
    mail.outbox.clear()
    order = approve(
        license_request,
        hub_admin.user,
        parent,
        terms={"students": 20},
        products=mix[1:],
        comments="Sorry",
    )
    order.refresh_from_db()
    assert order.changes == [
        {"term": "students", "asked": 30, "granted": 20},
        {"term": "product", "asked": str(mix[0]), "granted": None},
    ]
    sentences = ["Students: 20 instead of 30", f"{mix[0]} was removed"]
    assert order.changes_described == sentences
    (message,) = mail.outbox
    for body in (message.body, message.alternatives[0][0]):
        assert "Changes to the request" in body
        for sentence in sentences:
            assert sentence in body
    assert "\n\nChanges to the request:\n- Students: 20" in message.body


def test_changes_by_cci_are_described_too(license_request, staff, mix):
    order = approve_request(
        request=license_request,
        by=staff,
        terms=factories.terms(students=None),
        products=[*mix, *factories.products(1)],
    )
    assert order.changes_described[0] == "Students: unlimited instead of 30"
    assert order.changes_described[1].endswith("was added")


@pytest.mark.parametrize(
    ("granted", "described"),
    [
        ({}, []),
        ({"number_of_codes": 5}, ["Students: 20 instead of 30"]),
        ({"users_per_code": 5, "number_of_codes": 6}, ["Users per code: 5 instead of 4"]),
    ],
    ids=["the last code filled", "fewer codes", "other users"],
)
def test_codes_are_compared_by_their_students(admin, staff, granted, described):
    license_request = factories.license_request(
        CODES, membership=admin, students=30, users_per_code=4
    )
    terms = replace(offered_terms(license_request), **granted)
    assert (
        approve_request(request=license_request, by=staff, terms=terms).changes_described
        == described
    )


def test_only_orders_that_fit_are_offered_the_best_first(license_request, hub, parent, mix, center):
    few = factories.order(assigned_to=hub, product_mix=mix, students=10, finish_date=days(400))
    ends = factories.order(assigned_to=hub, product_mix=mix, finish_date=days(50))
    part = factories.order(assigned_to=hub, product_mix=mix[:1], finish_date=days(400))
    factories.order(assigned_to=hub)
    factories.order(CODES, assigned_to=hub, product_mix=mix)
    factories.order(assigned_to=hub, product_mix=mix, start_date=days(1))
    factories.order(assigned_to=hub, product_mix=mix, is_active=False)
    factories.order(assigned_to=center, product_mix=mix)
    empty = factories.order(assigned_to=hub, product_mix=mix)
    change(empty, allocated=100)

    offer = fulfillment_of(license_request)

    assert numbers(offer) == [order.number for order in (parent, ends, few, part)]
    assert (offer.terms.students, offer.terms.start_date) == (30, factories.today())
    assert offer.why_none == ""


def test_the_offered_terms_are_within_the_best_parent_order(license_request, hub, mix):
    factories.order(assigned_to=hub, product_mix=mix[:2], finish_date=days(50))
    offer = fulfillment_of(license_request)
    assert offer.terms.finish_date == days(50)
    assert offer.products == {product.pk for product in mix[:2]}


@pytest.mark.parametrize(
    ("orders", "why"),
    [
        ([], "You have no order of this type in force."),
        ([{}], "None of your orders in force has any of these products."),
        (
            [{"mix": True, "users_per_code": 2}],
            "None of your orders with these products has 1 as its users per code.",
        ),
        ([{"mix": True, "used": True}], "Your orders with these products have no seats left."),
    ],
)
def test_without_a_parent_order_it_says_why(admin, hub, mix, orders, why):
    license_request = factories.license_request(CODES, membership=admin, product_mix=mix)
    for values in orders:
        values = dict(values)
        product_mix = mix if values.pop("mix", False) else None
        used = values.pop("used", False)
        order = factories.order(CODES, assigned_to=hub, product_mix=product_mix, **values)
        if used:
            change(order, codes_created=5)
    offer = fulfillment_of(license_request)
    assert (offer.parents, offer.why_none) == ([], why)


def test_the_result_of_approving(license_request, parent, mix):
    terms = replace(offered_terms(license_request), students=20)
    before = list(Order.objects.values())
    preview = preview_approval(license_request, parent=parent, terms=terms, products=mix[:2])
    assert (preview.number, preview.after, preview.short, preview.problem) == (20, 80, 0, "")
    assert preview.changes == ["Students: 20 instead of 30", f"{mix[2]} was removed"]
    assert list(Order.objects.values()) == before


@pytest.mark.parametrize(
    ("changed", "short", "problem"),
    [
        ({"students": 130}, 30, "has only 100 left; this needs 130"),
        ({"students": None}, 0, "this license can't be unlimited"),
        ({"finish_date": days(501)}, 0, "The parent order runs from"),
    ],
)
def test_the_refusal_of_approving(license_request, hub_admin, parent, mix, changed, short, problem):
    terms = replace(offered_terms(license_request), **changed)
    preview = preview_approval(license_request, parent=parent, terms=terms)
    assert preview.short == short
    assert problem in preview.problem
    # Approving says the same.
    with pytest.raises(DomainError, match=problem):
        approve_request(request=license_request, by=hub_admin.user, terms=terms, parent=parent)


def test_an_unlimited_parent_order_stays_unlimited(license_request, hub, mix):
    parent = factories.order(assigned_to=hub, product_mix=mix, students=None)
    terms = replace(offered_terms(license_request), finish_date=parent.finish_date)
    preview = preview_approval(license_request, parent=parent, terms=terms)
    assert (preview.number, preview.after, preview.problem) == (30, None, "")


def test_only_requests_pending_at_this_organization(
    license_request, admin, hub_admin, foreign_admin
):
    def waiting_for(membership):
        pending = Order.objects.visible_to(membership).pending()
        return list(pending.addressed_to(membership and membership.organization))

    factories.license_request(membership=hub_admin)
    assert waiting_for(hub_admin) == [license_request]
    for membership in (admin, foreign_admin, None):
        assert waiting_for(membership) == []
    withdraw_request(request=license_request, by=admin.user)
    assert waiting_for(hub_admin) == []
