"""The proxy of deploy/nginx.conf, on loopback, without TLS."""

import re
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests import sites
from tests.machines import programs

CONFIGURATION = Path(settings.BASE_DIR) / "deploy" / "nginx.conf"
# What the operator's system has elsewhere: in a folder of the test.
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def ours(servers, port, folder):
    """The configuration with these servers, this port and this folder, and without TLS."""
    text = CONFIGURATION.read_text()

    def replace(pattern, by, times=1):
        nonlocal text
        text, replaced = re.subn(pattern, by, text)
        assert replaced == times, pattern

    lines = "".join(f"server {server.removeprefix('http://')};\n" for server in servers)
    replace(r"server 127\.0\.0\.1:8000;", lines)
    replace(r"(?s)server \{\s*listen 80;.*?\n    \}\n", "")
    replace(r"listen 443 ssl;", f"listen 127.0.0.1:{port};")
    replace(r"listen \[::\]:443 ssl;", "")
    replace(r"ssl_\w+ [^;]*;", "", times=6)
    replace(r"user www-data;", "daemon off;")
    replace(r"worker_processes auto;", "worker_processes 1;")
    replace(r"/run/nginx.pid", f"{folder}/nginx.pid")
    replace(r"/var/log/nginx/", f"{folder}/", times=2)
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in FOLDERS)
    replace(r"http \{\n", f"http {{\n{temporary}")
    return text


@contextmanager
def in_front_of(servers, folder):
    """Start nginx before these web servers; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = folder / "nginx.conf"
    file.write_text(ours(servers, port, folder))
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
    lines = (folder / "access.log").read_text().splitlines()
    return {line.split()[0] for line in lines} - {"-"}
