"""No request brings a file, a NUL character, or more than a form needs."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.pages import parsed, text

HEADING = "Your request couldn't be read"
MEGABYTE = 1024 * 1024
# These tests never send more, regardless of the server.
MOST = 300 * MEGABYTE


def heading(response):
    return text(parsed(response).cssselect("h1")[0])


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/admin/", "/inventory/request/", "/nowhere/"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "get"])
def test_a_body_that_is_too_large_is_not_read(client, db, address, method):
    length = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    response = client.generic(method.upper(), address, b"a", CONTENT_LENGTH=str(length))

    assert (response.status_code, heading(response)) == (413, HEADING)


@pytest.mark.parametrize("address", ["/accounts/login/", "/inventory/request/"])
def test_a_file_is_refused(client, sign_in, admin, address):
    for browser in (client, sign_in(admin)):
        response = browser.post(address, {"file": SimpleUploadedFile("a.txt", b"x" * 1000)})

        assert (response.status_code, heading(response)) == (400, HEADING)


def test_a_file_is_refused_in_the_admin(sign_in, staff):
    response = sign_in(staff).post("/admin/find-code/", {"code": SimpleUploadedFile("a", b"x")})

    assert (response.status_code, heading(response)) == (400, HEADING)


def test_a_body_of_unknown_length_is_refused(client, db):
    response = client.post("/accounts/login/", {}, headers={"Transfer-Encoding": "chunked"})

    assert (response.status_code, heading(response)) == (411, HEADING)


@pytest.mark.parametrize("address", ["/inventory/", "/admin/", "/activate/", "/accounts/login/"])
def test_nul_characters_are_refused_everywhere(client, sign_in, staff, address):
    for browser in (client, sign_in(staff)):
        for response in (
            browser.get(f"{address}?q=a%00b"),
            browser.get(f"{address}?a%00b=1"),
            browser.get(f"{address}a%00b/"),
            browser.post(address, {"code": "a\0b"}),
            browser.post(address, {"a\0b": "1"}),
        ):
            assert (response.status_code, heading(response)) == (400, HEADING)


@pytest.fixture
def server(tmp_path):
    """A web server's port, its processes' ids, and its folder for temporary files."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        environment = {
            **os.environ,
            **{"DEMO": "1", "SECRET_KEY": "k" * 50, "DATABASE_URL": "postgres://localhost/x"},
            **{"TMPDIR": str(temporary), "STATIC_ROOT": str(tmp_path)},
        }
        command = [sys.executable, "-m", "gunicorn", "jasper_inventory.wsgi", "--threads", "2"]
        command += ["--worker-class", "gthread", "--bind", f"fd://{listener.fileno()}"]
        command += ["--no-control-socket", "--log-level", "error"]
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, pass_fds=[listener.fileno()]
        ) as process:
            try:
                yield listener.getsockname()[1], process.pid, temporary
            finally:
                process.terminate()


def memory(parent):
    """The megabytes that a server's processes take."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in (parent, *children)]
    lines = [line for status in statuses for line in status.splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def send(port, head, block):
    """Send a body until the server refuses more; return its answer and the bytes sent."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head)
        answer = b""
        try:
            while sent < MOST:
                connection.sendall(block)
                sent += len(block)
        except OSError:
            pass
        try:
            while received := connection.recv(65536):
                answer += received
        except OSError:
            pass
    return answer, sent


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux has /proc")
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json"])
def test_a_huge_body_takes_neither_memory_nor_disk(server, kind):
    port, pid, temporary = server
    assert _small_request(port)
    before = memory(pid)
    began = time.monotonic()
    head = (
        f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {MOST}\r\n\r\n"
    )
    block = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"a" * MEGABYTE
    )
    answer, sent = send(port, head.encode(), block)
    assert sent < MOST

    assert b" 413 " in answer.split(b"\r\n")[0] and HEADING.encode() in answer
    assert time.monotonic() - began < 20
    assert sum(file.stat().st_size for file in temporary.rglob("*") if file.is_file()) < MEGABYTE
    assert memory(pid) - before < 30
    # The next one is served.
    assert _small_request(port)


def _small_request(port):
    """Whether a request that needs no database is answered."""
    head = b"GET /nowhere/%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head)
        return b" 400 " in connection.recv(65536).split(b"\r\n")[0]
