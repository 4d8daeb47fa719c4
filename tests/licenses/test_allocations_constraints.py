"""The database itself keeps an order within its parent order."""

import pytest
from django.db import connection, transaction

from licenses.models import OrderProduct
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import change, refused

pytestmark = pytest.mark.django_db


def end_of_transaction():
    """Run the deferred triggers now, as at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def allocate_child(hub, center, hub_admin):
    """A function: a hub's order of some type, and one that was allocated from it."""

    def allocated_child(kind=CENTER, **values):
        parent = factories.order(kind, assigned_to=hub)
        mix = parent.products.all()[:1]
        small = {"number_of_codes": 2} if kind == CODES else {"students": 5}
        child = factories.order(
            kind,
            assigned_to=center,
            parent=parent,
            product_mix=mix,
            by=hub_admin.user,
            **small,
            **values,
        )
        return parent, child

    return allocated_child


@pytest.mark.parametrize(
    ("kind", "whose", "values"),
    [
        (CENTER, "child", {"start_date": -11}),
        (CENTER, "child", {"finish_date": 101}),
        (CENTER, "parent", {"start_date": -9}),
        (CENTER, "parent", {"finish_date": 99}),
        (CENTER, "child", {"students": None}),
        (CODES, "child", {"users_per_code": 2}),
        (CODES, "child", {"duration": 31}),
        (CODES, "parent", {"users_per_code": 2}),
        (CODES, "parent", {"duration": 29}),
    ],
    ids=str,
)
def test_terms_that_stick_out_are_refused(allocate_child, kind, whose, values):
    parent, child = allocate_child(kind)
    end_of_transaction()
    dates = {"start_date", "finish_date"}
    values = {k: factories.days(v) if k in dates else v for k, v in values.items()}

    with refused("must lie within"), transaction.atomic():
        change(parent if whose == "parent" else child, **values)
        end_of_transaction()


def test_an_unlimited_parent_order_may_not_become_limited_above_an_unlimited_child(
    hub, center, hub_admin
):
    parent = factories.order(assigned_to=hub, students=None)
    factories.order(
        assigned_to=center,
        parent=parent,
        product_mix=parent.products.all(),
        by=hub_admin.user,
        students=None,
    )

    with refused("must lie within"), transaction.atomic():
        change(parent, students=100)
        end_of_transaction()


def test_products_that_the_parent_order_lacks_are_refused(allocate_child):
    parent, child = allocate_child()
    end_of_transaction()

    with refused("must lie within"), transaction.atomic():
        OrderProduct.objects.create(order=child, product=factories.products(1)[0])
        end_of_transaction()
    with refused("must lie within"), transaction.atomic():
        OrderProduct.objects.filter(order=parent, product__in=child.products.all()).delete()
        end_of_transaction()


def test_both_may_change_in_one_transaction(allocate_child):
    parent, child = allocate_child()

    change(child, finish_date=factories.days(200))
    change(parent, finish_date=factories.days(200))
    product = factories.products(1)[0]
    OrderProduct.objects.create(order=child, product=product)
    OrderProduct.objects.create(order=parent, product=product)

    end_of_transaction()
