"""Processes of a site on the tests' own database."""

import pytest
from django.db import connection

from tests import factories, sites


@pytest.fixture(scope="module")
def environment(django_db_setup):
    """The environment of the site's processes, with the database of this test run."""
    return sites.environment(sites.url_of(connection.settings_dict))


@pytest.fixture
def ann(transactional_db):
    """A center's administrator with a password: a membership."""
    membership = factories.member(user=factories.person("ann"))
    sites.give_password(membership.user, factories.PASSWORD)
    return membership
