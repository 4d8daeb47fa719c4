"""The databases that are measured: one for each size, kept between runs."""

import hashlib
import time
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from jasper_inventory.demo.large import loader
from jasper_inventory.lib.time_limits import batch_work

PREFIX = "benchmark_"
# Per 100 orders: one organization; per order: codes and students.
FEWEST_ORGANIZATIONS, CODES, STUDENTS = 100, 10, 6


def size_of(orders: int) -> loader.Size:
    """Return how much is loaded with this number of orders."""
    organizations = max(FEWEST_ORGANIZATIONS, orders // 100)
    return loader.Size(
        organizations=organizations,
        orders=orders,
        codes=CODES * orders,
        students=STUDENTS * orders,
    )


def _digest() -> str:
    """Return the digest of all that makes a database: migrations and the generator."""
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()]
    folders = [folder for folder in folders if folder.is_relative_to(settings.BASE_DIR)]
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    generator = sorted(Path(loader.__file__).parent.iterdir())
    files += [path for path in generator if path.suffix in (".py", ".toml")]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def use(orders: int) -> float:
    """Connect to the database of this size; return the seconds that loading it took, or 0.

    It is made if it doesn't exist, and older ones of this size are dropped.
    """
    name = f"{PREFIX}{orders}_{_digest()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        existing = {row[0] for row in cursor.fetchall()}
        if name in existing:
            _connect(name)
            return 0
        for old in existing:
            if old.startswith(f"{PREFIX}{orders}_"):
                cursor.execute(f'DROP DATABASE "{old}"')
        unfinished = f"{PREFIX}{orders}_unfinished"
        cursor.execute(f'CREATE DATABASE "{unfinished}"')
    _connect(unfinished)
    with batch_work():
        call_command("migrate", verbosity=0)
        start = time.perf_counter()
        loader.load(size_of(orders), seed=1)
        seconds = time.perf_counter() - start
    with connection.cursor() as cursor:
        # The limits of batch work are those of a transaction, which allows no VACUUM.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    _connect(name)
    return seconds


def _connect(name: str) -> None:
    connection.close()
    # The process that answers must stay the same while it is measured.
    connection.settings_dict |= {"NAME": name, "CONN_MAX_AGE": None}
