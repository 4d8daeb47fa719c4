"""The page that Prometheus reads."""

import os
from collections.abc import Iterator
from dataclasses import asdict

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jasper_inventory.lib.tasks import queue_state
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
        pending = sum(
            model._default_manager.filter(outcome=Outcome.PENDING).count()
            for model in request_models()
        )
        values = {"pending_requests": pending, **asdict(queue_state())}
        for name, text in GAUGES.items():
            if values[name] is not None:
                yield GaugeMetricFamily(f"jasper_{name}", text, value=values[name])


# The gauges by name: pending requests, and the fields of QueueState. Ages are in seconds.
GAUGES = {
    "pending_requests": "Requests that wait for a review.",
    "depth": "Jobs that wait for a worker.",
    "oldest_waiting": "How long the oldest of them has waited.",
    "later": "Jobs that run later, mostly retries.",
    "running": "Jobs that a worker does now.",
    "failed": "Jobs that were set aside.",
    "workers": "Workers that gave a sign of life.",
    "unsent_emails": "Emails to be sent.",
    "oldest_unsent_email": "The age of the oldest of them.",
    "last_alerts": "The age of the last complete run of the daily alerts.",
}
