"""Encryption of connections to the database and the mail server, which carry names and codes."""

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


def require_email_tls(email: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured if emails could leave this machine unencrypted."""
    is_encrypted = email.get("EMAIL_USE_TLS") or email.get("EMAIL_USE_SSL")
    if not is_encrypted and not _is_here(str(email.get("EMAIL_HOST") or "")):
        raise ImproperlyConfigured(
            "The mail server is on another machine: begin EMAIL_URL with smtp+tls:// (or "
            "smtp+ssl://). EMAIL_TLS_WAIVED=1 allows emails without TLS, for a network that "
            "encrypts itself."
        )


def _is_here(host: str) -> bool:
    """Return whether a host is a socket's folder or this machine's loopback address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
