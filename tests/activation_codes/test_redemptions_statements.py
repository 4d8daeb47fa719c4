"""Redeeming a code takes one statement, and as much on a large order as on a small one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activation_codes.functions import redeem
from activation_codes.services.redemptions import redeem_typed
from jasper_inventory.accounts.functions import add_role
from jasper_inventory.accounts.models import Role
from licenses.functions import join_student
from licenses.models import Enrollment
from tests import factories
from tests.factories import CODES

pytestmark = pytest.mark.django_db

STATEMENTS = 1
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
    assert len(redeemed(first, student)) == STATEMENTS + SAVEPOINTS
    assert len(redeemed(second, student)) == STATEMENTS + SAVEPOINTS


def test_the_number_of_students_changes_nothing(center, redeemed):
    order = order_of(center, users=30)
    codes = factories.codes(order)
    first = redeemed(codes[0], factories.person())
    for code in codes[1:10]:
        factories.redemption(code)
    assert len(redeemed(codes[0], factories.person())) == len(first)


def test_another_code_after_the_first_has_ended(center, redeemed):
    first, second, *_ = factories.codes(order_of(center))
    student = factories.person()
    redeemed(first, student)
    Enrollment.objects.update(ends_on=factories.days(-1))
    assert len(redeemed(second, student)) == STATEMENTS + SAVEPOINTS


def test_the_order_is_neither_read_nor_locked_besides_taking_the_seat():
    inside = " ".join(function().body for function in (redeem, join_student, add_role))
    tables = re.findall(
        r'(?:FROM|JOIN|UPDATE|INTO) "?(licenses_order|accounts_organization)\b', inside
    )
    assert tables == ["licenses_order"]


def test_the_form_of_a_student_who_is_signed_in(center, sign_in):
    code = factories.codes(order_of(center))[0]
    membership = factories.member(center, role=Role.STUDENT)
    site = sign_in(membership.user)
    with CaptureQueriesContext(connection) as taken:
        answer = site.post("/activate/take/", {"code": str(code)})
    assert answer.url == "/courses/"
    names = ("accounts_", "licenses_", "activation_codes_")
    ours = [q["sql"] for q in taken.captured_queries if any(name in q["sql"] for name in names)]
    # Besides redeeming: the session before and after, the person, their roles, throttling, and the
    # role given once more.
    assert len(ours) == STATEMENTS + 6
