"""What a supplier can grant a request with, what that would do, and what the requester is told."""

from dataclasses import replace

import pytest
from django.core import mail

from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order
from licenses.services.fulfillment import offer_order, prospect_order
from licenses.services.requests import approve_order, offered_terms, withdraw_order
from tests import factories
from tests.factories import CODES, days
from tests.helpers import change

pytestmark = pytest.mark.django_db


@pytest.fixture
def mix():
    return factories.products(3)


@pytest.fixture
def source(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, finish_date=days(500))


@pytest.fixture
def asked(admin, hub_admin, mix):
    return factories.license_request(membership=admin, product_mix=mix)


def approve(asked, by, source, **values):
    terms = replace(offered_terms(asked), **values.pop("terms", {}))
    return approve_order(order=asked, by=by, terms=terms, source=source, **values)


def numbers(offer):
    return [source.number for source in offer.sources]


def test_what_is_granted_as_asked_changes_nothing(asked, hub_admin, source):
    assert approve(asked, hub_admin.user, source).changes == []


def test_each_change_is_kept_and_told(asked, hub_admin, source, mix):
    mail.outbox.clear()
    order = approve(
        asked, hub_admin.user, source, terms={"students": 20}, products=mix[1:], comments="Sorry"
    )
    order.refresh_from_db()
    assert order.changes == [
        {"term": "students", "asked": 30, "granted": 20},
        {"term": "product", "asked": str(mix[0]), "granted": None},
    ]
    told = ["Students: 20 instead of 30", f"{mix[0]} was taken off"]
    assert order.changes_told == told
    (message,) = mail.outbox
    for body in (message.body, message.alternatives[0][0]):
        assert "Granted differently from what was asked" in body
        for sentence in told:
            assert sentence in body
    assert "\n\nGranted differently from what was asked:\n" in message.body


def test_cci_s_changes_are_told_too(asked, staff, mix):
    order = approve_order(
        order=asked,
        by=staff,
        terms=factories.terms(students=None),
        products=[*mix, *factories.products(1)],
    )
    assert order.changes_told[0] == "Students: unlimited instead of 30"
    assert order.changes_told[1].endswith("was added")


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
    assert approve_order(order=asked, by=staff, terms=terms).changes_told == told


def test_only_orders_that_fit_are_offered_the_best_first(asked, hub, source, mix, center):
    few = factories.order(assigned_to=hub, product_mix=mix, students=10, finish_date=days(400))
    ends = factories.order(assigned_to=hub, product_mix=mix, finish_date=days(50))
    part = factories.order(assigned_to=hub, product_mix=mix[:1], finish_date=days(400))
    factories.order(assigned_to=hub)
    factories.order(CODES, assigned_to=hub, product_mix=mix)
    factories.order(assigned_to=hub, product_mix=mix, start_date=days(1))
    factories.order(assigned_to=hub, product_mix=mix, is_active=False)
    factories.order(assigned_to=center, product_mix=mix)
    empty = factories.order(assigned_to=hub, product_mix=mix)
    change(empty, given=100)

    offer = offer_order(asked)

    assert numbers(offer) == [order.number for order in (source, ends, few, part)]
    assert (offer.terms.students, offer.terms.start_date) == (30, factories.today())
    assert offer.why_none == ""


def test_the_terms_offered_lie_inside_the_best_source(asked, hub, mix):
    factories.order(assigned_to=hub, product_mix=mix[:2], finish_date=days(50))
    offer = offer_order(asked)
    assert offer.terms.finish_date == days(50)
    assert offer.products == {product.pk for product in mix[:2]}


@pytest.mark.parametrize(
    ("orders", "why"),
    [
        ([], "You have no order of this type in force."),
        ([{}], "None of your orders in force holds any of these products."),
        (
            [{"mix": True, "users_per_code": 2}],
            "None of your orders with these products is for 1 user(s) per code.",
        ),
        ([{"mix": True, "used": True}], "Your orders with these products have nothing left."),
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
    offer = offer_order(asked)
    assert (offer.sources, offer.why_none) == ([], why)


def test_what_approving_would_do(asked, source, mix):
    terms = replace(offered_terms(asked), students=20)
    before = list(Order.objects.values())
    prospect = prospect_order(
        asked, source=source, terms=terms, products={product.pk for product in mix[:2]}
    )
    assert (prospect.number, prospect.after, prospect.short, prospect.problem) == (20, 80, 0, "")
    assert prospect.changes == ["Students: 20 instead of 30", f"{mix[2]} was taken off"]
    assert list(Order.objects.values()) == before


@pytest.mark.parametrize(
    ("changed", "short", "problem"),
    [
        ({"students": 130}, 30, "has 100 left, not 130"),
        ({"students": None}, 0, "can't be given on as unlimited"),
        ({"finish_date": days(501)}, 0, "The source order runs from"),
    ],
)
def test_what_approving_would_refuse(asked, hub_admin, source, mix, changed, short, problem):
    terms = replace(offered_terms(asked), **changed)
    pks = {product.pk for product in mix}
    prospect = prospect_order(asked, source=source, terms=terms, products=pks)
    assert prospect.short == short
    assert problem in prospect.problem
    # Approving says the same.
    with pytest.raises(DomainError, match=problem):
        approve_order(order=asked, by=hub_admin.user, terms=terms, source=source)


def test_an_unlimited_source_stays_unlimited(asked, hub, mix):
    source = factories.order(assigned_to=hub, product_mix=mix, students=None)
    pks = {product.pk for product in mix}
    terms = replace(offered_terms(asked), finish_date=source.finish_date)
    prospect = prospect_order(asked, source=source, terms=terms, products=pks)
    assert (prospect.number, prospect.after, prospect.problem) == (30, None, "")


def test_only_what_waits_for_just_this_organization(asked, admin, hub_admin, foreign_admin):
    factories.license_request(membership=hub_admin)
    assert list(Order.objects.waiting_for(hub_admin)) == [asked]
    for membership in (admin, foreign_admin, None):
        assert not Order.objects.waiting_for(membership).exists()
    withdraw_order(order=asked, by=admin.user)
    assert not Order.objects.waiting_for(hub_admin).exists()
