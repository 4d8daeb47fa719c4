"""Typed texts: with only invisible characters they are empty."""

import pytest
from django.core.exceptions import ValidationError

from jasper_inventory.lib.forms import TextField, WholeNumberField
from jasper_inventory.lib.text import clean_line

ZERO_WIDTH, SOFT_HYPHEN, HANGUL_FILLER, BRAILLE_BLANK = "\u200b", "\u00ad", "\u3164", "\u2800"
ACCENT, RIGHT_TO_LEFT, NO_BREAK = "\u0301", "\u202e", "\u00a0"


@pytest.mark.parametrize(
    "sign",
    [ZERO_WIDTH, SOFT_HYPHEN, HANGUL_FILLER, BRAILLE_BLANK, ACCENT, RIGHT_TO_LEFT, NO_BREAK],
    ids=ascii,
)
def test_invisible_text_is_empty(sign):
    with pytest.raises(ValidationError, match="required"):
        TextField().clean(f" {sign}{sign} ")
    assert TextField(required=False).clean(sign) == ""
    assert TextField().clean(f"Ana{sign}") == clean_line(f"Ana{sign}")


@pytest.mark.parametrize("name", ["7", "李", "ñ", "نور", "O’Quizzle", "-", "🙂"])
def test_visible_text_is_kept(name):
    assert TextField().clean(f" {name} ") == name


@pytest.mark.parametrize(
    ("typed", "said"), [("1000001", "At most 1,000,000."), ("1", "At least 1,000.")]
)
def test_a_limit_is_said_as_people_write_numbers(typed, said):
    with pytest.raises(ValidationError) as error:
        WholeNumberField(min_value=1000, max_value=1_000_000).clean(typed)
    assert error.value.messages == [said]
