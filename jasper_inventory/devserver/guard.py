"""A process that ends what the demo started if the demo itself is killed.

It reads the demo's pipe, which the system closes when the demo ends in whatever way.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jasper_inventory.devserver import postgres

DONE = "done"
_PAUSE = 0.05


@contextmanager
def guarding(base: Path, *, is_embedded: bool) -> Iterator[Callable[[int], None]]:
    """Guard what is started in this block.

    Yield a function that takes the process ids of children with a session of their own. If this
    process is killed, they are ended, and so is the embedded database at `base`, unless others use
    it.
    """
    folders = [str(base)] if is_embedded else []
    command = [sys.executable, "-m", __name__, str(os.getpid()), *folders]
    # In a session of its own, so that Ctrl-C doesn't end it.
    process = subprocess.Popen(
        command, cwd=base, stdin=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        yield lambda pid: _tell(process, str(pid))
        _tell(process, DONE)


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    # It may have been killed, too.
    with suppress(BrokenPipeError):
        print(line, file=process.stdin, flush=True)


def _guard(lines: Iterator[str], starter: int, folders: list[str]) -> None:
    """Wait for the end of the process that started this one, then end what it left."""
    children = []
    for line in lines:
        if line.strip() == DONE:
            return
        children.append(int(line))
    # The system closes the pipe a moment before the lock on the database.
    while os.getppid() == starter:
        time.sleep(_PAUSE)
    for pid in reversed(children):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
    for folder in folders:
        postgres.stop_if_unused(Path(folder))


if __name__ == "__main__":
    _guard(iter(sys.stdin), int(sys.argv[1]), sys.argv[2:])
