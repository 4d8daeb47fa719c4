"""The test run's databases: migrated once, then copied for each worker.

A copy takes less than a second where the migrations take twenty. The template outlives the run;
its name says which migrations made it.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

PREFIX = "template_jasper_inventory_"
# Any number that nothing else in the server locks.
LOCK = 7_401_120


def template():
    """The name of a database with all migrations applied; made where it is missing.

    Workers that ask at the same time wait for the one that makes it. Templates of other
    migrations are dropped.
    """
    name = PREFIX + _digest()
    with _locked() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        found = {row[0] for row in cursor.fetchall()}
        for old in found - {name}:
            cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        if name not in found:
            _make(f"{name}_unfinished")
            cursor.execute(f'ALTER DATABASE "{name}_unfinished" RENAME TO "{name}"')
    return name


def _digest():
    """Of the migrations of all apps. What a copy still lacks, Django's `migrate` adds to it."""
    digest = hashlib.sha256()
    for config in apps.get_app_configs():
        for file in sorted(Path(config.path).glob("migrations/*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _locked():
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor


def _make(name):
    test = connection.settings_dict["TEST"]
    before, usual = connection.settings_dict["NAME"], test["NAME"]
    test["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    finally:
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before
        test["NAME"] = usual
