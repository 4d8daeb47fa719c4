"""How long answers take and what they are, for Prometheus."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

SECONDS = Histogram(
    "jasper_request_seconds",
    "Time from the arrival of a request to its answer, by page.",
    ["page"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
)
ANSWERS = Counter(
    "jasper_answers", "Answers, by page, method and status.", ["page", "method", "status"]
)
# Anything else that a client sends as a method is counted as one.
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class MetricsMiddleware:
    """Count each answer under the name of its route, which contains nothing that was typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = perf_counter()
        response = self.get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        SECONDS.labels(page).observe(perf_counter() - began)
        ANSWERS.labels(page, method, response.status_code).inc()
        return response
