"""Whole numbers and dates as people type them."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from jasper_inventory.lib.forms import DateTextField, RowEditForm, WholeNumberField
from jasper_inventory.lib.numbers import calendar_day, whole_number

SPACES = (" ", "\u00a0", "\u202f", "\u2009", "\u2007")
POINT, MINUS, GROUPS = "without a decimal point", "without a minus sign", "groups of three"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *(("1000", 1000), ("1,000", 1000), (" 1,000,000 ", 1_000_000), ("0", 0), ("007", 7)),
        *((f"1{space}000", 1000) for space in SPACES),
        *((f"12{space}345{space}678", 12_345_678) for space in SPACES),
        # Digits of other scripts: fullwidth, Arabic.
        *(("１０００", 1000), ("١٢", 12)),
    ],
)
def test_separators_of_thousands_are_read(typed, number):
    assert whole_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        *((typed, POINT) for typed in ("1.000", "13.0", "13.", "1,000.00", ".5", "1.000.000")),
        *((typed, MINUS) for typed in ("-5", "\u22125", "–1,000", "- 5", "-1.5")),
        *((typed, GROUPS) for typed in ("1,00", "10,00,0", "1000,000", "1, 000", "0,100", "1,")),
        *((typed, GROUPS) for typed in ("1,000 000", "1  000", "12 34")),
        *(
            (typed, "Enter a whole number")
            for typed in ("+5", "1e3", "ten", "²", "", "0x10", "1_0")
        ),
        ("9" * 5000, "Enter a whole number"),
    ],
)
def test_other_values_are_refused_with_the_way_out(typed, why):
    with pytest.raises(ValueError, match=why):
        whole_number(typed)


@given(st.integers(0, 10**15), st.sampled_from([",", *SPACES]))
def test_a_number_written_with_any_separator_is_that_number(number, separator):
    assert whole_number(f"{number:,}".replace(",", separator)) == number


class NumberForm(RowEditForm):
    number = WholeNumberField(show_hidden_initial=True, required=False)
    day = DateTextField(show_hidden_initial=True, required=False)


@pytest.mark.parametrize("typed", ["1000", "1,000", "1\u202f000"])
@pytest.mark.parametrize("day", ["2027-09-01", "2027/9/1", "09/01/2027"])
@pytest.mark.parametrize("shown", ["1000", "1,000"])
def test_the_same_value_in_another_spelling_is_no_change(typed, day, shown):
    sent = {"number": typed, "day": day, "initial-number": shown, "initial-day": "2027-09-01"}
    initial = {"number": 1000, "day": date(2027, 9, 1)}
    form = NumberForm(sent, initial=initial)
    assert form.is_valid()
    assert form.changed_data == []
    form.fields["number"].show_hidden_initial = form.fields["day"].show_hidden_initial = False
    assert NumberForm(sent, initial=initial).changed_data == []


def test_a_change_shows_what_it_was():
    sent = {"number": "2,000", "day": "", "initial-number": "1000", "initial-day": "2027-09-01"}
    form = NumberForm(sent)
    assert form.is_valid()
    assert form.changed_values() == {"number": 2000, "day": None}
    assert form.shown_values() == {"number": 1000, "day": date(2027, 9, 1)}


def test_a_whole_number_is_typed_as_text():
    field = str(NumberForm()["number"])
    assert 'type="text"' in field and 'inputmode="numeric"' in field


SEPTEMBER = date(2027, 9, 1)


@pytest.mark.parametrize(
    ("language", "typed", "day"),
    [
        *(("en-us", typed, SEPTEMBER) for typed in ("2027-09-01", "2027/09/01", "2027.9.1")),
        *(("en-us", typed, SEPTEMBER) for typed in (" 2027-9-1 ", "09/01/2027", "9/1/2027")),
        ("en-us", "２０２７-０９-０１", SEPTEMBER),
        *(("fr", typed, SEPTEMBER) for typed in ("01/09/2027", "1.9.2027")),
        ("de", "01.09.2027", SEPTEMBER),
        ("ja", "2027/09/01", SEPTEMBER),
        # If the language doesn't say which number is the month, nothing is guessed.
        *((language, "09/01/2027", None) for language in ("en-ca", "en-gb", "ja", "zh-hans")),
        *(("en-us", typed, None) for typed in ("25/12/2027", "2027-02-30", "9/1/27", "09.01.2027")),
        *(("en-us", typed, None) for typed in ("2027-09/01", "20270901", "Sept 1", "", "2027-9")),
    ],
)
def test_a_date_is_read_if_only_one_day_can_be_meant(language, typed, day):
    with translation.override(language):
        if day:
            assert calendar_day(typed) == day
        else:
            with pytest.raises(ValueError, match="Enter a date as yyyy-mm-dd, such as 2027-09-01"):
                calendar_day(typed)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["en-us", "fr", "de"]))
def test_a_date_written_as_the_language_writes_it_is_that_day(day, language):
    written = {"en-us": "%m/%d/%Y", "fr": "%d/%m/%Y", "de": "%d.%m.%Y"}[language]
    with translation.override(language):
        assert calendar_day(day.strftime(written)) == calendar_day(day.isoformat()) == day
        assert calendar_day((day + timedelta(days=1)).isoformat()) != day
