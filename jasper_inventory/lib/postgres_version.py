"""The oldest PostgreSQL that the site runs on."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections

# The oldest major version on which all tests pass.
OLDEST = 15


def server_version(using: str = DEFAULT_DB_ALIAS) -> int:
    """Return the version of the server, such as 180003."""
    with connections[using].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])


def is_old(version: int) -> bool:
    """Return whether the site needs a newer server than this."""
    return version // 10_000 < OLDEST


def check_version(
    *, databases: Sequence[str] | None = None, **_options: Any
) -> list[checks.CheckMessage]:
    """System check of `migrate`: refuse a server that is too old, before anything changes."""
    versions = {server_version(name) for name in databases or ()}
    return [
        checks.Error(
            f"PostgreSQL {version // 10_000} is too old.",
            hint=f"Upgrade the server to {OLDEST} or newer.",
            id="postgres_version.E001",
        )
        for version in versions
        if is_old(version)
    ]
