"""Encryption of database connections, which carry names and codes."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# The modes in which libpq doesn't fall back to a connection without TLS.
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def require_tls(database: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured if connections could leave this machine unencrypted."""
    hosts = str(database.get("HOST") or "").split(",")
    mode = database.get("OPTIONS", {}).get("sslmode")
    if mode not in _ENCRYPTED and not all(_is_here(host) for host in hosts):
        raise ImproperlyConfigured(
            "The database is on another machine: add ?sslmode=verify-full (or require) to its URL. "
            "DATABASE_TLS_WAIVED=1 allows connections without TLS, for a network that encrypts "
            "itself."
        )


def _is_here(host: str) -> bool:
    """Return whether a host is a socket's folder or this machine's loopback address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
