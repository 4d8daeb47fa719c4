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
    package = importlib.util.find_spec(postgres.PACKAGE)
    programs = Path(package.origin).parent / "pginstall" / "bin"
    own = db.connection.settings_dict
    keys = {
        "host": "HOST",
        "port": "PORT",
        "user": "USER",
        "password": "PASSWORD",
        "dbname": "NAME",
    }
    parent = make_dsn(**{key: own[name] for key, name in keys.items() if own.get(name)})
    entry = postgres.database(base)
    target = make_dsn(**{key: entry[name] for key, name in keys.items() if name in entry})
    dump = subprocess.run(
        [programs / "pg_dump", "--no-owner", "--exclude-schema", "kept", parent],
        check=True,
        capture_output=True,
    )
    load = [programs / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", target]
    subprocess.run(load, check=True, input=dump.stdout, capture_output=True)


def query(base: Path, sql: str) -> Any:
    with closing(connect(base)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None
