"""One seat per student and order, even if several processes of a site redeem at once."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from activation_codes.models import ActivationCode
from jasper_inventory.support.integrity import differences
from licenses.models import Order, OrderStatus
from tests import factories

PROCESSES, EACH, SEATS = 3, 14, 30


@pytest.mark.django_db(transaction=True)
def test_several_processes_assign_just_the_seats_there_are():
    order = factories.order(factories.CODES, number_of_codes=1, users_per_code=SEATS)
    (code,) = factories.codes(order)
    people = [factories.person() for _one in range(PROCESSES * EACH)]
    database = connection.settings_dict["NAME"]

    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.activation_codes.redeem_process", database]
            + [str(code.pk), *(str(one.pk) for one in people[at::PROCESSES])],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in range(PROCESSES)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    got = [int(process.communicate(timeout=60)[0]) for process in running]

    assert sum(got) == SEATS
    assert all(got)
    order.refresh_from_db()
    assert (order.enrolled, order.seats_available) == (SEATS, 0)
    assert order.status_on(factories.today()) == OrderStatus.DEPLETED
    assert ActivationCode.objects.get().used == SEATS
    assert Order.objects.count() == 1
    assert differences() == []
