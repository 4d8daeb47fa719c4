"""What a supplier can grant a request with, what that would do, and what the requester is told."""

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
def asked(admin, hub_admin, mix):
    return factories.license_request(membership=admin, product_mix=mix)


def approve(asked, by, parent, **values):
    terms = replace(offered_terms(asked), **values.pop("terms", {}))
    return approve_request(request=asked, by=by, terms=terms, parent=parent, **values)


def numbers(offer):
    return [parent.number for parent in offer.parents]


def test_what_is_granted_as_asked_changes_nothing(asked, hub_admin, parent):
    assert approve(asked, hub_admin.user, parent).changes == []


def test_each_change_is_kept_and_told(asked, hub_admin, parent, mix):
    mail.outbox.clear()
    order = approve(
        asked, hub_admin.user, parent, terms={"students": 20}, products=mix[1:], comments="Sorry"
    )
    order.refresh_from_db()
    assert order.changes == [
        {"term": "students", "asked": 30, "granted": 20},
        {"term": "product", "asked": str(mix[0]), "granted": None},
    ]
    told = ["Students: 20 instead of 30", f"{mix[0]} was removed"]
    assert order.changes_described == told
    (message,) = mail.outbox
    for body in (message.body, message.alternatives[0][0]):
        assert "Changes to the request" in body
        for sentence in told:
            assert sentence in body
    assert "\n\nChanges to the request:\n- Students: 20" in message.body


def test_cci_s_changes_are_told_too(asked, staff, mix):
    order = approve_request(
        request=asked,
        by=staff,
        terms=factories.terms(students=None),
        products=[*mix, *factories.products(1)],
    )
    assert order.changes_described[0] == "Students: unlimited instead of 30"
    assert order.changes_described[1].endswith("was added")


@pytest.mark.parametrize(
    ("granted", "told"),
    [
        ({}, []),
        ({"number_of_codes": 5}, ["Students: 20 instead of 30"]),
        ({"users_per_code": 5, "number_of_codes": 6}, ["Users per code: 5 instead of 4"]),
    ],
    ids=["the last code filled", "fewer codes", "other users"],
)
def test_codes_are_compared_by_their_students(admin, staff, granted, told):
    asked = factories.license_request(CODES, membership=admin, students=30, users_per_code=4)
    terms = replace(offered_terms(asked), **granted)
    assert approve_request(request=asked, by=staff, terms=terms).changes_described == told


def test_only_orders_that_fit_are_offered_the_best_first(asked, hub, parent, mix, center):
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

    offer = fulfillment_of(asked)

    assert numbers(offer) == [order.number for order in (parent, ends, few, part)]
    assert (offer.terms.students, offer.terms.start_date) == (30, factories.today())
    assert offer.why_none == ""


def test_the_terms_offered_lie_inside_the_best_source(asked, hub, mix):
    factories.order(assigned_to=hub, product_mix=mix[:2], finish_date=days(50))
    offer = fulfillment_of(asked)
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
def test_nothing_to_give_says_why(admin, hub, mix, orders, why):
    asked = factories.license_request(CODES, membership=admin, product_mix=mix)
    for values in orders:
        values = dict(values)
        product_mix = mix if values.pop("mix", False) else None
        used = values.pop("used", False)
        order = factories.order(CODES, assigned_to=hub, product_mix=product_mix, **values)
        if used:
            change(order, codes_created=5)
    offer = fulfillment_of(asked)
    assert (offer.parents, offer.why_none) == ([], why)


def test_what_approving_would_do(asked, parent, mix):
    terms = replace(offered_terms(asked), students=20)
    before = list(Order.objects.values())
    preview = preview_approval(asked, parent=parent, terms=terms, products=mix[:2])
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
def test_what_approving_would_refuse(asked, hub_admin, parent, mix, changed, short, problem):
    terms = replace(offered_terms(asked), **changed)
    preview = preview_approval(asked, parent=parent, terms=terms)
    assert preview.short == short
    assert problem in preview.problem
    # Approving says the same.
    with pytest.raises(DomainError, match=problem):
        approve_request(request=asked, by=hub_admin.user, terms=terms, parent=parent)


def test_an_unlimited_source_stays_unlimited(asked, hub, mix):
    parent = factories.order(assigned_to=hub, product_mix=mix, students=None)
    terms = replace(offered_terms(asked), finish_date=parent.finish_date)
    preview = preview_approval(asked, parent=parent, terms=terms)
    assert (preview.number, preview.after, preview.problem) == (30, None, "")


def test_only_what_waits_for_just_this_organization(asked, admin, hub_admin, foreign_admin):
    factories.license_request(membership=hub_admin)
    assert list(Order.objects.waiting_for(hub_admin)) == [asked]
    for membership in (admin, foreign_admin, None):
        assert not Order.objects.waiting_for(membership).exists()
    withdraw_request(request=asked, by=admin.user)
    assert not Order.objects.waiting_for(hub_admin).exists()
