"""The cache in the database, which may be missing."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends import db
from django.db import ProgrammingError
from psycopg2.errors import UndefinedTable

logger = logging.getLogger(__name__)


def _without_table(result: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return `result` instead, if the table of the cache is missing."""

    def decorated(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def used(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*args, **kwargs)
            except ProgrammingError as error:
                if not isinstance(error.__cause__, UndefinedTable):
                    raise
                logger.error("The table of the cache is missing. Run manage.py migrate.")
                return result() if callable(result) else result

        return used

    return decorated


class DatabaseCache(db.DatabaseCache):
    """Django's cache, which keeps nothing while its table is missing, instead of failing.

    `migrate` creates the table, and /readyz reports that it is missing.
    """

    get_many = _without_table(dict)(db.DatabaseCache.get_many)
    has_key = _without_table(False)(db.DatabaseCache.has_key)
    delete_many = _without_table(None)(db.DatabaseCache.delete_many)
    clear = _without_table(None)(db.DatabaseCache.clear)
    # The stubs leave these out.
    _base_set = _without_table(False)(db.DatabaseCache._base_set)  # type: ignore[attr-defined]
    _base_delete_many = _without_table(False)(
        db.DatabaseCache._base_delete_many  # type: ignore[attr-defined]
    )
