"""License Distribution with many organizations: sorting, finding, opening level by level."""

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.inventory.distribution import MOST_OPEN, SORTS
from tests import factories
from tests.inventory.distribution_pages import WHERE, enroll
from tests.pages import parsed, text

pytestmark = pytest.mark.django_db

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "where-branches"}


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def mix():
    return factories.products()


@pytest.fixture
def centers(hub, mix):
    """Three centers with 30, 10 and no seats, in the order of their names."""
    centers = [factories.organization(name, parent=hub) for name in ("Alder", "Birch", "Cedar")]
    for center, seats in zip(centers, (30, 10), strict=False):
        factories.order(assigned_to=center, product_mix=mix, students=seats)
    return centers


def names(response):
    """The organizations below the one shown, from top to bottom."""
    [table, *_mixes] = parsed(response).cssselect("table.where")
    rows = table.cssselect("tbody tr:not(.where-total) th > a:not(.where-toggle)")
    return [text(row) for row in rows]


def test_they_are_sorted_by_name_at_first(site, centers):
    assert names(site.get(WHERE)) == ["Alder", "Birch", "Cedar"]
    assert names(site.get(f"{WHERE}?sort=-name")) == ["Cedar", "Birch", "Alder"]


def test_a_column_sorts_by_its_number_and_equal_ones_by_name(site, centers):
    enroll(centers[1].orders.get(), 2)
    assert names(site.get(f"{WHERE}?sort=-used")) == ["Birch", "Alder", "Cedar"]
    assert names(site.get(f"{WHERE}?sort=free")) == ["Cedar", "Birch", "Alder"]


@pytest.mark.parametrize("column", SORTS)
def test_each_column_has_a_link_that_sorts_by_it(column, site, centers):
    page = parsed(site.get(WHERE))
    [link] = [a for a in page.cssselect("thead a") if a.get("href") == f"?sort=-{column}"]
    answer = site.get(f"{WHERE}{link.get('href')}")
    [head] = parsed(answer).cssselect("[aria-sort='descending']")
    assert head.cssselect("a")[0].get("href") == f"?sort={column}"


def test_they_are_found_by_part_of_the_name(site, centers):
    assert names(site.get(f"{WHERE}?name=LD")) == ["Alder"]
    assert names(site.get(f"{WHERE}?name=nothing")) == []


def test_those_without_licenses_can_be_left_out(site, centers):
    assert names(site.get(f"{WHERE}?only=seats")) == ["Alder", "Birch"]
    assert names(site.get(f"{WHERE}?only=seats&sort=-name")) == ["Birch", "Alder"]


def test_links_keep_what_was_chosen(site, centers):
    page = parsed(site.get(f"{WHERE}?only=seats&name=r&type=center"))
    for link in page.cssselect("thead a"):
        assert "only=seats&name=r&type=center" in link.get("href")


@pytest.fixture
def tree(mix):
    """A distributor with two resellers, the first with a hub and its center; all with seats."""
    distributor = factories.organization("Top", level=Level.DISTRIBUTOR)
    above, tree = distributor, {}
    for name, level in (("Reseller", Level.RESELLER), ("Hub", Level.HUB), ("School", Level.CENTER)):
        above = tree[name] = factories.organization(name, level=level, parent=above)
        factories.order(assigned_to=above, product_mix=mix, students=10)
    tree["Other"] = factories.organization("Z", level=Level.RESELLER, parent=distributor)
    return distributor, tree


def test_an_organization_opens_in_place_level_by_level(sign_in, tree):
    distributor, below = tree
    site = sign_in(factories.member(distributor))
    page = site.get(WHERE)
    assert names(page) == ["Reseller", "Z"]
    for shown in (["Reseller", "Hub", "Z"], ["Reseller", "Hub", "School", "Z"]):
        toggles = parsed(page).cssselect(".where-toggle[aria-expanded='false']")
        assert toggles[0].get("href") == toggles[0].get("data-hx-get")
        page = site.get(f"{WHERE}{toggles[0].get('href')}")
        assert names(page) == shown
    # With JavaScript, the same page is loaded, and the table taken out of it.
    assert names(site.get(f"{WHERE}?open={below['Reseller'].pk}", **PART)) == [
        "Reseller",
        "Hub",
        "Z",
    ]
    [close, _inner] = parsed(page).cssselect(".where-toggle[aria-expanded='true']")
    assert names(site.get(f"{WHERE}{close.get('href')}")) == ["Reseller", "Z"]


def test_the_numbers_of_an_opened_level_are_those_of_its_own_page(sign_in, tree):
    distributor, below = tree
    site = sign_in(factories.member(distributor))

    def cells(address):
        page = parsed(site.get(address))
        link = f"a[href$='at={pk}']"
        [row] = [row for row in page.cssselect("tbody tr") if row.cssselect(link)]
        return [text(cell) for cell in row.cssselect("td")]

    pk = below["Hub"].pk
    opened = cells(f"{WHERE}?open={below['Reseller'].pk}")
    assert opened == cells(f"{WHERE}?at={below['Reseller'].pk}")


def test_only_what_is_in_scope_can_be_opened(site, centers, sign_in, tree):
    _distributor, below = tree
    page = site.get(f"{WHERE}?open={below['Reseller'].pk}&open=x&open=999999999")
    assert names(page) == ["Alder", "Birch", "Cedar"]


def test_centers_cannot_be_opened(site, centers):
    assert parsed(site.get(WHERE)).cssselect(".where-toggle") == []


def test_few_can_be_open_because_each_is_summed_apart(sign_in, mix, django_assert_max_num_queries):
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hubs = [
        factories.organization(level=Level.HUB, parent=distributor) for _ in range(MOST_OPEN + 3)
    ]
    for hub in hubs:
        factories.organization(parent=hub)
    site = sign_in(factories.member(distributor))
    query = "&".join(f"open={hub.pk}" for hub in hubs)
    page = site.get(f"{WHERE}?{query}")
    assert len(parsed(page).cssselect("[aria-expanded='true']")) == MOST_OPEN
    last = parsed(page).cssselect(".where-toggle[aria-expanded='false']")[-1]
    assert last.get("href").count("open=") == MOST_OPEN
    with django_assert_max_num_queries(12 + 4 * MOST_OPEN):
        site.get(f"{WHERE}?{query}")
