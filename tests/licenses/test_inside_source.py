"""The database itself keeps an order inside the order that it was carved from."""

import pytest
from django.db import connection, transaction

from licenses.models import OrderProduct
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import change, refused

pytestmark = pytest.mark.django_db


def end_of_transaction():
    """Deferred triggers run now, as when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def carve(hub, center, hub_admin):
    """A function: a hub's order of some type, and one that was carved from it."""

    def carved(kind=CENTER, **values):
        source = factories.order(kind, assigned_to=hub)
        mix = source.products.all()[:1]
        small = {"number_of_codes": 2} if kind == CODES else {"students": 5}
        child = factories.order(
            kind,
            assigned_to=center,
            source=source,
            product_mix=mix,
            by=hub_admin.user,
            **small,
            **values,
        )
        return source, child

    return carved


@pytest.mark.parametrize(
    ("kind", "whose", "values"),
    [
        (CENTER, "child", {"start_date": -11}),
        (CENTER, "child", {"finish_date": 101}),
        (CENTER, "source", {"start_date": -9}),
        (CENTER, "source", {"finish_date": 99}),
        (CENTER, "child", {"students": None}),
        (CODES, "child", {"users_per_code": 2}),
        (CODES, "child", {"duration": 31}),
        (CODES, "source", {"users_per_code": 2}),
        (CODES, "source", {"duration": 29}),
    ],
    ids=str,
)
def test_terms_that_stick_out_are_refused(carve, kind, whose, values):
    source, child = carve(kind)
    end_of_transaction()
    dates = {"start_date", "finish_date"}
    values = {k: factories.days(v) if k in dates else v for k, v in values.items()}

    with refused("must lie inside"), transaction.atomic():
        change(source if whose == "source" else child, **values)
        end_of_transaction()


def test_an_unlimited_source_may_not_become_limited_above_an_unlimited_child(
    hub, center, hub_admin
):
    source = factories.order(assigned_to=hub, students=None)
    factories.order(
        assigned_to=center,
        source=source,
        product_mix=source.products.all(),
        by=hub_admin.user,
        students=None,
    )

    with refused("must lie inside"), transaction.atomic():
        change(source, students=100)
        end_of_transaction()


def test_products_that_the_source_lacks_are_refused(carve):
    source, child = carve()
    end_of_transaction()

    with refused("must lie inside"), transaction.atomic():
        OrderProduct.objects.create(order=child, product=factories.products(1)[0])
        end_of_transaction()
    with refused("must lie inside"), transaction.atomic():
        OrderProduct.objects.filter(order=source, product__in=child.products.all()).delete()
        end_of_transaction()


def test_both_may_change_in_one_transaction(carve):
    source, child = carve()

    change(child, finish_date=factories.days(200))
    change(source, finish_date=factories.days(200))
    product = factories.products(1)[0]
    OrderProduct.objects.create(order=child, product=product)
    OrderProduct.objects.create(order=source, product=product)

    end_of_transaction()
