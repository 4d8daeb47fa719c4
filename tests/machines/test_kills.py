"""A small sample of the kills: `make faults` does more of them."""

import pytest

from tests import kills

pytestmark = pytest.mark.django_db
KILLS = 6


@pytest.fixture(scope="module")
def faults(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("kills") / "server"
    with django_db_blocker.unblock(), kills.server(folder) as server:
        yield server


def test_kills_lose_nothing_and_leave_no_half_act(faults):
    kills.kill_amid_acts(faults, KILLS)
    assert {"client", "connection", "server"} <= faults.kills.keys()
    assert {act for act, _key in faults.done}


def test_a_form_that_is_sent_until_it_is_answered_is_carried_out_once(faults):
    """Over HTTP, while connections and the server are killed."""
    kills.kill_amid_forms(faults, 2)
