"""CCI staff decide requests, assign and edit orders, and put people on them, in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

from licenses import services
from licenses.models import Enrolment, EnrolmentRole, LicenseRequest, Order, Outcome, Product
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CENTER, CODES, days

LIST = ui.url(LicenseRequest, "changelist")
ORDERS = ui.url(Order, "changelist")


@pytest.fixture
def client(staff, sign_in):
    return sign_in(staff)


def decide_url(order):
    return ui.url(LicenseRequest, "change", order.pk)


def order_url(order):
    return ui.url(Order, "change", order.pk)


# Requests


def test_the_list_shows_pending_requests_the_oldest_first(client):
    first, second = factories.license_request(), factories.license_request(CODES)
    services.reject_order(order=factories.license_request(), by=factories.staff(), comments="No.")
    factories.order()

    rows = ui.listed(client.get(LIST))

    assert [row["number"] for row in rows] == [str(first), str(second)]
    assert rows[0]["assigned_to"] == first.assigned_to.name
    assert rows[1]["inventory_type"] == "User Activation Codes"


def test_the_list_can_show_decided_ones(client):
    rejected = factories.license_request()
    services.reject_order(order=rejected, by=factories.staff(), comments="No.")

    rows = ui.listed(client.get(ui.url(LicenseRequest, "changelist", outcome="all")))

    assert [row["number"] for row in rows] == [str(rejected)]


def test_a_request_opens_with_all_that_is_needed_to_decide(client, admin_of_hub):
    products = factories.products(2)
    asked = factories.license_request(
        CODES,
        membership=admin_of_hub,
        product_mix=products,
        students=30,
        users_per_code=7,
        purchase_order="PO 17",
        comments="For the autumn.\nPlease hurry.",
    )

    response = client.get(decide_url(asked))

    text = pages.page_text(response)
    for told in (
        *(str(asked.number), admin_of_hub.organization.name, admin_of_hub.user.email),
        *("User Activation Codes", "30", "7 users per code", "PO 17", "For the autumn."),
        *(products[0].name, products[1].name, products[0].family.name),
    ):
        assert told in text
    form = response.context["form"]
    assert form.initial["number_of_codes"] == 5
    assert form.initial["users_per_code"] == 7
    assert form.initial["start_date"] == days(0)
    assert "students" not in form.fields


@pytest.fixture
def admin_of_hub(hub_admin):
    return hub_admin


def test_approving_makes_the_order_and_its_teacher_code(
    client, staff, django_capture_on_commit_callbacks
):
    asked = factories.license_request(students=30)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        response = ui.fill(
            client,
            decide_url(asked),
            decision="approve",
            start_date=days(1),
            finish_date=days(200),
            students="40",
            teacher_code="u7da7 nife 3017",
            approval_comments="Enjoy.",
        )

    asked.refresh_from_db()
    assert asked.outcome == Outcome.APPROVED
    assert (asked.start_date, asked.finish_date, asked.students) == (days(1), days(200), 40)
    assert str(asked.teacher_code) == "U7DA7-NIFE-3017"
    assert asked.approval_comments == "Enjoy."
    assert asked.decided_by == staff
    assert ui.messages(response) == [
        f"Request {asked} was approved: order {asked}, teacher code U7DA7-NIFE-3017."
    ]
    assert "Approved by Pat" in pages.page_text(response)
    assert [asked.requested_by.email] in [message.to for message in mail.outbox]


def test_approving_as_offered_sets_number_of_codes_and_a_random_teacher_code(client):
    asked = factories.license_request(CODES, students=10, users_per_code=4)

    ui.fill(client, decide_url(asked), decision="approve")

    asked.refresh_from_db()
    assert (asked.number_of_codes, asked.users_per_code) == (3, 4)
    assert asked.duration >= 365
    assert asked.teacher_code


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"finish_date": days(-1)}, "finish_date", "before the start date"),
        ({"finish_date": "soon"}, "finish_date", "Enter a valid date"),
        ({"teacher_code": "abc"}, "teacher_code", "5-4-4"),
        ({"students": "0"}, "students", "greater than or equal to 1"),
        ({"students": "1000001"}, "students", "less than or equal to 1000000"),
    ],
)
def test_a_wrong_term_is_an_error_next_to_its_field(client, typed, field, message):
    asked = factories.license_request()

    response = ui.fill(
        client, decide_url(asked), decision="approve", approval_comments="Kept text", **typed
    )

    assert message in ui.errors(response)[field]
    assert "Kept text" in pages.page_text(response)
    asked.refresh_from_db()
    assert asked.is_pending


def test_a_taken_teacher_code_is_refused_and_the_request_waits(client):
    asked = factories.license_request()
    taken = factories.order().teacher_code

    response = ui.fill(client, decide_url(asked), decision="approve", teacher_code=str(taken))

    assert "is taken" in ui.errors(response)["teacher_code"]
    asked.refresh_from_db()
    assert asked.is_pending
    assert asked.teacher_code is None


def test_rejecting_asks_for_a_comment_and_keeps_what_was_typed(client):
    asked = factories.license_request()

    response = ui.fill(client, decide_url(asked), decision="reject", finish_date="rubbish")

    assert ui.errors(response) == {"approval_comments": "Say why the request is rejected."}
    assert pages.parsed(response).cssselect("[name=finish_date]")[0].value == "rubbish"
    asked.refresh_from_db()
    assert asked.is_pending


def test_rejecting(client, staff):
    asked = factories.license_request()

    response = ui.fill(
        client, decide_url(asked), decision="reject", approval_comments="Not this year."
    )

    asked.refresh_from_db()
    assert (asked.outcome, asked.decided_by) == (Outcome.REJECTED, staff)
    assert ui.messages(response) == [f"Request {asked} was rejected."]
    assert "Not this year." in pages.page_text(response)
    assert response.context["form"] is None


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_was_withdrawn_meanwhile_is_refused_with_a_message(client, decision):
    asked = factories.license_request()
    values = ui.form_values(client.get(decide_url(asked)))
    services.withdraw_order(order=asked, by=asked.requested_by)

    response = client.post(
        decide_url(asked), values | {"decision": decision, "approval_comments": "x"}, follow=True
    )

    [message] = ui.messages(response)
    assert "no longer pending: it was withdrawn" in message
    asked.refresh_from_db()
    assert asked.outcome == Outcome.WITHDRAWN


def test_deciding_twice_is_refused_with_a_message(client):
    asked = factories.license_request()
    values = ui.form_values(client.get(decide_url(asked))) | {"decision": ["approve"]}
    client.post(decide_url(asked), values)

    response = client.post(decide_url(asked), values, follow=True)

    [first, second] = ui.messages(response)
    assert "was approved" in first
    assert "no longer pending: it was approved" in second


def test_a_decision_that_is_neither_is_an_error(client):
    asked = factories.license_request()

    response = ui.fill(client, decide_url(asked), decision="delete")

    assert ui.errors(response)[""] == "Choose Approve or Reject."
    asked.refresh_from_db()
    assert asked.is_pending


def test_a_request_to_another_supplier_says_who_is_told(client, admin, center):

    asked = factories.license_request(membership=admin)

    assert "addressed to Harbour Hub" in pages.page_text(client.get(decide_url(asked)))
    ui.fill(client, decide_url(asked), decision="approve")

    asked.refresh_from_db()
    assert asked.assigned_by_organization.is_vendor
    assert asked.source is None


def test_approving_many_reports_each(client):
    good, gone = factories.license_request(CODES), factories.license_request()
    other = factories.license_request()
    services.withdraw_order(order=gone, by=gone.requested_by)

    response = ui.act(client, LIST, "approve_selected", [good, gone, other])

    refused, done = ui.messages(response)
    assert f"{gone}: This request is no longer pending" in refused
    assert done == f"Approved: {good}, {other}."
    good.refresh_from_db()
    assert good.is_approved
    assert good.number_of_codes == 30


def test_rejecting_many_asks_for_one_comment(client):
    asked = [factories.license_request(), factories.license_request()]

    between = ui.act(client, LIST, "reject_selected", asked)
    pages.parsed(between)
    empty = ui.confirm(client, LIST, between, comments="  ")
    services.withdraw_order(order=asked[1], by=asked[1].requested_by)
    response = ui.confirm(client, LIST, empty, comments="Sold out.")

    assert ui.errors(empty) == {"comments": "This field is required."}
    refused, done = ui.messages(response)
    assert f"{asked[1]}: This request is no longer pending" in refused
    assert done == f"Rejected: {asked[0]}."
    asked[0].refresh_from_db()
    assert (asked[0].outcome, asked[0].approval_comments) == (Outcome.REJECTED, "Sold out.")


def test_the_history_of_a_request_says_who_what_and_why(client, staff):
    asked = factories.license_request(comments="For the autumn.")
    ui.fill(client, decide_url(asked), decision="reject", approval_comments="Not this year.")

    response = client.get(ui.url(LicenseRequest, "history", asked.pk))

    text = pages.page_text(response)
    for told in (
        *("Order requested", str(asked.requested_by), "For the autumn."),
        *("Order rejected", str(staff), "Not this year.", "Product of an order added"),
    ):
        assert told in text


def test_requests_can_be_neither_added_nor_deleted(client):
    asked = factories.license_request()

    assert client.get(ui.url(LicenseRequest, "add")).status_code == 403
    assert client.get(ui.url(LicenseRequest, "delete", asked.pk)).status_code == 403
    assert client.post(ui.url(Order, "delete", asked.pk), {"post": "yes"}).status_code == 403


# Orders


def test_assigning_a_center_license(client, staff, center):
    product = factories.products(1)[0]

    response = ui.fill(
        client,
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
    assert (order.decided_by, order.outcome) == (staff, Outcome.APPROVED)
    assert order.start_date == days(0)
    assert list(order.products.all()) == [product]
    assert f"The teacher code of order {order} is {order.teacher_code}." in ui.messages(response)


def test_assigning_codes_offers_one_user_per_code_and_a_year(client, center):
    ui.fill(
        client,
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
        ({"assigned_to": "vendor"}, "assigned_to", "The vendor itself holds no licenses."),
        ({"products": None}, "products", "at least one product"),
        ({"products": ["retired"]}, "products", "no longer offered"),
        ({"finish_date": days(-3)}, "finish_date", "before the start date"),
        ({"number_of_codes": "5"}, "number_of_codes", "Leave this empty"),
        ({"inventory_type": CODES, "students": "5"}, "students", "Leave this empty"),
        ({"inventory_type": CODES}, "number_of_codes", "need this number"),
        ({"purchase_order": "x" * 65}, "purchase_order", "at most 64"),
        ({"teacher_code": "?"}, "teacher_code", "5-4-4"),
        ({"approval_comments": "x" * 4001}, "approval_comments", "at most 4000"),
    ],
)
def test_what_breaks_a_rule_is_an_error_and_assigns_nothing(client, center, typed, field, message):
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

    response = ui.fill(client, ui.url(Order, "add"), **values)

    assert message in ui.errors(response)[field]
    assert not Order.objects.exists()
    if len(values["approval_comments"]) < 100:
        assert "Kept text" in pages.text(ui.page(response))


def test_editing_an_order(client, center):
    order = factories.order(assigned_to=center, students=100, comments="Before")
    more = factories.products(1)[0]
    kept = list(order.products.all())

    response = ui.fill(
        client,
        order_url(order),
        students="",
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
    history = pages.page_text(client.get(ui.url(Order, "history", order.pk)))
    for told in ("Order edited", "They paid.", "PO 9", str(more), "Product of an order added"):
        assert told in history


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"students": "1"}, "", "fewer places than are taken"),
        ({"students": "0"}, "students", "greater than or equal to 1"),
        ({"start_date": days(200)}, "finish_date", "before the start date"),
        ({"start_date": ""}, "start_date", "required"),
        ({"products": []}, "products", "at least one product"),
        ({"teacher_code": "nope"}, "teacher_code", "5-4-4"),
    ],
)
def test_an_edit_that_breaks_a_rule_is_an_error(client, typed, field, message):
    order = factories.order(students=10)
    for _number in range(2):
        services.enrol_student(order=order, user=factories.person(), by=factories.staff())

    response = ui.fill(client, order_url(order), purchase_order="Kept text", **typed)

    assert message in ui.errors(response)[field]
    form = ui.page(response).get_element_by_id("order_form")
    assert form.fields["purchase_order"] == "Kept text"
    order.refresh_from_db()
    assert (order.students, order.purchase_order) == (10, "")


def test_an_edit_stays_inside_the_source(client, hub, center):
    source = factories.order(assigned_to=hub, students=50, finish_date=days(90))
    order = factories.order(
        assigned_to=center,
        source=source,
        students=20,
        finish_date=days(60),
        product_mix=list(source.products.all()),
    )

    late = ui.fill(client, order_url(order), finish_date=days(91))
    many = ui.fill(client, order_url(order), students="51")
    shrunk = ui.fill(client, order_url(source), finish_date=days(59))

    assert "The source order runs from" in ui.errors(late)["finish_date"]
    assert "has 30 left" in ui.errors(many)["students"]
    assert "carved from this one finishes" in ui.errors(shrunk)["finish_date"]


def test_what_was_not_touched_stays_as_changed_meanwhile(client, center):
    order = factories.order(assigned_to=center, students=10)
    values = ui.form_values(client.get(order_url(order)))
    services.set_active(order=order, is_active=False, by=factories.staff())
    Order.objects.filter(pk=order.pk).update(approval_comments="By a colleague")

    client.post(order_url(order), values | {"students": ["11"]})

    order.refresh_from_db()
    assert order.students == 11
    assert not order.is_active
    assert order.approval_comments == "By a colleague"


def test_a_retired_product_stays_on_the_orders_that_have_it(client):
    order = factories.order()
    Product.objects.update(is_retired=True)
    factories.products(1)

    ui.fill(client, order_url(order), purchase_order="PO 1")

    order.refresh_from_db()
    assert order.purchase_order == "PO 1"
    assert order.products.count() == 2


def test_only_approved_orders_can_be_edited(client):
    asked = factories.license_request()

    response = client.get(order_url(asked))

    assert "Decide this request" in pages.text(ui.page(response))
    assert not ui.page(response).cssselect("[name=purchase_order]")
    assert client.post(order_url(asked), {"purchase_order": "x"}).status_code == 403


def test_numbers_dates_and_status_in_the_list(client, center):
    factories.order(assigned_to=center, students=10, finish_date=days(5), purchase_order="PO 8")

    [row] = ui.listed(client.get(ORDERS))

    assert row["shown_status"] == "Available"
    assert row["shown_remaining"] == "5"
    assert row["places"] == "0 of 10"
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
def test_the_list_filters_by_status(client, status, values):
    orders = {
        "available": factories.order(),
        "expired": factories.order(finish_date=days(-1)),
        "scheduled": factories.order(start_date=days(1)),
        "inactive": factories.order(is_active=False),
    }

    rows = ui.listed(client.get(ui.url(Order, "changelist", status=status)))

    assert [row["number"] for row in rows] == [str(orders[status])]


def test_orders_are_found_by_number_purchase_order_organization_and_teacher_code(client, center):
    order = factories.order(
        assigned_to=center, purchase_order="PO/77", teacher_code="U7DA7-NIFE-3017"
    )
    factories.order()

    for typed in (str(order.number), "po/77", "tolano", "u7da7nife 3017", " U7DA7-NIFE-3017"):
        rows = ui.listed(client.get(ui.url(Order, "changelist", q=typed)))
        assert [row["number"] for row in rows] == [str(order)], typed
    assert not ui.listed(client.get(ui.url(Order, "changelist", q="9" * 30)))
    assert not ui.listed(client.get(ui.url(Order, "changelist", q="x\x00".strip("\x00"))))


def test_suspending_asks_for_a_reason_and_resuming_lifts_it(client, staff):
    order = factories.order()
    suspend, resume = (ui.url(Order, f"{name}_page", order.pk) for name in ("suspend", "resume"))

    pages.parsed(client.get(suspend))
    empty = ui.fill(client, suspend, reason=" ")
    done = ui.fill(client, suspend, reason="Shared on the web.")

    assert ui.errors(empty) == {"reason": "This field is required."}
    assert ui.messages(done) == [f"Order {order} is suspended."]
    assert "Shared on the web." in pages.text(ui.page(done))
    order.refresh_from_db()
    assert order.suspended_by == staff
    again = ui.fill(client, suspend, reason="Again")
    assert ui.errors(again)[""] == "This order is suspended already."
    ui.fill(client, resume)
    order.refresh_from_db()
    assert not order.is_suspended
    assert "isn't suspended" in ui.errors(ui.fill(client, resume))[""].replace("’", "'")
    text = pages.page_text(client.get(ui.url(Order, "history", order.pk)))
    assert "Reason: Shared on the web." in text


def test_history_pages_back_through_long_histories(client, center, monkeypatch):
    from jasper_inventory.lib import admin_history

    monkeypatch.setattr(admin_history, "PAGE", 3)
    order = factories.order(assigned_to=center, purchase_order="First")
    for number in range(5):
        Order.objects.filter(pk=order.pk).update(purchase_order=f"PO {number}")
    address = ui.url(Order, "history", order.pk)

    assert client.get(address).status_code == 200
    assert client.get(address + "?before=nonsense").status_code == 200
    assert client.get(address + "?before=2020-13-45T99:99Z").status_code == 200


def test_history_names_who_used_a_command(client, staff):
    order = factories.order(by=staff)

    text = pages.page_text(client.get(ui.url(Order, "history", order.pk)))

    assert f"{staff}, by a command" in text


# People on an order


def test_putting_people_on_an_order(client, center):
    order = factories.order(assigned_to=center, students=1)
    teacher, student = factories.person(), factories.person()
    add = ui.url(Enrolment, "add")

    ui.fill(client, add, order=order.pk, user=teacher.pk, role=EnrolmentRole.TEACHER)
    teaching = Enrolment.objects.get()
    ui.fill(
        client,
        add,
        order=order.pk,
        user=student.pk,
        role=EnrolmentRole.STUDENT,
        teacher=teaching.pk,
    )
    full = ui.fill(
        client, add, order=order.pk, user=factories.person().pk, role=EnrolmentRole.STUDENT
    )
    twice = ui.fill(client, add, order=order.pk, user=teacher.pk, role=EnrolmentRole.TEACHER)

    order.refresh_from_db()
    assert order.enrolled == 1
    assert Enrolment.objects.get(role=EnrolmentRole.STUDENT).teacher == teaching
    assert "no student place left" in ui.errors(full)[""]
    assert "is on order" in ui.errors(twice)["user"]


def test_students_of_codes_are_not_put_on_by_hand(client):
    order = factories.order(CODES)

    response = ui.fill(
        client,
        ui.url(Enrolment, "add"),
        order=order.pk,
        user=factories.person().pk,
        role=EnrolmentRole.STUDENT,
    )

    assert "redeeming a code" in ui.errors(response)["role"]


def test_taking_people_off_an_order(client, staff):
    order = factories.order(students=5)
    people = [
        services.enrol_student(order=order, user=factories.person(), by=staff).enrolment
        for _number in range(3)
    ]

    pages.parsed(client.get(ui.url(Enrolment, "remove_page", people[0].pk)))
    ui.fill(client, ui.url(Enrolment, "remove_page", people[0].pk))
    address = ui.url(Enrolment, "changelist")
    between = ui.act(client, address, "remove_selected", people)
    response = ui.confirm(client, address, between)

    refused, done = ui.messages(response)
    assert "taken off the order already" in refused
    assert done == f"Taken off: {people[2]}, {people[1]}."
    order.refresh_from_db()
    assert order.enrolled == 0
    assert not ui.listed(client.get(address))
    assert len(ui.listed(client.get(address + "?on=removed"))) == 3


def test_a_student_who_came_by_a_code_is_not_taken_off_here(client):
    order = factories.order(CODES)
    redemption = factories.redemption(factories.codes(order)[0])

    response = ui.fill(client, ui.url(Enrolment, "remove_page", redemption.enrolment_id))

    assert "take back the code" in ui.errors(response)[""]
    assert "Redemption" in pages.text(
        ui.page(client.get(ui.url(Enrolment, "change", redemption.enrolment_id)))
    )


def test_enrolments_are_never_changed_into_others(client, staff):
    joined = services.enrol_teacher(order=factories.order(), user=factories.person(), by=staff)

    address = ui.url(Enrolment, "change", joined.enrolment.pk)

    assert client.post(address, {"role": EnrolmentRole.STUDENT}).status_code == 403


# Rights and speed


def test_who_may_look_cannot_decide(db, sign_in):
    asked = factories.license_request()
    order = factories.order()
    looker = factories.person(is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = sign_in(looker)

    assert client.get(decide_url(asked)).context["form"] is None
    assert client.post(decide_url(asked), {"decision": "approve"}).status_code == 403
    ui.act(client, LIST, "approve_selected", [asked])
    assert client.get(ui.url(Order, "suspend_page", order.pk)).status_code == 403
    assert client.post(ui.url(Order, "suspend_page", order.pk), {"reason": "x"}).status_code == 403
    assert client.post(order_url(order), {"purchase_order": "x"}).status_code == 403
    assert client.get(ui.url(Order, "add")).status_code == 403
    asked.refresh_from_db()
    assert asked.is_pending


def test_the_admin_is_for_staff_only(sign_in, hub_admin):
    asked = factories.license_request()
    client = sign_in(hub_admin)

    for address in (LIST, ORDERS, decide_url(asked), ui.url(Order, "history", asked.pk)):
        assert client.get(address, follow=True).status_code == 403
    assert client.post(decide_url(asked), {"decision": "approve"}, follow=True).status_code == 403
    asked.refresh_from_db()
    assert asked.is_pending


@pytest.mark.parametrize("address", [LIST + "?outcome=all", ORDERS, "enrolments", "products"])
def test_lists_need_the_same_queries_for_many_rows(client, django_assert_max_num_queries, address):
    address = {
        "enrolments": ui.url(Enrolment, "changelist"),
        "products": ui.url(Product, "changelist"),
    }.get(address, address)
    counts = []
    for rows in (1, 5):
        for _number in range(rows):
            factories.license_request()
            order = factories.order()
            services.enrol_teacher(order=order, user=factories.person(), by=factories.staff())
        with django_assert_max_num_queries(30) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_decide_page_needs_the_same_queries_for_many_products(
    client, django_assert_max_num_queries
):
    counts = []
    for number in (1, 6):
        asked = factories.license_request(product_mix=factories.products(number))
        with django_assert_max_num_queries(30) as queries:
            client.get(decide_url(asked))
        counts.append(len(queries))

    assert counts[0] == counts[1]
