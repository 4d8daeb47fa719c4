"""Requests per second of the inventory page, as gunicorn serves it, beside the bare view."""

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.measuring import Case, Floor, OtherProcesses
from benchmarks.redeem import DATABASE
from benchmarks.world import World

WORKERS, CONNECTIONS, REQUESTS = 2, 4, 240
TIMEOUT = 60


class Server:
    """Gunicorn with the options of docs/operators.md, on a port of its own."""

    _running: "Server | None" = None

    def __init__(self, database: str) -> None:
        self.database = database
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            options = ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "8"]
            bind = ["--bind", f"fd://{listening.fileno()}", "--log-level", "warning"]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *bind, *options, "benchmarks.served"],
                env=os.environ | {DATABASE: database},
                pass_fds=[listening.fileno()],
            )

    @classmethod
    def of(cls, database: str) -> "Server":
        """Return the server of a database; one of another database is stopped."""
        if cls._running is None or cls._running.database != database:
            cls.stop()
            cls._running = cls(database)
        return cls._running

    @classmethod
    def stop(cls) -> None:
        """Stop the server if one runs."""
        if cls._running is not None:
            cls._running._process.terminate()
            cls._running._process.wait(TIMEOUT)
            cls._running = None


atexit.register(Server.stop)


def throughput() -> list[Case]:
    """Return the cases of requests per second."""
    floor = Floor("the bare view under the same load", _served(None))
    return [
        Case(
            f"first page, {REQUESTS} requests by {CONNECTIONS} connections ({persona})",
            "Requests per second",
            _served(persona),
            floor,
            by_time=True,
        )
        for persona in ("center", "large")
    ]


def _served(persona: str | None) -> Any:
    """Return the preparation of a persona's inventory page, or of the bare view."""

    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        server = Server.of(str(connection.settings_dict["NAME"]))
        headers = {"Host": "testserver", "Accept-Encoding": "gzip"}
        path = f"/bare/{world.facts('center')['center']}/"
        if persona is not None:
            path = "/inventory/"
            cookie = world.client(persona).cookies[settings.SESSION_COOKIE_NAME]
            headers["Cookie"] = f"{cookie.key}={cookie.value}"
        _load(server.port, path, headers, each=4)
        yield lambda: OtherProcesses(
            0, tuple(_load(server.port, path, headers, each=REQUESTS // CONNECTIONS))
        )

    return prepare


def _load(port: int, path: str, headers: dict[str, str], *, each: int) -> list[float]:
    """Send requests by all connections at the same time; return the seconds that each took."""

    def one(_connection: int) -> list[float]:
        opened = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        taken = []
        for _request in range(each):
            start = time.perf_counter()
            opened.request("GET", path, headers=headers)
            answer = opened.getresponse()
            answer.read()
            taken.append(time.perf_counter() - start)
            assert answer.status == 200, (path, answer.status)
        opened.close()
        return taken

    with ThreadPoolExecutor(CONNECTIONS) as clients:
        return [seconds for some in clients.map(one, range(CONNECTIONS)) for seconds in some]
