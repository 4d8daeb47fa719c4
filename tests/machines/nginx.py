"""The proxy of docs/operators.md, on loopback, without TLS."""

import re
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests import sites
from tests.machines import programs

# What the docs leave to the operator's system, kept in a folder of the test.
AROUND = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format servers '$upstream_addr';
    access_log {folder}/access.log servers;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {ours}
}}
"""


def documented():
    """The example in the docs for operators."""
    page = (Path(settings.BASE_DIR) / "docs" / "operators.md").read_text()
    return re.search(r"```nginx\n(.*?)```", page, flags=re.DOTALL)[1]


def ours(servers, port):
    """The example with these servers and this port, and without the certificate."""
    text, replaced = re.subn(r"listen \S+ ssl;", f"listen 127.0.0.1:{port};", documented())
    assert replaced == 1
    text = re.sub(r"ssl_certificate\w* \S+;", "", text)
    text, replaced = re.subn(r"(    server \S+;\n)+", "@", text, count=1)
    assert replaced == 1
    lines = "".join(f"    server {server.removeprefix('http://')};\n" for server in servers)
    return text.replace("@", lines)


@contextmanager
def in_front_of(servers, folder):
    """Start nginx before these web servers; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = folder / "nginx.conf"
    file.write_text(AROUND.format(folder=folder, ours=ours(servers, port)))
    # Its worker is another user, who stores large bodies there.
    folder.chmod(0o755)
    command = [programs.required("nginx"), "-p", str(folder), "-c", str(file)]
    with subprocess.Popen(command) as process:
        try:
            deadline = time.monotonic() + sites.LONGEST
            while not _answers(port):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            sites.ended(process)


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def servers_in_log(folder):
    """The servers that got requests, as the proxy notes them."""
    return set((folder / "access.log").read_text().split()) - {"-"}
