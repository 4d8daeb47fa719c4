"""If the demo is killed, nothing that it started goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from jasper_inventory.devserver import postgres
from tests.servers import cleared_up, query

# Starts the database and a child, as run_demo does, prints the child's process number, and waits
# for the end of its input.
DEMO = """
import subprocess, sys
from pathlib import Path
from jasper_inventory.devserver import postgres
from jasper_inventory.devserver.guard import guarding
base = Path(sys.argv[1])
with guarding(base, is_embedded=True) as guarded:
    postgres.start(base)
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    guarded(child.pid)
    print(child.pid, flush=True)
    sys.stdin.read()
    child.terminate()
    child.wait()
"""


@pytest.fixture
def base(tmp_path):
    with cleared_up(tmp_path) as base:
        yield base


def started(base):
    environment = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR)}
    demo = subprocess.Popen(
        [sys.executable, "-c", DEMO, str(base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    return demo, int(demo.stdout.readline())


def is_there(pid):
    """Whether a process runs; one that ended and waits for its parent doesn't."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def holds(condition):
    for _attempt in range(300):
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_a_killed_demo_leaves_neither_its_processes_nor_its_database(base):
    demo, child = started(base)
    with demo:
        demo.kill()
    assert holds(lambda: not is_there(child))
    assert holds(lambda: not postgres._is_running(base))


def test_a_database_that_another_command_uses_goes_on(base):
    postgres.start(base)
    demo, child = started(base)
    with demo:
        demo.send_signal(signal.SIGKILL)

    assert holds(lambda: not is_there(child))
    assert query(base, "SELECT 1") == 1


def test_a_demo_that_ends_by_itself_ends_its_guard(base):
    demo, child = started(base)
    with demo:
        demo.stdin.close()
        assert demo.wait(timeout=60) == 0
    assert not is_there(child)
