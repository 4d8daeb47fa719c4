"""CCI staff review requests for new licenses in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

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


def review_url(order):
    return ui.url(LicenseRequest, "change", order.pk)


def test_the_list_shows_pending_requests_the_oldest_first(staff_site):
    first, second = factories.license_request(), factories.license_request(CODES)
    reject_request(request=factories.license_request(), by=factories.staff(), comments="No.")
    factories.order()

    rows = ui.listed(staff_site.get(LIST))

    assert [row["number"] for row in rows] == [str(first), str(second)]
    assert rows[0]["assigned_to"] == first.assigned_to.name
    assert rows[1]["inventory_type"] == "User Activation Codes"


def test_the_list_can_show_reviewed_ones(staff_site):
    rejected = factories.license_request()
    reject_request(request=rejected, by=factories.staff(), comments="No.")

    rows = ui.listed(staff_site.get(ui.url(LicenseRequest, "changelist", outcome="all")))

    assert [row["number"] for row in rows] == [str(rejected)]


def test_a_request_opens_with_all_that_is_needed_to_review(staff_site, hub_admin):
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

    response = staff_site.get(review_url(license_request))

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
    staff_site, staff, django_capture_on_commit_callbacks
):
    license_request = factories.license_request(students=30)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        response = ui.approve(
            staff_site,
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


def test_approving_as_offered_sets_number_of_codes_and_a_random_teacher_code(staff_site):
    license_request = factories.license_request(CODES, students=10, users_per_code=4)

    ui.approve(staff_site, review_url(license_request))

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
def test_a_wrong_term_is_an_error_next_to_its_field(staff_site, typed, field, message):
    license_request = factories.license_request()

    response = ui.approve(
        staff_site, review_url(license_request), approval_comments="Kept text", **typed
    )

    assert message in ui.errors(response)[field]
    assert "Kept text" in pages.page_text(response)
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_a_taken_teacher_code_is_refused_and_the_request_stays_pending(staff_site):
    license_request = factories.license_request()
    taken = factories.order().teacher_code

    response = ui.approve(staff_site, review_url(license_request), teacher_code=str(taken))

    assert "is already in use" in ui.errors(response)["teacher_code"]
    license_request.refresh_from_db()
    assert license_request.is_pending
    assert license_request.teacher_code is None


def test_rejecting_asks_for_a_comment_and_keeps_what_was_typed(staff_site):
    license_request = factories.license_request()

    response = ui.fill(
        staff_site, review_url(license_request), decision="reject", finish_date="rubbish"
    )

    assert ui.errors(response) == {
        "approval_comments": "Enter the reason for rejecting the request."
    }
    assert pages.parsed(response).cssselect("[name=finish_date]")[0].value == "rubbish"
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_rejecting(staff_site, staff):
    license_request = factories.license_request()

    response = ui.fill(
        staff_site,
        review_url(license_request),
        decision="reject",
        approval_comments="Not this year.",
    )

    license_request.refresh_from_db()
    assert (license_request.outcome, license_request.reviewed_by) == (Outcome.REJECTED, staff)
    assert ui.messages(response) == [f"Request {license_request} was rejected."]
    assert "Not this year." in pages.page_text(response)
    assert response.context["form"] is None


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_withdrawn_meanwhile_is_refused_with_a_message(staff_site, decision):
    license_request = factories.license_request()
    values = ui.form_values(staff_site.get(review_url(license_request)))
    withdraw_request(request=license_request, by=license_request.requested_by)

    response = staff_site.post(
        review_url(license_request),
        values | {"decision": decision, "approval_comments": "x"},
        follow=True,
    )

    [message] = ui.messages(response)
    assert "no longer pending: it was withdrawn" in message
    license_request.refresh_from_db()
    assert license_request.outcome == Outcome.WITHDRAWN


def test_reviewing_twice_is_refused_with_a_message(staff_site):
    license_request = factories.license_request()
    previewed = ui.fill(staff_site, review_url(license_request), decision="preview")
    values = ui.form_values(previewed) | {"decision": ["approve"]}
    staff_site.post(review_url(license_request), values)

    response = staff_site.post(review_url(license_request), values, follow=True)

    [first, second] = ui.messages(response)
    assert "was approved" in first
    assert "no longer pending: it was approved" in second


def test_neither_approve_nor_reject_is_an_error(staff_site):
    license_request = factories.license_request()

    response = ui.fill(staff_site, review_url(license_request), decision="delete")

    assert ui.errors(response)[""] == "Choose Preview Approval or Reject."
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_a_request_to_another_supplier_says_who_is_notified(staff_site, admin, center):

    license_request = factories.license_request(membership=admin)

    assert "addressed to Harbour Hub" in pages.page_text(
        staff_site.get(review_url(license_request))
    )
    ui.approve(staff_site, review_url(license_request))

    license_request.refresh_from_db()
    assert license_request.assigned_by_organization.is_vendor
    assert license_request.parent is None


def test_a_request_is_approved_only_as_it_was_shown(staff_site):
    license_request = factories.license_request(students=30)
    values = ui.form_values(staff_site.get(review_url(license_request))) | {"decision": ["approve"]}
    unseen = staff_site.post(review_url(license_request), values)
    previewed = ui.fill(staff_site, review_url(license_request), decision="preview")
    more = ui.form_values(previewed) | {"students": ["3000"], "decision": ["approve"]}

    altered = staff_site.post(review_url(license_request), more)

    for response in (unseen, altered):
        assert "Check the preview of this approval" in ui.errors(response)[""]
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_the_preview_shows_terms_people_and_if_cci_steps_in(staff_site, admin):
    license_request = factories.license_request(
        membership=admin, students=30, purchase_order="PO 8"
    )

    text = pages.page_text(
        ui.fill(
            staff_site,
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


def test_the_history_of_a_request_shows_person_act_and_reason(staff_site, staff):
    license_request = factories.license_request(comments="For the autumn.")
    ui.fill(
        staff_site,
        review_url(license_request),
        decision="reject",
        approval_comments="Not this year.",
    )

    response = staff_site.get(ui.url(LicenseRequest, "history", license_request.pk))

    text = pages.page_text(response)
    for expected in (
        *("Order requested", str(license_request.requested_by), "For the autumn."),
        *("Order rejected", str(staff), "Not this year.", "Product of an order added"),
    ):
        assert expected in text


def test_requests_can_be_neither_added_nor_deleted(staff_site):
    license_request = factories.license_request()

    assert staff_site.get(ui.url(LicenseRequest, "add")).status_code == 403
    assert staff_site.get(ui.url(LicenseRequest, "delete", license_request.pk)).status_code == 403
    assert (
        staff_site.post(ui.url(Order, "delete", license_request.pk), {"post": "yes"}).status_code
        == 403
    )


def test_staff_who_may_only_view_cannot_review(db, sign_in):
    license_request = factories.license_request()
    looker = factories.person(is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    staff_site = sign_in(looker)

    assert staff_site.get(review_url(license_request)).context["form"] is None
    assert staff_site.post(review_url(license_request), {"decision": "approve"}).status_code == 403
    ui.act(staff_site, LIST, "approve_selected", [license_request])
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_the_admin_is_for_staff_only(sign_in, hub_admin):
    license_request = factories.license_request()
    staff_site = sign_in(hub_admin)

    for address in (
        LIST,
        review_url(license_request),
        ui.url(Order, "history", license_request.pk),
    ):
        assert staff_site.get(address, follow=True).status_code == 403
    assert (
        staff_site.post(
            review_url(license_request), {"decision": "approve"}, follow=True
        ).status_code
        == 403
    )
    license_request.refresh_from_db()
    assert license_request.is_pending


def test_a_review_page_needs_the_same_queries_for_many_products(
    staff_site, django_assert_max_num_queries
):
    counts = []
    for number in (1, 6):
        license_request = factories.license_request(product_mix=factories.products(number))
        with django_assert_max_num_queries(30) as queries:
            staff_site.get(review_url(license_request))
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
