"""Which migrations of this version of the site the database lacks."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def pending_migrations() -> set[tuple[str, str]]:
    """Return the migrations that are not applied, by app and name."""
    return {*_known()} - MigrationRecorder(connection).applied_migrations().keys()


@cache
def _known() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)
