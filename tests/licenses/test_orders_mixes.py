"""An order's product mix as a column: the keys of its products, kept by the database."""

import pytest
from django.db import connection

from jasper_inventory.support.integrity import differences, repair
from licenses.models import Order, OrderProduct
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def products():
    return factories.products(3)


@pytest.fixture
def order(products):
    return factories.order(product_mix=products[:2])


def mix_of(order):
    return Order.objects.values_list("mix", flat=True).get(pk=order.pk)


def keys(*products):
    return "-".join(str(product.pk) for product in products)


def test_a_mix_has_the_keys_of_the_products_in_order(order, products):
    assert mix_of(order) == keys(*products[:2])
    # By number, not as texts.
    assert sorted(map(int, mix_of(order).split("-"))) == [each.pk for each in products[:2]]


def test_it_follows_products_that_are_added_removed_and_exchanged(order, products):
    other = factories.order(product_mix=products)
    events = order.events.count()

    OrderProduct.objects.bulk_create([OrderProduct(order=order, product=products[2])])
    assert mix_of(order) == keys(*products)
    order.order_products.filter(product__in=products[:2]).delete()
    assert mix_of(order) == keys(products[2])
    order.order_products.update(product=products[0])
    assert mix_of(order) == keys(products[0])
    other.order_products.filter(product=products[1]).update(order=order)
    assert (mix_of(order), mix_of(other)) == (keys(*products[:2]), keys(products[0], products[2]))
    order.order_products.all().delete()
    assert mix_of(order) == "none"
    # The history has the products.
    assert order.events.count() == events


def test_a_stale_copy_of_an_order_does_not_overwrite_its_mix(order, products):
    order.mix = keys(products[2])
    order.save()

    assert mix_of(order) == keys(*products[:2])


def test_check_inventory_finds_and_repairs_a_wrong_mix(order, products, staff):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE licenses_order SET mix = '1-2-3' WHERE id = %s", [order.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")

    (found,) = differences()
    assert (found.order_number, found.counter) == (order.number, "mix")
    assert [each.repaired for each in repair(by=staff)] == [True]
    assert differences() == []
    assert mix_of(order) == keys(*products[:2])
