"""A small sample of the kills: `make faults` does more of them."""

import threading

import pytest

from tests import factories, kills, servers, sites

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
    with sites.web_servers(faults.environment) as (site,):
        visitor, address = sites.Visitor(), f"{site}/inventory/request/"
        visitor.sign_in(site, "ann", factories.PASSWORD)
        for number, kill in enumerate((faults.kill_connection, faults.kill_server)):
            page = visitor.get(address)
            typed = {"purchase_order": f"HTTP {number}", "students": "30"}
            typed |= {"inventory_type": factories.CENTER}
            typed["products"] = page.html.xpath("//input[@name='products']/@value")
            killer = threading.Thread(target=kill)
            killer.start()
            # Sent again and again, as an impatient person does, until the server is back.
            answers = []
            while killer.is_alive() or answers[-1:] != [200]:
                answers.append(visitor.send(page, "/inventory/request/", **typed).status)
            killer.join()
            counted = f"SELECT count(*) FROM licenses_order WHERE purchase_order = 'HTTP {number}'"
            assert servers.query(faults.base, counted) == 1
    faults.check()
