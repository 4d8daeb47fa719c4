"""The page that Prometheus reads, for the holder of its token only."""

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests import factories

TOKEN = "a-token-of-prometheus"


@pytest.fixture
def with_token(settings):
    settings.METRICS_TOKEN = TOKEN
    settings.MIDDLEWARE = ["jasper_inventory.lib.metrics.MetricsMiddleware", *settings.MIDDLEWARE]


def read(client, token=TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def samples(response):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1]])
def test_without_the_token_there_is_no_such_page(db, with_token, token):
    assert read(Client(), token).status_code == 404


def test_without_the_setting_there_is_no_such_page(db):
    assert read(Client(), "").status_code == 404


def test_it_counts_answers_by_route_and_pending_requests(with_token, admin):
    client = Client()
    client.get("/accounts/login/?next=/a-secret")
    client.get("/no/such/page/")
    before = samples(read(client))
    client.get("/accounts/login/?next=/a-secret")
    factories.license_request(membership=admin)
    after = samples(read(client))

    login = (
        "jasper_answers_total",
        ("method", "GET"),
        ("page", "account_login"),
        ("status", "200"),
    )
    assert after[login] == before[login] + 1
    assert after[("jasper_pending_requests",)] == before[("jasper_pending_requests",)] + 1
    assert not any("secret" in str(name) or "no/such" in str(name) for name in after)


def test_it_reads_as_much_with_more_requests(with_token, admin, django_assert_max_num_queries):
    factories.license_request(membership=admin)
    with django_assert_max_num_queries(8):
        read(Client())
