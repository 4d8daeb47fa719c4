"""A command whose output can't be written ends with one line, or quietly if its reader stopped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.commands import OURS

COMMANDS = [*OURS, "migrate", "check", "showmigrations"]
# Django or the command itself writes, not the parser of arguments.
WRITING = [["check"], ["diffsettings", "--all"], ["version"]]
FULL, CLOSED = "full disk", "closed pipe"

# Starting Django takes longer than a command: one process starts it, and each command is run by a
# copy of that process, which ends as any other. Writes exit codes and errors as JSON.
RUN_EACH = f"""
import gc, json, os, sys, tempfile
import django
import manage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
django.setup()
# No copy has to clear away what it shares with the others.
gc.freeze()
output, *commands = json.loads(sys.argv[1])
results = []
for arguments in commands:
    with tempfile.TemporaryFile("w+") as errors:
        child = os.fork()
        if child == 0:
            os.dup2(errors.fileno(), 2)
            if output == "{CLOSED}":
                reading, writing = os.pipe()
                os.close(reading)
                os.dup2(writing, 1)
            else:
                os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
            sys.argv = ["manage.py", *arguments]
            manage.main()
            sys.exit()
        _pid, status = os.waitpid(child, 0)
        errors.seek(0)
        results.append([os.waitstatus_to_exitcode(status), errors.read()])
json.dump(results, sys.stdout)
"""


def ended(output, commands):
    """How each command ends with this output: {its words: (exit code, errors)}."""
    run = subprocess.run(
        [sys.executable, "-c", RUN_EACH, json.dumps([output, *commands])],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEBUG": "1"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=250,
        check=True,
    )
    results = json.loads(run.stdout)
    words = [" ".join(arguments) for arguments in commands]
    return dict(zip(words, map(tuple, results), strict=True))


@pytest.fixture(scope="module")
def full_disk():
    if not Path("/dev/full").exists():
        pytest.skip("only Linux has /dev/full")
    return ended(FULL, [*([name, "--help"] for name in COMMANDS), *WRITING])


@pytest.fixture(scope="module")
def closed_pipe():
    return ended(CLOSED, [[name, "--help"] for name in COMMANDS])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_line_and_a_failure(full_disk, name):
    assert name in get_commands()
    line = "Error: the output can't be written: No space left on device\n"
    assert full_disk[f"{name} --help"] == (1, line)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_has_enough_ends_a_command_quietly(closed_pipe, name):
    assert closed_pipe[f"{name} --help"] == (1, "")


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_output_that_a_command_writes_itself_fails_alike(full_disk, arguments):
    code, errors = full_disk[" ".join(arguments)]
    assert code == 1
    assert len(errors.splitlines()) == 1


def test_a_command_started_on_its_own_ends_alike():
    """As a user starts it; the other tests start one process for all commands."""
    reading, writing = os.pipe()
    os.close(reading)
    alone = subprocess.run(
        [sys.executable, "manage.py", "check", "--help"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEBUG": "1"},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(writing)
    assert (alone.returncode, alone.stderr) == (1, "")
