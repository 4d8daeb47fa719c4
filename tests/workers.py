"""Worker processes of the tests, on a database server of their own."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

from django.conf import settings

from jasper_inventory.devserver import postgres
from tests.servers import query

LONGEST = 120
LEASE = 2


def environment(base):
    entry = postgres.database(base)
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{entry['USER']}@/{entry['NAME']}?host={entry['HOST']}",
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "jasper_inventory.settings",
        "QUEUE_LEASE_SECONDS": str(LEASE),
    }


@contextmanager
def worker(base, **extra):
    """A worker process; it is killed at the end if it still runs."""
    command = [sys.executable, "manage.py", "db_worker", "--interval", "0.1"]
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment(base) | extra,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def queue(base, *jobs):
    """Queue tasks: each is the module, the name and the arguments."""
    lines = ["import django", "django.setup()"]
    for module, name, *arguments in jobs:
        lines += [f"from {module} import {name}", f"{name}.enqueue(*{arguments!r})"]
    subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=settings.BASE_DIR,
        env=environment(base),
        check=True,
        timeout=LONGEST,
    )


def becomes(base, sql, expected=True):
    """Whether a query has this result in time."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        if query(base, sql) == expected:
            return True
        time.sleep(0.05)
    return False
