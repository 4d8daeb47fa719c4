"""The test run's databases: migrated once, then copied for each worker.

A copy takes less than a second where the migrations take twenty. The template outlives the run;
its name says which migrations made it. Tests that commit leave the database as the template is:
only the tables that they wrote to are cleared, where Django's flush truncates them all.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

PREFIX = "template_jasper_inventory_"
# Any number that nothing else in the server locks.
LOCK = 7_401_120

# Keep the rows of the migrations in the schema "kept", and a function that restores them. All is
# cleared before any row is restored, and constraints are checked before triggers work again:
# PostgreSQL changes no table whose checks are due.
KEEP = """
CREATE SCHEMA kept;
DO $$
DECLARE
    name text;
    filled bool;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (TABLE public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
        END IF;
    END LOOP;
END $$;
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    filled bool;
    changed bool;
    columns text;
    written text[] := '{}';
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    FOR name, filled IN
        SELECT tablename, to_regclass(format('kept.%I', tablename)) IS NOT NULL
        FROM pg_tables WHERE schemaname = 'public'
    LOOP
        IF filled THEN
            EXECUTE format(
                'WITH now AS (SELECT t::text FROM public.%1$I t),'
                ' before AS (SELECT t::text FROM kept.%1$I t)'
                ' SELECT EXISTS (TABLE now EXCEPT TABLE before)'
                ' OR EXISTS (TABLE before EXCEPT TABLE now)',
                name
            ) INTO changed;
        ELSE
            EXECUTE format('SELECT EXISTS (TABLE public.%I)', name) INTO changed;
        END IF;
        IF changed THEN
            written := written || name;
            EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER USER', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY written LOOP
        EXECUTE format('DELETE FROM public.%I', name);
    END LOOP;
    FOREACH name IN ARRAY written LOOP
        IF to_regclass(format('kept.%I', name)) IS NOT NULL THEN
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = format('public.%I', name)::regclass AND attnum > 0
            AND NOT attisdropped AND attgenerated = '';
            EXECUTE format(
                'INSERT INTO public.%1$I (%2$s) SELECT %2$s FROM kept.%1$I', name, columns
            );
        END IF;
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOREACH name IN ARRAY written LOOP
        EXECUTE format('ALTER TABLE public.%I ENABLE TRIGGER USER', name);
    END LOOP;
END $$;
"""


class CommittingTestCase(TransactionTestCase):
    """A test that commits, as pytest-django runs it."""

    def _fixture_teardown(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT kept.restore()")


def template():
    """Return the name of a database with all migrations applied, created if it is missing.

    Simultaneous workers wait for the one that creates it. Templates of other
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
    digest = hashlib.sha256(KEEP.encode())
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
        with connection.cursor() as cursor:
            cursor.execute(KEEP)
        connection.close()
    finally:
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before
        test["NAME"] = usual
