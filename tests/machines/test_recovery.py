"""Point-in-time recovery, as the docs for operators describe it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from jasper_inventory.devserver import postgres
from tests import servers, sites

pytestmark = pytest.mark.django_db
NEW = "UPDATE accounts_organization SET name = '{}' WHERE level = 0 RETURNING name"


def folder_for(path, base):
    """A folder that the server's user may write to."""
    path.mkdir()
    postgres._give(path, postgres._owner(postgres._server_folder(base)))
    return path


def restart(base):
    postgres.stop(base)
    postgres.start(base)


def test_a_server_returns_to_the_moment_before_a_mistake(tmp_path, django_db_blocker):
    at = Path("/tmp") / f"jasper-recovery-{tmp_path.parent.name}"
    shutil.rmtree(at, ignore_errors=True)
    at.mkdir(mode=0o755)
    try:
        with servers.cleared_up(at / "server") as base:
            postgres.start(base)
            with django_db_blocker.unblock():
                servers.fill(base)
            archive = folder_for(at / "archive", base)
            servers.configure(
                base,
                archive_mode="on",
                archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f",
            )
            restart(base)
            folder = postgres._server_folder(base)
            copy = folder / "base"
            socket = Path(postgres.database(base)["HOST"]).resolve()
            program = postgres._programs(folder) / "pg_basebackup"
            options = ["--host", socket, "--username", postgres.USER, "--checkpoint", "fast"]
            postgres._call([program, *options, "--pgdata", copy], folder)

            assert servers.query(base, NEW.format("Saved")) == "Saved"
            moment = servers.query(base, "SELECT clock_timestamp()::text")
            assert servers.query(base, NEW.format("A mistake")) == "A mistake"
            servers.query(base, "SELECT pg_switch_wal()::text")
            postgres.stop(base)

            shutil.rmtree(folder / "data")
            copy.rename(folder / "data")
            (folder / "data" / "recovery.signal").touch()
            with (folder / "data" / "postgresql.conf").open("a") as file:
                file.write(
                    f"restore_command = 'cp {archive}/%f %p'\n"
                    f"recovery_target_time = '{moment}'\nrecovery_target_action = promote\n"
                )
            postgres._give(folder / "data", postgres._owner(folder))
            postgres.start(base)

            named = "SELECT name FROM accounts_organization WHERE level = 0"
            assert servers.query(base, named) == "Saved"
            environment = sites.environment(sites.url_of(postgres.database(base)))
            assert "All counters are correct." in sites.manage(environment, "check_inventory")
    finally:
        subprocess.run(["rm", "-rf", str(at)], check=True)
