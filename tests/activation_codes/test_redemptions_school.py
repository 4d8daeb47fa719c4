"""A school behind one address, with typing errors and pranksters: every honest pupil gets in."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection
from django.test import Client

from activation_codes.code_check import generate
from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.models import Tally
from jasper_inventory.lib.code_format import ALPHABET
from licenses.models import Enrollment
from tests import factories
from tests.activation_codes.acts import ACCOUNT, teaching
from tests.factories import CODES

# benchmarks/school.py has a thousand pupils.
PUPILS, PRANKSTERS = 30, 3


def with_typing_error(code, chance):
    """The code with one character changed."""
    at = chance.randrange(len(code))
    while code[at] == "-":
        at = chance.randrange(len(code))
    other = chance.choice(ALPHABET.replace(code[at], ""))
    return code[:at] + other + code[at + 1 :]


def comes_in(number, code, key, clock):
    """A pupil in a browser of their own: some type the teacher's key first, some mistype.

    Whoever is asked to wait tries again, as long as the lesson lasts. Returns whether it worked.
    """
    chance = random.Random(number)
    browser = Client()
    browser.get("/activate/")
    if number % 3 == 0:
        browser.post("/activate/", {"code": key})
    if chance.random() < 0.08:
        browser.post("/activate/", {"code": with_typing_error(code, chance)})
    values = ACCOUNT | {"code": code, "sign_in_as": f"pupil{number}"}
    for _try in range(200):
        if browser.post("/activate/take/", values).status_code == 302:
            return True
        clock.wait(0.2)
    return False


def tries_codes(number, lesson_is_over):
    """A prankster, twenty tries a second; the odd ones drop their cookies each time."""
    tried, browser = 0, Client()
    while not lesson_is_over.wait(0.05):
        if number % 2:
            browser = Client()
        browser.post("/activate/", {"code": next(generate(1))})
        tried += 1
    return tried


def in_thread(act, *args):
    try:
        return act(*args)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("network", "number_of_students"), [("calm", PUPILS), ("full", 20)])
def test_a_school_with_three_pranksters_gets_every_honest_pupil_in(
    settings, network, number_of_students
):
    if network == "full":
        # The pranksters alone fill it, and keep filling it to the end of the lesson.
        settings.WRONG_CODES_PER_NETWORK, settings.WRONG_CODES_PER_SECOND = 10, 5
        settings.NETWORK_DELAY = 1
    order = factories.order(CODES, number_of_codes=number_of_students)
    key = str(teaching(order).group_key)
    codes = [str(code) for code in factories.codes(order)]
    lesson_is_over = Event()
    with ThreadPoolExecutor(8 + PRANKSTERS) as pool:
        pranks = [
            pool.submit(in_thread, tries_codes, at, lesson_is_over) for at in range(PRANKSTERS)
        ]
        pupils = [
            pool.submit(in_thread, comes_in, at, code, key, lesson_is_over)
            for at, code in enumerate(codes)
        ]
        try:
            is_in = [pupil.result() for pupil in pupils]
        finally:
            lesson_is_over.set()
        tried = [prank.result() for prank in pranks]
    assert is_in == [True] * number_of_students
    assert min(tried) > 10
    if network == "full":
        assert _was_full(), "the pranksters didn't fill the network"
    came_in = Enrollment.objects.filter(order=order, user__username__startswith="pupil")
    assert came_in.count() == number_of_students
    linked = Enrollment.objects.filter(order=order).exclude(teacher=None).count()
    assert linked > 0


def _was_full():
    """CCI staff are notified when a network is full, or a browser continues past all blocks."""
    return Tally.objects.filter(key=throttling.NOTIFIED).exists()
