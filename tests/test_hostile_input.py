"""Whatever is sent, no answer is an error page of ours, reveals secrets, or breaks a refusal.

INPUTS says how many inputs are sent; INPUTS_SEED makes another series.
"""

import logging
import os
import random

import pytest
from django.db import transaction

from tests.inputs import Inputs
from tests.isolation import world as worlds

NUMBER = int(os.environ.get("INPUTS", "400"))
SEED = os.environ.get("INPUTS_SEED", "9")
# Large numbers are sent in several series, which run at once.
SERIES = max(1, NUMBER // 1_000)


@pytest.fixture(scope="module")
def world(test_settings, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)


@pytest.mark.parametrize("series", range(SERIES))
def test_no_input_fails_reveals_secrets_or_changes_what_it_was_refused(world, db, series):
    each = NUMBER // SERIES
    inputs = Inputs(world, random.Random(SEED), skip=series * each)
    # Each series begins where the one before ends, with choices of its own.
    inputs.choose.seed(f"{SEED} {series}")
    failed = []
    logging.disable(logging.CRITICAL)
    try:
        for _ in range(each):
            sent, wrong = inputs.send()
            if wrong:
                failed.append((wrong, sent))
    finally:
        logging.disable(logging.NOTSET)

    assert failed == []
