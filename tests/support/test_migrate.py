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
KILLS = int(os.environ.get("MIGRATE_KILLS", "0"))
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
    own = connection.settings_dict.get("DIRECT", connection.settings_dict)
    name = f"{own['NAME']}_migrate"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')

    def ask(sql):
        names = {"host": own["HOST"], "port": own["PORT"], "user": own["USER"], "dbname": name}
        names["password"] = own["PASSWORD"] or None
        with closing(psycopg2.connect(**names)) as other, other.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchone()[0]
            other.commit()
            return found

    try:
        yield sites.environment(sites.url_of(own, NAME=name)), ask
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# Runs migrate, and kills it before a migration of an app is recorded, or before a call.
KILLED = """
import os, signal, sys
from django.core.management import execute_from_command_line
from django.core.management.commands import createcachetable
from django.db.migrations.recorder import MigrationRecorder
at = sys.argv[1]
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def record(self, app, name, recorded=MigrationRecorder.record_applied):
    if app == at:
        die()
    recorded(self, app, name)
MigrationRecorder.record_applied = record
if at == "cache":
    createcachetable.Command.handle = lambda *args, **options: die()
execute_from_command_line(["manage.py", "migrate", "--verbosity", "0"])
"""


def killed(environment, at):
    command = [sys.executable, "-c", KILLED, at]
    run = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, timeout=sites.LONGEST)
    assert run.returncode == -signal.SIGKILL


def begun(environment):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def test_killed_anywhere_it_can_be_repeated_also_by_two_at_once(empty):
    environment, ask = empty
    # Both create indexes and foreign keys after their tables.
    killed(environment, "auth")
    killed(environment, "accounts")
    killed(environment, "licenses")

    both = [begun(environment), begun(environment)]
    assert [process.wait(sites.LONGEST) for process in both] == [0, 0]
    whole = ask(STATE)
    assert ask("SELECT count(*) FROM accounts_organization") == 1

    ask("DELETE FROM auth_group_permissions; DROP TABLE cache; SELECT 1")
    killed(environment, "cache")
    sites.manage(environment, "migrate", "--verbosity", "0")
    assert ask(STATE) == whole


def test_a_run_killed_at_any_moment_can_be_repeated(empty):
    """At even steps of its time. Slow, so there are few: MIGRATE_KILLS sets their number."""
    environment, ask = empty
    for kill in range(KILLS):
        process = begun(environment)
        time.sleep(1.0 + 10.0 * kill / KILLS)
        process.kill()
        process.wait(sites.LONGEST)
    if KILLS:
        sites.manage(environment, "migrate", "--verbosity", "0")
        assert ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
        assert ask("SELECT count(*) FROM accounts_organization") == 1
