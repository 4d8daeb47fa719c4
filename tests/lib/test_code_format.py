"""Characters of codes: the alphabet, drawing them, reading typed ones."""

from collections import Counter

import pytest

from jasper_inventory.lib.code_format import (
    ALPHABET,
    KEY_LENGTH,
    LENGTH,
    NEW_KEY_LENGTH,
    code_in,
    codes_in,
    explain_impossible_characters,
    formatted,
    is_key,
    look_alikes,
    new_key,
    normalize,
    random_characters,
    typed_codes,
)


def test_the_alphabet_has_28_characters_without_vowels_and_look_alikes():
    assert len(set(ALPHABET)) == len(ALPHABET) == 28
    assert not set(ALPHABET) & set("AEIOU01L")
    assert set("23456789Y") < set(ALPHABET)


def test_every_sign_is_drawn_equally_often():
    drawn = Counter(random_characters(280_000))
    assert set(drawn) == set(ALPHABET)
    mean = sum(drawn.values()) / len(ALPHABET)
    # The standard deviation is 98: seven of them, so that chance never fails the test.
    assert all(abs(number - mean) < 700 for number in drawn.values()), drawn


@pytest.mark.parametrize("count", [0, 1, 13, 1000])
def test_at_least_as_many_characters_are_drawn_as_requested(count):
    assert len(random_characters(count)) >= count


@pytest.mark.parametrize(
    "typed",
    [
        "U7DA7NIFE3017",
        "U7DA7-NIFE-3017",
        "u7da7-nife-3017",
        " u7da7 nife\t3017\n",
        "U7DA7–NIFE—3017",
        "U7DA7\u2011NIFE\u00a03017",
        "Ｕ７ＤＡ７－ＮＩＦＥ－３０１７",
        "u7da7nife3017.",
    ],
)
def test_case_spaces_and_hyphens_do_not_matter(typed):
    assert normalize(typed) == "U7DA7NIFE3017"


DASHES = (
    "-_\u02d7\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2053\u2212\u2796\u301c"
    "\ufe58\ufe63\uff0d"
)
INVISIBLE = "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"
BLANKS = " \t\u00a0\u2002\u2007\u2009\u202f\u3000"


@pytest.mark.parametrize(
    "hyphen", [*DASHES, *INVISIBLE, *BLANKS, "", " - ", "\u200b-\u200b", "\u2013\t"], ids=ascii
)
def test_a_code_is_read_out_of_a_longer_text(hyphen):
    code = hyphen.join(("u7da7", "nife", "3017"))
    assert codes_in(f"Your code: {code}, welcome") == ["U7DA7NIFE3017"]
    key = hyphen.join(("k7wq", "9dfh"))
    assert codes_in(f"my key: {key}!", KEY_LENGTH) == ["K7WQ9DFH"]


@pytest.mark.parametrize("code", ["U7DA7-NIFE-3017", "U7DA-NIFE-3017", "U7DA-NIFE-301"])
def test_a_part_of_a_code_is_no_key(code):
    assert codes_in(code, KEY_LENGTH) == [code.replace("-", "")]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("k7wq-9dfh", ["K7WQ9DFH"]),
        ("key K7WQ-9DFH, code U7DA7-NIFE-3017", ["U7DA7NIFE3017"]),
        ("keys: K7WQ-9DFH\nB7WQ-9DFH", ["K7WQ9DFH", "B7WQ9DFH"]),
        ("that code: none", ["THATCODENONE"]),
    ],
)
def test_codes_or_keys_are_read_out_of_a_text(typed, codes):
    assert typed_codes(typed) == codes


@pytest.mark.parametrize("hyphen", ["-", " ", "", "–"])
def test_new_codes_and_keys_are_read_beside_old_ones(hyphen):
    new = hyphen.join(("k7wq9", "4dfh2", "m6rtx", "8bcdz"))
    assert codes_in(f"Code {new}, welcome") == ["K7WQ94DFH2M6RTX8BCDZ"]
    both = codes_in(f"{new} and U7DA7-NIFE-3017")
    assert both == ["K7WQ94DFH2M6RTX8BCDZ", "U7DA7NIFE3017"]
    key = hyphen.join(("k7wq", "9dfh", "2m6r", "tx4hb"))
    assert codes_in(f"my key: {key}!", KEY_LENGTH) == ["K7WQ9DFH2M6RTX4HB"]


def test_a_new_key_shows_each_typing_error_by_its_check_character():
    for _at in range(20):
        key = new_key()
        assert is_key(key) and len(key) == NEW_KEY_LENGTH
        for at, right in enumerate(key):
            wrong = next(sign for sign in ALPHABET if sign != right)
            assert not is_key(key[:at] + wrong + key[at + 1 :])
    assert is_key("K7WQ9DFH")


def test_a_code_is_shown_as_5_4_4():
    assert LENGTH == 13
    assert formatted("U7DA7NIFE3017") == "U7DA7-NIFE-3017"
    assert formatted("SHORT") == "SHORT"


def test_displayed_codes_are_read_back_as_stored():
    code = random_characters(LENGTH)[:LENGTH]
    assert normalize(formatted(code)) == code


@pytest.mark.parametrize("invisible", INVISIBLE, ids=ascii)
def test_a_code_is_read_with_an_invisible_character_anywhere(invisible):
    assert code_in(f"Your code: K7W{invisible}Q9-4DFH-2M6R, welcome") == "K7WQ94DFH2M6R"


@pytest.mark.parametrize("sign", "AEIOUL01")
def test_a_character_that_no_code_has_is_explained(sign):
    reason = explain_impossible_characters(f"K7WQ94DFH2M6{sign}")
    assert "no vowels and no L, 0 or 1" in reason
    assert reason.endswith(f"You typed {sign}.")


def test_a_random_code_has_no_look_alike():
    code = random_characters(LENGTH)[:LENGTH]
    assert explain_impossible_characters(code) == ""
    assert look_alikes(code) == [code]


def test_look_alikes_begin_with_what_was_typed_and_are_bounded():
    assert look_alikes("U0B") == ["U0B", "UOB"]
    assert look_alikes("L") == ["L", "I", "1"]
    assert len(look_alikes("O0IL1O0IL1O0I")) == 64
