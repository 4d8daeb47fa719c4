"""License Distribution, opened level by level as distributor, reseller and hub."""

import re

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Level
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.browser.screens import ALL_WIDTHS, each_width, fits

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "/inventory/where/"


@pytest.fixture
def chain(staff):
    """A distributor, a reseller, a hub and a center, each the parent of the next; seats at each."""
    made = []
    mix = factories.products(2)
    for level, students in zip(list(Level)[1:], (500, 200, 80, 30), strict=True):
        parent = made[-1][0] if made else None
        one = factories.organization(f"The {level.label}", level=level, parent=parent)
        order = factories.order(
            assigned_to=one,
            parent=made[-1][1] if made else None,
            product_mix=mix,
            students=students,
            finish_date=factories.days(100 - len(made) * 20),
        )
        made.append((one, order))
    center, order = made[-1]
    enroll_student(order=order, user=factories.person(), by=staff)
    hub = made[-2][0]
    factories.order(assigned_to=hub, product_mix=mix[:1], students=None)
    factories.order(factories.CODES, assigned_to=center, start_date=factories.days(2))
    return [factories.member(one) for one, _order in made]


@pytest.mark.parametrize("at", [0, 1, 2], ids=["distributor", "reseller", "hub"])
def test_opened_down_to_the_center_and_on_to_its_orders(open_site, chain, at, js):
    page = open_site(chain[at], js=js)
    page.goto("/")
    page.get_by_role("link", name="License Distribution").click()
    names = [membership.organization.name for membership in chain]
    for name in names[at + 1 :]:
        page.get_by_role("link", name=name, exact=True).click()
        heading = page.get_by_role("heading", name=name)
        expect(heading).to_contain_text("including sub-organizations")
    way = page.get_by_role("navigation", name="Parent organizations")
    expect(way.get_by_role("listitem")).to_have_text(names[at:])

    center = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="The Center"))
    center.locator("[data-label='Organization only: free']").get_by_role("link", name="34").click()
    expect(page).to_have_url(re.compile(r"/inventory/\?holder=%23\d+&seats=free"))
    expect(page.get_by_role("table")).to_contain_text("2 orders")
    page.go_back()
    way.get_by_role("link", name=names[at]).click()
    expect(page.get_by_role("heading", name=names[at])).to_be_visible()


def test_axe_finds_nothing(open_site, chain, axe_anywhere):
    page = open_site(chain[0])
    center = chain[-1].organization
    for address in (
        WHERE,
        f"{WHERE}?type=codes",
        f"{WHERE}?mix=none",
        f"{WHERE}?by=mix",
        f"{WHERE}?at={center.pk}",
        f"/inventory/?below={center.pk}&seats=resting",
        "/inventory/?ending=30&mix=x",
    ):
        page.goto(address)
        axe_anywhere(page)
    page.goto(WHERE)
    page.get_by_text("How seats are counted").click()
    expect(page.get_by_text("Approved licenses count until")).to_be_visible()
    axe_anywhere(page)


def test_no_column_is_cut_off(open_site, chain):
    page = open_site(chain[0])
    for query in ("", "?by=mix"):
        page.goto(f"{WHERE}{query}")
        for _width in each_width(page, ALL_WIDTHS):
            fits(page)


def test_the_bars_are_as_long_as_their_seats(open_site, chain):
    page = open_site(chain[0])
    page.goto(WHERE)
    bar = page.get_by_role("img")
    expect(bar).to_have_attribute(
        "aria-label", "In use: 1; Free and usable today: 499; Free, but not usable today: 5"
    )
    track, used, free, resting = (part.bounding_box() for part in bar.locator("rect").all())
    assert free["width"] == pytest.approx(track["width"] * 499 / 505, abs=1)
    assert resting["x"] == pytest.approx(free["x"] + free["width"], abs=1)
    assert used["width"] == pytest.approx(track["width"] / 505, abs=1)
