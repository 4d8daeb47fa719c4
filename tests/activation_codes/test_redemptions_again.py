"""The same person redeems again: nothing is lost, and after the end a new term may start."""

from datetime import timedelta

import pytest
from django.db.models import F

from activation_codes.code_lookup import HeldAlready, Mistyped, Refused, activation_offer
from activation_codes.models import ActivationCode, Redemption
from activation_codes.services.redemptions import (
    reclaim_redemption,
    redeem_code,
    redeem_typed,
    restore_redemption,
)
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.support.integrity import differences
from licenses.models import Enrollment, Order
from licenses.services.enrollments import copy_enrollments, enroll_student
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, change, refusals, refused
from tests.pages import in_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return factories.order(CODES, number_of_codes=4, users_per_code=2)


@pytest.fixture
def codes(order):
    return factories.codes(order)


def end(enrollment, days=1):
    """The student's access ended this number of days ago."""
    Enrollment.objects.filter(pk=enrollment.pk).update(ends_on=factories.days(-days))


def redeem(code, user):
    return redeem_typed(typed=str(code), by=user)


def used(*codes):
    return [ActivationCode.objects.get(pk=code.pk).used for code in codes]


def test_while_it_runs_the_same_and_another_code_take_nothing(order, codes):
    user = factories.person()
    redeem(codes[0], user)
    for code in codes[:2]:
        with pytest.raises(HeldAlready, match=f"until {in_words(factories.days(30))}"):
            redeem(code, user)
    order.refresh_from_db()
    assert (used(*codes[:2]), order.enrolled) == ([1, 0], 1)


def test_even_if_the_order_stopped_or_the_code_is_used_up(order, codes):
    user = factories.person()
    redeem(codes[0], user)
    redeem(codes[0], factories.person())
    change(order, is_active=False)
    with pytest.raises(HeldAlready):
        redeem(codes[0], user)


def test_on_its_last_day_it_still_runs_and_the_day_after_another_code_follows(order, codes):
    user = factories.person()
    first = redeem(codes[0], user).enrollment
    end(first, days=0)
    with pytest.raises(HeldAlready):
        redeem(codes[1], user)
    end(first, days=1)
    second = redeem(codes[1], user).enrollment
    first.refresh_from_db()
    assert first.followed_at and not first.removed_at
    assert second.ends_on == factories.days(30)
    order.refresh_from_db()
    assert (used(*codes[:2]), order.enrolled, order.seats_available) == ([1, 1], 2, 6)
    assert differences() == []


def test_a_code_serves_each_person_once_also_after_the_end(order, codes):
    user = factories.person()
    end(redeem(codes[0], user).enrollment)
    with pytest.raises(DomainError, match="You already used this code"):
        redeem(codes[0], user)
    with pytest.raises(DomainError, match="already redeemed this code"):
        redeem_code(code=codes[0], user=user)
    assert used(codes[0]) == [1]


def test_a_chain_of_ended_ones(order, codes):
    user = factories.person()
    for code in codes:
        end(redeem(code, user).enrollment)
    order.refresh_from_db()
    assert order.enrolled == 4
    assert Enrollment.objects.not_followed().count() == 1
    assert differences() == []


def test_a_followed_redemption_can_be_reclaimed_and_restored(order, codes, staff):
    user = factories.person()
    first, second = redeem(codes[0], user), None
    end(first.enrollment)
    second = redeem(codes[1], user)
    for redemption in (first, second):
        redemption = Redemption.objects.get(pk=redemption.pk)
        reclaim_redemption(redemption=redemption, by=staff)
        assert differences() == []
        restore_redemption(redemption=Redemption.objects.get(pk=redemption.pk), by=staff)
        assert differences() == []
    order.refresh_from_db()
    assert (order.enrolled, used(*codes[:2])) == (2, [1, 1])


def test_after_it_was_reclaimed_the_code_may_be_redeemed_again(codes, staff):
    user = factories.person()
    redemption = redeem(codes[0], user)
    reclaim_redemption(redemption=redemption, by=staff)
    assert redeem(codes[0], user).enrollment.ends_on == factories.days(30)


def test_if_no_use_is_left_the_ended_one_stays_the_latest(order, codes):
    user = factories.person()
    first = redeem(codes[0], user).enrollment
    end(first)
    ActivationCode.objects.filter(pk=codes[1].pk).update(used=F("users"))
    with pytest.raises(DomainError, match="This code has no uses left"):
        redeem_code(code=codes[1], user=user)
    first.refresh_from_db()
    assert first.followed_at is None


def test_only_a_redemption_with_an_end_can_be_followed(order):
    joined = enroll_student(order=factories.order(), user=factories.person(), by=factories.staff())
    with refused("licenses_enrollment_followed_had_an_end"):
        Enrollment.objects.filter(pk=joined.enrollment.pk).update(
            followed_at=joined.enrollment.enrolled_at
        )


def test_a_renewal_carries_no_ended_student(order, codes, staff):
    user = factories.person()
    end(redeem(codes[0], user).enrollment)
    redeem(codes[1], user)
    new = factories.order(CODES, number_of_codes=4)
    copy_enrollments(old=order, new=new)
    assert new.enrollments.count() == 0


# Messages, and their readers


def test_a_right_code_shows_what_it_opens_and_takes_nothing(order, codes):
    offer = activation_offer(f"here: {codes[0]}!", factories.person())
    assert offer.order == order
    assert set(offer.products) == set(order.products.all())
    assert offer.ends_on == factories.days(30)
    assert used(codes[0]) == [0]


def test_a_typing_error_is_reported_before_anything_is_looked_up(codes, django_assert_num_queries):
    typed = codes[0].code
    swapped = typed[:4] + typed[5] + typed[4] + typed[6:]
    with django_assert_num_queries(0):
        for wrong in (typed[:-1], "hello", "", *([swapped] if swapped != typed else [])):
            with pytest.raises(Mistyped, match="typing error"):
                activation_offer(wrong, None)


def test_people_on_the_license_get_the_real_reason_others_one_and_the_same(order, codes):
    user, stranger = factories.person(), factories.person()
    end(redeem(codes[0], user).enrollment)
    change(order, is_active=False)
    with pytest.raises(DomainError, match="Its status is Inactive") as refusal:
        redeem(codes[1], user)
    assert not isinstance(refusal.value, Refused)
    with pytest.raises(Refused) as refusal:
        redeem(codes[1], stranger)
    assert "Inactive" not in str(refusal.value)


# Races


@pytest.mark.django_db(transaction=True)
def test_more_people_than_seats_at_the_same_moment():
    order = factories.order(CODES, number_of_codes=2, users_per_code=3)
    codes = factories.codes(order)
    people = [factories.person() for _ in range(10)]
    results = at_once(
        *(
            lambda user=user, code=codes[at % 2]: redeem(code, user)
            for at, user in enumerate(people)
        )
    )
    assert len(refusals(results)) == 4
    assert all(isinstance(refusal, Refused) for refusal in refusals(results))
    order.refresh_from_db()
    assert (order.enrolled, used(*codes)) == (6, [3, 3])
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_double_press_takes_one_seat_and_says_so():
    order = factories.order(CODES, number_of_codes=2, users_per_code=3)
    code = factories.codes(order)[0]
    user = factories.person()
    results = at_once(*[lambda: redeem(code, user)] * 3)
    assert [type(refusal) for refusal in refusals(results)] == [HeldAlready] * 2
    assert used(code) == [1]


@pytest.mark.django_db(transaction=True)
def test_following_at_the_same_moment_creates_one_enrollment():
    order = factories.order(CODES, number_of_codes=3)
    codes = factories.codes(order)
    user = factories.person()
    end(redeem(codes[0], user).enrollment)
    acts = (lambda code=code: redeem(code, user) for code in codes[1:])
    results = at_once(*acts, hold=order)
    assert len(refusals(results)) == 1
    assert Enrollment.objects.not_followed().filter(user=user).count() == 1
    order = Order.objects.get(pk=order.pk)
    assert order.enrolled == 2
    assert differences() == []


def test_the_end_counts_from_the_day_of_redeeming(order, codes):
    assert redeem(codes[0], factories.person()).enrollment.ends_on == (
        factories.today() + timedelta(days=30)
    )
