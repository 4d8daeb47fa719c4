"""The characters of an activation code, and its check character."""

from collections import Counter
from itertools import pairwise

from activation_codes.code_check import generate, is_well_formed
from jasper_inventory.lib.code_format import ALPHABET, NEW_LENGTH, check_character


def test_as_many_codes_are_created_as_requested():
    for count in (0, 1, 2, 10_001):
        assert len(list(generate(count))) == count


def test_codes_are_random_and_all_different():
    codes = list(generate(20_000))
    assert len(set(codes)) == len(codes)
    # In the order of creation they don't count up: the first characters are independent.
    rising = sum(one < other for one, other in pairwise(codes))
    assert 9_000 < rising < 11_000


def test_every_code_has_20_characters_of_the_alphabet_and_ends_in_a_letter():
    for code in generate(5_000):
        assert len(code) == NEW_LENGTH
        assert set(code) <= set(ALPHABET)
        assert code[-1].isalpha()
        assert is_well_formed(code)


def test_the_characters_are_drawn_equally_often():
    codes = list(generate(28_000))
    for at in range(NEW_LENGTH - 1):
        drawn = Counter(code[at] for code in codes)
        # The mean is 1,000, the standard deviation 31: eight of them.
        assert all(750 < drawn[sign] < 1_250 for sign in ALPHABET), (at, drawn)
    last = Counter(code[-1] for code in codes)
    assert len(last) == 20 and all(1_100 < number < 1_700 for number in last.values())


def test_the_check_character_is_luhn_mod_28():
    # Worked out manually: only the character before the check character is doubled here.
    assert check_character("2" * 12) == "2"
    assert check_character("2" * 11 + "3") == ALPHABET[26]
    assert check_character("2" * 10 + "32") == ALPHABET[27]
    assert check_character("2" * 11 + "Z") == ALPHABET[1]


def test_every_single_wrong_sign_is_found():
    for code in generate(40):
        for at in range(NEW_LENGTH):
            for sign in ALPHABET.replace(code[at], ""):
                assert not is_well_formed(code[:at] + sign + code[at + 1 :])


def test_every_swap_of_neighbours_is_found_but_of_the_first_and_last_sign_of_the_alphabet():
    missed = Counter()
    for code in generate(2_000):
        for at, (one, other) in enumerate(pairwise(code)):
            swapped = code[:at] + other + one + code[at + 2 :]
            if one != other and is_well_formed(swapped):
                missed[frozenset((one, other))] += 1
    assert set(missed) <= {frozenset("2Z")}


def test_a_code_created_before_there_were_longer_ones_is_well_formed():
    assert is_well_formed("2" * 11 + "3" + ALPHABET[26])
    assert not is_well_formed("2" * 11 + "3" + ALPHABET[25])


def test_impossible_codes_are_recognized_without_a_query():
    [code] = generate(1)
    for typed in ("", "2", code[:-1], code + "2", "U7DA7NIFE3017", "é" * NEW_LENGTH):
        assert not is_well_formed(typed)
