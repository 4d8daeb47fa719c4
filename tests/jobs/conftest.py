import pytest

from jasper_inventory.devserver import postgres
from tests.servers import cleared_up, fill, query


@pytest.fixture(scope="module")
def base(tmp_path_factory, django_db_setup):
    """A directory with a migrated database of its own, and tables for the tests' tasks."""
    with cleared_up(tmp_path_factory.mktemp("worker")) as base:
        postgres.start(base)
        fill(base)
        query(base, "CREATE TABLE begun (name text); CREATE TABLE done (name text)")
        yield base
