"""The embedded database survives crashes, races and unusual directories."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from jasper_inventory.devserver import postgres
from tests.servers import cleared_up, query

CHECKOUT = Path(postgres.__file__).parents[2]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with a server that the tests share, since creating one takes a second."""
    with cleared_up(tmp_path_factory.mktemp("base")) as base:
        yield base


@pytest.fixture
def fresh_base(tmp_path: Path) -> Iterator[Path]:
    with cleared_up(tmp_path) as base:
        yield base


@pytest.fixture
def deep_base(tmp_path: Path) -> Iterator[Path]:
    with cleared_up(tmp_path / ("deep, " * 20)) as base:
        yield base


def _query_fails(base: Path) -> bool:
    try:
        query(base, "SELECT 1")
    except psycopg2.OperationalError:
        return True
    return False


def _pid_file(base: Path) -> Path:
    return base / ".data" / "postgres" / "data" / "postmaster.pid"


def _kill(base: Path) -> None:
    os.kill(int(_pid_file(base).read_text().split()[0]), signal.SIGKILL)


def _command(base: Path, call: str) -> subprocess.Popen[str]:
    code = (
        "import sys; from pathlib import Path; from jasper_inventory.devserver import postgres\n"
        f"print(postgres.{call}(Path(sys.argv[1])), flush=True); sys.stdin.read()"
    )
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, str(base)], cwd=CHECKOUT, **pipes)


def test_survives_stop_kill_and_misleading_pid_files(base: Path) -> None:
    postgres.start(base)
    query(base, "CREATE TABLE kept AS SELECT 'yes' AS answer")
    started = query(base, "SELECT pg_postmaster_start_time()")

    postgres.start(base)
    assert query(base, "SELECT pg_postmaster_start_time()") == started

    postgres.stop(base)
    postgres.stop(base)
    assert _query_fails(base)

    # Left behind, truncated, and with a number that another process has now.
    for left_behind in (None, "", f"{os.getppid()}\n"):
        postgres.start(base)
        assert query(base, "SELECT answer FROM kept") == "yes"
        _kill(base)
        if left_behind is not None:
            _pid_file(base).write_text(left_behind)
    postgres.start(base)
    assert query(base, "SELECT answer FROM kept") == "yes"


def test_many_at_once_after_an_interrupted_first_start(fresh_base: Path) -> None:
    half_made = fresh_base / ".data" / "postgres" / "data.new" / "base"
    half_made.mkdir(parents=True)
    commands = [_command(fresh_base, "start") for _ in range(4)]
    assert [command.communicate()[0] for command in commands] == ["None\n"] * 4
    assert [command.returncode for command in commands] == [0] * 4
    assert query(fresh_base, "SELECT current_database()") == "jasper_inventory"
    assert not half_made.parent.exists()


def test_stops_only_when_unused(base: Path) -> None:
    with _command(base, "start") as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert postgres.stop_if_unused(base) is False
        assert not _query_fails(base)
        other.communicate()
    assert postgres.stop_if_unused(base) is True
    assert _query_fails(base)


def test_long_path_has_a_short_private_socket_folder(deep_base: Path) -> None:
    socket_folder = Path(postgres.database(deep_base)["HOST"])
    assert len(str(socket_folder)) < postgres.LONGEST_FOLDER

    socket_folder.symlink_to(deep_base)
    with pytest.raises(postgres.EmbeddedError, match="belongs to another user"):
        postgres.start(deep_base)
    socket_folder.unlink()

    postgres.start(deep_base)
    for folder in (socket_folder, deep_base / ".data" / "postgres"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_values_stay_out_of_the_log(base: Path) -> None:
    postgres.start(base)
    query(base, "CREATE TABLE code (code text UNIQUE)")
    query(base, "INSERT INTO code VALUES ('SECRET-CODE')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        query(base, "INSERT INTO code VALUES ('SECRET-CODE')")
    with pytest.raises(psycopg2.errors.InvalidTextRepresentation):
        query(base, "SELECT 'SECRET-CODE'::int")
    log = (base / ".data" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "SECRET" not in log


def test_orders_and_folds_letters_alike_everywhere(base: Path) -> None:
    postgres.start(base)
    assert query(base, "SELECT upper('é') || current_setting('server_encoding')") == "ÉUTF8"


def test_without_the_package(fresh_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PACKAGE", "package_that_is_not_there")
    with pytest.raises(postgres.EmbeddedError, match="Set DATABASE_URL, or install"):
        postgres.start(fresh_base)
