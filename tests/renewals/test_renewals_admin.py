"""CCI staff review renewal requests in the admin."""

import pytest

from licenses.models import Order, Outcome
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.requests import withdraw_request
from licenses.services.suspensions import suspend_order
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES, days

LIST = ui.url(RenewalRequest, "changelist")


def review_url(renewal):
    return ui.url(RenewalRequest, "change", renewal.pk)


def comparison(response):
    """The table of the old order beside the requested one: {term: (old, requested)}."""
    table = pages.parsed(response).cssselect("table.jasper-facts")[1]
    rows = [[pages.text(cell) for cell in row] for row in table.cssselect("tbody tr")]
    return {term: (old, requested) for term, old, requested in rows}


def test_the_list_shows_pending_renewals_the_oldest_first(staff_site):
    first, second = factories.renewal_request(), factories.renewal_request(factories.order(CODES))
    withdraw_request(request=(gone := factories.renewal_request()), by=gone.requested_by)

    rows = ui.listed(staff_site.get(LIST))

    assert [row["order"] for row in rows] == [str(first.order), str(second.order)]
    assert rows[0]["holder"] == first.order.assigned_to.name
    assert rows[0]["code_choice"] == "Create New Code"


def test_the_old_order_is_shown_beside_the_one_requested(staff_site, center, staff):
    old = factories.order(
        assigned_to=center,
        start_date=days(-300),
        finish_date=days(10),
        students=20,
        purchase_order="PO 1",
    )
    enroll_student(order=old, user=factories.person(), by=staff)
    renewal = factories.renewal_request(
        old,
        students=30,
        purchase_order="PO 2",
        comments="Same again.",
        code_choice="existing",
    )

    response = staff_site.get(review_url(renewal))

    table = comparison(response)
    assert table["Start date"] == (str(days(-300)), str(days(11)))
    assert table["Finish date"] == (str(days(10)), str(days(321)))
    assert table["Students"] == ("20 (1 taken)", "30")
    assert table["Teacher code"] == (str(old.teacher_code), "Use Existing Code")
    assert table["Purchase order"] == ("PO 1", "PO 2")
    text = pages.page_text(response)
    for expected in (str(renewal.requested_by), "Same again.", center.name, str(old.number)):
        assert expected in text
    form = response.context["form"]
    assert (form.initial["students"], form.initial["start_date"]) == (30, days(11))
    assert "teacher_code" not in form.fields


def test_codes_show_and_offer_their_own_numbers(staff_site, center):
    old = factories.order(
        CODES, assigned_to=center, number_of_codes=5, users_per_code=4, duration=90
    )
    renewal = factories.renewal_request(old, students=21)

    response = staff_site.get(review_url(renewal))

    table = comparison(response)
    assert table["Number of codes"] == ("5", "6")
    assert table["Users per code"] == ("4", "4")
    assert table["Duration (days)"] == ("90", "90")
    assert "With a new code, no one is carried over" in pages.page_text(response)
    assert "teacher_code" in response.context["form"].fields


def test_people_who_keep_a_seat_and_the_number_of_missing_seats_are_shown(
    staff_site, center, staff
):
    old = factories.order(assigned_to=center, students=5)
    teacher = factories.person(first_name="Kim")
    enroll_teacher(order=old, user=teacher, by=staff)
    for _number in range(3):
        enroll_student(order=old, user=factories.person(), by=staff)
    renewal = factories.renewal_request(old, students=1, code_choice="existing")

    shown = staff_site.get(review_url(renewal))
    refused = ui.approve(staff_site, review_url(renewal), approval_comments="Kept text")
    ui.approve(staff_site, review_url(renewal), students="3")

    text = pages.page_text(shown)
    assert "1 teacher keeps their seat on the new order." in text
    assert "3 students keep their seats." in text
    assert "The request is 2 seats short" in text
    assert "2 too few" in ui.errors(refused)["students"]
    assert "Kept text" in pages.page_text(refused)
    renewal.refresh_from_db()
    assert renewal.new_order.enrolled == 3
    assert renewal.new_order.teacher_code == old.teacher_code


def test_approving_creates_the_new_order(staff_site, staff, center):
    old = factories.order(assigned_to=center, students=20)
    renewal = factories.renewal_request(old, students=30, purchase_order="PO 2")

    response = ui.approve(
        staff_site,
        review_url(renewal),
        start_date=days(3),
        finish_date=days(400),
        students="",
        unlimited="on",
        teacher_code="AAAAA-BBBB-DDDD",
        approval_comments="Enjoy.",
    )

    renewal.refresh_from_db()
    new = renewal.new_order
    assert new.renewal_of == old
    assert (new.start_date, new.finish_date, new.students) == (days(3), days(400), None)
    assert (new.purchase_order, new.approval_comments) == ("PO 2", "Enjoy.")
    assert str(new.teacher_code) == "AAAAA-BBBB-DDDD"
    assert set(new.products.all()) == set(old.products.all())
    assert (renewal.outcome, renewal.reviewed_by) == (Outcome.APPROVED, staff)
    [message] = ui.messages(response)
    assert message == (f"Renewal of {old} was approved: order {new}, teacher code AAAAA-BBBB-DDDD.")
    assert response.context["form"] is None
    assert f"Order {new}" in pages.page_text(response)


def test_rejecting_needs_a_comment(staff_site):
    renewal = factories.renewal_request()

    empty = ui.fill(staff_site, review_url(renewal), decision="reject")
    done = ui.fill(
        staff_site, review_url(renewal), decision="reject", approval_comments="No stock."
    )

    assert ui.errors(empty) == {"approval_comments": "Enter the reason for rejecting the request."}
    assert "was rejected" in ui.messages(done)[0]
    renewal.refresh_from_db()
    assert (renewal.outcome, renewal.approval_comments) == (Outcome.REJECTED, "No stock.")


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_withdrawn_meanwhile_is_refused_with_a_message(staff_site, decision):
    renewal = factories.renewal_request()
    values = ui.form_values(staff_site.get(review_url(renewal)))
    withdraw_request(request=renewal, by=renewal.requested_by)

    response = staff_site.post(
        review_url(renewal), values | {"decision": decision, "approval_comments": "x"}, follow=True
    )

    assert "no longer pending: it was withdrawn" in ui.messages(response)[0]
    assert not Order.objects.filter(renewal_of=renewal.order).exists()


def test_reviewing_twice_creates_one_order(staff_site):
    renewal = factories.renewal_request()
    previewed = ui.fill(staff_site, review_url(renewal), decision="preview")
    values = ui.form_values(previewed) | {"decision": ["approve"]}
    staff_site.post(review_url(renewal), values)

    response = staff_site.post(review_url(renewal), values, follow=True)

    assert "no longer pending: it was approved" in ui.messages(response)[-1]
    assert Order.objects.filter(renewal_of=renewal.order).count() == 1


def test_the_renewal_of_a_suspended_order_is_refused(staff_site, staff):
    renewal = factories.renewal_request()
    suspend_order(order=renewal.order, by=staff, reason="Shared.")

    response = ui.approve(staff_site, review_url(renewal))

    assert ui.errors(response)[""] == "A suspended order can't be renewed."
    renewal.refresh_from_db()
    assert renewal.is_pending


def test_many_at_once_are_reported_each(staff_site, staff):
    good, short, gone = (
        factories.renewal_request(),
        factories.renewal_request(factories.order(students=5), students=1, code_choice="existing"),
        factories.renewal_request(),
    )
    for _number in range(2):
        enroll_student(order=short.order, user=factories.person(), by=staff)
    withdraw_request(request=gone, by=gone.requested_by)

    confirmation = ui.act(staff_site, LIST, "approve_selected", [good, short, gone])
    response = ui.confirm(staff_site, LIST, confirmation)
    between = ui.act(staff_site, LIST, "reject_selected", [short])
    rejected = ui.confirm(staff_site, LIST, between, comments="Ask for more.")

    lines = ui.messages(response)
    assert any(f"{short}: 2 students keep" in line for line in lines)
    assert any(f"{gone}: This request is no longer pending" in line for line in lines)
    assert f"Approved: {good}." in lines
    assert ui.messages(rejected) == [f"Rejected: {short}."]


def test_the_history_of_a_renewal(staff_site, staff):
    renewal = factories.renewal_request(comments="Same again.")
    ui.approve(staff_site, review_url(renewal))
    renewal.refresh_from_db()

    text = pages.page_text(staff_site.get(ui.url(RenewalRequest, "history", renewal.pk)))
    of_order = pages.page_text(staff_site.get(ui.url(Order, "history", renewal.order_id)))

    for expected in (
        "Renewal requested",
        "Same again.",
        "Renewal approved",
        str(staff),
        "Approved",
    ):
        assert expected in text
    assert "Renewal request changed" in of_order


def test_an_order_links_to_its_renewal_requests(staff_site):
    renewal = factories.renewal_request()

    page = ui.page(staff_site.get(ui.url(Order, "change", renewal.order_id)))
    [link] = [a for a in page.cssselect("a") if pages.text(a) == "Renewal requests"]

    assert [row["order"] for row in ui.listed(staff_site.get(link.get("href")))] == [
        str(renewal.order)
    ]


def test_renewals_are_for_staff_only(sign_in, hub_admin):
    renewal = factories.renewal_request()
    staff_site = sign_in(hub_admin)

    assert staff_site.get(review_url(renewal), follow=True).status_code == 403
    assert (
        staff_site.post(review_url(renewal), {"decision": "approve"}, follow=True).status_code
        == 403
    )
    renewal.refresh_from_db()
    assert renewal.is_pending


def test_the_list_needs_the_same_queries_for_many_rows(staff_site, django_assert_max_num_queries):
    counts = []
    for rows in (1, 6):
        for _number in range(rows):
            factories.renewal_request()
        with django_assert_max_num_queries(30) as queries:
            assert staff_site.get(LIST).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
