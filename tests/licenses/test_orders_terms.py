"""The dates that are offered for renewals."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.terms import LAST_DAY, a_year_after, offered_renewal_dates

EARLY = date(2026, 1, 1)


def offered(start, finish, *, today=EARLY, is_depleted=False):
    return offered_renewal_dates(
        start_date=start, finish_date=finish, today=today, is_depleted=is_depleted
    )


@pytest.mark.parametrize(
    ("start", "finish", "next_finish"),
    [
        # Up to the day before: whole years, months, over February 29, month ends.
        ("2027-09-01", "2028-08-31", "2029-08-31"),
        ("2026-09-01", "2027-08-31", "2028-08-31"),
        ("2027-03-01", "2028-02-29", "2029-02-28"),
        ("2028-02-29", "2029-02-28", "2030-02-28"),
        ("2027-09-01", "2027-12-31", "2028-04-30"),
        ("2027-01-31", "2027-02-28", "2027-03-31"),
        ("2026-12-01", "2027-02-28", "2027-05-31"),
        ("2027-08-15", "2028-02-14", "2028-08-14"),
        # Up to the same day, as in the guide's orders.
        ("2026-09-27", "2027-09-27", "2028-09-28"),
        ("2027-08-31", "2028-08-31", "2029-09-01"),
        ("2027-01-31", "2027-03-31", "2027-06-01"),
        # Neither: the same number of days as before.
        ("2027-09-01", "2027-09-10", "2027-09-20"),
        ("2027-09-01", "2027-09-01", "2027-09-02"),
    ],
)
def test_whole_years_and_months_stay_whole_in_the_orders_own_style(start, finish, next_finish):
    start, finish = date.fromisoformat(start), date.fromisoformat(finish)
    assert offered(start, finish) == (
        finish + timedelta(days=1),
        date.fromisoformat(next_finish),
    )


def test_a_late_renewal_starts_today_and_stays_whole():
    school_year = (date(2027, 9, 1), date(2028, 8, 31))
    today = date(2028, 10, 5)
    assert offered(*school_year, today=today) == (today, date(2029, 10, 4))
    early = date(2028, 1, 31)
    assert offered(*school_year, today=early, is_depleted=True) == (early, date(2029, 1, 30))


@given(st.dates(EARLY, date(2150, 1, 1)), st.integers(1, 20))
def test_whole_years_from_the_first_of_a_month_stay_whole_until_the_last_day(day, years):
    start = day.replace(day=1)
    finish = start.replace(year=start.year + years) - timedelta(days=1)
    for _round in range(2):
        start, finish = offered(start, finish)
        whole = start.replace(year=start.year + years) - timedelta(days=1)
        assert finish == min(whole, LAST_DAY)


@given(st.dates(EARLY, date(2150, 1, 1)))
def test_a_year_as_offered_for_a_new_license_stays_a_year(start):
    finish = a_year_after(start)
    next_start, next_finish = offered(start, finish)
    lasts = (next_finish - next_start).days
    assert abs(lasts - (finish - start).days) <= 1


@given(
    st.dates(EARLY, LAST_DAY),
    st.integers(0, 4000),
    st.dates(EARLY, date(2190, 1, 1)),
    st.booleans(),
)
def test_an_offer_follows_the_order_and_lasts_about_as_long(start, days, today, is_depleted):
    finish = min(start + timedelta(days=days), LAST_DAY)
    next_start, next_finish = offered(start, finish, today=today, is_depleted=is_depleted)
    after = finish + timedelta(days=1)
    assert next_start == (today if is_depleted or after < today else after)
    assert next_finish <= LAST_DAY
    if next_finish < LAST_DAY:
        assert abs((next_finish - next_start) - (finish - start)) <= timedelta(days=4)
        assert next_finish >= next_start
