"""Parsing of typed whole numbers and dates, for forms, filters, the admin and commands."""

import re
import unicodedata
from datetime import date

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext_lazy as _

NOT_WHOLE = _("Enter a whole number, such as 1,000.")
HAS_POINT = _("Enter a whole number without a decimal point, such as 1,000.")
HAS_MINUS = _("Enter a number without a minus sign.")
WRONG_GROUPS = _("Enter a whole number, with or without groups of three digits, such as 1,000.")
NO_DATE = _("Enter a date as yyyy-mm-dd, such as 2027-09-01.")

# Space, no-break space, narrow no-break space, thin space, figure space.
_SPACES = " \u00a0\u202f\u2009\u2007"
# Hyphen, non-breaking hyphen, figure dash, en dash, em dash, minus sign, small and fullwidth.
_MINUS = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_PLAIN = re.compile(r"\d+")
_GROUPED = re.compile(rf"[1-9]\d{{0,2}}([,{_SPACES}])\d{{3}}(?:\1\d{{3}})*")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})")
# More digits than any field accepts; Python refuses to parse thousands of digits.
_MOST_DIGITS = 30


def plain_digits(text: str) -> str:
    """Return the text with decimal digits of every script, such as full-width ones, as 0 to 9."""
    return "".join(str(unicodedata.decimal(char, char)) for char in text.strip())


def whole_number(typed: str) -> int:
    """Parse a typed whole number: 1000, 1,000 and 1 000 are the same.

    Commas and spaces must separate groups of three digits. Raise ValueError with a user-facing
    message for anything else: a decimal point (1.000 may mean 1 or 1000), a plus or minus sign
    ("+5" may mean five more), an exponent, or wrong groups.
    """
    text = plain_digits(typed)
    if len(text) > _MOST_DIGITS * 2:
        raise ValueError(NOT_WHOLE)
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return int(re.sub(r"\D", "", text))
    if re.fullmatch(rf"[{_MINUS}]\s*\d[\d,.{_SPACES}]*", text):
        raise ValueError(HAS_MINUS)
    if re.fullmatch(rf"\+?[\d,{_SPACES}]*[.\u066b\uff0e][\d,.{_SPACES}]*", text):
        raise ValueError(HAS_POINT)
    if re.fullmatch(rf"\d[\d,{_SPACES}]*", text):
        raise ValueError(WRONG_GROUPS)
    raise ValueError(NOT_WHOLE)


def calendar_day(typed: str) -> date:
    """Parse a typed date.

    The year may come first, with any of ``-/.`` between: 2027-09-01, 2027/9/1, 2027.9.1. It may
    come last if the page's language defines which of the others is the month: 09/01/2027 is
    September 1 in U.S. English and January 9 in languages that write the day first. Raise
    ValueError with a message that names the format for anything else.
    """
    text = plain_digits(typed)
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            return date(int(match[1]), int(match[3]), int(match[4]))
        if match := _YEAR_LAST.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            order = _order_of_language()
            if order == "month first" and match[2] == "/":
                return date(year, first, second)
            if order == "day first":
                return date(year, second, first)
    except ValueError:
        pass
    raise ValueError(NO_DATE)


def _order_of_language() -> str:
    """Return "month first" or "day first" for the page's language, or "" if it isn't certain."""
    language = (translation.get_language() or settings.LANGUAGE_CODE).lower()
    if language in ("en", "en-us"):
        return "month first"
    usual = formats.get_format("DATE_INPUT_FORMATS", lang=language)[0]
    return "day first" if usual.startswith("%d") else ""


def is_number(text: str) -> bool:
    """Return whether a text is a typed whole number that a database column can hold."""
    try:
        return whole_number(text) < 2**63
    except ValueError:
        return False
