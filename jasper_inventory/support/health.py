"""/readyz: whether the site can serve pages, and how it does, for monitoring."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jasper_inventory.lib.tasks import queue_state
from jasper_inventory.lib.time_limits import TookTooLong, time_limit
from jasper_inventory.support.migration_state import pending_migrations

# Seconds that a check may take.
_LONGEST = 2
# Seconds after which waiting tasks, unsent emails and missing runs of the alerts are reported.
LATE_TASK, LATE_EMAIL, LATE_ALERTS = 10 * 60, 60 * 60, 25 * 3600


@dataclass(frozen=True)
class State:
    """The state of a part of the site. Without a part that is needed, no page can be served."""

    is_ok: bool
    is_needed: bool
    about: str


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if pages can be served, otherwise 503.

    CCI staff, and requests with HEALTH_TOKEN, get the state of each part.
    """
    states = _states()
    is_ready = all(state.is_ok for state in states.values() if state.is_needed)
    answer: dict[str, Any] = {"status": "ok" if is_ready else "not ok"}
    if _may_see(request, states["database"]):
        answer["parts"] = {
            name: {"status": "ok" if state.is_ok else "not ok", "about": state.about}
            for name, state in states.items()
        }
    return JsonResponse(
        answer, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    )


def _may_see(request: HttpRequest, database: State) -> bool:
    sent = request.headers.get("Authorization", "")
    if settings.HEALTH_TOKEN and constant_time_compare(sent, f"Bearer {settings.HEALTH_TOKEN}"):
        return True
    # Only the database knows who signed in.
    return database.is_ok and bool(request.user.is_authenticated and request.user.is_staff)


def _states() -> dict[str, State]:
    """Return the state of each part; without the database, the others aren't known."""
    states = {"database": _checked(_database)}
    if not states["database"].is_ok:
        return states
    states["migrations"] = _checked(_migrations)
    states["cache"] = _checked(_cache)
    return states | _others()


def _checked(check: Callable[[], tuple[bool, str]]) -> State:
    """Return the state of a part that pages need."""
    try:
        with time_limit(_LONGEST):
            is_ok, about = check()
    except (Error, TookTooLong) as error:
        lines = str(error).strip().splitlines()
        return State(False, True, lines[0] if lines else "It took too long.")
    return State(is_ok, True, about)


def _value(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _database() -> tuple[bool, str]:
    if _value("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"):
        return False, "It is read-only."
    return True, f"PostgreSQL {_value('SHOW server_version')}"


def _migrations() -> tuple[bool, str]:
    missing = pending_migrations()
    return not missing, f"{len(missing)} pending" if missing else "All are applied."


def _cache() -> tuple[bool, str]:
    if not isinstance(caches["default"], BaseDatabaseCache):
        return True, "It isn't in the database."
    is_there = settings.CACHES["default"]["LOCATION"] in connection.introspection.table_names()
    return is_there, "Its table exists." if is_there else "Its table is missing. Run migrate."


def _others() -> dict[str, State]:
    """Return the states of the parts that no page needs."""
    try:
        with time_limit(_LONGEST):
            now = queue_state()
    except (Error, TookTooLong):
        return dict.fromkeys(("queue", "email", "alerts"), State(False, False, "It took too long."))
    alerts = now.last_alerts
    return {
        "queue": _age(now.oldest_waiting or 0, LATE_TASK, "the oldest waiting task"),
        "email": _age(now.oldest_unsent_email or 0, LATE_EMAIL, "the oldest unsent email"),
        "alerts": State(False, False, "They never ran.")
        if alerts is None
        else _age(alerts, LATE_ALERTS, "the last run"),
    }


def _age(seconds: float, late: int, what: str) -> State:
    return State(seconds <= late, False, f"{seconds:,.0f} seconds: the age of {what}")
