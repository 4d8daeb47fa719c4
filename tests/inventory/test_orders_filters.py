"""The filters of the License Inventory: what each finds, their chips, and parameters not used."""

import pytest

from jasper_inventory.lib import pagination
from licenses.models import Order
from licenses.services.requests import reject_request, withdraw_request
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.pages import field_errors, numbers, page_text, parsed, rows, text

pytestmark = pytest.mark.django_db


def chips(response):
    """The chips: {text: address}."""
    return {
        text(chip).removeprefix("Remove filter "): chip.get("href")
        for chip in parsed(response).cssselect("a.chip")
    }


def problems(response):
    return [text(problem) for problem in parsed(response).cssselect(".search-problem")]


@pytest.fixture
def of_each_status(center, admin, staff):
    """An order of each status, by its name in addresses."""
    found = {
        "available": factories.order(assigned_to=center),
        "expired": factories.order(assigned_to=center, finish_date=factories.days(-1)),
        "scheduled": factories.order(assigned_to=center, start_date=factories.days(2)),
        "suspended": factories.order(assigned_to=center),
        "inactive": factories.order(assigned_to=center, is_active=False),
        "depleted": factories.order(assigned_to=center, students=1),
        "requested": factories.license_request(membership=admin),
        "rejected": factories.license_request(membership=admin),
        "withdrawn": factories.license_request(membership=admin),
    }
    Order.objects.filter(pk=found["depleted"].pk).update(enrolled=1)
    suspend_order(order=found["suspended"], by=staff, reason="unpaid")
    reject_request(request=found["rejected"], by=staff, comments="no")
    withdraw_request(request=found["withdrawn"], by=admin.user)
    return found


def test_each_status_finds_its_orders(site, of_each_status):
    for status, order in of_each_status.items():
        assert numbers(site.get(f"/inventory/?status={status}")) == [order.number], status
    buttons = parsed(site.get("/inventory/")).cssselect("input[name=status]")
    assert {button.get("value") for button in buttons} == {"", "renewal", *of_each_status}


def test_a_product_is_found_by_words_of_its_name_or_family(site, center):
    first, second = factories.products(1), factories.products(1)
    order = factories.order(assigned_to=center, product_mix=first)
    factories.order(assigned_to=center, product_mix=second)

    assert numbers(site.get("/inventory/", {"product": str(first[0])})) == [order.number]
    assert numbers(site.get("/inventory/?product=nothing+like+it")) == []


def test_orders_are_found_by_their_last_days(site, center):
    ends = {
        days: factories.order(assigned_to=center, finish_date=factories.days(days)).number
        for days in (-1, 0, 7, 8)
    }
    assert set(numbers(site.get("/inventory/?ending=7"))) == {ends[0], ends[7]}

    between = f"ends_from={factories.days(-1)}&ends_to={factories.days(7)}"
    assert set(numbers(site.get(f"/inventory/?{between}"))) == {ends[-1], ends[0], ends[7]}

    wrong = site.get(f"/inventory/?ends_from={factories.days(7)}&ends_to={factories.days(0)}")
    assert "ends_to" in field_errors(wrong)
    assert numbers(wrong) == []


def test_free_nearly_full_and_full_orders_are_different(site, center):
    taken = {number: factories.order(assigned_to=center, students=10) for number in (7, 8, 10)}
    for number, order in taken.items():
        Order.objects.filter(pk=order.pk).update(enrolled=number)
    factories.order(assigned_to=center, students=None)

    assert set(numbers(site.get("/inventory/?seats=free"))) == {taken[7].number, taken[8].number}
    assert numbers(site.get("/inventory/?seats=nearly")) == [taken[8].number]
    assert numbers(site.get("/inventory/?seats=full")) == [taken[10].number]


def test_a_supplier_finds_what_it_assigned_itself(sign_in, hub_admin, hub, center):
    parent = factories.order(assigned_to=hub)
    factories.order(assigned_to=center)
    ours = factories.order(
        assigned_to=center, parent=parent, product_mix=parent.products.all(), by=hub_admin.user
    )

    site = sign_in(hub_admin)

    assert numbers(site.get("/inventory/?assigned_by=us")) == [ours.number]


def test_each_chip_removes_just_its_filter(site, center):
    factories.order(assigned_to=center)
    page = site.get("/inventory/?seats=free&status=available&sort=finish&page=1&ending=400")

    assert chips(page) == {
        "Order Status: Available Licenses": "/inventory/?seats=free&sort=finish&ending=400",
        "Seats: Some free": "/inventory/?status=available&sort=finish&ending=400",
        "Ending Within (days): 400": "/inventory/?seats=free&status=available&sort=finish",
    }
    assert parsed(page).xpath("//a[@href='/inventory/?sort=finish'][.='Clear all']")
    assert chips(site.get("/inventory/")) == {}


def test_the_chip_of_an_organization_removes_its_branch_too(sign_in, hub_admin, center):
    page = sign_in(hub_admin).get(f"/inventory/?holder=%23{center.pk}&branch=on&type=center")

    assert chips(page)["Organization: Tolano Adventures, including sub-organizations"] == (
        "/inventory/?type=center"
    )


def test_more_filters_is_open_where_one_of_its_filters_is_used(site, center):
    def is_open(query):
        (more,) = parsed(site.get(f"/inventory/?{query}")).cssselect("details.more-filters")
        return "open" in more.attrib

    assert not is_open("number=5&status=available")
    for query in ("status=depleted", "ending=9", "seats=bogus", "ends_to=x", "product=excel"):
        assert is_open(query), query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("bogus=1", "This list has no such filter, so it wasn't used: bogus."),
        ("a=1&b=2", "This list has no such filters, so they weren't used: a, b."),
        ("scope=below", "Your organization has no sub-organizations. Not used: scope."),
        ("assigned_by=us", "Your organization has no sub-organizations. Not used: assigned_by."),
        ("type=codes&type=center", "Only the last value was used of: type."),
        ("sort=bogus", "This list can't be sorted by “bogus”. It is sorted by order number."),
        ("sort=holder", "This list can't be sorted by “holder”. It is sorted by order number."),
        ("rows=77", "A page can't have “77” rows. Choose 25, 50 or 100."),
    ],
)
def test_a_parameter_that_is_not_used_is_named(site, center, query, said):
    factories.order(assigned_to=center)

    response = site.get(f"/inventory/?{query}")

    assert problems(response) == [said]
    assert len(rows(response)) == 1
    assert problems(site.get("/inventory/?type=center&sort=finish&page=1&rows=50")) == []


def test_a_branch_without_an_organization_says_so(sign_in, hub_admin):
    page = sign_in(hub_admin).get("/inventory/?branch=on&holder=")
    assert problems(page) == [
        "“Including sub-organizations” was not used: it needs an organization."
    ]


def test_the_name_of_a_wrong_parameter_is_never_markup(site):
    page = site.get("/inventory/", {"<b>x</b>": "1"})
    assert problems(page) == ["This list has no such filter, so it wasn't used: <b>x</b>."]


# Sorting


@pytest.fixture
def different(hub, center):
    """Two orders that differ in each column."""
    mix = factories.products(1)
    first = factories.order(
        assigned_to=center, product_mix=mix, purchase_order="A-1", teacher_code="A7DA7-NIFE-3017"
    )
    second = factories.order(
        factories.CODES,
        assigned_to=hub,
        product_mix=mix,
        purchase_order="B-2",
        teacher_code="U7DA7-NIFE-3017",
        start_date=factories.days(-1),
        finish_date=factories.days(800),
    )
    return first.number, second.number


def test_each_column_sorts_from_its_heading(sign_in, hub_admin, different):
    site = sign_in(hub_admin)
    heads = parsed(site.get("/inventory/")).cssselect("table.inventory thead th")
    links = {text(head): head.cssselect("a") for head in heads}
    assert [name for name, link in links.items() if not link] == ["Options"]
    for name in ("Assigned To", "Purchase Order", "Teacher Code", "Inventory Type", "Finish Date"):
        (link,) = links[name]
        once = site.get("/inventory/" + link.get("href"))
        (sorted_head,) = parsed(once).cssselect("th[aria-sort=ascending]")
        assert text(sorted_head) == name
        found = numbers(once)
        twice = site.get("/inventory/" + sorted_head.cssselect("a")[0].get("href"))
        assert numbers(twice) == found[::-1], name
    assert numbers(site.get("/inventory/?sort=holder")) == [*different[::-1]]
    assert numbers(site.get("/inventory/?sort=finish")) == [*different]
    assert numbers(site.get("/inventory/?sort=purchase_order")) == [*different]


def test_yes_and_the_most_come_first(sign_in, hub_admin, hub, center, admin, staff):
    plain, busy = (factories.order(assigned_to=center) for _ in range(2))
    Order.objects.filter(pk=busy.pk).update(enrolled=3)
    factories.renewal_request(busy, membership=admin)
    site = sign_in(hub_admin)
    for column in ("students", "has_renew_request"):
        head = parsed(site.get("/inventory/")).cssselect(f"th.column-{column} a")[0]
        assert f"sort=-{column}" in head.get("href")
        assert numbers(site.get("/inventory/" + head.get("href"))) == [busy.number, plain.number]


@pytest.mark.parametrize(
    "column", ["type", "teachers", "students", "has_renew_request", "was_renewed", "holder"]
)
def test_equal_rows_are_sorted_by_number_on_every_page(sign_in, hub_admin, center, column):
    mix = factories.products(1)
    made = [
        factories.order(assigned_to=center, product_mix=mix, by=factories.staff()).number
        for _ in range(27)
    ]
    site = sign_in(hub_admin)
    found = [
        number
        for page in (1, 2)
        for number in numbers(site.get(f"/inventory/?sort={column}&page={page}"))
    ]
    assert found in (made, made[::-1])


def test_hidden_purchase_orders_are_sorted_last(sign_in, hub_admin, center, different):
    # Asked and assigned by organizations that aren't above the holder: a former supplier's words.
    stranger = factories.organization()
    hidden = factories.order(assigned_to=center, purchase_order="A-0")
    Order.objects.filter(pk=hidden.pk).update(assigned_by_organization=stranger)
    site = sign_in(hub_admin)
    for sign in ("", "-"):
        found = rows(site.get(f"/inventory/?sort={sign}purchase_order"))
        assert found[-1]["Purchase Order"] == "–"
        assert found[-1]["Order Number"] == str(hidden.number)


def test_too_many_orders_are_not_sorted_by_a_column_without_an_index(
    sign_in, hub_admin, center, monkeypatch
):
    made = [factories.order(assigned_to=center).number for _ in range(3)]
    monkeypatch.setattr("jasper_inventory.inventory.sorting.MOST_COUNTED", 2)
    page = sign_in(hub_admin).get("/inventory/?sort=students")
    assert problems(page) == [
        "More than 2 orders can't be sorted by Students. Search for fewer. They are sorted by "
        "order number."
    ]
    assert numbers(page) == made[::-1]


# Pages


def test_the_pager_counts_and_a_reader_chooses_the_size(site, center):
    mix = factories.products(1)
    by = factories.staff()
    for _ in range(30):
        factories.order(assigned_to=center, product_mix=mix, by=by)

    first = parsed(site.get("/inventory/?type=center"))
    (pages,) = first.cssselect("nav.pages")
    assert "1–25 of 30" in text(pages)
    assert not pages.cssselect("a[rel=prev]")
    (following,) = pages.cssselect("a[rel=next]")
    second = parsed(site.get("/inventory/" + following.get("href")))
    assert "26–30 of 30" in text(second.cssselect("nav.pages")[0])
    (fifty,) = [a for a in pages.cssselect("a") if "rows=50" in a.get("href")]
    assert "page=" not in fifty.get("href")
    assert len(rows(site.get("/inventory/" + fifty.get("href")))) == 30
    # Remembered, and can be changed again.
    remembered = site.get("/inventory/")
    assert len(rows(remembered)) == 30
    assert parsed(remembered).xpath(
        "//nav[contains(@class, 'pages')]//a[contains(@href, 'rows=25')]"
    )


def test_a_long_list_says_that_it_is_longer(site, center, monkeypatch):
    monkeypatch.setattr(pagination, "MOST_COUNTED", 26)
    mix = factories.products(1)
    for _ in range(30):
        factories.order(assigned_to=center, product_mix=mix)
    assert "1–25 of more than 26" in page_text(site.get("/inventory/"))


def search_form(response):
    (form,) = parsed(response).cssselect("form.search")
    return text(form), [
        (field.get("name"), field.get("value")) for field in form.cssselect("input")
    ]


def test_what_one_reader_types_is_not_in_the_search_of_another_one(site, sign_in, hub_admin):
    """Empty fields are drawn once for all readers of a kind: see `templatetags/search_parts.py`."""
    hub = sign_in(hub_admin)
    of_center, of_hub = (search_form(reader.get("/inventory/")) for reader in (site, hub))
    typed = (
        "number=10001&purchase_order=PO-7&license_code=U7&holder=Tolano&branch=on&status=depleted"
        "&type=codes&scope=below&product=word&seats=free&ending=wrong&ends_from=2026-01-01"
        "&ends_to=2026-02-01&assigned_by=us"
    )

    assert search_form(hub.get(f"/inventory/?{typed}")) != of_hub

    assert search_form(site.get("/inventory/")) == of_center
    assert search_form(hub.get("/inventory/")) == of_hub
    assert of_center != of_hub
