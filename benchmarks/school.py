"""A school of 1,000 pupils behind one address, 8 % typing errors, three pranksters: who gets in?

Whole requests through all of Django, in threads, in a database of its own, which is dropped. Ends
with every honest pupil in, or fails.
"""

import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import ParamSpec, TypeVar

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from activation_codes.code_check import generate
from jasper_inventory.lib.code_format import ALPHABET
from licenses.models import Enrollment
from tests import factories

PUPILS, PRANKSTERS, THREADS, TYPING_ERRORS = 1000, 3, 8, 0.08
P = ParamSpec("P")
Result = TypeVar("Result")
PASSWORD = "correct horse battery staple"


def with_typing_error(code: str, chance: random.Random) -> str:
    """The code with one character changed."""
    at = chance.choice([at for at, sign in enumerate(code) if sign != "-"])
    return code[:at] + chance.choice(ALPHABET.replace(code[at], "")) + code[at + 1 :]


def pupil(number: int, code: str) -> tuple[float, int] | None:
    """One pupil in a new browser; seconds from the first request to being in, and the tries."""
    chance, browser = random.Random(number), Client()
    start = time.perf_counter()
    browser.get("/activate/")
    if chance.random() < TYPING_ERRORS:
        browser.post("/activate/", {"code": with_typing_error(code, chance)})
    values = {
        "code": code,
        "first_name": "Ana",
        "last_name": "Silva",
        "sign_in_as": f"pupil{number}",
        "password": PASSWORD,
    }
    for tries in range(1, 100):
        if browser.post("/activate/take/", values).status_code == 302:
            return time.perf_counter() - start, tries
        # What the page says: try again in some seconds.
        time.sleep(2)
    return None


def prankster(number: int, lesson_is_over: Event) -> int:
    """Twenty wrong codes a second at most; the odd ones drop their cookies each time."""
    tried, browser = 0, Client()
    while not lesson_is_over.wait(0.05):
        browser = Client() if number % 2 else browser
        browser.post("/activate/", {"code": next(generate(1))})
        tried += 1
    return tried


def in_thread(act: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    try:
        return act(*args, **kwargs)
    finally:
        connection.close()


def lesson() -> None:
    """All at once; prints how long pupils took."""
    order = factories.order(factories.CODES, number_of_codes=PUPILS)
    codes = [str(code) for code in factories.codes(order)]
    over, start = Event(), time.perf_counter()
    with ThreadPoolExecutor(THREADS + PRANKSTERS) as pool:
        pranks = [pool.submit(in_thread, prankster, at, over) for at in range(PRANKSTERS)]
        pupils = [pool.submit(in_thread, pupil, at, code) for at, code in enumerate(codes)]
        try:
            results = [one.result() for one in pupils]
        finally:
            # Else a pupil that fails would leave the pranksters running for ever.
            over.set()
        wrong = sum(one.result() for one in pranks)
    seconds = time.perf_counter() - start
    finished = [result for result in results if result]
    assert len(finished) == PUPILS
    assert Enrollment.objects.filter(order=order).count() == PUPILS
    times = sorted(took for took, _tries in finished)
    more = sum(tries > 1 for _took, tries in finished)
    print(f"{PUPILS} pupils, all in, in {seconds:.0f} s; {wrong} tries of {PRANKSTERS} pranksters")
    print(f"a pupil, ms: median {statistics.median(times) * 1000:.0f}, most {times[-1] * 1000:.0f}")
    print(f"pupils who had to try again: {more}")


def main() -> None:
    """In a database of its own."""
    call_command("collectstatic", interactive=False, verbosity=0)
    setup_test_environment(debug=False)
    old = setup_databases(verbosity=0, interactive=False)
    try:
        lesson()
    finally:
        teardown_databases(old, verbosity=0)


if __name__ == "__main__":
    main()
