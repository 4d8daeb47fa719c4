"""What an operator's installation needs, checked one by one."""

import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.cache import cache
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.utils import timezone

from jasper_inventory.lib.postgres_version import OLDEST as OLDEST_POSTGRES
from jasper_inventory.lib.postgres_version import is_old, server_version
from jasper_inventory.lib.tasks import queue_state
from jasper_inventory.support.health import LATE_ALERTS
from jasper_inventory.support.migration_state import pending_migrations

OK, WARNING, ERROR = "ok", "warning", "error"
OLDEST_PYTHON = (3, 11)
EXTENSIONS = ("pg_trgm",)
# The clocks of the site and of its database may differ by this much.
LARGEST_DIFFERENCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was checked, what was found, and what to do about it."""

    state: str
    check: str
    found: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Check the installation. Without a database, only what doesn't need one."""
    yield from _python()
    yield from _secrets()
    yield from _settings()
    yield from _static_files()
    yield from _email()
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = (str(error).strip().splitlines() or ["no answer"])[0]
        yield Finding(ERROR, "database", reason, "Start the server, or correct DATABASE_URL.")
        return
    for check in (_postgres, _extensions, _migrations):
        yield from check()
    for name, needs_tables in NEEDING_TABLES.items():
        try:
            yield from needs_tables()
        except DatabaseError as error:
            connection.close()
            reason = str(error).strip().splitlines()[0]
            yield Finding(ERROR, name, reason, "Run manage.py migrate.")


def _python() -> Iterator[Finding]:
    found = ".".join(str(part) for part in sys.version_info[:3])
    is_new = sys.version_info >= OLDEST_PYTHON
    yield Finding(OK if is_new else ERROR, "Python", found, "" if is_new else "Use 3.11 or newer.")


def _secrets() -> Iterator[Finding]:
    """Files with secrets that other users of this machine can read."""
    files = [settings.BASE_DIR / ".env"]
    files += [Path(name) for name in settings.SECRET_FILES]
    open_files = [file for file in files if file.exists() and file.stat().st_mode & (stat.S_IROTH)]
    for file in open_files:
        yield Finding(ERROR, "secrets", f"Everyone can read {file}.", f"chmod o-rwx {file}")
    if not open_files:
        yield Finding(OK, "secrets", "No other user can read them.")


def _settings() -> Iterator[Finding]:
    """Django's own checks, including those of a deployment."""
    if settings.IS_LOCAL:
        name = "DEMO" if settings.DEMO else "DEBUG"
        yield Finding(
            WARNING, "settings", f"{name} is on.", "Turn it off where real people's data are."
        )
    found = checks.run_checks(include_deployment_checks=not settings.IS_LOCAL)
    for message in found:
        if not message.is_silenced():
            state = ERROR if message.is_serious() else WARNING
            yield Finding(state, "settings", message.msg, message.hint or "")
    if settings.SITE_URL.startswith("http://") and not settings.IS_LOCAL:
        yield Finding(
            ERROR, "settings", "Links in emails use http.", "Set SITE_URL to the https address."
        )
    elif not found and not settings.IS_LOCAL:
        yield Finding(OK, "settings", "Those of production, without a warning.")


def _static_files() -> Iterator[Finding]:
    try:
        staticfiles_storage.url("css/app.css")
    except ValueError:
        yield Finding(
            ERROR, "static files", "They weren't collected.", "Run manage.py collectstatic."
        )
    else:
        yield Finding(OK, "static files", str(settings.STATIC_ROOT))


def _email() -> Iterator[Finding]:
    """Whether the mail server answers; no email is sent."""
    server = getattr(settings, "EMAIL_HOST", "")
    with_server = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    if not with_server:
        yield Finding(WARNING, "email", "Emails aren't sent to a server.", "Set EMAIL_URL.")
        return
    backend = get_connection(timeout=5)
    try:
        backend.open()
    except OSError as error:
        yield Finding(
            ERROR,
            "email",
            f"{server} doesn't answer: {error}",
            "Correct EMAIL_URL. Emails are kept, and sent when it answers.",
        )
    else:
        backend.close()
        yield Finding(OK, "email", f"{server} answers.")


def _postgres() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), clock_timestamp(), usesuper"
            " FROM pg_user WHERE usename = current_user"
        )
        version, now, is_superuser = cursor.fetchone()
    yield from _version(version)
    difference = abs(timezone.now() - now)
    if difference > LARGEST_DIFFERENCE:
        seconds = round(difference.total_seconds())
        yield Finding(
            ERROR,
            "clock",
            f"The database's clock differs by {seconds} seconds.",
            "Turn on time synchronization on both machines (timedatectl set-ntp true).",
        )
    else:
        yield Finding(OK, "clock", "The same as the database's.")
    if is_superuser and not settings.IS_LOCAL:
        yield Finding(
            WARNING,
            "rights",
            "The site connects as a superuser of the database.",
            "Give it a role with fewer rights.",
        )


def _version(version: str) -> Iterator[Finding]:
    if is_old(server_version()):
        yield Finding(ERROR, "PostgreSQL", version, f"Upgrade it to {OLDEST_POSTGRES} or newer.")
    else:
        yield Finding(OK, "PostgreSQL", version)


def _extensions() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        there = {name for (name,) in cursor.fetchall()}
    for name in EXTENSIONS:
        if name in there:
            yield Finding(OK, "extension", name)
        else:
            yield Finding(
                ERROR,
                "extension",
                f"{name} is missing.",
                f"As the database's owner: CREATE EXTENSION {name}; then manage.py migrate.",
            )


def _migrations() -> Iterator[Finding]:
    missing = len(pending_migrations())
    if missing:
        found = "1 wasn't applied." if missing == 1 else f"{missing} weren't applied."
        yield Finding(ERROR, "migrations", found, "Run manage.py migrate.")
    else:
        yield Finding(OK, "migrations", "All are applied.")


def _cache() -> Iterator[Finding]:
    cache.set("doctor", "here", timeout=10)
    if cache.get("doctor") == "here":
        yield Finding(OK, "cache", "It keeps what is written.")
    else:
        yield Finding(ERROR, "cache", "It loses what is written.", "Run manage.py migrate.")


def _queue() -> Iterator[Finding]:
    now = queue_state()
    if now.workers:
        yield Finding(OK, "queue", f"Workers: {now.workers}. Waiting jobs: {now.depth}.")
    else:
        yield Finding(ERROR, "queue", "There is no worker.", "Start one (manage.py db_worker).")
    if now.failed:
        yield Finding(
            WARNING,
            "queue",
            f"Jobs that were set aside: {now.failed}.",
            "Retry or discard them under Background jobs in the admin.",
        )
    yield from _alerts(now.last_alerts)


def _alerts(age: float | None) -> Iterator[Finding]:
    advice = "Start a worker; it sends them every morning."
    if age is None:
        yield Finding(WARNING, "alerts", "They have never been sent.", advice)
    elif age > LATE_ALERTS:
        yield Finding(ERROR, "alerts", f"Last sent {age / 3600:.0f} hours ago.", advice)
    else:
        yield Finding(OK, "alerts", "Sent within the last day.")


NEEDING_TABLES: dict[str, Callable[[], Iterator[Finding]]] = {
    "cache": _cache,
    "queue": _queue,
}
