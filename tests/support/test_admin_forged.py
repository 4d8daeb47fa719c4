"""The admin refuses forged addresses and fields, each as a kind.

As a superuser, who reaches the models without staff rights too; a sample also as CCI staff.
"""

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from tests import factories
from tests.browsers import Browser

pytestmark = pytest.mark.django_db
FORGED = ["x", "1.5", "-1", "9" * 19, "9" * 400, "²", ""]
# CCI staff send one of this number of requests; it doesn't divide the number for each model.
SAMPLE = 4
MODELS = list(admin.site._registry)


@pytest.fixture
def sites(staff):
    """Browsers of a superuser and of CCI staff; an error is an answer like any other."""
    root = factories.person("root", is_staff=True, is_superuser=True)
    browsers = {"superuser": Browser(), "staff": Browser()}
    for browser, user in zip(browsers.values(), (root, staff), strict=True):
        browser.raise_request_exception = False
        browser.force_login(user)
    return browsers


@pytest.fixture
def wrong(sites):
    """A function: requests with an unexpected answer, and the persona that got it."""

    def collected(requests, expected):
        found = []
        for at, (method, address, sent) in enumerate(requests):
            senders = sites if at % SAMPLE == 0 else {"superuser": sites["superuser"]}
            for who, browser in senders.items():
                with transaction.atomic():
                    status = getattr(browser, method)(address, sent or None).status_code
                    transaction.set_rollback(True)
                if status not in expected:
                    found.append((who, method, address[:200], str(sent)[:300], status))
        return found

    return collected


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_fields_that_name_a_row_take_any_text(wrong):
    requests = []
    for model in MODELS:
        names = {field.name for field in model._meta.fields if field.is_relation}
        names |= set(admin.site._registry[model].autocomplete_fields)
        requests += [
            ("post", address(model, "add"), dict.fromkeys(names, value)) for value in FORGED
        ]

    assert wrong(requests, expected=(200, 403)) == []


def test_a_superuser_reaches_every_model(sites):
    lists = {model: sites["superuser"].get(address(model, "changelist")) for model in MODELS}

    assert {page.status_code for page in lists.values()} == {200}
    assert len(lists) > 15


def test_a_list_that_is_sent_without_an_action_is_shown(wrong):
    sent = ({}, {"action": ""}, {"action": "none", "_selected_action": "x"})
    requests = [("post", address(model, "changelist"), typed) for model in MODELS for typed in sent]

    assert wrong(requests, expected=(200, 302, 403)) == []


def test_an_empty_field_to_look_up_by_is_refused(wrong):
    pages = {"changelist": (), "add": (), "change": (1,), "delete": (1,), "history": (1,)}
    requests = [
        ("get", address(model, page, *args) + "?_to_field=", {})
        for model in MODELS
        for page, args in pages.items()
    ]

    assert wrong(requests, expected=(400,)) == []


def test_there_is_no_redirect_to_any_row(sites):
    for browser in sites.values():
        row, unknown = browser.get("/admin/r/1/1/"), browser.get("/admin/unknown/1/1/")
        assert row.status_code == unknown.status_code == 404


def test_the_tree_is_opened_by_keys_only(wrong):
    tree = "/admin/accounts/organization/children"
    requests = [("get", f"{tree}/{key}/", {}) for key in FORGED if key]

    assert wrong(requests, expected=(404,)) == []
    assert wrong([("get", f"{tree}/1/?x=1", {})], expected=(400,)) == []
