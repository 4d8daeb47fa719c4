"""manage.py run_demo: the whole application with demo data, as `make demo` runs it."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from jasper_inventory.accounts.models import User
from jasper_inventory.demo.dataset import ACCOUNTS, PASSWORD
from jasper_inventory.devserver import postgres
from jasper_inventory.devserver.guard import guarding

STOP_SECONDS = 10
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

OLDER = """\
The database in .data has an older demo, without some of today's accounts. To load the demo again
(your changes will be lost), press Ctrl-C and run: make stop && rm -r .data && make demo"""

OTHER = """\
The database of DATABASE_URL has an older demo or other data, without some of the demo's accounts.
To load the demo, set DATABASE_URL to an empty database."""

SERVER = [
    *(sys.executable, "-m", "gunicorn", "jasper_inventory.wsgi"),
    *("--worker-class", "gthread", "--workers", "1", "--threads", "8"),
    *("--graceful-timeout", "3", "--log-level", "warning", "--no-control-socket"),
]
WORKER = [
    *(sys.executable, "manage.py", "db_worker", "--verbosity", "0", "--interval", "0.5"),
]


class Command(BaseCommand):
    help = (
        "Run the application with demo data until you press Ctrl-C: the web server, the queue "
        "worker and, unless DATABASE_URL is set, the database. Set HOST and PORT to change its "
        "address (127.0.0.1 and 8000)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start everything, and stop it on Ctrl-C."""
        for number in INTERRUPTS:
            # For example, nohup makes us ignore a closed terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _interrupt)
        try:
            with ExitStack() as running:
                guard = guarding(settings.BASE_DIR, is_embedded=settings.EMBEDDED_DATABASE)
                guarded = running.enter_context(guard)
                running.callback(_stop_database)
                self._run(running, guarded)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _run(self, running: ExitStack, guarded: Callable[[int], None]) -> None:
        listener = running.enter_context(_listener())
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        os.environ.setdefault("SITE_URL", address)

        call_command("migrate", verbosity=0)
        if not User.objects.exists():
            self.stdout.write("Loading the demo data …")
            call_command("load_demo")
        connections.close_all()
        if settings.EMBEDDED_DATABASE:
            # As in production, the site itself can't change the activity log.
            os.environ["DATABASE_URL"] = postgres.site_url(settings.BASE_DIR)
        if settings.DEMO:
            collect_static()

        # The worker stops last, so that emails of the last requests are sent.
        worker = running.enter_context(_child(WORKER))
        guarded(worker.pid)
        bind = ["--bind", f"fd://{listener.fileno()}"]
        server = running.enter_context(_child([*SERVER, *bind], pass_fds=[listener.fileno()]))
        guarded(server.pid)
        self._welcome(address)
        while worker.poll() is None and server.poll() is None:
            time.sleep(0.2)
        name = "queue worker" if server.returncode is None else "web server"
        raise CommandError(f"The {name} stopped; see its error above. Everything was stopped.")

    def _welcome(self, address: str) -> None:
        self.stdout.write(f"\nThe License Inventory runs at {self.style.SUCCESS(address)}\n\n")
        self.stdout.write(f"{accounts_text()}\n\nPress Ctrl-C to stop it.\n\n")
        connections.close_all()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def accounts_text() -> str:
    """List the demo's accounts that exist. If one is missing, say what to do."""
    exist = set(User.objects.filter(username__in=ACCOUNTS).values_list("username", flat=True))
    width = max(len(name) for name in ACCOUNTS)
    lines = [f"  {name:{width}}  {who}" for name, who in ACCOUNTS.items() if name in exist]
    parts = ["\n".join(lines), f"Everyone's password is {PASSWORD}."] if lines else []
    if exist != set(ACCOUNTS):
        parts.append(OLDER if settings.EMBEDDED_DATABASE else OTHER)
    return "\n\n".join(parts)


@contextmanager
def _listener() -> Iterator[socket.socket]:
    """Open the web server's socket first, so that a port in use is found before all else."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except (OSError, OverflowError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CommandError(
                f"Can't listen on {host}, port {port}: {reason} (try make demo PORT=8001)"
            ) from error
        listener.listen(128)
        yield listener


def collect_static() -> None:
    """Collect and compress the static files, unless none changed since the last time."""
    folder = Path(settings.STATIC_ROOT)
    stamp = folder.with_name(f"{folder.name}.stamp")
    state = _static_state()
    if folder.exists() and stamp.exists() and stamp.read_text() == state:
        return
    folder.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", clear=True, interactive=False, verbosity=0)
    # Written last, so that an interrupted run is repeated.
    stamp.write_text(state)


def _static_state() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            modified = os.stat(storage.path(path)).st_mtime_ns
            digest.update(f"{storage.path(path)} {modified}\n".encode())
    return digest.hexdigest()


@contextmanager
def _child(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    # In a session of its own, so that Ctrl-C reaches only us and we stop the children in order.
    child = subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True, **options)
    try:
        yield child
    finally:
        _ignore_interrupts()
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _stop_database() -> None:
    _ignore_interrupts()
    connections.close_all()
    if settings.EMBEDDED_DATABASE:
        postgres.stop_if_unused(settings.BASE_DIR)


def _ignore_interrupts() -> None:
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
