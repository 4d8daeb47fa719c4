"""The page that Prometheus reads."""

import os
from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from licenses.models import AlertRun
from licenses.models.requests import Outcome, request_models


@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the state of the site, for whoever has METRICS_TOKEN as a bearer token."""
    token = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "")
    if not token or not constant_time_compare(sent, f"Bearer {token}"):
        raise Http404
    state = CollectorRegistry()
    state.register(_State())
    return HttpResponse(
        generate_latest(_answers()) + generate_latest(state), content_type=CONTENT_TYPE_LATEST
    )


def _answers() -> CollectorRegistry:
    """The measurements of all processes of this machine, or of this one if they aren't shared."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    # The package has no types for this class.
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class _State(Collector):
    """What the database says, read anew each time."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (text, value) in GAUGES.items():
            found = value()
            if found is not None:
                yield GaugeMetricFamily(f"jasper_{name}", text, value=found)


def _pending_requests() -> float:
    return sum(
        model._default_manager.filter(outcome=Outcome.PENDING).count() for model in request_models()
    )


def _alert_run_age() -> float | None:
    run = AlertRun.objects.filter(finished_at__isnull=False).first()
    return None if run is None else (timezone.now() - run.started_at).total_seconds()


# Name, description, and the function that returns the value; None if there is none yet.
GAUGES: dict[str, tuple[str, Callable[[], float | None]]] = {
    "pending_requests": ("Requests that wait for a review.", _pending_requests),
    "alert_run_age_seconds": ("Time since the last complete run of send_alerts.", _alert_run_age),
}
