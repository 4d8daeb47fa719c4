"""Backups of the database: written with what they must contain, and restored with a check of it."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from jasper_inventory.devserver import postgres
from jasper_inventory.lib.exceptions import DomainError

# The ends of the names of a backup's files.
DUMP, FACTS = ".dump", ".json"
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Facts:
    """What a backup contains, so that a restore can be compared with it."""

    taken_at: str
    sha256: str
    next_order_number: int
    rows: dict[str, int]


def write_backup(folder: Path) -> tuple[Path, Facts]:
    """Write a dump and its facts into a folder; return the dump's path.

    Both appear under their names once they are complete. They are readable by their owner only.
    """
    recipient = settings.BACKUP_RECIPIENT
    encrypt, ending = _encryption(recipient)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"inventory-{timezone.now():%Y%m%dT%H%M%SZ}{DUMP}"
    unfinished, path = folder / f"{name}.unfinished", folder / f"{name}{ending}"
    try:
        with _owned(unfinished) as file, transaction.atomic():
            snapshot, rows, number = _snapshot()
            dump = _program("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
            dump[0].append(f"--snapshot={snapshot}")
            _pipe(dump, encrypt, file)
            os.fsync(file.fileno())
        facts = Facts(timezone.now().isoformat(), _digest(unfinished), number, rows)
        with _owned(folder / f"{name}{FACTS}") as file:
            file.write(json.dumps(asdict(facts), indent=1).encode())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path, facts


def restore_backup(path: Path, identity: str = "") -> Facts:
    """Restore a backup into the database, which must be empty; compare it with its facts.

    Raises DomainError with what is wrong. Nothing is restored if the file is damaged.
    """
    facts = _facts_of(path)
    if connection.introspection.table_names():
        raise DomainError("The database isn't empty. Create a new one for the restored data.")
    if _digest(path) != facts.sha256:
        raise DomainError(f"{path.name} is damaged: its checksum isn't the one of its facts.")
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    restore = _program("pg_restore", *options, "--no-comments", into=True)
    decrypt = _decryption(path, identity)
    # The programs have connections of their own.
    connection.close()
    with path.open("rb") as file:
        _run_from(file, decrypt, restore)
    _compare(facts)
    return facts


def _compare(facts: Facts) -> None:
    found = _counts()
    wrong = [
        f"{table}: {found.get(table, 0):,} rows instead of {number:,}"
        for table, number in facts.rows.items()
        if found.get(table) != number
    ]
    number = _next_order_number()
    if number < facts.next_order_number:
        wrong.append(f"next order number: {number} instead of {facts.next_order_number}")
    if wrong:
        raise DomainError("The restored data differ from the backup. " + "; ".join(wrong))


def _snapshot() -> tuple[str, dict[str, int], int]:
    """Count what pg_dump will read: both see the database at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # It does nothing as long as pg_dump runs.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
    return snapshot, _counts(), _next_order_number()


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [table for (table,) in cursor.fetchall()]
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            (counts[table],) = cursor.fetchone()
    return counts


def _next_order_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value + is_called::int FROM licenses_order_number")
        number: int = cursor.fetchone()[0]
    return number


def _facts_of(path: Path) -> Facts:
    name = path.name.removesuffix(".age").removesuffix(".gpg")
    try:
        found = json.loads(path.with_name(f"{name}{FACTS}").read_text())
        return Facts(**found)
    except (OSError, ValueError, TypeError) as error:
        raise DomainError(f"The facts of the backup, {name}{FACTS}, can't be read.") from error


# What the programs call the parameters of a connection.
_VARIABLES = {"dbname": "PGDATABASE"} | {
    name: f"PG{name.upper()}"
    for name in ("host", "port", "user", "password", "passfile", "service", "sslmode")
    + ("sslrootcert", "sslcert", "sslkey")
}
# Programs: a command with its environment.
_Command = tuple[list[str], dict[str, str]]


def _program(name: str, *options: str, into: bool = False) -> _Command:
    """Return a command of PostgreSQL for the database of the settings."""
    database = connection.get_connection_params()
    # Not as arguments, which everyone on the machine can see.
    environment = {
        variable: str(database[name]) for name, variable in _VARIABLES.items() if name in database
    }
    if settings.EMBEDDED_DATABASE:
        folder: Path | None = postgres.programs(settings.BASE_DIR)
    else:
        folder = Path(settings.POSTGRES_PROGRAMS) if settings.POSTGRES_PROGRAMS else None
    path = folder / name if folder else _found(name)
    words = [str(path), *options]
    if into:
        words.append(f"--dbname={database['dbname']}")
    return words, {**os.environ, **environment}


def _found(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise DomainError(f"{name} isn't installed.")
    return path


def _encryption(recipient: str) -> tuple[_Command | None, str]:
    """Return the command that encrypts, if there is a recipient, and the end of the file's name."""
    if not recipient:
        return None, ""
    if recipient.startswith(("age1", "ssh-")):
        return ([_found("age"), "--recipient", recipient], {**os.environ}), ".age"
    words = ["--batch", "--trust-model", "always", "--recipient", recipient, "--encrypt"]
    return ([_found("gpg"), *words], {**os.environ}), ".gpg"


def _decryption(path: Path, identity: str) -> _Command | None:
    if path.suffix == ".age":
        return [_found("age"), "--decrypt", "--identity", identity], {**os.environ}
    if path.suffix == ".gpg":
        return [_found("gpg"), "--batch", "--decrypt"], {**os.environ}
    return None


def _pipe(first: _Command, second: _Command | None, output: IO[bytes]) -> None:
    """Run a command, and its output through another one if there is one."""
    if second is None:
        _check(first, subprocess.run(first[0], env=first[1], stdout=output))
        return
    with subprocess.Popen(first[0], env=first[1], stdout=subprocess.PIPE) as source:
        done = subprocess.run(second[0], env=second[1], stdin=source.stdout, stdout=output)
        _check(second, done)
    _check(first, source)


def _run_from(file: IO[bytes], first: _Command | None, second: _Command) -> None:
    if first is None:
        _check(second, subprocess.run(second[0], env=second[1], stdin=file))
        return
    with subprocess.Popen(first[0], env=first[1], stdin=file, stdout=subprocess.PIPE) as source:
        done = subprocess.run(second[0], env=second[1], stdin=source.stdout)
    _check(first, source)
    _check(second, done)


def _check(command: _Command, done: Any) -> None:
    if done.returncode:
        raise DomainError(f"{Path(command[0][0]).name} failed; see its message above.")


@contextmanager
def _owned(path: Path) -> Iterator[IO[bytes]]:
    """Create a file that only its owner can read."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        yield file


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
