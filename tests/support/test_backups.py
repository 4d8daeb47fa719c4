"""`backup` and `restore`: a restored database has what the original had, and it is checked."""

import json
import os
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from jasper_inventory.devserver import postgres
from licenses.models import Order
from tests import factories, sites
from tests.commands import refusal, run
from tests.machines.programs import required

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(admin):
    order = factories.order(factories.CODES, assigned_to=admin.organization)
    factories.codes(order)
    return order


@pytest.fixture
def direct():
    return connection.settings_dict.get("DIRECT", connection.settings_dict)


@pytest.fixture
def programs():
    if not settings.EMBEDDED_DATABASE:
        return settings.POSTGRES_PROGRAMS
    return str(postgres.programs(settings.BASE_DIR))


@pytest.fixture
def fresh(direct, programs):
    """The environment of a site with an empty database, and a connection to it."""
    name = f"{direct['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    names = {"host": direct["HOST"], "port": direct["PORT"], "user": direct["USER"]}
    try:
        environment = sites.environment(sites.url_of(direct, NAME=name))
        with closing(psycopg2.connect(**names, dbname=name)) as other:
            other.autocommit = True
            yield environment | {"POSTGRES_PROGRAMS": programs}, other
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def written(folder):
    (dump,) = [file for file in folder.iterdir() if file.suffix != ".json"]
    return dump


def refused(environment, *words):
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    return done.stderr


def test_a_restored_backup_has_every_row_and_goes_on_with_the_numbers(filled, fresh, tmp_path):
    environment, restored = fresh
    assert "not encrypted" in run("backup", "--into", tmp_path)
    dump = written(tmp_path)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in tmp_path.iterdir())

    shown = sites.manage(environment, "restore", str(dump))

    assert f"The next order number is {filled.number + 1}." in shown
    assert "All counters are correct." in shown
    with restored.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM activation_codes_activationcode")
        assert cursor.fetchone() == (5,)
        cursor.execute("SELECT nextval('licenses_order_number')")
        assert cursor.fetchone() == (filled.number + 1,)
    assert "The database isn't empty." in refused(environment, "restore", str(dump))


def test_a_damaged_backup_is_refused_before_anything_is_restored(filled, fresh, tmp_path):
    environment, restored = fresh
    run("backup", "--into", tmp_path)
    dump = written(tmp_path)
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)

    assert "is damaged" in refused(environment, "restore", str(dump))
    with restored.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchone() == (0,)


def test_rows_that_are_missing_after_a_restore_are_named(filled, fresh, tmp_path):
    environment, _restored = fresh
    run("backup", "--into", tmp_path)
    dump = written(tmp_path)
    facts = dump.with_name(f"{dump.name}.json")
    found = json.loads(facts.read_text())
    found["rows"]["licenses_order"] += 1
    facts.write_text(json.dumps(found))

    assert "licenses_order: 1 rows instead of 2" in refused(environment, "restore", str(dump))


@pytest.fixture
def age_keys(tmp_path):
    """A recipient, what its owner adds to `restore`, and the environment of its programs."""
    key = tmp_path / "key.txt"
    keygen = Path(required("age")).with_name("age-keygen")
    subprocess.run([keygen, "--output", key], check=True, capture_output=True)
    shown = subprocess.run([keygen, "-y", key], check=True, capture_output=True, text=True)
    return shown.stdout.strip(), ["--identity", str(key)], {}


@pytest.fixture
def gpg_keys(tmp_path):
    home = tmp_path / "keys"
    home.mkdir(mode=0o700)
    own = {"GNUPGHOME": str(home)}
    gpg = [required("gpg"), "--batch", "--quiet", "--passphrase", ""]
    generate = [*gpg, "--quick-generate-key", "backups@example.com"]
    subprocess.run(generate, check=True, env={**os.environ, **own})
    yield "backups@example.com", [], own
    subprocess.run(["gpgconf", "--kill", "all"], env={**os.environ, **own})


@pytest.mark.parametrize("program", ["age", "gpg"])
def test_a_backup_is_encrypted_for_its_recipient(
    program, filled, fresh, tmp_path, settings, monkeypatch, request
):
    environment, restored = fresh
    recipient, identity, own = request.getfixturevalue(f"{program}_keys")
    settings.BACKUP_RECIPIENT = recipient
    for name, value in own.items():
        monkeypatch.setenv(name, value)

    assert ", encrypted." in run("backup", "--into", tmp_path / "backups")
    dump = written(tmp_path / "backups")
    assert dump.name.endswith(f".dump.{program}")
    assert b"PGDMP" not in dump.read_bytes()
    if program == "age":
        other = tmp_path / "other.txt"
        keygen = Path(required("age")).with_name("age-keygen")
        subprocess.run([keygen, "--output", other], check=True, capture_output=True)
        assert "age failed" in refused(environment, "restore", str(dump), "--identity", str(other))
    shown = sites.manage(environment | own, "restore", str(dump), *identity)

    assert "All counters are correct." in shown
    with restored.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM activation_codes_activationcode")
        assert cursor.fetchone() == (5,)


def test_a_backup_that_fails_leaves_nothing(filled, tmp_path, settings):
    settings.BACKUP_RECIPIENT = "nobody@example.com"
    assert Order.objects.exists()
    refusal("backup", "--into", tmp_path)
    assert list(tmp_path.iterdir()) == []
