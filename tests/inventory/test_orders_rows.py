"""A row of the License Inventory: the options in its line and in its menu, and its bar of seats."""

import pytest

from tests import factories
from tests.pages import parsed, rows

pytestmark = pytest.mark.django_db


def row_of(site, order):
    """The cells of an order's row: its options, and its students."""
    (row,) = (
        row
        for row in parsed(site.get("/inventory/")).cssselect("table.orders tbody tr")
        if row.cssselect("th")[0].text_content() == str(order.number)
    )
    return row.cssselect("td.options")[0], row.cssselect("td.students")[0]


def labels(links):
    return [link.text.strip() for link in links]


def test_two_options_are_in_the_line_and_need_no_menu(sign_in, admin, center):
    options, _students = row_of(sign_in(admin), factories.order(assigned_to=center))
    assert labels(options.cssselect("a")) == ["Edit", "Renew"]
    assert options.cssselect("details") == []


def test_more_options_and_what_explains_a_missing_one_are_in_the_menu(sign_in, admin):
    order = factories.license_request(membership=admin)
    options, _students = row_of(sign_in(admin), order)
    (menu,) = options.cssselect("details")
    assert labels(options.xpath("./a")) == ["Edit"]
    assert labels(menu.cssselect("a")) == ["Withdraw"]
    assert menu.cssselect(".why-not")[0].text.startswith("Pending review by ")
    assert menu.cssselect("summary")[0].text_content() == f"More options of order {order.number}"


@pytest.mark.parametrize(("enrolled", "is_full"), [(0, False), (7, False), (8, True), (10, True)])
def test_the_bar_shows_the_seats_taken_and_when_they_are_nearly_full(
    sign_in, admin, center, enrolled, is_full
):
    order = factories.order(assigned_to=center, students=10)
    type(order).objects.filter(pk=order.pk).update(enrolled=enrolled)
    (bar,) = row_of(sign_in(admin), order)[1].cssselect("progress")
    assert (bar.get("value"), bar.get("max")) == (str(enrolled), "10")
    assert ("capacity-full" in bar.get("class")) == is_full


def test_an_unlimited_order_has_no_bar(sign_in, admin, center):
    order = factories.order(assigned_to=center, students=None)
    assert row_of(sign_in(admin), order)[1].cssselect("progress") == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (31, "31 Available"),
        (30, "30 · ends soon Available"),
        (8, "8 · ends soon Available"),
        (7, "7 · ends this week Available"),
        (0, "0 · ends this week Available"),
    ],
)
def test_remaining_days_say_in_words_that_an_order_ends_soon(site, center, days, said):
    factories.order(assigned_to=center, finish_date=factories.days(days))
    [row] = rows(site.get("/inventory/"))
    assert row["Remaining Days"] == said


def test_an_order_that_is_not_in_force_is_not_urgent(site, center):
    factories.order(assigned_to=center, finish_date=factories.days(3), is_active=False)
    [row] = rows(site.get("/inventory/"))
    assert row["Remaining Days"] == "3 Inactive"
