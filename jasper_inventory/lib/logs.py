"""Logs and error reports that leave out personal data and codes."""

import logging
import re
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import sentry_sdk
from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter
from sentry_sdk.types import Event, Hint

from jasper_inventory.lib import origins

# The row or values that PostgreSQL adds to an error, on any number of lines.
_VALUES = re.compile(
    r"\s*^(?:DETAIL|CONTEXT|LINE \d+):.*?"
    r"(?=\n\n(?:The above exception|During handling)|\Z)",
    re.DOTALL | re.MULTILINE,
)
_ADDRESS = re.compile(r"[^\s@<>\"'(]+@[^\s@<>\"')]+")
# With hyphens, and a new code without them.
_CODE = re.compile(
    r"(?<![0-9A-Z])(?:[0-9A-Z]{4,5}(?:-[0-9A-Z]{4,5}){1,3}|[2-9B-DF-HJ-NP-TV-Z]{17,20})(?![0-9A-Z])",
    re.IGNORECASE | re.ASCII,
)
# What a line has instead of a request's id or person.
_NOTHING = (None, "", "-")
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def scrubbed(text: str) -> str:
    """Return a text without values of database errors, email addresses and codes."""
    return _CODE.sub("[code]", _ADDRESS.sub("[address]", _VALUES.sub("", text)))


def route_of(request: HttpRequest) -> str:
    """Return a request's route, because its path may have a name or the secret of a link."""
    match = request.resolver_match
    return f"/{match.route}" if match else "an unknown address"


class _WithoutPersonalData(logging.Formatter):
    """A formatter of messages and tracebacks without personal data."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        request_id, person = origins.current().request_id, None
        if isinstance(request, HttpRequest):
            # Django's messages end with the path.
            words = record.getMessage().replace(request.path, route_of(request))
            record.message = words
            request_id = request.META.get(origins.REQUEST_ID, "")
            # Asking for the user could ask the database. Django keeps who was asked for.
            person = getattr(getattr(request, "_cached_user", None), "pk", None)
        record.message = scrubbed(record.message)
        record.request_id, record.person = request_id or "-", person or "-"
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo) -> str:
        return scrubbed(super().formatException(ei))


class LineFormatter(_WithoutPersonalData):
    """One line of text for each message, with its time in UTC."""

    def formatTime(self, record: logging.LogRecord, *_format: object) -> str:
        return _time(record)


class JsonLines(_WithoutPersonalData, JsonFormatter):
    """One JSON object for each message, for programs that collect logs."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Keep only what is known to have no personal data."""
        kept = ("time", "level", "logger", "message", "request_id", "person", "exc_info")
        return {name: value for name in kept if (value := log_data.get(name)) not in _NOTHING}

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        self.formatMessage(record)
        super().add_fields(log_data, record, message_dict)
        log_data |= {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.message,
            "request_id": vars(record)["request_id"],
            "person": vars(record)["person"],
        }


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


REPORT_OPTIONS: dict[str, Any] = {
    "include_local_variables": False,
    "max_request_body_size": "never",
    # They would have SQL statements and log messages.
    "max_breadcrumbs": 0,
    "traces_sample_rate": 0,
}


def report_errors(dsn: str) -> None:
    """Send errors to Sentry, without personal data, values of statements and codes."""
    sentry_sdk.init(dsn, before_send=before_send, **REPORT_OPTIONS)


# What an error report keeps.
_KEPT = {
    *("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk"),
    *("exception", "threads", "transaction", "transaction_info", "message", "logentry", "modules"),
}


def before_send(event: Event, hint: Hint) -> Event:
    """Return an error report with only what has no personal data."""
    report: dict[str, Any] = {key: value for key, value in event.items() if key in _KEPT}
    origin = origins.current()
    report["tags"] = {"request_id": origin.request_id, "source": origin.source}
    if "message" in report:
        report["message"] = scrubbed(str(report["message"]))
    if entry := report.pop("logentry", None):
        report["logentry"] = {"message": scrubbed(str(entry.get("message") or ""))}
    for error in (report.get("exception") or {}).get("values") or []:
        error["value"] = scrubbed(str(error.get("value") or ""))
    for part in ("exception", "threads"):
        for each in (report.get(part) or {}).get("values") or []:
            for frame in (each.get("stacktrace") or {}).get("frames") or []:
                frame.pop("vars", None)
    return report  # type: ignore[return-value]  # a part of an event is one
