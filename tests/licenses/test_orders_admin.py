"""CCI staff assign, edit, find, suspend and resume orders in the admin."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from jasper_inventory.lib import admin_history
from licenses.models import Enrollment, LicenseRequest, Order, Outcome, Product
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.order_edits import edit_order, set_active
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CENTER, CODES, days

ORDERS = ui.url(Order, "changelist")


def order_url(order):
    return ui.url(Order, "change", order.pk)


def test_assigning_a_center_license(staff_site, staff, center):
    product = factories.products(1)[0]

    response = ui.fill(
        staff_site,
        ui.url(Order, "add"),
        assigned_to=center.pk,
        inventory_type=CENTER,
        students="100",
        products=[product.pk],
        purchase_order="PO 5",
        approval_comments="Welcome.",
    )

    order = Order.objects.get()
    assert order.assigned_to == center
    assert (order.students, order.purchase_order) == (100, "PO 5")
    assert (order.reviewed_by, order.outcome) == (staff, Outcome.APPROVED)
    assert order.start_date == days(0)
    assert list(order.products.all()) == [product]
    assert f"The teacher code for order {order} is {order.teacher_code}." in ui.messages(response)


def test_assigning_codes_offers_one_user_per_code_and_a_year(staff_site, center):
    ui.fill(
        staff_site,
        ui.url(Order, "add"),
        assigned_to=center.pk,
        inventory_type=CODES,
        number_of_codes="20",
        teacher_code="AAAAA-BBBB-CCCC",
        products=[factories.products(1)[0].pk],
    )

    order = Order.objects.get()
    assert (order.number_of_codes, order.users_per_code, order.duration) == (20, 1, 365)
    assert str(order.teacher_code) == "AAAAA-BBBB-CCCC"


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"assigned_to": None}, "assigned_to", "required"),
        (
            {"assigned_to": "vendor", "students": "5"},
            "assigned_to",
            "The vendor itself can't hold licenses.",
        ),
        ({"products": None}, "products", "at least one product"),
        ({"products": ["retired"]}, "products", "no longer offered"),
        ({"finish_date": days(-3)}, "finish_date", "before the start date"),
        ({"number_of_codes": "5"}, "number_of_codes", "This field is only for"),
        ({"inventory_type": CODES, "students": "5"}, "students", "This field is only for"),
        ({"inventory_type": CODES}, "number_of_codes", "Enter a number for User Activation Codes"),
        ({"purchase_order": "x" * 65}, "purchase_order", "at most 64"),
        ({"teacher_code": "?", "students": "5"}, "teacher_code", "5-4-4"),
        ({}, "students", "Enter the number of students or choose unlimited."),
        ({"students": "5", "unlimited": "on"}, "students", "not both"),
        ({"approval_comments": "x" * 4001}, "approval_comments", "at most 4000"),
    ],
)
def test_a_broken_rule_is_an_error_and_assigns_nothing(staff_site, center, typed, field, message):
    retired = factories.products(1, is_retired=True)[0]
    values = {
        "assigned_to": center.pk,
        "inventory_type": CENTER,
        "products": [factories.products(1)[0].pk],
        "approval_comments": "Kept text",
        **typed,
    }
    if values["assigned_to"] == "vendor":
        values["assigned_to"] = factories.vendor().pk
    if values["products"] == ["retired"]:
        values["products"] = [retired.pk]

    response = ui.fill(staff_site, ui.url(Order, "add"), **values)

    assert message in ui.errors(response)[field]
    assert not Order.objects.exists()
    if len(values["approval_comments"]) < 100:
        assert "Kept text" in pages.text(ui.page(response))


def test_editing_an_order(staff_site, center):
    order = factories.order(assigned_to=center, students=100, comments="Before")
    more = factories.products(1)[0]
    kept = list(order.products.all())

    response = ui.fill(
        staff_site,
        order_url(order),
        students="",
        unlimited="on",
        finish_date=days(300),
        purchase_order="PO 9",
        products=[product.pk for product in [*kept, more]],
        teacher_code="zzzzz-zzzz-2222",
        reason="They paid.",
    )

    assert "was changed successfully" in ui.messages(response)[0]
    order.refresh_from_db()
    assert (order.students, order.finish_date, order.purchase_order) == (None, days(300), "PO 9")
    assert str(order.teacher_code) == "ZZZZZ-ZZZZ-2222"
    assert set(order.products.all()) == {*kept, more}
    assert order.approval_comments == "Before"
    history = pages.page_text(staff_site.get(ui.url(Order, "history", order.pk)))
    for expected in ("Order edited", "They paid.", "PO 9", str(more), "Product of an order added"):
        assert expected in history


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"students": "1"}, "students", "fewer than the seats in use"),
        ({"students": "0"}, "students", "At least 1"),
        ({"start_date": days(200)}, "finish_date", "before the start date"),
        ({"start_date": ""}, "start_date", "required"),
        ({"products": []}, "products", "at least one product"),
        ({"teacher_code": "nope"}, "teacher_code", "5-4-4"),
    ],
)
def test_an_edit_that_breaks_a_rule_is_an_error(staff_site, typed, field, message):
    order = factories.order(students=10)
    for _number in range(2):
        enroll_student(order=order, user=factories.person(), by=factories.staff())

    response = ui.fill(staff_site, order_url(order), purchase_order="Kept text", **typed)

    assert message in ui.errors(response)[field]
    form = ui.page(response).get_element_by_id("order_form")
    assert form.fields["purchase_order"] == "Kept text"
    assert "2 of 10" in pages.text(form), "facts are shown as they are, not as typed"
    order.refresh_from_db()
    assert (order.students, order.purchase_order) == (10, "")


def test_an_edit_stays_within_the_parent_order(staff_site, hub, center):
    parent = factories.order(assigned_to=hub, students=50, finish_date=days(90))
    order = factories.order(
        assigned_to=center,
        parent=parent,
        students=20,
        finish_date=days(60),
        product_mix=list(parent.products.all()),
    )

    late = ui.fill(staff_site, order_url(order), finish_date=days(91))
    many = ui.fill(staff_site, order_url(order), students="51")
    shrunk = ui.fill(staff_site, order_url(parent), finish_date=days(59))

    assert "The parent order runs from" in ui.errors(late)["finish_date"]
    assert "only 30 left" in ui.errors(many)["students"]
    assert "allocated from this one finishes" in ui.errors(shrunk)["finish_date"]
    for response, in_the_way in ((late, parent), (many, parent), (shrunk, order)):
        (link,) = ui.page(response).cssselect(".errorlist a")
        assert link.get("href") == order_url(in_the_way)


def test_an_edit_that_someone_else_made_too_is_reported_once(staff_site, center):
    order = factories.order(assigned_to=center, students=10)
    values = ui.form_values(staff_site.get(order_url(order)))
    edit_order(order=order, by=factories.staff(), students=20)

    refused = staff_site.post(order_url(order), values | {"students": ["15"]})

    assert "changed this to 20. Save again" in ui.errors(refused)["students"]
    assert staff_site.post(order_url(order), ui.form_values(refused)).status_code == 302
    order.refresh_from_db()
    assert order.students == 15


def test_untouched_fields_stay_as_changed_meanwhile(staff_site, center):
    order = factories.order(assigned_to=center, students=10)
    values = ui.form_values(staff_site.get(order_url(order)))
    set_active(order=order, is_active=False, by=factories.staff())
    Order.objects.filter(pk=order.pk).update(approval_comments="By a colleague")

    staff_site.post(order_url(order), values | {"students": ["11"]})

    order.refresh_from_db()
    assert order.students == 11
    assert not order.is_active
    assert order.approval_comments == "By a colleague"


def test_a_retired_product_stays_on_the_orders_that_have_it(staff_site):
    order = factories.order()
    Product.objects.update(is_retired=True)
    factories.products(1)

    ui.fill(staff_site, order_url(order), purchase_order="PO 1")

    order.refresh_from_db()
    assert order.purchase_order == "PO 1"
    assert order.products.count() == 2


def test_only_approved_orders_can_be_edited(staff_site):
    license_request = factories.license_request()

    response = staff_site.get(order_url(license_request))

    assert "Review this request" in pages.text(ui.page(response))
    assert not ui.page(response).cssselect("[name=purchase_order]")
    assert staff_site.post(order_url(license_request), {"purchase_order": "x"}).status_code == 403


def test_numbers_dates_and_status_in_the_list(staff_site, center):
    factories.order(assigned_to=center, students=10, finish_date=days(5), purchase_order="PO 8")

    [row] = ui.listed(staff_site.get(ORDERS))

    assert row["shown_status"] == "Available"
    assert row["shown_remaining"] == "5"
    assert row["used_seats"] == "0 of 10"
    assert row["assigned_to"] == "Tolano Adventures"


@pytest.mark.parametrize(
    ("status", "values"),
    [
        ("available", {}),
        ("expired", {"finish_date": days(-1)}),
        ("scheduled", {"start_date": days(1)}),
        ("inactive", {"is_active": False}),
    ],
)
def test_the_list_filters_by_status(staff_site, status, values):
    orders = {
        "available": factories.order(),
        "expired": factories.order(finish_date=days(-1)),
        "scheduled": factories.order(start_date=days(1)),
        "inactive": factories.order(is_active=False),
    }

    rows = ui.listed(staff_site.get(ui.url(Order, "changelist", status=status)))

    assert [row["number"] for row in rows] == [str(orders[status])]
    wrong = staff_site.get(ui.url(Order, "changelist", status="bogus"))
    assert len(ui.listed(wrong)) == len(orders)


def test_orders_are_found_by_number_purchase_order_organization_and_teacher_code(
    staff_site, center
):
    order = factories.order(
        assigned_to=center, purchase_order="PO/77", teacher_code="U7DA7-NIFE-3017"
    )
    factories.order()

    for typed in (str(order.number), "po/77", "tolano", "u7da7nife 3017", " U7DA7-NIFE-3017"):
        rows = ui.listed(staff_site.get(ui.url(Order, "changelist", q=typed)))
        assert [row["number"] for row in rows] == [str(order)], typed
    assert not ui.listed(staff_site.get(ui.url(Order, "changelist", q="9" * 30)))
    assert staff_site.get(ui.url(Order, "changelist", q="x\x00")).status_code == 400


def test_suspending_asks_for_a_reason_and_resuming_lifts_it(staff_site, staff):
    order = factories.order()
    suspend, resume = (ui.url(Order, f"{name}_page", order.pk) for name in ("suspend", "resume"))

    pages.parsed(staff_site.get(suspend))
    empty = ui.fill(staff_site, suspend, reason=" ")
    done = ui.fill(staff_site, suspend, reason="Shared on the web.")

    assert ui.errors(empty) == {"reason": "This field is required."}
    assert ui.messages(done) == [f"Order {order} was suspended."]
    assert "Shared on the web." in pages.text(ui.page(done))
    order.refresh_from_db()
    assert order.suspended_by == staff
    again = ui.fill(staff_site, suspend, reason="Again")
    assert ui.errors(again)[""] == "This order is already suspended."
    ui.fill(staff_site, resume)
    order.refresh_from_db()
    assert not order.is_suspended
    assert "isn't suspended" in ui.errors(ui.fill(staff_site, resume))[""].replace("’", "'")
    text = pages.page_text(staff_site.get(ui.url(Order, "history", order.pk)))
    assert "Reason: Shared on the web." in text


def test_a_long_history_has_pages(staff_site, center, monkeypatch):
    monkeypatch.setattr(admin_history, "PAGE", 3)
    order = factories.order(assigned_to=center, purchase_order="First")
    Order.objects.filter(pk=order.pk).update(purchase_order="Second")
    # Within a transaction, the time doesn't change; a test is one transaction.
    moment = order.events.latest("pgh_id").pgh_created_at
    order.events.filter(pgh_label="update").update(pgh_created_at=moment + timedelta(hours=1))
    address = ui.url(Order, "history", order.pk)

    newest = pages.parsed(staff_site.get(address))
    [older] = newest.cssselect(".paginator a")
    oldest = staff_site.get(address + older.get("href"))

    assert "Second" in pages.text(newest)
    assert "Second" not in pages.page_text(oldest)
    wrong = ("nonsense", "2020-13-45T99:99Z", "2020-01-01")
    for before in (*wrong, "2020-01-01T00:00-23:59", "0001-01-01T00:00+23:59"):
        assert staff_site.get(address, {"before": before}).status_code == 200


def test_history_names_the_person_who_used_a_command(staff_site, staff):
    order = factories.order(by=staff)

    text = pages.page_text(staff_site.get(ui.url(Order, "history", order.pk)))

    assert f"{staff}, by a command" in text


def test_staff_who_may_only_view_change_nothing(db, sign_in):
    order = factories.order()
    looker = factories.person(is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    staff_site = sign_in(looker)

    suspend = ui.url(Order, "suspend_page", order.pk)
    assert staff_site.get(order_url(order)).status_code == 200
    assert staff_site.post(order_url(order), {"purchase_order": "x"}).status_code == 403
    assert staff_site.get(suspend).status_code == 403
    assert staff_site.post(suspend, {"reason": "x"}).status_code == 403
    assert staff_site.get(ui.url(Order, "add")).status_code == 403


@pytest.mark.parametrize("model", [LicenseRequest, Order, Enrollment, Product])
def test_lists_need_the_same_queries_for_many_rows(
    staff_site, django_assert_max_num_queries, model
):
    counts = []
    for rows in (1, 5):
        for _number in range(rows):
            factories.license_request()
            order = factories.order()
            enroll_teacher(order=order, user=factories.person(), by=factories.staff())
        with django_assert_max_num_queries(30) as queries:
            assert staff_site.get(ui.url(model, "changelist")).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
