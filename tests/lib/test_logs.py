"""Lines of the program's log and error reports: with a request id, without personal data."""

import json
import logging
import sys

import pytest
import sentry_sdk
from django.db import IntegrityError
from django.test import RequestFactory
from sentry_sdk.transport import Transport

from jasper_inventory.lib import logs, origins

SECRETS = "rosa@example.com has RH66C-7M9Z7-K5BPN-GVK6P, SALES-1124-0817 and RH66C7M9Z7K5BPNGVK6P"
LEAKS = ("rosa", "RH66C", "GVK6P", "SALES", "0817", "secret-token")


def record_of(message, *args, error=None, **extra):
    made = logging.LogRecord("jasper", logging.ERROR, __file__, 1, message, args, error)
    vars(made).update(extra)
    return made


def raised():
    try:
        raise IntegrityError(
            "duplicate key\nDETAIL:  Key (email)=(rosa@example.com) already exists.\n"
        )
    except IntegrityError:
        return sys.exc_info()


@pytest.mark.parametrize("formatter", [logs.JsonLines(), logs.LineFormatter("%(message)s")])
def test_lines_have_no_addresses_codes_or_values_of_rows(formatter):
    line = formatter.format(record_of("%s", SECRETS, error=raised(), user="rosa"))
    assert not [leak for leak in LEAKS if leak in line]
    assert "duplicate key" in line and "[code]" in line


def test_a_json_line_has_the_time_in_utc_and_the_request_id():
    with origins.running(command="send_alerts") as origin:
        line = json.loads(logs.JsonLines().format(record_of("Sent %d", 3)))
    assert line["message"] == "Sent 3" and line["level"] == "ERROR"
    assert line["time"].endswith("+00:00") and line["request_id"] == origin.request_id


def test_a_path_is_replaced_by_its_route(settings):
    request = RequestFactory().get("/invitation/secret-token/")
    line = logs.JsonLines().format(
        record_of("%s: %s", "Not Found", request.path, request=request, status_code=404)
    )
    assert json.loads(line)["message"] == "Not Found: an unknown address"


class Kept(Transport):
    """A transport that keeps what would be sent."""

    def __init__(self):
        super().__init__()
        self.reports = []

    def capture_envelope(self, envelope):
        self.reports.append(envelope.get_event())


def test_an_error_report_has_no_personal_data():
    kept = Kept()
    with sentry_sdk.isolation_scope() as scope:
        options = {**logs.REPORT_OPTIONS, "before_send": logs.before_send, "transport": kept}
        scope.set_client(sentry_sdk.Client("https://key@sentry.example.com/1", **options))
        scope.set_user({"email": "rosa@example.com", "ip_address": "10.1.2.3"})
        scope.set_extra("typed", SECRETS)
        scope.add_breadcrumb(message=f"SELECT '{SECRETS}'")
        code = "RH66C-7M9Z7-K5BPN-GVK6P"  # noqa: F841 (a local variable)
        try:
            raise raised()[1] from ValueError(SECRETS)
        except IntegrityError:
            sentry_sdk.capture_exception()
        sentry_sdk.capture_message(SECRETS)
    for report in kept.reports:
        for error in report.get("exception", {}).get("values", ()):
            for frame in (error.get("stacktrace") or {}).get("frames", ()):
                # Lines of this module.
                for lines in ("context_line", "pre_context", "post_context"):
                    frame.pop(lines, None)
    text = json.dumps(kept.reports, default=str)
    assert len(kept.reports) == 2 and "duplicate key" in text and "[code]" in text
    assert not [leak for leak in (*LEAKS, "10.1.2.3") if leak in text]


def test_the_id_of_a_request_is_returned_and_taken_only_from_a_trusted_proxy(client, settings, db):
    given = {"X-Request-ID": "proxy-1234567890"}
    settings.TRUSTED_PROXIES = 0
    own = client.get("/accounts/login/", headers=given)["X-Request-ID"]
    assert len(own) == 32 and own != given["X-Request-ID"]
    settings.TRUSTED_PROXIES = 1
    assert client.get("/accounts/login/", headers=given)["X-Request-ID"] == "proxy-1234567890"
    bad = client.get("/accounts/login/", headers={"X-Request-ID": "a b\tc"})["X-Request-ID"]
    assert len(bad) == 32
