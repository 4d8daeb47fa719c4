"""CCI staff approve or reject many requests for new licenses at once in the admin."""

from django.conf import settings

from jasper_inventory.lib.admin import MOST_SELECTED
from licenses.models import LicenseRequest, Order, Outcome
from licenses.services.requests import withdraw_request
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES, days

LIST = ui.url(LicenseRequest, "changelist")


def test_approving_many_reports_each(staff_site):
    good, gone = factories.license_request(CODES), factories.license_request()
    other = factories.license_request()
    withdraw_request(request=gone, by=gone.requested_by)

    confirmation = ui.act(staff_site, LIST, "approve_selected", [good, gone, other])
    response = ui.confirm(staff_site, LIST, confirmation)

    refused, done = ui.messages(response)
    assert f"{gone}: This request is no longer pending" in refused
    assert done == f"Approved: {good}, {other}."
    good.refresh_from_db()
    assert good.is_approved
    assert good.number_of_codes == 30


def test_bulk_approval_lists_terms_and_addressee_and_warns_if_cci_steps_in(staff_site, admin):
    ours = factories.license_request(CODES, students=30)
    theirs = factories.license_request(membership=admin, students=1200)

    text = pages.page_text(ui.act(staff_site, LIST, "approve_selected", [ours, theirs]))

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


def test_bulk_approval_needs_a_box_for_unlimited_licenses(staff_site):
    limited = factories.license_request(students=30)
    unlimited = factories.license_request(students=None)
    between = ui.act(staff_site, LIST, "approve_selected", [limited, unlimited])
    assert "Unlimited licenses" in pages.page_text(between)

    warned, done = ui.messages(ui.confirm(staff_site, LIST, between))

    texts = {warned, done}
    assert f"Approved: {limited}." in texts
    assert any("was not selected" in text and str(unlimited) in text for text in texts)
    unlimited.refresh_from_db()
    assert unlimited.is_pending
    between = ui.act(staff_site, LIST, "approve_selected", [unlimited])
    ui.confirm(staff_site, LIST, between, unlimited="1")
    unlimited.refresh_from_db()
    assert unlimited.is_approved and unlimited.students is None


def test_the_page_in_between_takes_the_greatest_selection(staff_site):
    """Each row adds one field to its form; Django refuses forms of very many."""
    license_request = [factories.license_request() for _number in range(2)]
    one, two = (
        len(ui.form(ui.act(staff_site, LIST, "approve_selected", rows)).form_values())
        for rows in (license_request[:1], license_request)
    )
    assert one + (two - one) * (MOST_SELECTED - 1) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_only_the_button_approves_many_and_enter_shows_them_again(staff_site):
    license_request = [factories.license_request(students=number) for number in (3, None)]
    between = ui.act(staff_site, LIST, "approve_selected", license_request)

    again = staff_site.post(LIST, ui.form_values(between) | {"unlimited": ["1"]})

    assert not Order.objects.approved().exists()
    assert ui.form_values(again)["shown"] == ui.form_values(between)["shown"]
    assert ui.form_values(again)["unlimited"] == ["1"]
    ui.confirm(staff_site, LIST, again)
    assert Order.objects.approved().count() == 2


def test_bulk_approval_refuses_requests_changed_since_they_were_listed(staff_site):
    changed, unlisted = factories.license_request(), factories.license_request()
    between = ui.act(staff_site, LIST, "approve_selected", [changed])
    Order.objects.filter(pk=changed.pk).update(requested_students=5000)

    response = ui.confirm(staff_site, LIST, between)
    ui.confirm(staff_site, LIST, between, shown=f"{unlisted.pk}:")

    assert "has changed" in ui.messages(response)[0]
    assert not Order.objects.approved().exists()


def test_rejecting_many_asks_for_one_comment(staff_site):
    requests = [factories.license_request(), factories.license_request()]

    between = ui.act(staff_site, LIST, "reject_selected", requests)
    assert f"{requests[0]} – {requests[0].assigned_to}" in pages.page_text(between)
    empty = ui.confirm(staff_site, LIST, between, comments="  ")
    withdraw_request(request=requests[1], by=requests[1].requested_by)
    response = ui.confirm(staff_site, LIST, empty, comments="Sold out.")

    assert ui.errors(empty) == {"comments": "This field is required."}
    refused, done = ui.messages(response)
    assert f"{requests[1]}: This request is no longer pending" in refused
    assert done == f"Rejected: {requests[0]}."
    requests[0].refresh_from_db()
    assert (requests[0].outcome, requests[0].approval_comments) == (
        Outcome.REJECTED,
        "Sold out.",
    )
