"""Redeeming a code takes few statements, and as many on a large order as on a small one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activation_codes.services.redemptions import redeem_typed
from jasper_inventory.accounts.models import Role
from licenses.models import Enrollment
from tests import factories
from tests.factories import CODES

pytestmark = pytest.mark.django_db

# The code with everything about it; the tree; the seat; what the person has; the enrollment; the
# person with the role; the use of the code; the redemption.
STATEMENTS = 8
NEW_ROLE = 1
# The transaction is inside the test's own.
SAVEPOINTS = 2


@pytest.fixture
def redeemed():
    """A function: redeem a code; the statements that it took."""

    def redeem(code, user):
        with CaptureQueriesContext(connection) as taken:
            redeem_typed(typed=str(code), by=user)
        return [query["sql"] for query in taken.captured_queries]

    return redeem


def order_of(center, users=1):
    # Enough seats that no alert is raised.
    return factories.order(CODES, assigned_to=center, number_of_codes=20, users_per_code=users)


@pytest.mark.parametrize("users", [1, 30])
def test_a_new_student_and_one_with_the_role(center, redeemed, users):
    first, second = (factories.codes(order_of(center, users))[0] for _one in range(2))
    student = factories.person()
    assert len(redeemed(first, student)) == STATEMENTS + NEW_ROLE + SAVEPOINTS
    assert len(redeemed(second, student)) == STATEMENTS + SAVEPOINTS


def test_the_number_of_students_changes_nothing(center, redeemed):
    order = order_of(center, users=30)
    codes = factories.codes(order)
    first = redeemed(codes[0], factories.person())
    for code in codes[1:10]:
        factories.redemption(code)
    assert len(redeemed(codes[0], factories.person())) == len(first)


def test_another_code_after_the_first_has_ended_takes_one_more(center, redeemed):
    first, second, *_ = factories.codes(order_of(center))
    student = factories.person()
    redeemed(first, student)
    Enrollment.objects.update(ends_on=factories.days(-1))
    assert len(redeemed(second, student)) == STATEMENTS + 1 + SAVEPOINTS


def test_the_order_is_neither_read_nor_locked_besides_taking_the_seat(center, redeemed):
    code = factories.codes(order_of(center))[0]
    found, *taken = redeemed(code, factories.person())
    assert "purchase_order" not in found
    assert sum("licenses_order" in sql for sql in taken) == 1
    assert not any("SELECT" in sql and 'FROM "accounts_organization"' in sql for sql in taken)


def test_the_form_of_a_student_who_is_signed_in(center, sign_in):
    code = factories.codes(order_of(center))[0]
    membership = factories.member(center, role=Role.STUDENT)
    site = sign_in(membership.user)
    with CaptureQueriesContext(connection) as taken:
        answer = site.post("/activate/take/", {"code": str(code)})
    assert answer.url == "/courses/"
    names = ("accounts_", "licenses_", "activation_codes_")
    ours = [q["sql"] for q in taken.captured_queries if any(name in q["sql"] for name in names)]
    # Besides redeeming: the person, their roles, throttling, and the role given once more.
    assert len(ours) == STATEMENTS + 4
