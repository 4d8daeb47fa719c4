"""CCI staff review requests for new licenses in the admin."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import mail

from jasper_inventory.lib.admin import MOST_SELECTED
from licenses.models import LicenseRequest, Order, Outcome
from licenses.services.requests import (
    approve_request,
    forward_request,
    reject_request,
    withdraw_request,
)
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES, days

LIST = ui.url(LicenseRequest, "changelist")


@pytest.fixture
def client(staff, sign_in):
    return sign_in(staff)


def review_url(order):
    return ui.url(LicenseRequest, "change", order.pk)


def test_the_list_shows_pending_requests_the_oldest_first(client):
    first, second = factories.license_request(), factories.license_request(CODES)
    reject_request(request=factories.license_request(), by=factories.staff(), comments="No.")
    factories.order()

    rows = ui.listed(client.get(LIST))

    assert [row["number"] for row in rows] == [str(first), str(second)]
    assert rows[0]["assigned_to"] == first.assigned_to.name
    assert rows[1]["inventory_type"] == "User Activation Codes"


def test_the_list_can_show_reviewed_ones(client):
    rejected = factories.license_request()
    reject_request(request=rejected, by=factories.staff(), comments="No.")

    rows = ui.listed(client.get(ui.url(LicenseRequest, "changelist", outcome="all")))

    assert [row["number"] for row in rows] == [str(rejected)]


def test_a_request_opens_with_all_that_is_needed_to_review(client, hub_admin):
    products = factories.products(2)
    license_request = factories.license_request(
        CODES,
        membership=hub_admin,
        product_mix=products,
        students=30,
        users_per_code=7,
        purchase_order="PO 17",
        comments="For the autumn.\nPlease hurry.",
    )

    response = client.get(review_url(license_request))

    text = pages.page_text(response)
    for expected in (
        *(str(license_request.number), hub_admin.organization.name, hub_admin.user.email),
        *("User Activation Codes", "30", "7 users per code", "PO 17", "For the autumn."),
        *(products[0].name, products[1].name, products[0].family.name),
    ):
        assert expected in text
    form = response.context["form"]
    assert form.initial["number_of_codes"] == 5
    assert form.initial["users_per_code"] == 7
    assert form.initial["start_date"] == days(0)
    assert "students" not in form.fields


def test_approving_creates_the_order_and_its_teacher_code(
    client, staff, django_capture_on_commit_callbacks
):
    license_request = factories.license_request(students=30)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        response = ui.approve(
            client,
            review_url(license_request),
            start_date=days(1),
            finish_date=days(200),
            students="40",
            teacher_code="u7da7 nife 3017",
            approval_comments="Enjoy.",
        )

    license_request.refresh_from_db()
    assert license_request.outcome == Outcome.APPROVED
    assert (license_request.start_date, license_request.finish_date, license_request.students) == (
        days(1),
        days(200),
        40,
    )
    assert str(license_request.teacher_code) == "U7DA7-NIFE-3017"
    assert license_request.approval_comments == "Enjoy."
    assert license_request.reviewed_by == staff
    assert ui.messages(response) == [
        f"Request {license_request} was approved: order {license_request}, "
        "teacher code U7DA7-NIFE-3017."
    ]
    assert "Approved by Pat" in pages.page_text(response)
    assert [license_request.requested_by.email] in [message.to for message in mail.outbox]


def test_approving_as_offered_sets_number_of_codes_and_a_random_teacher_code(client):
    license_request = factories.license_request(CODES, students=10, users_per_code=4)

    ui.approve(client, review_url(license_request))

    license_request.refresh_from_db()
    assert (license_request.number_of_codes, license_request.users_per_code) == (3, 4)
    assert license_request.duration >= 365
    assert license_request.teacher_code


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"finish_date": days(-1)}, "finish_date", "before the start date"),
        ({"finish_date": "soon"}, "finish_date", "Enter a date as yyyy-mm-dd"),
        ({"teacher_code": "abc"}, "teacher_code", "5-4-4"),
        ({"students": "0"}, "students", "At least 1"),
        ({"students": "1000001"}, "students", "At most 1,000,000"),
    ],
)
def test_a_wrong_term_is_an_error_next_to_its_field(client, typed, field, message):
    license_request = factories.license_request()

    response = ui.approve(
        client, review_url(license_request), approval_comments="Kept text", **typed
    )

    assert message in ui.errors(response)[field]
    assert "Kept text" in pages.page_text(response)
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_a_taken_teacher_code_is_refused_and_the_request_stays_pending(client):
    license_request = factories.license_request()
    taken = factories.order().teacher_code

    response = ui.approve(client, review_url(license_request), teacher_code=str(taken))

    assert "is already in use" in ui.errors(response)["teacher_code"]
    license_request.refresh_from_db()
    assert license_request.is_pending
    assert license_request.teacher_code is None


def test_rejecting_asks_for_a_comment_and_keeps_what_was_typed(client):
    license_request = factories.license_request()

    response = ui.fill(
        client, review_url(license_request), decision="reject", finish_date="rubbish"
    )

    assert ui.errors(response) == {
        "approval_comments": "Enter the reason for rejecting the request."
    }
    assert pages.parsed(response).cssselect("[name=finish_date]")[0].value == "rubbish"
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_rejecting(client, staff):
    license_request = factories.license_request()

    response = ui.fill(
        client, review_url(license_request), decision="reject", approval_comments="Not this year."
    )

    license_request.refresh_from_db()
    assert (license_request.outcome, license_request.reviewed_by) == (Outcome.REJECTED, staff)
    assert ui.messages(response) == [f"Request {license_request} was rejected."]
    assert "Not this year." in pages.page_text(response)
    assert response.context["form"] is None


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_withdrawn_meanwhile_is_refused_with_a_message(client, decision):
    license_request = factories.license_request()
    values = ui.form_values(client.get(review_url(license_request)))
    withdraw_request(request=license_request, by=license_request.requested_by)

    response = client.post(
        review_url(license_request),
        values | {"decision": decision, "approval_comments": "x"},
        follow=True,
    )

    [message] = ui.messages(response)
    assert "no longer pending: it was withdrawn" in message
    license_request.refresh_from_db()
    assert license_request.outcome == Outcome.WITHDRAWN


def test_reviewing_twice_is_refused_with_a_message(client):
    license_request = factories.license_request()
    previewed = ui.fill(client, review_url(license_request), decision="preview")
    values = ui.form_values(previewed) | {"decision": ["approve"]}
    client.post(review_url(license_request), values)

    response = client.post(review_url(license_request), values, follow=True)

    [first, second] = ui.messages(response)
    assert "was approved" in first
    assert "no longer pending: it was approved" in second


def test_neither_approve_nor_reject_is_an_error(client):
    license_request = factories.license_request()

    response = ui.fill(client, review_url(license_request), decision="delete")

    assert ui.errors(response)[""] == "Choose Preview Approval or Reject."
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_a_request_to_another_supplier_says_who_is_notified(client, admin, center):

    license_request = factories.license_request(membership=admin)

    assert "addressed to Harbour Hub" in pages.page_text(client.get(review_url(license_request)))
    ui.approve(client, review_url(license_request))

    license_request.refresh_from_db()
    assert license_request.assigned_by_organization.is_vendor
    assert license_request.parent is None


def test_approving_many_reports_each(client):
    good, gone = factories.license_request(CODES), factories.license_request()
    other = factories.license_request()
    withdraw_request(request=gone, by=gone.requested_by)

    confirmation = ui.act(client, LIST, "approve_selected", [good, gone, other])
    response = ui.confirm(client, LIST, confirmation)

    refused, done = ui.messages(response)
    assert f"{gone}: This request is no longer pending" in refused
    assert done == f"Approved: {good}, {other}."
    good.refresh_from_db()
    assert good.is_approved
    assert good.number_of_codes == 30


def test_bulk_approval_lists_terms_and_addressee_and_warns_if_cci_steps_in(client, admin):
    ours = factories.license_request(CODES, students=30)
    theirs = factories.license_request(membership=admin, students=1200)

    text = pages.page_text(ui.act(client, LIST, "approve_selected", [ours, theirs]))

    for shown in (
        *(ours.assigned_to.name, "Number of codes 30", "Addressed to CCI Learning"),
        *(f"Start Date {days(0)} ", theirs.assigned_to.name, "Students 1,200"),
        *(
            "Addressed to Harbour Hub",
            "This request is addressed to Harbour Hub. If you approve it, CCI assigns",
        ),
        str(theirs.products.first()),
    ):
        assert shown in text, shown
    assert text.count("If you approve it, CCI assigns") == 1


def test_bulk_approval_needs_a_box_for_unlimited_licenses(client):
    limited = factories.license_request(students=30)
    unlimited = factories.license_request(students=None)
    between = ui.act(client, LIST, "approve_selected", [limited, unlimited])
    assert "Unlimited licenses" in pages.page_text(between)

    warned, done = ui.messages(ui.confirm(client, LIST, between))

    texts = {warned, done}
    assert f"Approved: {limited}." in texts
    assert any("was not selected" in text and str(unlimited) in text for text in texts)
    unlimited.refresh_from_db()
    assert unlimited.is_pending
    between = ui.act(client, LIST, "approve_selected", [unlimited])
    ui.confirm(client, LIST, between, unlimited="1")
    unlimited.refresh_from_db()
    assert unlimited.is_approved and unlimited.students is None


def test_the_page_in_between_takes_the_greatest_selection(client):
    """Each row adds one field to its form; Django refuses forms of very many."""
    license_request = [factories.license_request() for _number in range(2)]
    one, two = (
        len(ui.form(ui.act(client, LIST, "approve_selected", rows)).form_values())
        for rows in (license_request[:1], license_request)
    )
    assert one + (two - one) * (MOST_SELECTED - 1) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_only_the_button_approves_many_and_enter_shows_them_again(client):
    license_request = [factories.license_request(students=number) for number in (3, None)]
    between = ui.act(client, LIST, "approve_selected", license_request)

    again = client.post(LIST, ui.form_values(between) | {"unlimited": ["1"]})

    assert not Order.objects.approved().exists()
    assert ui.form_values(again)["shown"] == ui.form_values(between)["shown"]
    assert ui.form_values(again)["unlimited"] == ["1"]
    ui.confirm(client, LIST, again)
    assert Order.objects.approved().count() == 2


def test_bulk_approval_refuses_requests_changed_since_they_were_listed(client):
    changed, unlisted = factories.license_request(), factories.license_request()
    between = ui.act(client, LIST, "approve_selected", [changed])
    Order.objects.filter(pk=changed.pk).update(requested_students=5000)

    response = ui.confirm(client, LIST, between)
    ui.confirm(client, LIST, between, shown=f"{unlisted.pk}:")

    assert "has changed" in ui.messages(response)[0]
    assert not Order.objects.approved().exists()


def test_a_request_is_approved_only_as_it_was_shown(client):
    license_request = factories.license_request(students=30)
    values = ui.form_values(client.get(review_url(license_request))) | {"decision": ["approve"]}
    unseen = client.post(review_url(license_request), values)
    previewed = ui.fill(client, review_url(license_request), decision="preview")
    more = ui.form_values(previewed) | {"students": ["3000"], "decision": ["approve"]}

    altered = client.post(review_url(license_request), more)

    for response in (unseen, altered):
        assert "Check the preview of this approval" in ui.errors(response)[""]
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_the_preview_shows_terms_people_and_if_cci_steps_in(client, admin):
    license_request = factories.license_request(
        membership=admin, students=30, purchase_order="PO 8"
    )

    text = pages.page_text(
        ui.fill(
            client,
            review_url(license_request),
            decision="preview",
            students="1,200",
            teacher_code="AAAAA-BBBB-CCCC",
        )
    )

    for shown in (
        *("Students 1,200", f"Start Date {days(0)} ", "Teacher Code AAAAA-BBBB-CCCC", "PO 8"),
        *(str(license_request.products.first()), "Notified Tolano Adventures", "Harbour Hub"),
        "This request is addressed to Harbour Hub. If you approve it, CCI assigns",
    ):
        assert shown in text, shown
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_rejecting_many_asks_for_one_comment(client):
    requests = [factories.license_request(), factories.license_request()]

    between = ui.act(client, LIST, "reject_selected", requests)
    assert f"{requests[0]} – {requests[0].assigned_to}" in pages.page_text(between)
    empty = ui.confirm(client, LIST, between, comments="  ")
    withdraw_request(request=requests[1], by=requests[1].requested_by)
    response = ui.confirm(client, LIST, empty, comments="Sold out.")

    assert ui.errors(empty) == {"comments": "This field is required."}
    refused, done = ui.messages(response)
    assert f"{requests[1]}: This request is no longer pending" in refused
    assert done == f"Rejected: {requests[0]}."
    requests[0].refresh_from_db()
    assert (requests[0].outcome, requests[0].approval_comments) == (
        Outcome.REJECTED,
        "Sold out.",
    )


def test_the_history_of_a_request_shows_person_act_and_reason(client, staff):
    license_request = factories.license_request(comments="For the autumn.")
    ui.fill(
        client, review_url(license_request), decision="reject", approval_comments="Not this year."
    )

    response = client.get(ui.url(LicenseRequest, "history", license_request.pk))

    text = pages.page_text(response)
    for expected in (
        *("Order requested", str(license_request.requested_by), "For the autumn."),
        *("Order rejected", str(staff), "Not this year.", "Product of an order added"),
    ):
        assert expected in text


def test_requests_can_be_neither_added_nor_deleted(client):
    license_request = factories.license_request()

    assert client.get(ui.url(LicenseRequest, "add")).status_code == 403
    assert client.get(ui.url(LicenseRequest, "delete", license_request.pk)).status_code == 403
    assert (
        client.post(ui.url(Order, "delete", license_request.pk), {"post": "yes"}).status_code == 403
    )


def test_staff_who_may_only_view_cannot_review(db, sign_in):
    license_request = factories.license_request()
    looker = factories.person(is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = sign_in(looker)

    assert client.get(review_url(license_request)).context["form"] is None
    assert client.post(review_url(license_request), {"decision": "approve"}).status_code == 403
    ui.act(client, LIST, "approve_selected", [license_request])
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_the_admin_is_for_staff_only(sign_in, hub_admin):
    license_request = factories.license_request()
    client = sign_in(hub_admin)

    for address in (
        LIST,
        review_url(license_request),
        ui.url(Order, "history", license_request.pk),
    ):
        assert client.get(address, follow=True).status_code == 403
    assert (
        client.post(review_url(license_request), {"decision": "approve"}, follow=True).status_code
        == 403
    )
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_a_review_page_needs_the_same_queries_for_many_products(
    client, django_assert_max_num_queries
):
    counts = []
    for number in (1, 6):
        license_request = factories.license_request(product_mix=factories.products(number))
        with django_assert_max_num_queries(30) as queries:
            client.get(review_url(license_request))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_it_shows_the_status_of_a_request_and_terms_granted_differently(
    sign_in, staff, admin, hub_admin
):
    order = factories.license_request(membership=admin)
    forward_request(request=order, by=hub_admin.user)
    site = sign_in(staff)
    address = f"/admin/licenses/licenserequest/{order.pk}/change/"
    assert "Harbour Hub forwarded it to CCI Learning on" in pages.page_text(site.get(address))
    approve_request(request=order, by=staff, terms=factories.terms(students=7))
    assert "Students: 7 instead of 30" in pages.page_text(site.get(address))
