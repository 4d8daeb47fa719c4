"""The License Inventory page: search, totals, table, paging, scope."""

import pytest

from licenses.models import Order
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import reject_request, withdraw_request
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.pages import field_errors, notifications, numbers, page_text, parsed, rows, text

COLUMNS = [
    "Order Number",
    "Purchase Order",
    "Inventory Type",
    "Teacher Code",
    "Start Date",
    "Finish Date",
    "Remaining Days",
    "Teachers",
    "Students",
    "Has a Renew Request",
    "Was It Renewed?",
    "Options",
]


def test_it_has_the_guides_words(site, center):
    factories.order(assigned_to=center)

    response = site.get("/inventory/")

    page = parsed(response)
    assert text(page.cssselect("main h1")[0]) == "License Inventory"
    shown = text(page)
    for words in (
        "In this section, you can add and view license inventory.",
        "Order Number",
        "Purchase Order",
        "License Code",
        "Request New License",
        "Search",
    ):
        assert words in shown
    legends = [text(legend) for legend in page.cssselect("fieldset legend")]
    assert legends == ["Order Status", "Inventory Type"]
    labels = [text(label) for label in page.cssselect(".search-radios label")]
    assert labels == [
        "All",
        "Available Licenses",
        "Expired Licenses",
        "Requested",
        "With Renewal Request",
        "All",
        "User Activation Codes",
        "Center License",
    ]
    assert list(rows(response)[0]) == COLUMNS


def test_a_row_shows_the_orders_facts(site, center, staff):
    order = factories.order(
        assigned_to=center, purchase_order="PO-7", finish_date=factories.days(12), students=40
    )
    enroll_teacher(order=order, user=factories.person(), by=staff)
    enroll_student(order=order, user=factories.person(), by=staff)

    (row,) = rows(site.get("/inventory/"))

    assert row["Order Number"] == str(order.number)
    assert row["Purchase Order"] == "PO-7"
    assert row["Inventory Type"] == "Center License"
    assert row["Teacher Code"] == str(order.teacher_code)
    assert row["Start Date"] == str(order.start_date)
    assert row["Finish Date"] == str(order.finish_date)
    assert row["Remaining Days"] == "12 · ends soon Available"
    assert row["Teachers"] == "1"
    assert row["Students"] == "1 of 40"
    assert row["Has a Renew Request"] == "No"
    assert row["Was It Renewed?"] == "No"
    assert row["Options"] == f"Edit order {order.number} Renew order {order.number}"


def test_the_type_of_an_activation_code_order_links_to_its_window(site, center):
    order = factories.order(factories.CODES, assigned_to=center)

    page = parsed(site.get("/inventory/"))

    (link,) = page.xpath("//td//a[contains(., 'User Activation Codes')]")
    assert link.get("href").startswith(f"/inventory/{order.number}/codes/")


def test_an_empty_search_shows_all_newest_number_first(site, center):
    orders = [factories.order(assigned_to=center) for _ in range(3)]

    assert numbers(site.get("/inventory/?number=&purchase_order=&status=&type=")) == [
        order.number for order in reversed(orders)
    ]


def test_the_order_number_is_searched_exactly(site, center):
    first, second = factories.order(assigned_to=center), factories.order(assigned_to=center)

    assert numbers(site.get(f"/inventory/?number={first.number}")) == [first.number]
    assert numbers(site.get(f"/inventory/?number={str(second.number)[:-1]}")) == []


def test_the_purchase_order_is_searched_by_part_in_any_case(site, center):
    order = factories.order(assigned_to=center, purchase_order="UAC- Center2")
    factories.order(assigned_to=center, purchase_order="Other")

    assert numbers(site.get("/inventory/?purchase_order=CENTER")) == [order.number]


@pytest.mark.parametrize("typed", ["nife", "7DA7-NIFE", "u7da7 nife 3017", "U7DA7-NIFE-3017"])
def test_the_license_code_is_searched_by_part_in_any_case(site, center, typed):
    order = factories.order(assigned_to=center, teacher_code="U7DA7-NIFE-3017")
    factories.order(assigned_to=center)

    assert numbers(site.get("/inventory/", {"license_code": typed})) == [order.number]


def test_the_radio_buttons_filter_by_status_and_type(site, admin, center):
    available = factories.order(assigned_to=center)
    codes = factories.order(factories.CODES, assigned_to=center)
    expired = factories.order(assigned_to=center, finish_date=factories.days(-1))
    renewed = factories.order(factories.CODES, assigned_to=center)
    factories.renewal_request(renewed, membership=admin)
    requested = factories.license_request(membership=admin)

    def found(query):
        return set(numbers(site.get(f"/inventory/?{query}")))

    assert found("status=available") == {available.number, codes.number, renewed.number}
    assert found("status=expired") == {expired.number}
    assert found("status=requested") == {requested.number}
    assert found("status=renewal") == {renewed.number}
    assert found("type=center") == {available.number, expired.number, requested.number}
    assert found("status=available&type=codes") == {codes.number, renewed.number}


@pytest.mark.parametrize("column", ["number", "start", "finish", "remaining"])
def test_it_sorts_both_ways_with_undated_requests_last(site, admin, center, column):
    early = factories.order(assigned_to=center, finish_date=factories.days(5))
    late = factories.order(
        assigned_to=center, start_date=factories.days(-2), finish_date=factories.days(50)
    )
    up = numbers(site.get(f"/inventory/?sort={column}"))
    down = numbers(site.get(f"/inventory/?sort=-{column}"))
    assert up == [early.number, late.number]
    assert down == [late.number, early.number]

    requested = factories.license_request(membership=admin)
    if column != "number":
        for sort in (column, f"-{column}"):
            assert numbers(site.get(f"/inventory/?sort={sort}"))[-1] == requested.number


def test_the_sorted_column_says_so_and_its_link_turns_the_order(site, center):
    factories.order(assigned_to=center)

    page = parsed(site.get("/inventory/?sort=-finish&status=available"))

    (head,) = page.cssselect("th[aria-sort=descending]")
    assert text(head) == "Finish Date"
    href = head.cssselect("a")[0].get("href")
    assert "sort=finish" in href
    assert "status=available" in href


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("number=abc", "number"),
        ("number=-5", "number"),
        ("number=0", "number"),
        ("number=99999999999999999999999", "number"),
        ("purchase_order=" + "x" * 65, "purchase_order"),
        ("status=bogus", "status"),
        ("type=bogus", "type"),
    ],
)
def test_a_wrong_search_says_so_next_to_its_field(site, center, query, field):
    factories.order(assigned_to=center)

    response = site.get(f"/inventory/?{query}")

    assert response.status_code == 200
    assert field in field_errors(response)
    assert rows(response) == []
    typed = query.partition("=")[2]
    if field in ("number", "purchase_order"):
        (entry,) = parsed(response).cssselect(f"#search_{field}")
        assert entry.get("value") == typed


@pytest.mark.parametrize(
    "query", ["sort=bogus", "sort=%2C", "sort=%2Cstart", "page=abc", "page=0", "page=99"]
)
def test_a_wrong_sort_or_page_is_no_error_page(site, center, query):
    factories.order(assigned_to=center)

    assert site.get(f"/inventory/?{query}").status_code == 200


def test_an_empty_result_says_what_was_searched_and_offers_to_clear_it(site, center):
    factories.order(assigned_to=center)

    response = site.get("/inventory/?number=77&purchase_order=abc&status=expired")

    page = page_text(response)
    assert "Order Number 77, Purchase Order abc, Order Status Expired Licenses" in page
    assert parsed(response).xpath("//a[@href='/inventory/'][contains(., 'Clear Search')]")


def test_no_inventory_at_all_says_how_to_begin(site):
    assert "You have no licenses yet." in page_text(site.get("/inventory/"))


def test_25_rows_a_page_with_links_that_keep_the_search(site, center):
    mix = factories.products()
    by = factories.staff()
    for _ in range(26):
        factories.order(assigned_to=center, product_mix=mix, by=by, purchase_order="A b")

    first = site.get("/inventory/?purchase_order=A+b&sort=number")
    assert len(rows(first)) == 25
    (link,) = parsed(first).cssselect(".pagination a")
    assert len(rows(site.get("/inventory/" + link.get("href")))) == 1
    assert "sort=number" in link.get("href")


def test_the_totals_count_approved_orders_by_type_whatever_the_search(site, admin, center):
    factories.order(assigned_to=center)
    factories.order(assigned_to=center, finish_date=factories.days(-1))
    factories.order(factories.CODES, assigned_to=center)
    factories.license_request(membership=admin)
    factories.order(assigned_to=factories.organization())

    page = page_text(site.get("/inventory/?number=1"))

    assert "Assigned Center Licenses: 2" in page
    assert "Assigned User Activation Codes: 1" in page


def test_renew_is_offered_or_says_why_not(site, admin, center, staff):
    plain = factories.order(assigned_to=center)
    expired = factories.order(assigned_to=center, finish_date=factories.days(-1))
    pending = factories.renewal_request(factories.order(assigned_to=center), membership=admin).order
    suspended = factories.order(assigned_to=center)
    suspend_order(order=suspended, by=staff, reason="unpaid")
    requested = factories.license_request(membership=admin)

    options = {int(row["Order Number"]): row["Options"] for row in rows(site.get("/inventory/"))}

    assert "Renew order" in options[plain.number]
    assert "Renew order" in options[expired.number]
    assert "Renewal requested" in options[pending.number]
    assert "Withdraw the renewal request" in options[pending.number]
    assert "Suspended: can't be renewed" in options[suspended.number]
    assert "Withdraw request" in options[requested.number]


def test_rejected_and_withdrawn_requests_stay_in_the_list(site, admin, staff):
    rejected = factories.license_request(membership=admin)
    reject_request(request=rejected, by=staff, comments="no")
    withdrawn = factories.license_request(membership=admin)
    withdraw_request(request=withdrawn, by=admin.user)

    shown = {row["Order Number"]: row["Remaining Days"] for row in rows(site.get("/inventory/"))}

    assert shown == {str(rejected.number): "Rejected", str(withdrawn.number): "Withdrawn"}


def test_a_center_sees_its_own_orders_only(site, center, hub):
    own = factories.order(assigned_to=center)
    factories.order(assigned_to=hub)
    factories.order(assigned_to=factories.organization(parent=hub))
    foreign = factories.order(assigned_to=factories.organization())

    assert numbers(site.get("/inventory/")) == [own.number]
    assert numbers(site.get(f"/inventory/?number={foreign.number}")) == []


def test_a_hub_sees_its_scope_with_the_holder(sign_in, hub_admin, center, hub):
    below = factories.order(assigned_to=center)
    own = factories.order(assigned_to=hub)
    factories.order(assigned_to=factories.organization())

    shown = rows(sign_in(hub_admin).get("/inventory/"))

    assert [row["Order Number"] for row in shown] == [str(own.number), str(below.number)]
    assert [row["Assigned To"] for row in shown] == ["Harbour Hub", "Tolano Adventures"]
    assert shown[1]["Options"] == f"Edit order {below.number} Renew order {below.number}"


def test_at_most_nine_queries_however_many_rows(site, center, django_assert_max_num_queries):
    mix = factories.products()
    by = factories.staff()
    factories.order(assigned_to=center, product_mix=mix, by=by)
    with django_assert_max_num_queries(9) as one:
        site.get("/inventory/")
    for number in range(19):
        kind = factories.CODES if number % 2 else factories.CENTER
        factories.order(kind, assigned_to=center, product_mix=mix, by=by)
    with django_assert_max_num_queries(len(one.captured_queries)):
        site.get("/inventory/")


def test_emoji_right_to_left_text_and_formulas_are_shown_as_typed(site, center):
    Order.objects.filter(pk=factories.order(assigned_to=center).pk).update(
        purchase_order="=1+1 🎒 שלום <b>"
    )

    assert rows(site.get("/inventory/"))[0]["Purchase Order"] == "=1+1 🎒 שלום <b>"
    assert notifications(site.get("/inventory/?purchase_order=🎒")) == []


# Additional columns of distributors, resellers and hubs


@pytest.fixture
def hub_site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def below(hub, center, hub_admin):
    """An order of the hub, and one of its center that was allocated from it."""
    parent = factories.order(assigned_to=hub)
    child = factories.order(
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=parent.products.all(),
        students=40,
    )
    return parent, child


def options_of(response):
    return {int(row["Order Number"]): row["Options"] for row in rows(response)}


def test_assigned_to_filters_my_organization_sub_organizations_and_one(
    hub_site, below, hub, center
):
    parent, child = below
    other = factories.organization("Another", parent=hub)
    third = factories.order(assigned_to=other)
    assert numbers(hub_site.get("/inventory/?scope=ours")) == [parent.number]
    assert numbers(hub_site.get("/inventory/?scope=below")) == [third.number, child.number]
    assert numbers(hub_site.get(f"/inventory/?holder={center.pk}")) == [child.number]
    assert numbers(hub_site.get(f"/inventory/?holder={hub.pk}")) == [parent.number]


def test_allocated_and_remaining_seats_of_an_order_are_shown(hub_site, below, sign_in, admin):
    parent, child = below
    shown = {int(row["Order Number"]): row["Students"] for row in rows(hub_site.get("/inventory/"))}
    assert shown == {parent.number: "0 of 100 40 allocated, 60 left", child.number: "0 of 40"}
    window = page_text(hub_site.get(f"/inventory/{parent.number}/edit/"))
    assert "0 of 100 40 allocated, 60 left" in window
    assert "allocated" not in page_text(sign_in(admin).get("/inventory/"))


def test_an_organization_out_of_scope_is_refused_without_its_name(hub_site, foreign_admin):
    response = hub_site.get(f"/inventory/?holder={foreign_admin.organization_id}")
    assert "holder" in field_errors(response)
    assert "Elsewhere" not in page_text(response)


def test_an_organization_that_was_searched_for_is_named(hub_site, center):
    page = page_text(hub_site.get(f"/inventory/?holder={center.pk}&scope=below"))
    assert "Organization Tolano Adventures" in page
    assert "Assigned To Sub-organizations only" in page


def test_the_totals_name_their_organizations(hub_site, below):
    page = page_text(hub_site.get("/inventory/?number=1"))
    assert "Assigned Center Licenses: 1 (2 including sub-organizations)" in page
    assert "Assigned User Activation Codes: 0 (0 including sub-organizations)" in page


def test_a_center_has_none_of_it(site, center):
    factories.order(assigned_to=center)
    response = site.get("/inventory/?scope=below&holder=1")
    page = parsed(response)
    assert not page.cssselect('[name="scope"], [name="holder"]')
    assert len(rows(response)) == 1
    assert "Assigned To" not in rows(response)[0]
    assert "including sub-organizations" not in page_text(response)


def test_the_options_of_a_supplier(hub_site, below, center, hub_admin):
    parent, child = below
    from_cci = factories.order(assigned_to=center)
    options = options_of(hub_site.get("/inventory/"))
    assert "Assign from order" in options[parent.number]
    assert "Reclaim" not in options[parent.number]
    assert "Suspend" not in options[parent.number]
    assert "Reclaim from order" in options[child.number]
    assert "Suspend order" in options[child.number]
    assert "Assign from" not in options[child.number]
    assert "Reclaim" not in options[from_cci.number]
    assert "Suspend" not in options[from_cci.number]
    suspend_order(order=child, by=hub_admin.user, reason="Unpaid")
    options = options_of(hub_site.get("/inventory/"))
    assert "Resume order" in options[child.number]
    assert "Suspend order" not in options[child.number]


def test_nothing_left_offers_neither_assign_nor_reclaim(hub_site, below, hub_admin, staff):
    parent, child = below
    reclaim_seats(order=child, number=40, by=hub_admin.user, reason="Unused")
    codes = factories.order(factories.CODES, assigned_to=parent.assigned_to)
    factories.codes(codes)
    options = options_of(hub_site.get("/inventory/"))
    assert "Reclaim" not in options[child.number]
    assert "Assign from" not in options[codes.number]
    assert {row["Order Number"]: row["Students"] for row in rows(hub_site.get("/inventory/"))}[
        str(child.number)
    ] == "0 of 0"


def test_a_center_is_offered_none_of_them(site, below):
    _parent, child = below
    shown = options_of(site.get("/inventory/"))[child.number]
    for word in ("Assign", "Reclaim", "Suspend"):
        assert word not in shown


def test_a_hubs_page_costs_the_same_for_many(hub_site, below, hub, django_assert_max_num_queries):
    parent, _child = below
    with django_assert_max_num_queries(11) as one:
        hub_site.get("/inventory/")
    mix = list(parent.products.all())
    for _at in range(10):
        to = factories.organization(parent=hub)
        factories.order(assigned_to=to, parent=parent, product_mix=mix, students=1)
    with django_assert_max_num_queries(len(one.captured_queries)):
        hub_site.get("/inventory/")
