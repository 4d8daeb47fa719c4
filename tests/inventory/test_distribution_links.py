"""License Distribution: each number links to exactly the orders that it sums."""

import pytest

from licenses.models import Order
from licenses.services.reclaims import reclaim_seats
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.helpers import change
from tests.inventory.distribution_pages import (
    ENDING,
    WHERE,
    allocated_child,
    enroll,
    tables,
)
from tests.pages import field_errors, numbers, page_text, parsed, text


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, students=100)


@pytest.fixture
def inventory(hub, center, parent, mix, staff):
    """Orders that differ in everything the page distinguishes, at the hub and its center."""
    soon = {"finish_date": factories.days(25)}
    enroll(parent, 2)
    enroll(allocated_child(parent, center, students=30, product_mix=mix[:1]), 1)
    allocated_child(parent, center, students=10, **soon)
    change(allocated_child(parent, center, students=20), finish_date=factories.days(-1))
    codes = factories.order(
        factories.CODES, assigned_to=hub, product_mix=mix, number_of_codes=9, users_per_code=2
    )
    allocated_child(
        codes, center, number_of_codes=3, users_per_code=2, finish_date=factories.days(80)
    )
    unlimited = factories.order(assigned_to=hub, product_mix=mix, students=None)
    enroll(unlimited, 1)
    enroll(allocated_child(unlimited, center, students=None, **soon), 1)
    allocated_child(unlimited, center, students=5)
    paused = factories.order(assigned_to=center, product_mix=mix, students=3)
    suspend_order(order=paused, by=staff, reason="Unpaid")
    full = factories.order(assigned_to=center, product_mix=mix[:1], students=1)
    enroll(full, 1)
    factories.order(assigned_to=center, product_mix=mix, start_date=factories.days(4), students=6)
    empty = factories.order(
        assigned_to=hub, product_mix=mix, students=4, finish_date=factories.days(50)
    )
    allocated_child(empty, center, students=4, finish_date=factories.days(50))
    reclaim_seats(
        order=allocated_child(parent, center, students=2, **soon),
        number=2,
        by=staff,
        reason="Unused",
    )
    factories.order(assigned_to=factories.organization(), product_mix=mix)


# The number that an order adds to a column, and whether it is listed even with 0.
def _expiring(order):
    return 0 if order.seats is None else order.enrolled + order.seats_available


ADDS = {
    "Organization only: received": (lambda order: order.seats or 0, True),
    "Organization only: allocated": (
        lambda order: 0 if order.seats is None else order.seats_taken - order.enrolled,
        False,
    ),
    "Including sub-organizations: in use": (
        lambda order: 0 if order.seats is None else order.enrolled,
        False,
    ),
    "Including sub-organizations: free": (lambda order: order.seats_available or 0, False),
    "Including sub-organizations: unlimited": (lambda order: order.seats is None, False),
    **{name: (_expiring, True) for name in ENDING},
}
ADDS["Organization only: in use"] = ADDS["Including sub-organizations: in use"]
ADDS["Organization only: free"] = ADDS["Including sub-organizations: free"]


def looked_at(order, line, column):
    """Whether an order counts in the column of a line."""
    left = (order.finish_date - factories.today()).days
    if not order.is_approved or left < 0 or column in ENDING and left > int(column.split()[2]):
        return False
    if column.startswith("Organization only"):
        return order.assigned_to == line
    return order.assigned_to.path.startswith(line.path)


@pytest.mark.parametrize("query", ["", "type=center", "type=codes", "at", "mix"])
def test_each_number_links_to_just_the_orders_it_was_summed_over(
    site, hub, center, mix, inventory, query
):
    if query == "at":
        query = f"at={center.pk}"
    if query == "mix":
        query = f"mix={mix[0].pk}"
    response = site.get(f"{WHERE}?{query}")
    kinds = {"type=center": [factories.CENTER], "type=codes": [factories.CODES]}.get(query)
    orders = list(Order.objects.select_related("assigned_to").prefetch_related("products"))
    links = 0
    for name, cells in tables(response)[0].items():
        organization = hub if name.startswith(hub.name) else center
        for column, cell in cells.items():
            adds, whole = ADDS[column]
            behind = [
                order
                for order in orders
                if looked_at(order, organization, column)
                and (adds(order) or whole)
                and (not kinds or order.inventory_type in kinds)
                and ("mix" not in query or list(order.products.all()) == mix[:1])
            ]
            number, *_notes = text(cell).split(" ")
            assert number == f"{sum(map(adds, behind)):,}", (name, column)
            hrefs = cell.xpath("./a/@href")
            assert bool(hrefs) == bool(behind), (name, column)
            for href in hrefs:
                links += 1
                listed = numbers(site.get(href))
                assert sorted(listed) == sorted(order.number for order in behind), href
    assert links >= 7


def test_seats_not_usable_today_link_to_their_orders(site, inventory, center):
    page = site.get(WHERE)

    note = tables(page)[0]["Tolano Adventures Center"][
        "Including sub-organizations: free"
    ].cssselect("small a")
    listed = page_text(site.get(note[0].get("href")))

    assert text(note[0]) == "9 not usable today"
    assert "2 orders" in listed
    assert "Seats: Some free, but not usable today" in listed
    assert "Organization, including sub-organizations: Tolano Adventures" in listed


def test_the_mixes_link_to_their_orders_too(site, hub, inventory, mix):
    page = site.get(f"{WHERE}?by=mix")
    for name, cells in tables(page)[0].items():
        for cell in cells.values():
            for href in cell.xpath("./a/@href"):
                listed = site.get(href)
                assert f"Product Mix: {name}" in page_text(listed)
                assert numbers(listed)


def test_a_search_keeps_its_drill_down_filters(site, center, inventory):
    page = parsed(site.get(f"/inventory/?below={center.pk}&seats=free&ending=30&mix=none"))

    kept = dict(page.cssselect("form.search")[0].form_values())

    # An empty radio button is "on".
    found = {name: value for name, value in kept.items() if value not in ("", "on")}
    assert found == {"below": str(center.pk), "seats": "free", "ending": "30", "mix": "none"}
    assert page.xpath("//a[@href='/inventory/'][.='Clear all']")


@pytest.mark.parametrize("query", ["seats=bogus", "ending=x", "mix=x", "below=x"])
def test_a_wrong_drill_down_filter_says_so(site, parent, query):
    response = site.get(f"/inventory/?{query}")
    assert set(field_errors(response)) == {query.split("=")[0]}
    assert numbers(response) == []


def test_a_center_can_be_linked_to_a_part_of_its_own_orders(sign_in, admin, center):
    unlimited = factories.order(assigned_to=center, students=None)
    limited = factories.order(assigned_to=center, students=5)
    site = sign_in(admin)
    # It has no sub-organizations to choose from.
    everything = site.get("/inventory/?below=1&scope=below")
    assert set(numbers(everything)) == {unlimited.number, limited.number}
    assert "Filters:" not in page_text(everything)

    part = site.get("/inventory/?seats=unlimited")
    assert numbers(part) == [unlimited.number]
    assert "Seats: Unlimited" in page_text(part)
