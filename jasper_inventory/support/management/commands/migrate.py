"""manage.py migrate: Django's own, one at a time, and safe to repeat after it was killed."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction

# Any number that nothing else in the database locks.
_LOCK = 7_401_121
_PAUSE = 0.5


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} Only one runs at a time; others wait for it. Each migration is "
        "recorded in the transaction that carries it out, so a killed run can be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate while no other process does."""
        self._using = options["database"]
        with self._only_one(), ExitStack() as self._running:
            super().handle(*args, **options)

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        """Begin a transaction before a migration, and commit it once the migration is recorded.

        Django records a migration after it has committed its tables, if these have indexes or
        foreign keys. A migration that was killed in between would fail each time.
        """
        super().migration_progress_callback(action, migration, fake)
        if action in ("apply_start", "unapply_start") and migration.atomic:
            self._running.enter_context(transaction.atomic(using=self._using))
        elif action in ("apply_success", "unapply_success"):
            self._running.close()

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Hold a lock, on a connection of its own, which ends with this process."""
        with closing(connections[self._using].copy()) as lock:
            waits = False
            while not self._is_locked(lock):
                if not waits:
                    self.stderr.write("Another migrate is running. Waiting for it.")
                waits = True
                time.sleep(_PAUSE)
            yield

    @staticmethod
    def _is_locked(lock: Any) -> bool:
        with lock.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            return bool(cursor.fetchone()[0])
