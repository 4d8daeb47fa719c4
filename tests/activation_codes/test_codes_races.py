"""Two create, redeem or reclaim at once."""

import pytest

from activation_codes.models import ActivationCode, CodeBatch
from activation_codes.services.codes import create_codes
from activation_codes.services.redemptions import reclaim_redemption, redeem_code
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, refusals
from tests.licenses.acts import allocating, edit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order():
    return factories.order(CODES, number_of_codes=3, users_per_code=2)


def test_codes_are_created_once(order):
    people = [factories.staff() for _ in range(3)]
    results = at_once(
        *(lambda by=by: create_codes(order=order, by=by) for by in people), hold=order
    )
    assert results == [3, 0, 0]
    assert ActivationCode.objects.count() == 3
    assert CodeBatch.objects.get().created_by == people[0]


def test_codes_are_created_while_the_number_is_raised(order):
    by = factories.staff()
    results = at_once(
        lambda: edit(order, by, number_of_codes=5),
        lambda: create_codes(order=order, by=by),
        hold=order,
    )
    assert results[1] == 5
    assert ActivationCode.objects.count() == 5


def test_codes_are_created_or_allocated_but_not_both(order):
    by = factories.staff()
    hub = factories.organization(level=factories.Level.HUB)
    parent = factories.order(CODES, assigned_to=hub, number_of_codes=5, by=by)
    to = factories.organization(parent=hub)
    child, created = at_once(
        allocating(parent, to, by, number_of_codes=2),
        lambda: create_codes(order=parent, by=by),
        hold=parent,
    )
    parent.refresh_from_db()
    assert (created, parent.codes_created, parent.codes_allocated) == (3, 3, 2)
    late = at_once(allocating(parent, to, by, number_of_codes=1), hold=parent)
    assert len(refusals(late)) == 1


def test_the_last_use_of_a_code_is_taken_once(order):
    [code, *_] = factories.codes(order)
    factories.redemption(code)
    people = [factories.person() for _ in range(3)]
    results = at_once(
        *(lambda user=user: redeem_code(code=code, user=user) for user in people),
        hold=order,
    )
    assert [str(refusal) for refusal in refusals(results)] == ["This code has no uses left."] * 2
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (2, 2)


def test_one_person_redeems_two_codes_at_once(order):
    one, two, _three = factories.codes(order)
    user = factories.person()
    results = at_once(
        *(lambda code=code: redeem_code(code=code, user=user) for code in (one, two)),
        hold=order,
    )
    [refusal] = refusals(results)
    assert "already" in str(refusal)
    order.refresh_from_db()
    assert order.enrolled == 1
    assert sorted(ActivationCode.objects.values_list("used", flat=True)) == [0, 0, 1]


def test_a_use_is_reclaimed_once(order):
    [code, *_] = factories.codes(order)
    factories.redemption(code)
    redemption, by = factories.redemption(code), factories.staff()
    results = at_once(*[lambda: reclaim_redemption(redemption=redemption, by=by)] * 2, hold=order)
    assert len(refusals(results)) == 1
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (1, 1)
