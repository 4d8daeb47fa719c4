"""A command whose output can't be written ends with one line, or quietly if its reader stopped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.commands import OURS

COMMANDS = [*OURS, "migrate", "check", "showmigrations"]


def started(*arguments, stdout):
    environment = {**os.environ, "DEBUG": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


def closed_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_line_and_a_failure(name):
    assert name in get_commands()
    with open("/dev/full", "w") as full:
        ended = started(name, "--help", stdout=full)

    assert ended.returncode == 1
    assert ended.stderr == "Error: the output can't be written: No space left on device\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_has_enough_ends_a_command_quietly(name):
    pipe = closed_pipe()
    ended = started(name, "--help", stdout=pipe)
    os.close(pipe)

    assert ended.returncode == 1
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("arguments", [["check"], ["diffsettings", "--all"], ["version"]])
def test_output_that_a_command_writes_itself_fails_alike(arguments):
    with open("/dev/full", "w") as full:
        ended = started(*arguments, stdout=full)

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
