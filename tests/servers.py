"""Embedded PostgreSQL servers for tests."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django import db
from psycopg2.extensions import make_dsn

from jasper_inventory.devserver import postgres


@contextmanager
def cleared_up(base: Path) -> Iterator[Path]:
    base.mkdir(exist_ok=True)
    yield base
    postgres.stop(base)
    link = base / ".data" / "postgres"
    if link.is_symlink():
        shutil.rmtree(link.resolve())
    shutil.rmtree(postgres.database(base)["HOST"], ignore_errors=True)


def connect(base: Path) -> Any:
    entry = postgres.database(base)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    return psycopg2.connect(**{ours: entry[djangos] for ours, djangos in names.items()})


def fill(base: Path) -> None:
    """Copy the tests' own database, which is much faster than migrating an empty one."""
    own = db.connection.settings_dict
    # A dump needs a connection of its own.
    own = own.get("DIRECT", own)
    keys = {
        "host": "HOST",
        "port": "PORT",
        "user": "USER",
        "password": "PASSWORD",
        "dbname": "NAME",
    }
    parent = make_dsn(**{key: own[name] for key, name in keys.items() if own.get(name)})
    dump = subprocess.run(
        [
            _programs() / "pg_dump",
            "--no-owner",
            "--no-privileges",
            "--exclude-schema",
            "kept",
            parent,
        ],
        check=True,
        capture_output=True,
    )
    load(base, dump.stdout)


def load(base: Path, dump: bytes) -> None:
    """Run a dump in the database of a server."""
    entry = postgres.database(base)
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    target = make_dsn(**{key: entry[name] for key, name in keys.items() if name in entry})
    psql = [_programs() / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", target]
    subprocess.run(psql, check=True, input=dump, capture_output=True)


def _programs() -> Path:
    package = importlib.util.find_spec(postgres.PACKAGE)
    return Path(package.origin).parent / "pginstall" / "bin"


def query(base: Path, sql: str) -> Any:
    with closing(connect(base)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def configure(base: Path, **settings: str) -> None:
    """Change settings of a running server."""
    with closing(connect(base)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for name, value in settings.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = %s", [value])
        cursor.execute("SELECT pg_reload_conf()")


@contextmanager
def replica_of(base: Path, at: Path) -> Iterator[Path]:
    """A streaming replica of a server, in a folder of its own; both have the same programs."""
    with cleared_up(at):
        (at / ".data").mkdir()
        # As `postgres.start` does it, but with a copy of the other server's data.
        folder = postgres._server_folder(at)
        # The server's user may be unable to follow the link to the other's folder.
        socket = Path(postgres.database(base)["HOST"]).resolve()
        primary = ["--host", socket, "--username", postgres.USER]
        copy = ["--pgdata", folder / "data", "--checkpoint", "fast", "--write-recovery-conf"]
        program = postgres._programs(folder) / "pg_basebackup"
        postgres._call([program, *primary, *copy], folder)
        postgres.start(at)
        yield at
