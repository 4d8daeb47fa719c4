"""Redeeming codes, reclaiming a use, and undoing that."""

from datetime import timedelta

import pytest

from activation_codes.code_lookup import HeldAlready
from activation_codes.courses import learning_of, licenses_of
from activation_codes.models import ActivationCode, Redemption
from activation_codes.services.redemptions import (
    reclaim_redemption,
    redeem_code,
    redeem_typed,
    restore_redemption,
)
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import OrderStatus
from licenses.services.order_edits import edit_order, set_active
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES
from tests.helpers import change, last_act
from tests.licenses.acts import edit
from tests.pages import in_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    """Five codes for two each, for thirty days."""
    return factories.order(
        CODES, assigned_to=center, number_of_codes=5, users_per_code=2, duration=30
    )


# Redeeming


def test_a_person_redeems_a_code(order):
    [code, *_] = factories.codes(order)
    user = factories.person()
    redemption = redeem_code(code=code, user=user)
    enrollment = redemption.enrollment
    assert (enrollment.user, enrollment.order) == (user, order)
    assert enrollment.ends_on == factories.days(30)
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled, order.seats_available) == (1, 1, 9)
    assert last_act(redemption) == {"action": "code.redeemed", "user": user.pk}


@pytest.mark.parametrize(
    ("duration", "ends"), [(1, 1), (99, 99), (100, 100), (101, 100), (3_650, 100)]
)
def test_it_ends_after_the_duration_or_with_the_order(duration, ends):
    order = factories.order(CODES, duration=duration, finish_date=factories.days(100))
    redemption = factories.redemption(factories.codes(order)[0])
    assert redemption.enrollment.last_day == factories.today() + timedelta(days=ends)


@pytest.mark.parametrize(("finish", "ends"), [(5, 5), (29, 29), (50, 30)])
def test_if_the_orders_end_moves_the_students_end_moves_with_it(staff, finish, ends):
    order = factories.order(CODES, duration=30, finish_date=factories.days(10))
    code = factories.codes(order)[0]
    enrollment = factories.redemption(code).enrollment
    edit_order(order=order, by=staff, finish_date=factories.days(finish))
    with pytest.raises(HeldAlready, match=f"until {in_words(factories.days(ends))}"):
        redeem_typed(typed=str(code), by=enrollment.user)
    mine = learning_of(enrollment.user, factories.today())
    [license] = licenses_of(list(mine), factories.today())
    assert license.ends_on == factories.days(ends)


def test_after_the_orders_end_nobody_has_it_until_later(order):
    code = factories.codes(order)[0]
    user = factories.redemption(code).enrollment.user
    change(order, finish_date=factories.days(-1))
    with pytest.raises(DomainError, match="your access has ended"):
        redeem_typed(typed=str(code), by=user)


def test_a_code_serves_its_number_of_users(order):
    [code, *_] = factories.codes(order)
    factories.redemption(code)
    stale = ActivationCode.objects.get(pk=code.pk)
    factories.redemption(code)
    with pytest.raises(DomainError, match="This code has no uses left."):
        factories.redemption(stale)
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (2, 2)


def test_the_last_use_of_all_is_refused_in_words_too():
    order = factories.order(CODES, number_of_codes=1)
    [code] = factories.codes(order)
    factories.redemption(code)
    with pytest.raises(DomainError, match="has no seats left"):
        factories.redemption(code)
    assert order.status_on(factories.today()) == OrderStatus.DEPLETED


def test_nobody_redeems_two_codes_of_an_order(order):
    one, two, *_ = factories.codes(order)
    redemption = factories.redemption(one)
    for code in (one, two):
        with pytest.raises(DomainError, match="already"):
            factories.redemption(code, user=redemption.enrollment.user)
    two.refresh_from_db()
    assert two.used == 0


def test_a_code_ends_with_its_order(order, staff):
    [code, *_] = factories.codes(order)
    edit(order, staff, finish_date=factories.days(-1))
    with pytest.raises(DomainError, match="isn't in force"):
        factories.redemption(code)


@pytest.mark.parametrize("stop", ["inactive", "suspended"])
def test_a_code_works_only_while_its_order_is_in_force(order, staff, stop):
    [code, *_] = factories.codes(order)
    if stop == "inactive":
        set_active(order=order, is_active=False, by=staff)
    else:
        suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="isn't in force"):
        factories.redemption(code)
    code.refresh_from_db()
    assert code.used == 0


# Reclaiming


def test_reclaiming_returns_the_use_to_the_code(order, admin):
    [code, *_] = factories.codes(order)
    redemption = factories.redemption(code)
    reclaim_redemption(redemption=redemption, by=admin.user)
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (0, 0)
    enrollment = redemption.enrollment
    enrollment.refresh_from_db()
    assert enrollment.removed_at is not None
    assert last_act(enrollment) == {"action": "redemption.removed", "user": admin.user.pk}
    assert not Redemption.objects.current().exists()
    factories.redemption(code, user=enrollment.user)


def test_an_ended_enrollment_keeps_its_seat_until_it_is_reclaimed(order, staff):
    [code, *_] = factories.codes(order)
    redemption = factories.redemption(code)
    type(redemption.enrollment).objects.update(ends_on=factories.days(-1))
    order.refresh_from_db()
    assert order.seats_available == 9
    reclaim_redemption(redemption=redemption, by=staff)
    order.refresh_from_db()
    assert order.seats_available == 10


def test_a_use_is_reclaimed_once(order, staff):
    [code, *_] = factories.codes(order)
    factories.redemption(code)
    redemption = factories.redemption(code)
    stale = Redemption.objects.get(pk=redemption.pk)
    reclaim_redemption(redemption=redemption, by=staff)
    with pytest.raises(DomainError, match="already removed from the order"):
        reclaim_redemption(redemption=stale, by=staff)
    code.refresh_from_db()
    assert code.used == 1


def test_only_the_license_holder_and_cci_remove_redemptions(order, hub_admin, foreign_admin):
    redemption = factories.redemption(factories.codes(order)[0])
    for by in (hub_admin.user, foreign_admin.user, redemption.enrollment.user):
        with pytest.raises(NotAllowed):
            reclaim_redemption(redemption=redemption, by=by)


def test_reclaiming_is_undone_while_the_code_has_a_use(order, admin, hub_admin, staff):
    [code, *_] = factories.codes(order)
    redemption = factories.redemption(code)
    reclaim_redemption(redemption=redemption, by=staff)
    with pytest.raises(NotAllowed):
        restore_redemption(redemption=redemption, by=hub_admin.user)
    restore_redemption(redemption=redemption, by=admin.user)
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (1, 1)
    assert list(Redemption.objects.current()) == [redemption]
    assert last_act(redemption.enrollment) == {
        "action": "redemption.restored",
        "user": admin.user.pk,
    }
    with pytest.raises(DomainError, match="already"):
        restore_redemption(redemption=redemption, by=staff)


def test_reclaiming_is_not_undone_once_the_use_is_taken(order, staff):
    [code, *_] = factories.codes(order)
    redemption = factories.redemption(code)
    reclaim_redemption(redemption=redemption, by=staff)
    for _use in range(code.users):
        factories.redemption(code)
    with pytest.raises(DomainError, match="no uses left"):
        restore_redemption(redemption=redemption, by=staff)
    order.refresh_from_db()
    assert order.enrolled == code.users
