"""Measures work: CPU of this process and of its PostgreSQL, time, queries and memory."""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.world import World

# Prepares work on a world, and cleans up after it.
Prepare = Callable[[World], AbstractContextManager[Callable[[], Any]]]

ROUNDS = 5
# Work is repeated for this long in each round, so that ticks of a clock don't matter.
LEAST_SECONDS = 0.1
# Work that takes longer is measured in fewer rounds.
SLOW_SECONDS, VERY_SLOW_SECONDS = 4, 30
PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Floor:
    """The least that some work can cost, which it is compared with."""

    name: str
    prepare: Prepare


@dataclass(frozen=True)
class Case:
    """A path through the site that is measured beside its floor."""

    name: str
    group: str
    prepare: Prepare
    floor: Floor
    # Prepared anew for each call, because it can be done only once.
    once: bool = False
    # Other processes do the work, so times are compared rather than CPU.
    by_time: bool = False


@dataclass(frozen=True)
class OtherProcesses:
    """What work returns that other processes did: the seconds of CPU that they took.

    If they answered requests: the seconds that each of them took.
    """

    cpu: float
    answers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sample:
    """The seconds that one call took."""

    cpu: float
    wall: float
    answers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Result:
    """The medians of a case in milliseconds, and its ratio to the floor."""

    name: str
    group: str
    floor: str
    times: float
    cpu: float
    floor_cpu: float
    wall: float
    floor_wall: float
    queries: int
    # Of the answer, and of the memory that it took at most: in KiB.
    size: float
    memory: float
    rounds: int
    by_time: bool
    # Of requests to a server: how many per second, and how long they took.
    note: str = ""

    @property
    def cost(self) -> float:
        """The milliseconds that are compared: of CPU, or of time if other processes work."""
        return self.wall if self.by_time else self.cpu


class Server:
    """The CPU of the process that answers this one's queries, with that of its workers."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self._process,) = cursor.fetchone()
        # Parallel workers end with a query; their CPU is then that of the parent's children.
        self._parent = int(_fields(self._process)[1])
        self._before = self._now()

    def _now(self) -> float:
        nanoseconds = int((PROCESSES / f"{self._process}/schedstat").read_text().split()[0])
        ended = sum(map(int, _fields(self._parent)[13:15]))
        return nanoseconds / 1e9 + ended / TICKS

    def seconds(self) -> float:
        """Return the CPU since this was made."""
        return self._now() - self._before


def _fields(process: int) -> list[str]:
    """Return the fields of a process's `stat` that follow its name, which may have blanks."""
    return (PROCESSES / f"{process}/stat").read_text().rpartition(") ")[2].split()


def measure(case: Case, world: World, rounds: int = ROUNDS) -> Result:
    """Measure a case and its floor in turn, slow ones in fewer rounds."""
    queries, size, memory, seconds = _first_run(case, world)
    if seconds > SLOW_SECONDS:
        rounds = 1 if seconds > VERY_SLOW_SECONDS else min(rounds, 2)
    samples, floors = [], []
    for _round in range(rounds):
        floors.append(_sample(case.floor.prepare, world, once=case.once))
        samples.append(_sample(case.prepare, world, once=case.once))
    compared = "wall" if case.by_time else "cpu"
    pairs = zip(samples, floors, strict=True)
    return Result(
        case.name,
        case.group,
        case.floor.name,
        times=statistics.median(getattr(s, compared) / getattr(f, compared) for s, f in pairs),
        cpu=_milliseconds(sample.cpu for sample in samples),
        floor_cpu=_milliseconds(floor.cpu for floor in floors),
        wall=_milliseconds(sample.wall for sample in samples),
        floor_wall=_milliseconds(floor.wall for floor in floors),
        queries=queries,
        size=size / 1024,
        memory=memory,
        rounds=rounds,
        by_time=case.by_time,
        note=_note(samples, floors),
    )


def _note(samples: list[Sample], floors: list[Sample]) -> str:
    """Return the requests per second, and the median and 95th percentile of their time."""
    answers = sorted(seconds for sample in samples for seconds in sample.answers)
    if not answers:
        return ""
    rates = [statistics.median(len(s.answers) / s.wall for s in some) for some in (samples, floors)]
    percentile = answers[round(len(answers) * 0.95) - 1]
    return (
        f": {rates[0]:.0f} per second, floor {rates[1]:.0f};"
        f" median {statistics.median(answers) * 1000:.0f} ms, p95 {percentile * 1000:.0f} ms"
    )


def _milliseconds(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1000


def _first_run(case: Case, world: World) -> tuple[int, int, int, float]:
    """Return queries, bytes of the answer, KiB that memory grew by, and seconds of one call.

    Of the second call if possible: the first one also reads what later ones know.
    """
    with case.prepare(world) as work:
        found = _looked_at(work)
        return found if case.once or found[-1] > SLOW_SECONDS else _looked_at(work)


def _looked_at(work: Callable[[], Any]) -> tuple[int, int, int, float]:
    queries = _Queries()
    with connection.execute_wrapper(queries):
        before = _memory("VmRSS")
        # Forget the highest memory so far.
        (PROCESSES / "self/clear_refs").write_text("5")
        start = time.perf_counter()
        answer = work()
        seconds = time.perf_counter() - start
        grew = max(_memory("VmHWM") - before, 0)
    return queries.number, len(getattr(answer, "content", b"")), grew, seconds


class _Queries:
    """Counts queries without keeping them, which would take memory."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.number += 1
        return execute(*arguments)


def _memory(name: str) -> int:
    lines = (PROCESSES / "self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])


def _sample(prepare: Prepare, world: World, *, once: bool) -> Sample:
    with prepare(world) as work:
        server, calls = Server(), 0
        cpu, start = time.process_time(), time.perf_counter()
        while calls == 0 or not once and time.perf_counter() - start < LEAST_SECONDS:
            elsewhere = work()
            calls += 1
        wall = time.perf_counter() - start
        cpu = time.process_time() - cpu + server.seconds()
        if isinstance(elsewhere, OtherProcesses):
            cpu += elsewhere.cpu
            return Sample(cpu / calls, wall / calls, elsewhere.answers)
    return Sample(cpu / calls, wall / calls)
