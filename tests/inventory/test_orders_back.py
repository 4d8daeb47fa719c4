"""Each window that the License Inventory opens leads back to the row that it was opened from."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories
from tests.pages import parsed

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(center, hub, admin, hub_admin):
    """Orders whose rows have each of the options."""
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix)
    factories.order(
        assigned_to=center, parent=parent, product_mix=mix, students=5, by=hub_admin.user
    )
    factories.order(factories.CODES, assigned_to=center)
    factories.license_request(membership=admin)
    factories.renewal_request(factories.order(assigned_to=center), membership=admin)


@pytest.mark.parametrize("who", ["admin", "hub_admin"])
def test_all_options_of_a_row_lead_back_to_it(who, listed, request, sign_in):
    page = parsed(sign_in(request.getfixturevalue(who)).get("/inventory/?sort=number"))
    rows = page.cssselect("table.inventory tbody tr")
    found = 0
    for row in rows:
        for link in row.cssselect("a[data-hx-get]"):
            [back] = parse_qs(urlsplit(link.get("href")).query)["next"]
            assert back == f"/inventory/?sort=number#{row.get('id')}"
            found += 1
    assert found > len(rows)


def test_after_an_action_the_browser_is_sent_to_the_row(listed, admin, sign_in):
    site = sign_in(admin)
    page = parsed(site.get("/inventory/?sort=number"))
    row = [row for row in page.cssselect("tbody tr") if row.cssselect("a[href*='/renew/']")][0]
    [renew] = row.cssselect("a[href*='/renew/']")
    form = parsed(site.get(renew.get("href"))).cssselect("main form[method='post']")[0]
    answer = site.post(renew.get("href"), dict(form.form_values()))
    assert answer.url == f"/inventory/?sort=number#{row.get('id')}"
