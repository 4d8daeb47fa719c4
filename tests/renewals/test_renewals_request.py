"""The Request License Renewal window."""

import pytest

from licenses.services.requests import approve_request, offered_terms
from licenses.services.suspensions import suspend_order
from licenses.terms import LAST_DAY
from renewals.models import RenewalRequest
from tests import factories
from tests.helpers import change
from tests.pages import (
    DIALOG,
    facts,
    field_errors,
    notifications,
    page_text,
    parsed,
    rows,
    text,
)


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, finish_date=factories.days(20), students=40)


def address(order):
    return f"/inventory/{order.number}/renew/"


def data(**values):
    return {
        "code_choice": "new",
        "start_date": str(factories.days(21)),
        "finish_date": str(factories.days(400)),
        "students": "40",
        **values,
    }


@pytest.mark.parametrize(
    ("codes", "users", "offered"),
    [(200_000, 10, 2_000_000), (1_000_000, 2_000, 2_000_000_000)],
)
def test_the_number_it_offers_can_be_sent_however_large(site, center, codes, users, offered):
    large = factories.order(
        factories.CODES,
        assigned_to=center,
        number_of_codes=codes,
        users_per_code=users,
        finish_date=factories.days(20),
    )
    shown = parsed(site.get(address(large))).cssselect("#id_students")[0].get("value")
    assert shown == str(offered)

    assert site.post(address(large), data(students=shown)).status_code == 302
    assert RenewalRequest.objects.get().requested_students == offered


@pytest.mark.parametrize("number", ["1000001", "2147483648"])
def test_a_center_license_has_at_most_a_million_students(site, order, number):
    response = site.post(address(order), data(students=number))

    assert "t most" in field_errors(response)["students"]


def test_it_has_the_guides_words(site, order, admin):
    response = site.get(address(order))

    page = parsed(response)
    assert text(page.cssselect("h1")[0]) == "Request License Renewal"
    shown = facts(response)
    assert shown["Order Number"] == str(order.number)
    assert shown["Requested To"] == "Harbour Hub"
    assert shown["Requested By"] == f"Tolano Adventures {admin.user}"
    assert shown["Current Code"] == str(order.teacher_code)
    assert shown["Inventory Type"] == "Center License"
    for words in (
        "* Mandatory Fields",
        "Create New Code",
        "Use Existing Code",
        "Important: If you are going to start a new school year, please select the Create New "
        "Code option.",
        "(yyyy-mm-dd)",
        "You cannot change the product mix for a license renewal.",
    ):
        assert words in text(page)


def test_it_offers_the_day_after_the_same_length_and_the_same_students(site, order):
    # Never a whole number of months.
    change(order, finish_date=factories.days(10))
    page = parsed(site.get(address(order)))

    def value(name):
        return page.cssselect(f"[name={name}]")[0].get("value")

    assert value("start_date") == str(factories.days(11))
    assert value("finish_date") == str(factories.days(11 + 20))
    assert value("students") == "40"


def test_an_order_that_runs_to_the_last_day_can_still_be_opened(site, center):
    order = factories.order(assigned_to=center, start_date=factories.days(-1), finish_date=LAST_DAY)

    assert site.get(address(order)).status_code == 200


def test_the_product_mix_is_shown_and_fixed(site, order):
    page = parsed(site.get(address(order)))

    assert not page.cssselect("[name=products]")
    assert len(page.cssselect("#panel-products .ticked")) == order.products.count()


def test_a_request_shows_on_the_inventory_page(site, order, admin):
    response = site.post(
        address(order), data(purchase_order="PO-R", code_choice="existing", requester_comments="Hi")
    )

    assert response.url == "/inventory/"
    page = site.get("/inventory/")
    [said] = notifications(page)
    assert "successfully submitted. Harbour Hub will review" in said
    assert said.endswith("We'll notify you; until then, you can withdraw it.")
    assert rows(page)[0]["Has a Renew Request"] == "Yes"
    renewal = RenewalRequest.objects.get()
    assert renewal.order == order
    assert renewal.code_choice == "existing"
    assert renewal.purchase_order == "PO-R"
    assert renewal.requester_comments == "Hi"
    assert renewal.requested_by == admin.user


def test_once_approved_the_old_order_was_renewed(site, order, staff):
    site.post(address(order), data())
    renewal = RenewalRequest.objects.get()
    approve_request(request=renewal, by=staff, terms=offered_terms(renewal))

    new, old = rows(site.get("/inventory/"))

    assert old["Was It Renewed?"] == "Yes"
    assert old["Has a Renew Request"] == "No"
    assert "Already renewed" in old["Options"]
    assert new["Remaining Days"].endswith("Scheduled")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start_date": ""}, "start_date"),
        ({"finish_date": ""}, "finish_date"),
        ({"start_date": "next week"}, "start_date"),
        ({"finish_date": "2027-02-30"}, "finish_date"),
        ({"start_date": "13/02/2027"}, "start_date"),
        ({"start_date": "2000-01-01"}, "start_date"),
        ({"finish_date": "2000-01-01"}, "finish_date"),
        ({"start_date": "2999-01-02", "finish_date": "2999-01-01"}, "finish_date"),
        ({"finish_date": "9999-12-31"}, "finish_date"),
        ({"students": "0"}, "students"),
        ({"students": "-1"}, "students"),
        ({"students": "lots"}, "students"),
        ({"students": "9" * 30}, "students"),
        ({"code_choice": ""}, "code_choice"),
        ({"code_choice": "bogus"}, "code_choice"),
        ({"purchase_order": "x" * 65}, "purchase_order"),
        ({"requester_comments": "x" * 100_000}, "requester_comments"),
    ],
)
def test_bad_input_gets_a_message_next_to_its_field_and_loses_nothing(site, order, values, field):
    response = site.post(address(order), data(purchase_order="PO-R") | values)

    assert response.status_code == 200
    assert field in field_errors(response)
    assert not RenewalRequest.objects.exists()
    if field != "purchase_order":
        assert parsed(response).cssselect("#id_purchase_order")[0].get("value") == "PO-R"


def test_students_left_empty_are_an_error_for_user_activation_codes(site, center):
    order = factories.order(factories.CODES, assigned_to=center)

    response = site.post(address(order), data(students=""))

    assert "students" in field_errors(response)


def test_a_stale_form_of_an_order_renewed_suspended_or_requested_meanwhile_says_so(
    site, order, admin, staff
):
    factories.renewal_request(order, membership=admin)

    response = site.post(address(order), data(purchase_order="PO-R"))

    assert "A renewal of this order is already requested." in page_text(response)
    assert parsed(response).cssselect("#id_purchase_order")[0].get("value") == "PO-R"
    assert RenewalRequest.objects.count() == 1

    renewal = RenewalRequest.objects.get()
    approve_request(request=renewal, by=staff, terms=offered_terms(renewal))
    assert "This order was already renewed." in page_text(site.post(address(order), data()))

    other = factories.order(assigned_to=order.assigned_to)
    suspend_order(order=other, by=staff, reason="unpaid")
    assert "A suspended order can't be renewed." in page_text(site.post(address(other), data()))


def test_an_order_that_cannot_be_renewed_says_why_instead_of_a_form(site, order, admin):
    factories.renewal_request(order, membership=admin)

    response = site.get(address(order))

    assert "A renewal of this order is already requested." in page_text(response)
    assert not parsed(response).cssselect("[name=start_date]")


def test_it_works_as_a_dialog(site, order):
    assert parsed(site.get(address(order), **DIALOG)).cssselect("form[data-hx-post]")
    wrong = site.post(address(order), data(start_date=""), **DIALOG)
    assert "start_date" in field_errors(wrong)
    assert site.post(address(order), data(), **DIALOG)["HX-Redirect"] == "/inventory/"


def test_a_pending_or_rejected_order_has_no_renewal_window(site, admin):
    assert site.get(address(factories.license_request(membership=admin))).status_code == 404


def test_no_outsider_can_request(sign_in, foreign_admin, teacher, order):
    assert sign_in(foreign_admin).post(address(order), data()).status_code == 404
    assert sign_in(teacher).post(address(order), data()).status_code == 403
    assert not RenewalRequest.objects.exists()
