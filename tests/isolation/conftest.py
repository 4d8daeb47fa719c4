"""The world is created once for each file; a test's changes in it are undone."""

import pytest
from django.db import transaction

from tests.isolation import world as worlds


@pytest.fixture(scope="module")
def world(test_settings, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)
