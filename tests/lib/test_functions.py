"""The functions in the database are those of the code, and writes by them are in the history."""

import pytest
from django.db import connection

from activation_codes.functions import redeem
from jasper_inventory.accounts.functions import add_role, erase_from_log, trim_log
from jasper_inventory.lib.functions import argument, where
from licenses.functions import join_student
from licenses.models import Order
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("function", [add_role, erase_from_log, join_student, redeem, trim_log])
def test_migrations_installed_what_the_code_says(function):
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [function().name])
        # If they differ: add a migration that installs the function again.
        assert cursor.fetchall() == [(function().body,)]


def test_conditions_have_the_arguments_and_the_values_of_the_queryset():
    orders = Order.objects.filter(start_date__lte=argument("the_day"), outcome="it's")
    assert where(orders) == (
        """("licenses_order"."outcome" = 'it''s' AND "licenses_order"."start_date" <= (the_day))"""
    )


def test_what_a_function_writes_names_act_and_person_in_the_history():
    order = factories.order(factories.CODES)
    student = factories.person()
    redemption = factories.redemption(factories.codes(order)[0], user=student)
    rows = (redemption, redemption.enrollment, student.memberships.get())
    for context in [row.events.get().pgh_context for row in rows] + [
        order.events.latest("pgh_id").pgh_context
    ]:
        assert context.metadata == {"action": "code.redeemed", "user": student.pk}
