"""PgBouncer in transaction mode in front of a database server."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from django.conf import settings

from jasper_inventory.devserver import postgres
from tests import sites
from tests.machines import programs

PORT = "6432"
# See the docs for operators about those that matter.
SETTINGS = """
[databases]
* = {server}

[pgbouncer]
pool_mode = transaction
ignore_startup_parameters = options
max_client_conn = 200
default_pool_size = 40
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
logfile = {folder}/pgbouncer.log
log_connections = 0
log_disconnections = 0
"""


@contextmanager
def in_front_of(database):
    """Start PgBouncer before the server of Django's settings of a database.

    Yields what differs in the settings.
    """
    folder = Path(tempfile.mkdtemp(prefix="jasper-pgbouncer-", dir="/tmp"))
    try:
        file = folder / "pgbouncer.ini"
        file.write_text(SETTINGS.format(server=_server(database), port=PORT, folder=folder))
        # It refuses to run as root. The user of the server may enter the folder of its socket.
        owner = _owner(database)
        for path in (file, folder):
            os.chown(path, *owner)
            path.chmod(0o700)
        command = [programs.required("pgbouncer"), "--quiet", str(file)]
        user = {"user": owner[0], "group": owner[1], "extra_groups": []}
        with subprocess.Popen(command, **(user if os.geteuid() == 0 else {})) as process:
            try:
                _wait(process, database, folder)
                yield {"HOST": str(folder), "PORT": PORT}
            finally:
                sites.ended(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server(database):
    host = database["HOST"]
    names = {
        "host": Path(host).resolve() if host.startswith("/") else host,
        "port": database["PORT"],
        "user": database["USER"],
        "password": database.get("PASSWORD"),
        # PgBouncer ignores what a client asks for at its start, so it sets this itself.
        "connect_query": "; ".join(
            f"SET {name} = {v}" for name, v in settings.SET_AT_CONNECT.items()
        ),
    }
    return " ".join(f"{name}='{value}'" for name, value in names.items() if value)


def _owner(database):
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if settings.EMBEDDED_DATABASE:
        status = Path(database["HOST"]).resolve().stat()
        return status.st_uid, status.st_gid
    return postgres._server_user()


def _wait(process, database, folder):
    deadline = time.monotonic() + sites.LONGEST
    while True:
        try:
            names = {"dbname": database["NAME"], "user": database["USER"]}
            psycopg2.connect(host=str(folder), port=PORT, **names).close()
            return
        except psycopg2.OperationalError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
