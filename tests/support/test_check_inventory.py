"""check_inventory: the counters compared with the rows that they count."""

import json

import pytest
from django.core.management import CommandError, call_command

from activation_codes.models import ActivationCode
from jasper_inventory.support.integrity import differences
from licenses.models import Enrollment, Order
from licenses.services.enrollments import enroll_student
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.helpers import last_act


@pytest.fixture
def inventory(hub, center, staff):
    """A parent order with children, people, codes and a suspension: every counter is above 0."""
    parent = factories.order(factories.CODES, assigned_to=hub, number_of_codes=9)
    child = factories.order(
        factories.CODES,
        assigned_to=center,
        parent=parent,
        product_mix=list(parent.products.all()),
        number_of_codes=4,
    )
    code = factories.codes(child)[0]
    factories.redemption(code)
    hub_order = factories.order(assigned_to=hub, students=50)
    part = factories.order(
        assigned_to=center, parent=hub_order, product_mix=list(hub_order.products.all()), students=5
    )
    enroll_student(order=part, user=factories.person(), by=staff)
    suspend_order(order=hub_order, by=staff, reason="unpaid")
    return {"parent": parent, "child": child, "hub_order": hub_order, "part": part, "code": code}


def test_on_healthy_data_it_prints_no_difference(inventory, capsys):
    call_command("check_inventory")

    assert capsys.readouterr().out == "All counters are correct.\n"


@pytest.mark.parametrize(
    ("which", "counter", "wrong", "right"),
    [
        ("part", "enrolled", 3, 1),
        ("hub_order", "allocated", 6, 5),
        ("parent", "codes_allocated", 3, 4),
        ("child", "codes_created", 3, 4),
        ("part", "suspended_ancestors", 0, 1),
    ],
)
def test_it_prints_each_difference_and_repairs_it(
    inventory, staff, capsys, which, counter, wrong, right
):
    order = inventory[which]
    Order.objects.filter(pk=order.pk).update(**{counter: wrong})

    with pytest.raises(CommandError, match="1 counter"):
        call_command("check_inventory", format="json")
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {
        "order_number": order.number,
        "counter": counter,
        "stored": wrong,
        "counted": right,
        "repaired": False,
    }
    assert getattr(Order.objects.get(pk=order.pk), counter) == wrong

    call_command("check_inventory", fix=True, by=staff.username)
    assert getattr(Order.objects.get(pk=order.pk), counter) == right
    assert last_act(order)["action"] == "inventory.repaired"
    assert differences() == []


def test_a_codes_uses_are_counted_from_its_redemptions(inventory, staff):
    codes = ActivationCode.objects.filter(pk=inventory["code"].pk)
    codes.update(used=0)

    call_command("check_inventory", fix=True, by=staff.username)

    assert codes.get().used == 1


def test_counters_that_would_break_a_constraint_are_named_and_left(
    inventory, center, staff, capsys
):
    order = factories.order(assigned_to=center, students=1)
    enroll_student(order=order, user=factories.person(), by=staff)
    Enrollment.objects.create(order=order, user=factories.person(), role=2)

    with pytest.raises(CommandError, match="1 counter"):
        call_command("check_inventory", fix=True, by=staff.username)

    order.refresh_from_db()
    assert order.enrolled == 1


def test_repairing_needs_an_actor_from_cci(inventory, admin):
    with pytest.raises(CommandError, match="--fix needs --by"):
        call_command("check_inventory", fix=True)
    with pytest.raises(CommandError, match="Only CCI staff"):
        call_command("check_inventory", fix=True, by=admin.user.username)


def test_its_queries_do_not_grow_with_the_orders(inventory, django_assert_num_queries):
    # How much memory it may use, and the comparison.
    with django_assert_num_queries(2):
        differences()
    factories.order()
    with django_assert_num_queries(2):
        differences()
