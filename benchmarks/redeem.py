"""Students redeem codes of one order at the same moment, in several processes.

Held against the floor: the bare conditional UPDATE that takes a place, from as many processes. More
students than places come, and exactly as many places are taken. All is deleted at the end.
"""

import json
import subprocess
import sys
import time
from uuid import uuid4

from django.db import connection
from django.db.models import F
from django.utils import timezone

from activation_codes.models import ActivationCode, Redemption
from activation_codes.services.codes import create_codes
from activation_codes.services.redemptions import redeem_typed
from jasper_inventory.accounts.models import Level, Membership, Organization, User
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Alert, Enrollment, InventoryType, Order, Product, ProductFamily
from licenses.services.orders import assign_order
from licenses.terms import Terms, a_year_after

STUDENTS, SEATS, PROCESSES = 300, 280, 4
RUNS = 3


def prepared() -> tuple[Order, str]:
    """An order of so many places, committed, and the students who come for them."""
    name = f"benchmark {uuid4()}"
    today = timezone.localdate()
    by = User.objects.create(username=name, is_staff=True)
    family = ProductFamily.objects.create(name=name)
    vendor = Organization.objects.vendor()
    center = Organization.objects.add_child(vendor, {"name": name, "level": Level.CENTER})
    order = assign_order(
        assigned_to=center,
        inventory_type=InventoryType.USER_ACTIVATION_CODES,
        products=[Product.objects.create(family=family, name=name)],
        terms=Terms(
            start_date=today,
            finish_date=a_year_after(today),
            number_of_codes=1,
            users_per_code=SEATS,
            duration=90,
        ),
        by=by,
    )
    create_codes(order=order, by=by)
    User.objects.bulk_create(User(username=f"{name} {at}") for at in range(STUDENTS))
    return order, name


def deleted(order: Order, name: str) -> None:
    """The same, gone again; history stays, as always."""
    Redemption.objects.filter(code__order=order).delete()
    Alert.objects.filter(order=order).delete()
    Enrollment.objects.filter(order=order).delete()
    ActivationCode.objects.filter(order=order).delete()
    Membership.objects.filter(organization=order.assigned_to).delete()
    Order.objects.filter(pk=order.pk).delete()
    User.objects.filter(username__startswith=name).delete()
    Organization.objects.filter(pk=order.assigned_to_id).delete()
    Product.objects.filter(name=name).delete()
    ProductFamily.objects.filter(name=name).delete()


def work(candidate: str, order_pk: str, name: str, at: str) -> None:
    """One process's share: wait for the word, then each student in turn. Prints what came of it."""
    students = User.objects.filter(username__startswith=f"{name} ").order_by("pk")
    own = list(students)[int(at) :: PROCESSES]
    code = str(ActivationCode.objects.get(order=int(order_pk)))
    print("ready", flush=True)
    sys.stdin.readline()
    taken = 0
    for student in own:
        if candidate == "floor":
            seats = Order.objects.filter(pk=order_pk, enrolled__lt=SEATS)
            taken += seats.update(enrolled=F("enrolled") + 1)
            continue
        try:
            redeem_typed(typed=code, by=student)
            taken += 1
        except DomainError:
            pass
    print(json.dumps(taken))


def run(candidate: str) -> float:
    """Seconds that all processes took together, and how many places they took."""
    order, name = prepared()
    try:
        command = [sys.executable, "-m", "benchmarks.redeem", candidate, str(order.pk), name]
        processes = [
            subprocess.Popen(
                [*command, str(at)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for at in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout and process.stdout.readline() == "ready\n"
        start = time.perf_counter()
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        taken = sum(json.loads(process.communicate()[0]) for process in processes)
        seconds = time.perf_counter() - start
        order.refresh_from_db()
        assert taken == order.enrolled == SEATS, (taken, order.enrolled)
        if candidate == "redeem":
            assert Enrollment.objects.current().filter(order=order).count() == SEATS
            assert ActivationCode.objects.get(order=order).used == SEATS
        return seconds
    finally:
        deleted(order, name)
        connection.close()


def main() -> None:
    """The better of some runs of each, and how they compare."""
    best = {name: min(run(name) for _run in range(RUNS)) for name in ("floor", "redeem")}
    print(f"{STUDENTS} students, {SEATS} places, {PROCESSES} processes; places taken: {SEATS}")
    for name, title in (("floor", "bare conditional UPDATE"), ("redeem", "redeeming")):
        print(f"{title:24} {best[name]:6.2f} s  {STUDENTS / best[name]:7.0f} per second")
    print(f"times: {best['redeem'] / best['floor']:.1f}")


if __name__ == "__main__":
    work(*sys.argv[1:]) if sys.argv[1:] else main()
