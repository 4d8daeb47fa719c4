"""Measure the site beside its floors: python -m benchmarks --help."""

import argparse
import json
import platform
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks import FOLDER, databases
from benchmarks.measuring import ROUNDS, Case, Result, measure
from benchmarks.pages import all_pages
from benchmarks.redeem import all_redemptions
from benchmarks.report import Runs, curves, growth, table
from benchmarks.throughput import throughput
from benchmarks.work import all_work
from benchmarks.world import World

SIZES = (1_000, 10_000)
PAGE = settings.BASE_DIR / "docs" / "performance.md"
IMAGES = settings.BASE_DIR / "docs" / "images"
# The part of the page that --write replaces.
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)


def arguments() -> argparse.Namespace:
    """Return the options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    sizes = ", ".join(map(str, SIZES))
    parser.add_argument(
        "--size", type=int, action="append", metavar="ORDERS", help=f"instead of {sizes}"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name contains it")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, metavar="N", help=f"instead of {ROUNDS}"
    )
    parser.add_argument("--list", action="store_true", help="list the cases")
    parser.add_argument(
        "--resume", action="store_true", help="skip what was measured at this commit"
    )
    parser.add_argument(
        "--write", action="store_true", help=f"write all figures into {PAGE.name}, with drawings"
    )
    parser.add_argument(
        "--write-only", action="store_true", help="write the figures of earlier runs"
    )
    return parser.parse_args()


def chosen(only: str) -> list[Case]:
    """Return the cases whose group and name contain the text."""
    cases = [*all_pages(), *all_work(), *all_redemptions(), *throughput()]
    return [case for case in cases if only.lower() in f"{case.group}: {case.name}".lower()]


def main() -> None:
    """Do what the command's options say."""
    options = arguments()
    cases = chosen(options.only)
    if options.list:
        print("\n".join(f"{case.group}: {case.name}" for case in cases))
        return
    # Stopped from outside, it still deletes what it made.
    signal.signal(signal.SIGTERM, lambda *_received: sys.exit(1))
    if not options.write_only:
        measure_sizes(options, cases)
    if options.write or options.write_only:
        write(kept_runs())


def measure_sizes(options: argparse.Namespace, cases: list[Case]) -> None:
    """Measure each size and print its table."""
    call_command("collectstatic", interactive=False, verbosity=0)
    for size in options.size or SIZES:
        kept = _kept(size) if options.resume else {}
        known = {name: Result(**one) for name, (at, one) in kept.items() if at == commit() != ""}
        left = [case for case in cases if f"{case.group}: {case.name}" not in known]
        results = run(size, left, options.rounds, list(known.values()))
        print("\n".join(table(results)), flush=True)


def run(size: int, cases: Iterable[Case], rounds: int, known: list[Result]) -> list[Result]:
    """Measure cases at one size; show and keep each as soon as it is known."""
    if not cases:
        return known
    seconds = databases.use(size)
    if seconds:
        print(f"{size:,} orders were loaded in {seconds:.0f} s.", file=sys.stderr)
    world, results = World(size), [*known]
    for case in cases:
        try:
            last = measure(case, world, rounds)
        except Exception:
            # The others are still worth the hours.
            traceback.print_exc()
            continue
        results.append(last)
        keep(size, last)
        print(
            f"{size:>9,} {last.times:9.2f} x {last.cost:10.1f} ms {last.queries:4} queries"
            f"  {last.group}: {last.name}{last.note}",
            file=sys.stderr,
            flush=True,
        )
    return results


def commit() -> str:
    """Return the commit that is measured, also if files were changed since; "" without git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _kept(size: int) -> dict[str, list[Any]]:
    """Return what is known of a size, by name: the commit, and the figures."""
    file = FOLDER / f"{size}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def keep(size: int, result: Result) -> None:
    """Keep the figures of one case and size until it is measured again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = _kept(size) | {f"{result.group}: {result.name}": [commit(), asdict(result)]}
    (FOLDER / f"{size}.json").write_text(json.dumps(kept, indent=1))


def kept_runs() -> Runs:
    """Return the kept figures of all sizes, of the cases that still exist."""
    sizes = sorted(int(file.stem) for file in FOLDER.glob("[0-9]*.json"))
    names = [f"{case.group}: {case.name}" for case in chosen("")]
    kept = {size: _kept(size) for size in sizes}
    return {
        size: [Result(**kept[size][name][1]) for name in names if name in kept[size]]
        for size in sizes
    }


def machine() -> str:
    """Return the machine and the versions that were measured."""
    info = Path("/proc/cpuinfo").read_text()
    processor = re.search(r"model name\s*: (.*)", info)
    name = processor[1] if processor else platform.machine()
    cores = info.count("processor\t:")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return (
        f"{cores} cores ({name}), Python {platform.python_version()}, Django"
        f" {django.get_version()}, PostgreSQL {server}."
    )


def write(runs: Runs) -> None:
    """Write figures and drawings into the documentation."""
    sizes = "× floor, and in brackets ms of CPU (redeeming: of time), by number of orders:"
    parts = [machine(), "", "### Growth", "", sizes, "", *growth(runs), ""]
    groups = dict.fromkeys(result.group for results in runs.values() for result in results)
    for group in groups:
        name = "growth-" + re.sub(r"\W+", "-", group.lower()).strip("-") + ".svg"
        (IMAGES / name).write_text(curves(runs, group))
        parts.append(f"![{group}: CPU by number of orders](images/{name})")
    largest = max(runs)
    parts += ["", f"### {largest:,} orders", "", *table(runs[largest])]
    text = "\n".join(parts) + "\n\n"
    PAGE.write_text(FIGURES.sub(lambda _match: text, PAGE.read_text()))


if __name__ == "__main__":
    main()
