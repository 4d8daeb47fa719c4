"""The Transfers page, its workbook, and the transfers in the Edit Order window."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from licenses.models import Order, Transfer
from licenses.services.orders import assign_order
from licenses.services.reclaims import reclaim_seats
from tests import factories
from tests.licenses.acts import allocate, parent_of
from tests.pages import DIALOG, field_errors, page_text, parsed, rows, text

pytestmark = pytest.mark.django_db
ADDRESS = "/transfers/"


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def parent(hub):
    return parent_of(hub, purchase_order="SECRET-PO")


@pytest.fixture
def child(parent, center, hub_admin):
    return assign_order(
        assigned_to=center,
        inventory_type=parent.inventory_type,
        products=parent.products.all(),
        terms=factories.terms(students=40),
        by=hub_admin.user,
        parent=parent,
        purchase_order="=1+1",
        comments="Inner comments",
    )


@pytest.fixture
def taken(child, hub_admin):
    return reclaim_seats(order=child, number=15, by=hub_admin.user, reason="Inner reason")


def sheet(response):
    assert response.status_code == 200
    book = openpyxl.load_workbook(BytesIO(response.getvalue()))
    return list(book.active.values)


def test_it_lists_the_newest_first(site, parent, child, taken, hub_admin, hub, center):
    reclaimed, allocated = rows(site.get(ADDRESS))

    day = timezone.localdate().isoformat()
    assert allocated["Date"].startswith(day)
    del allocated["Date"], reclaimed["Date"]
    assert allocated == {
        "Kind": "Allocated",
        "Number": "40 seats",
        "From": f"Harbour Hub ({parent.number})",
        "To": f"Tolano Adventures ({child.number})",
        "By": str(hub_admin.user),
        "Purchase Order": "=1+1",
        "Reason": "Inner comments",
    }
    assert reclaimed == {
        "Kind": "Reclaimed",
        "Number": "15 seats",
        "From": f"Tolano Adventures ({child.number})",
        "To": f"Harbour Hub ({parent.number})",
        "By": str(hub_admin.user),
        "Purchase Order": "=1+1",
        "Reason": "Inner reason",
    }


def test_the_newest_transfer_is_first_regardless_of_when_it_was_recorded(site, child, taken):
    with pgtrigger.ignore("licenses.Transfer:append_only"):
        Transfer.objects.filter(pk=taken.pk).update(made_at=taken.made_at - timedelta(days=9))
    assert [row["Kind"] for row in rows(site.get(ADDRESS))] == ["Allocated", "Reclaimed"]
    book = sheet(site.get("/transfers/download/"))
    assert [row[1] for row in book[1:]] == ["Allocated", "Reclaimed"]


def test_a_child_sees_sender_number_and_reason_and_nothing_of_the_parent_order(
    sign_in, admin, parent, child, taken
):
    site = sign_in(admin)
    response = site.get(ADDRESS)
    reclaimed, allocated = rows(response)
    assert (allocated["From"], allocated["Number"]) == ("Harbour Hub", "40 seats")
    assert (reclaimed["To"], reclaimed["Number"]) == ("Harbour Hub", "15 seats")
    book = sheet(site.get("/transfers/download/"))
    window = site.get(f"/inventory/{child.number}/edit/")
    for shown in (response.content.decode(), str(book), window.content.decode()):
        assert str(child.number) in shown
        assert str(parent.number) not in shown
        assert "SECRET-PO" not in shown
        # The holder reads it, as the form of Reclaim Seats says.
        assert "Inner reason" in shown
        assert "Inner comments" in shown
    assert "Inner reason" in text(parsed(window).cssselect("#panel-history")[0])


def test_a_child_cannot_guess_its_suppliers_order_number(sign_in, admin, site, parent, child):
    assert not rows(sign_in(admin).get(ADDRESS, {"order": parent.number}))
    assert len(rows(sign_in(admin).get(ADDRESS, {"order": child.number}))) == 1
    assert len(rows(site.get(ADDRESS, {"order": parent.number}))) == 1


def test_strangers_see_nothing(sign_in, foreign_admin, child):
    page = sign_in(foreign_admin).get(ADDRESS)
    assert "No seats or codes have been allocated or reclaimed yet." in page_text(page)
    assert len(sheet(sign_in(foreign_admin).get("/transfers/download/"))) == 1


def test_the_filters(site, parent, child, taken, hub, hub_admin):
    other = factories.organization("Other Center", parent=hub)
    allocate(parent, other, hub_admin.user, students=3)
    assert len(rows(site.get(ADDRESS))) == 3
    assert len(rows(site.get(ADDRESS, {"kind": "allocated"}))) == 2
    assert len(rows(site.get(ADDRESS, {"kind": "reclaimed"}))) == 1
    assert len(rows(site.get(ADDRESS, {"organization": other.pk}))) == 1
    assert len(rows(site.get(ADDRESS, {"organization": hub.pk}))) == 3
    assert len(rows(site.get(ADDRESS, {"organization": hub.pk, "branch": "on"}))) == 3
    assert len(rows(site.get(ADDRESS, {"organization": other.pk, "branch": "on"}))) == 1
    today = timezone.localdate()
    one = timedelta(days=1)
    assert len(rows(site.get(ADDRESS, {"first_day": today, "last_day": today}))) == 3
    assert not rows(site.get(ADDRESS, {"first_day": today + one}))
    assert not rows(site.get(ADDRESS, {"last_day": today - one}))


@pytest.mark.parametrize(
    "wrong", [{"first_day": "soon"}, {"order": "x"}, {"kind": "lost"}, {"organization": "0"}]
)
def test_a_wrong_search_is_shown_next_to_its_field(site, child, wrong):
    response = site.get(ADDRESS, wrong)
    assert set(field_errors(response)) == set(wrong)
    assert not rows(response)
    assert len(sheet(site.get("/transfers/download/", wrong))) == 1


def test_a_last_day_before_the_first_is_reported(site, child):
    days = {"first_day": factories.days(0).isoformat(), "last_day": factories.days(-1).isoformat()}
    response = site.get(ADDRESS, days)
    assert field_errors(response) == {"last_day": "The last day is before the first day."}
    assert not rows(response)


def test_an_organization_out_of_scope_is_no_choice(site, child, foreign_admin):
    response = site.get(ADDRESS, {"organization": foreign_admin.organization_id})
    assert "organization" in field_errors(response)
    assert "Elsewhere" not in page_text(response)


def test_the_workbook_holds_what_the_list_shows(site, parent, child, taken):
    header, *all_rows = sheet(site.get("/transfers/download/"))
    assert header[:6] == ("Date", "Kind", "From", "From Order", "To", "To Order")
    assert [row[1] for row in all_rows] == ["Reclaimed", "Allocated"]
    assert all_rows[1][2:8] == (
        "Harbour Hub",
        parent.number,
        "Tolano Adventures",
        child.number,
        "Center License",
        40,
    )
    assert all_rows[1][9] == "=1+1"
    assert len(sheet(site.get("/transfers/download/", {"kind": "allocated"}))) == 2


def test_the_menu_links_to_it_but_not_for_a_center(site, sign_in, admin, center):
    def linked(page):
        return bool(parsed(page).cssselect('a.menu-link[href="/transfers/"]'))

    assert linked(site.get("/"))
    assert not linked(sign_in(admin).get("/"))


def test_pages_of_25_and_the_search_stays(site, hub, center, hub_admin):
    parent = parent_of(hub)
    for _at in range(26):
        allocate(parent, center, hub_admin.user, students=1)
    first = site.get(ADDRESS, {"kind": "allocated"})
    assert len(rows(first)) == 25
    assert len(rows(site.get(ADDRESS, {"kind": "allocated", "page": 2}))) == 1
    hrefs = [link.get("href") for link in parsed(first).cssselect(".pagination a")]
    assert hrefs == ["?kind=allocated&page=2"]


def read(response):
    """Read the whole answer, which closes a download's file."""
    return response.getvalue() if response.streaming else response.content


class Counter:
    """Counts queries."""

    def __init__(self):
        self.count = 0

    def __call__(self, execute, *args):
        self.count += 1
        return execute(*args)


@pytest.mark.parametrize("address", [ADDRESS, "/transfers/download/", "window"])
def test_as_many_queries_for_20_rows_as_for_one(
    site, hub, center, hub_admin, address, django_assert_num_queries
):
    parent = parent_of(hub)
    allocate(parent, center, hub_admin.user, students=1)
    if address == "window":
        address = f"/inventory/{parent.number}/edit/"
    read(site.get(address))
    counter = Counter()
    with connection.execute_wrapper(counter):
        read(site.get(address))
    for _at in range(19):
        to = factories.organization(parent=hub)
        allocate(parent, to, hub_admin.user, students=1)
    with django_assert_num_queries(counter.count):
        read(site.get(address))


def test_the_edit_window_shows_an_orders_transfers_on_both_sides(
    site, sign_in, admin, parent, child, taken
):
    for order in (parent, child):
        page = parsed(site.get(f"/inventory/{order.number}/edit/"))
        assert [text(tab) for tab in page.cssselect(".window-tabs a")] == [
            "Edit Order",
            "Products Information",
            "Transfers",
            "History",
        ]
        first = text(page.cssselect(".transfers li")[1])
        assert first.startswith(
            f"Allocated: 40 seats from Harbour Hub ({parent.number}) "
            f"to Tolano Adventures ({child.number})"
        )
        assert "Inner comments" in first
    own = parsed(sign_in(admin).get(f"/inventory/{child.number}/edit/", **DIALOG))
    first = text(own.cssselect(".transfers li")[1])
    assert first.startswith(
        f"Allocated: 40 seats from Harbour Hub to Tolano Adventures ({child.number})"
    )
    assert "Inner comments" in first


def test_an_order_without_transfers_has_no_tab_of_them(sign_in, admin, center):
    order = factories.order(assigned_to=center)
    page = parsed(sign_in(admin).get(f"/inventory/{order.number}/edit/"))
    assert [text(tab) for tab in page.cssselect(".window-tabs a")] == [
        "Edit Order",
        "Products Information",
        "History",
    ]


def test_the_edit_window_shows_the_newest_20(site, hub, center, hub_admin):
    parent = parent_of(hub)
    for _at in range(21):
        allocate(parent, center, hub_admin.user, students=1)
    page = parsed(site.get(f"/inventory/{parent.number}/edit/"))
    assert len(page.cssselect(".transfers li")) == 20
    link = page.cssselect("#panel-transfers a")[-1]
    assert link.get("href") == f"/transfers/?order={parent.number}"
    assert Transfer.objects.count() == Order.objects.filter(parent=parent).count() == 21
