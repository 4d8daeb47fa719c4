"""License Distribution: its numbers, their links, and numbers hidden from other roles."""

import pytest

from jasper_inventory.accounts.models import Level, Organization
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.helpers import change
from tests.inventory.distribution_pages import (
    BELOW,
    ENDING,
    ITSELF,
    WHERE,
    allocated_child,
    enroll,
    line,
    tables,
)
from tests.pages import field_errors, numbers, page_text, parsed, text


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, students=100)


def test_a_seat_counts_once_at_its_current_holder(site, hub, center, parent):
    enroll(allocated_child(parent, center, students=40), 3)
    enroll(parent, 2)

    page = site.get(WHERE)

    assert line(page, "Harbour Hub", ITSELF) == ["100", "40", "2", "58"]
    assert line(page, "Harbour Hub", BELOW) == ["5", "95", "0"]
    assert line(page, "Tolano Adventures", ITSELF) == ["40", "0", "3", "37"]
    assert line(page, "Tolano Adventures", BELOW) == ["3", "37", "0"]


def test_codes_count_as_seats_and_can_be_looked_at_alone(site, hub, center, parent):
    codes = factories.order(factories.CODES, assigned_to=hub, number_of_codes=10, users_per_code=3)
    allocated_child(codes, center, number_of_codes=4, users_per_code=3)

    assert line(site.get(WHERE), "Harbour Hub", ITSELF) == ["130", "12", "0", "118"]
    page = site.get(f"{WHERE}?type=codes")
    assert line(page, "Harbour Hub", ITSELF) == ["30", "12", "0", "18"]
    assert line(page, "Tolano Adventures", BELOW) == ["0", "12", "0"]
    assert line(site.get(f"{WHERE}?type=center"), "Harbour Hub", BELOW) == ["0", "100", "0"]


def test_unlimited_licenses_are_no_number_of_seats(site, hub, center, mix):
    unlimited = factories.order(assigned_to=hub, product_mix=mix, students=None)
    enroll(unlimited, 1)
    enroll(allocated_child(unlimited, center, students=None), 2)
    allocated_child(unlimited, center, students=25)

    page = site.get(WHERE)

    assert line(page, "Harbour Hub", ITSELF) == ["0 1 unlimited", "0", "0", "0"]
    assert line(page, "Harbour Hub", BELOW) == ["0", "25", "2 3 in use"]
    assert line(page, "Tolano Adventures", ITSELF) == ["25 1 unlimited", "0", "0", "25"]
    assert line(page, "Tolano Adventures", BELOW) == ["0", "25", "1 2 in use"]


def test_ended_and_never_granted_orders_are_not_counted(site, hub, hub_admin, mix):
    factories.order(assigned_to=hub, product_mix=mix, students=1, finish_date=factories.today())
    factories.order(assigned_to=hub, product_mix=mix, students=10, finish_date=factories.days(-1))
    factories.license_request(membership=hub_admin, product_mix=mix)

    assert line(site.get(WHERE), "Harbour Hub", ITSELF) == ["1", "0", "0", "1"]


def test_orders_that_cannot_be_used_today_count_and_are_marked(site, hub, mix, staff):
    suspended = factories.order(assigned_to=hub, product_mix=mix, students=1)
    suspend_order(order=suspended, by=staff, reason="Unpaid")
    factories.order(assigned_to=hub, product_mix=mix, students=10, is_active=False)
    factories.order(assigned_to=hub, product_mix=mix, students=100, start_date=factories.days(1))
    factories.order(assigned_to=hub, product_mix=mix, students=1000)

    page = site.get(WHERE)

    assert line(page, "Harbour Hub", BELOW) == ["0", "1,111 111 not usable today", "0"]
    bar = parsed(page).cssselect("svg[role=img]")[0]
    assert (
        bar.get("aria-label")
        == "In use: 0; Free and usable today: 1,000; Free, but not usable today: 111"
    )
    assert [part.get("width") for part in bar.cssselect("rect")] == ["100%", "90.01%", "9.99%"]


def test_expiring_seats_count_up_to_the_last_day_without_allocated_ones(site, hub, center, mix):
    for days, students in ((0, 1), (30, 2), (31, 4), (60, 8), (90, 16), (91, 32)):
        factories.order(
            assigned_to=hub, product_mix=mix, students=students, finish_date=factories.days(days)
        )
    ends = factories.order(
        assigned_to=hub, product_mix=mix, students=100, finish_date=factories.days(30)
    )
    allocated_child(ends, center, students=40, finish_date=factories.days(20))
    factories.order(
        assigned_to=center, product_mix=mix, students=None, finish_date=factories.days(60)
    )

    page = site.get(WHERE)

    assert line(page, "Harbour Hub", ENDING) == [
        "103 4 orders",
        "115 7 orders 1 unlimited",
        "131 8 orders 1 unlimited",
    ]
    assert line(page, "Tolano Adventures", ENDING) == [
        "40 1 order",
        "40 2 orders 1 unlimited",
        "40 2 orders 1 unlimited",
    ]


def test_product_mixes_add_up_and_link_to_the_tree_of_one(site, hub, center, parent, mix):
    allocated_child(parent, center, students=40, product_mix=mix[:2])
    other = factories.order(assigned_to=center, product_mix=factories.products(1), students=7)

    page = site.get(f"{WHERE}?by=mix")

    family = mix[0].family
    names = {
        f"{family}: all 3 products": ["100", "40", "0", "60", "0", "60", "0"],
        f"{family}: {mix[0].name}, {mix[1].name}": ["0", "0", "0", "0", "0", "40", "0"],
        str(other.products.get()).replace(" Course", ": Course"): [
            *("0", "0", "0", "0", "0", "7", "0")
        ],
    }
    assert {name: line(page, name, ITSELF + BELOW) for name in tables(page)[0]} == names
    (link,) = parsed(page).xpath(f"//th/a[contains(., '{mix[1].name}')]/@href")
    one = site.get(link)
    assert line(one, "Harbour Hub", BELOW) == ["0", "40", "0"]
    assert line(one, "Tolano Adventures", BELOW) == ["0", "40", "0"]
    assert len(tables(one)) == 1
    assert f"Product Mix: {family}: {mix[0].name}, {mix[1].name}" in page_text(one)


def test_an_order_without_products_is_a_mix_of_its_own(site, hub, parent):
    parent.order_products.all().delete()

    page = site.get(f"{WHERE}?by=mix")

    assert line(page, "No products", ITSELF) == ["100", "0", "0", "100"]
    one = site.get(f"{WHERE}?mix=none")
    assert line(one, "Harbour Hub", ITSELF) == ["100", "0", "0", "100"]


def test_it_opens_level_by_level_with_the_way_back(sign_in, db):
    reseller = factories.organization("Top", level=Level.RESELLER)
    hub = factories.organization("Middle", level=Level.HUB, parent=reseller)
    center = factories.organization("Bottom", parent=hub)
    order = factories.order(assigned_to=center, students=8)
    site = sign_in(factories.member(reseller))

    top = site.get(WHERE)
    assert [name.split(" ")[0] for name in tables(top)[0]] == ["Top", "Middle"]
    assert line(top, "Middle", BELOW) == ["0", "8", "0"]
    (link,) = parsed(top).xpath("//th/a[.='Middle']/@href")
    middle = site.get(link)
    assert [name.split(" ")[0] for name in tables(middle)[0]] == ["Middle", "Bottom"]
    (link,) = parsed(middle).xpath("//th/a[.='Bottom']/@href")
    bottom = site.get(f"{link}&type={order.inventory_type}")
    assert list(tables(bottom)[0]) == ["Bottom Center"]
    way = parsed(bottom).cssselect(".where-path li")
    assert [text(step) for step in way] == ["Top", "Middle", "Bottom"]
    back = way[0].cssselect("a")[0].get("href")
    assert list(tables(site.get(WHERE + back))[0]) == list(tables(top)[0])
    assert "type=center" in back


@pytest.fixture
def family(db):
    """A reseller with two hubs, and a center of each hub."""
    top = factories.organization("Top", level=Level.RESELLER)
    hubs = [
        factories.organization(name, level=Level.HUB, parent=top) for name in ("Ours", "Sibling")
    ]
    return top, *hubs, *(factories.organization(parent=hub) for hub in hubs)


def test_nobody_sees_organizations_outside_their_scope(sign_in, family):
    parent, ours, sibling, _child, cousin = family
    for one in family:
        factories.order(assigned_to=one, students=1000, finish_date=factories.days(3))
    site = sign_in(factories.member(ours))

    page = site.get(WHERE)
    assert line(page, "Ours", [*ITSELF, *BELOW]) == ["1,000", "0", "0", "1,000", "0", "2,000", "0"]
    assert len(tables(page)[0]) == 2
    assert "Sibling" not in page_text(page) and "Top" not in page_text(page)
    for foreign in (parent, sibling, cousin, factories.vendor()):
        assert site.get(f"{WHERE}?at={foreign.pk}").status_code == 404
        listed = site.get(f"/inventory/?below={foreign.pk}")
        assert numbers(listed) == []
        assert set(field_errors(listed)) == {"below"}
        assert foreign.name not in page_text(listed)


@pytest.mark.parametrize(
    "query",
    [
        *("at=0", "at=x", "at=99999999999999999999", "type=bogus", "mix=x", "mix=1--2"),
        *("mix=999999999", "mix=1-", f"mix={'1-' * 600}1", "mix=²"),
    ],
)
def test_unknown_organizations_are_not_found(site, query):
    assert site.get(f"{WHERE}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["at=%00", "mix=%00"])
def test_a_nul_character_is_refused(site, query):
    assert site.get(f"{WHERE}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99", "by=mix&page=99", "at="])
def test_a_wrong_page_is_no_error(site, parent, query):
    assert site.get(f"{WHERE}?{query}").status_code == 200


def test_an_organization_without_licenses_says_so(site, center):
    page = site.get(WHERE)
    assert line(page, "Tolano Adventures", [*ITSELF, *BELOW, *ENDING]) == ["0"] * 10
    assert "There are no licenses here, or all have ended." in page_text(page)
    assert len(tables(page)) == 1


def test_a_center_has_no_such_page(sign_in, admin, hub_admin):
    assert sign_in(admin).get(WHERE).status_code == 403
    assert WHERE not in sign_in(admin).get("/").content.decode()
    assert WHERE in sign_in(hub_admin).get("/").content.decode()


def test_a_page_has_25_organizations_or_25_mixes(site, hub, parent, mix):
    for at in range(26):
        factories.organization(f"Below {at:02}", parent=hub)
    family = mix[0].family
    products = [mix[0], *factories.products(26, family=family)]
    for product in products[1:]:
        factories.order(assigned_to=hub, product_mix=[product], students=1)

    first, second = site.get(WHERE), site.get(f"{WHERE}?page=2")
    mixes = [site.get(f"{WHERE}?by=mix"), site.get(f"{WHERE}?by=mix&page=2")]

    assert [[len(table) for table in tables(page)] for page in (first, second)] == [[26], [2]]
    assert [[len(table) for table in tables(page)] for page in mixes] == [[25], [2]]
    assert line(first, "Harbour Hub", ITSELF) == line(second, "Harbour Hub", ITSELF)


def test_a_page_of_25_organizations_and_one_of_25_mixes_is_small(site, hub, mix):
    products = factories.products(25, family=mix[0].family)
    for at, product in enumerate(products):
        center = factories.organization(f"The Academy of Learning {at:02}", parent=hub)
        order = factories.order(
            assigned_to=center,
            product_mix=[product],
            students=5000,
            finish_date=factories.days(20),
        )
        enroll(order, 1)
        change(order, is_active=False)

    for query in ("", "?by=mix"):
        assert len(site.get(f"{WHERE}{query}").content) <= 60 * 1024


def test_the_number_of_queries_does_not_grow(
    site, hub, center, parent, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12) as one:
        site.get(WHERE)
    for _at in range(8):
        to = factories.organization(parent=hub)
        allocated_child(parent, to, students=1)
        factories.order(factories.CODES, assigned_to=to, product_mix=factories.products(1))
    with django_assert_max_num_queries(len(one.captured_queries)):
        site.get(WHERE)


def test_the_vendor_sees_the_whole_tree(sign_in, parent):
    vendor = Organization.objects.vendor()
    page = sign_in(factories.member(vendor)).get(WHERE)
    assert line(page, vendor.name, BELOW) == ["0", "100", "0"]
