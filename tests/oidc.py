"""A real OpenID Connect server, which runs as a process of its own."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import requests


@contextmanager
def server():
    """Run a server; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--require-nonce", "true"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _attempt in range(200):
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=5)
                break
            except requests.ConnectionError:
                assert process.poll() is None, "The server ended."
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait()


def configure(settings, address):
    """Let people sign in with the server, as “District”; return its settings."""
    configured = {"server_url": address, "oauth_pkce_enabled": True, "domains": []}
    app = {"provider_id": "district", "name": "District", "client_id": "inventory"}
    app |= {"secret": "secret", "settings": configured}
    settings.SOCIALACCOUNT_PROVIDERS = {"sso": {"APPS": [app]}}
    return configured


def know(address, sub, **claims):
    """Let the server say this about a person."""
    answer = requests.put(f"{address}/users/{sub}", json=claims, timeout=5)
    assert answer.ok
