"""`migrate` runs once at a time, and can be repeated wherever it was killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from tests import sites

pytestmark = pytest.mark.django_db(transaction=True)
# Longer than a run takes that isn't killed. More kills: MIGRATE_KILLS=100.
KILLS = int(os.environ.get("MIGRATE_KILLS", "4"))
STATE = """
    SELECT string_agg(one, E'\\n' ORDER BY one) FROM (
        SELECT format('%s %s', app, name) FROM django_migrations
        UNION ALL SELECT format('%s %s %s', table_name, column_name, data_type)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT pg_get_indexdef(indexrelid) || indisvalid FROM pg_index
        WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
        UNION ALL SELECT tgrelid::regclass || pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s %s', level, name) FROM accounts_organization
        UNION ALL SELECT codename FROM auth_permission
        UNION ALL SELECT format('group %s', count(*)) FROM auth_group_permissions
    ) AS found (one)
"""


@pytest.fixture
def empty():
    """The environment of a site with an empty database, and a function that asks it."""
    own = getattr(connection.settings_dict, "DIRECT", connection.settings_dict)
    name = f"{own['NAME']}_migrate"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')

    def ask(sql):
        names = {"host": own["HOST"], "port": own["PORT"], "user": own["USER"], "dbname": name}
        names["password"] = own["PASSWORD"] or None
        with closing(psycopg2.connect(**names)) as other, other.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    try:
        yield sites.environment(sites.url_of(own, NAME=name)), ask
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def begun(environment):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def migrated(ask):
    """How many migrations are recorded."""
    return ask("SELECT count(*) FROM django_migrations")


def test_two_first_starts_at_once_both_succeed(empty):
    environment, ask = empty
    both = [begun(environment), begun(environment)]
    assert [process.wait(sites.LONGEST) for process in both] == [0, 0]
    assert ask("SELECT count(*) FROM accounts_organization") == 1
    whole = ask(STATE)

    sites.manage(environment, "migrate", "--verbosity", "0")
    assert ask(STATE) == whole


def test_a_killed_run_can_be_repeated(empty):
    """At several moments: the last kills come while rows, permissions and the cache are created."""
    environment, ask = empty
    began = time.monotonic()
    for kill in range(KILLS):
        process = begun(environment)
        # From before its first statement to its end, in even steps.
        time.sleep(1.0 + 8.0 * kill / KILLS)
        process.send_signal(signal.SIGKILL)
        process.wait(sites.LONGEST)
    assert time.monotonic() > began
    sites.manage(environment, "migrate", "--verbosity", "0")
    sites.manage(environment, "migrate", "--check", "--verbosity", "0")
    assert ask("SELECT count(*) FROM accounts_organization") == 1
    assert ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert ask("SELECT to_regclass('cache') IS NOT NULL")
