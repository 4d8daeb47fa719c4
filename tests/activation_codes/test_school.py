"""A school behind one address, with typing errors and pranksters: every honest pupil gets in."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from activation_codes.codes import generate
from jasper_inventory.accounts.models import Tally
from jasper_inventory.lib.codes import ALPHABET
from licenses.models import Enrolment
from tests import factories
from tests.activation_codes.acts import ACCOUNT, teaching
from tests.factories import CODES

PUPILS, PRANKSTERS = 300, 3


def with_typing_error(code, chance):
    """The code with one character changed."""
    at = chance.randrange(len(code))
    while code[at] == "-":
        at = chance.randrange(len(code))
    other = chance.choice(ALPHABET.replace(code[at], ""))
    return code[:at] + other + code[at + 1 :]


def comes_in(number, code, key):
    """A pupil in a browser of their own: some type the teacher's key first, some mistype."""
    chance = random.Random(number)
    browser = Client()
    browser.get("/activate/")
    if number % 3 == 0:
        browser.post("/activate/", {"code": key})
    if chance.random() < 0.08:
        browser.post("/activate/", {"code": with_typing_error(code, chance)})
    values = ACCOUNT | {"code": code, "sign_in_as": f"pupil{number}"}
    return browser.post("/activate/take/", values).status_code == 302


def tries_codes(number, lesson_is_over):
    """A prankster, as fast as possible; the odd ones drop their cookies each time."""
    tried, browser = 0, Client()
    while not lesson_is_over.is_set():
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
@pytest.mark.parametrize(("network", "number_of_pupils"), [("calm", PUPILS), ("full", 40)])
def test_a_school_of_300_pupils_with_three_pranksters_gets_every_honest_pupil_in(
    settings, network, number_of_pupils
):
    settings.WRONG_CODES_PER_SECOND = 40
    if network == "full":
        # Nobody has to wait here for browsers to be old enough.
        settings.WRONG_CODES_PER_NETWORK, settings.NETWORK_DELAY = 60, 0
    order = factories.order(CODES, number_of_codes=number_of_pupils)
    key = str(teaching(order).group_key)
    codes = [str(code) for code in factories.codes(order)]
    lesson_is_over = Event()
    with ThreadPoolExecutor(8 + PRANKSTERS) as pool:
        pranks = [
            pool.submit(in_thread, tries_codes, at, lesson_is_over) for at in range(PRANKSTERS)
        ]
        pupils = [pool.submit(in_thread, comes_in, at, code, key) for at, code in enumerate(codes)]
        is_in = [pupil.result() for pupil in pupils]
        lesson_is_over.set()
        assert all(prank.result() > 10 for prank in pranks)
    if network == "calm":
        assert is_in == [True] * number_of_pupils
    else:
        # Whoever was told to try again in 2 seconds does so then.
        Tally.objects.update(last_at=F("last_at") - timedelta(seconds=2))
        for number, code in enumerate(codes):
            assert is_in[number] or comes_in(number, code, key)
    came_in = Enrolment.objects.filter(order=order, user__username__startswith="pupil")
    assert came_in.count() == number_of_pupils
    linked = Enrolment.objects.filter(order=order).exclude(teacher=None).count()
    assert linked > 0
