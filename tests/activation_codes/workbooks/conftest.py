"""An order whose workbook is large, waiting or ready, and what others do meanwhile."""

import pytest

from activation_codes import exports
from activation_codes.services import workbooks
from activation_codes.services.workbooks import (
    request_workbook,
    write_workbook,
)
from tests import factories
from tests.helpers import at_once


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Tasks stay in the queue until a test runs them. Five codes are many, two are a step."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(workbooks, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(exports, "_STEP", 2)


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def order(center, admin):
    """An order with nine codes; a person redeemed the second, whose code is used up."""
    order = factories.order(factories.CODES, assigned_to=center, number_of_codes=9)
    codes = factories.codes(order, by=admin.user)
    user = factories.person("ann", first_name="Ann", last_name="Lee")
    factories.redemption(codes[1], user=user)
    order.refresh_from_db()
    return order


@pytest.fixture
def waiting(order, admin):
    return request_workbook(order=order, by=admin.user)


@pytest.fixture
def ready(waiting):
    write_workbook.call(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.is_ready
    return waiting


@pytest.fixture
def meanwhile(monkeypatch):
    """A function: what others do each time that the worker has read the codes."""

    def watch(act):
        def written(*arguments):
            count = write(*arguments)
            results.extend(at_once(act))
            return count

        results = []
        write = workbooks.write_codes
        monkeypatch.setattr(workbooks, "write_codes", written)
        return results

    return watch
