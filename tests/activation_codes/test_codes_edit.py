"""The User Activation Codes window: the order's facts, its boxes, Save."""

import pytest

from licenses.models import Order
from licenses.services.order_edits import edit_order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.pages import DIALOG, facts, notifications, page_text, parsed, text

BOXES = ("enable_benchmark", "enable_exercises", "enable_badges", "teacher_required")


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def order(center):
    return factories.order(
        factories.CODES, assigned_to=center, number_of_codes=1, duration=10, purchase_order=""
    )


def address(order):
    return f"/inventory/{order.number}/codes/"


def ticked(response):
    page = parsed(response)
    return {box for box in BOXES if page.cssselect(f"[name={box}][checked]")}


def buttons(response):
    return [
        text(button)
        for button in parsed(response).cssselect(".window button:not(.visually-hidden)")
    ]


def test_it_shows_the_guides_facts(site, order):
    response = site.get(address(order))

    assert text(parsed(response).cssselect("h1")[0]) == "User Activation Codes"
    assert facts(response) == {
        "Order Number": str(order.number),
        "Purchase Order": "–",
        "Teacher Code": str(order.teacher_code),
        "Start Date": str(order.start_date),
        "Finish Date": str(order.finish_date),
        "Number of Codes": "1",
        "Number of Users": "1 (per code)",
        "Duration": "10 days",
        "Codes Created By": "The codes have not yet been created.",
    }
    labels = [text(label) for label in parsed(response).cssselect(".boxes label")]
    assert labels == [
        "Enable Benchmark",
        "Enable Creative and Validation Exercises",
        "Enable Badges Assignment",
        "The student must be linked to a teacher before starting the course",
    ]


def test_three_boxes_are_on_at_first(site, order):
    assert ticked(site.get(address(order))) == set(BOXES[:3])


def test_before_codes_exist_there_is_create_codes_and_no_save_and_no_download(site, order):
    response = site.get(address(order))

    assert buttons(response) == ["Create Codes"]
    assert "Download Codes" not in page_text(response)


def test_afterwards_there_are_save_and_download(site, order):
    factories.codes(order)

    response = site.get(address(order))

    assert buttons(response) == ["Save"]
    assert "Download Codes" in page_text(response)


def test_create_codes_is_shown_beside_save_when_the_number_was_raised(site, order, staff):
    factories.codes(order)
    edit_order(order=order, by=staff, number_of_codes=3)

    assert buttons(site.get(address(order))) == ["Save", "Create Codes"]


def test_save_keeps_the_boxes_and_returns_to_the_window(site, order, admin):
    factories.codes(order)

    response = site.post(address(order), {"teacher_required": "on"})

    assert response.url == address(order)
    window = site.get(address(order))
    assert ticked(window) == {"teacher_required"}
    [said] = notifications(window)
    assert said.startswith("The options were successfully saved. They apply to order")


def test_save_in_a_dialog_keeps_the_window_open(site, order):
    factories.codes(order)

    response = site.post(address(order), {}, follow=True, **DIALOG)

    assert response.redirect_chain == [(address(order), 302)]
    page = parsed(response)
    assert not page.cssselect("header.menu-bar")
    assert notifications(response)[0].startswith("The options were successfully saved.")


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"finish_date": -1, "start_date": -9}, "The license ended on"),
        ({"start_date": 3}, "The license starts on"),
        ({"is_active": False}, "The license is not active"),
    ],
)
def test_an_order_not_in_force_says_why_codes_cannot_be_created(site, center, terms, reason):
    terms = {
        name: factories.days(value) if name.endswith("date") else value
        for name, value in terms.items()
    }
    order = factories.order(factories.CODES, assigned_to=center, **terms)

    response = site.get(address(order))

    assert reason in page_text(response)
    assert buttons(response) == ["Save"]


def test_a_suspended_order_says_so(site, order, staff):
    suspend_order(order=order, by=staff, reason="unpaid")

    assert "Codes can't be created right now. The license is suspended." in page_text(
        site.get(address(order))
    )


def test_a_requested_order_shows_its_boxes_as_text(site, admin):
    order = factories.license_request(factories.CODES, membership=admin)

    response = site.get(address(order))

    assert buttons(response) == []
    assert "once the license is approved" in page_text(response)


def test_a_hub_may_look_but_not_save(sign_in, hub_admin, order):
    site = sign_in(hub_admin)

    response = site.get(address(order))
    assert buttons(response) == []
    assert "Download Codes" not in page_text(response)
    assert site.post(address(order), {"teacher_required": "on"}).status_code == 403
    assert not Order.objects.filter(teacher_required=True).exists()


def test_if_all_codes_were_allocated_it_says_so_and_offers_save(site, center, order):
    Order.objects.filter(pk=order.pk).update(codes_allocated=1)

    response = site.get(address(order))

    assert "All codes of this order were allocated or reclaimed." in page_text(response)
    assert buttons(response) == ["Save"]


def test_a_center_license_has_no_such_window(site, center):
    assert site.get(address(factories.order(assigned_to=center))).status_code == 404


def test_a_foreign_order_is_not_found(sign_in, foreign_admin, order):
    site = sign_in(foreign_admin)

    assert site.get(address(order)).status_code == 404
    assert site.post(address(order), {}).status_code == 404
    assert not Order.objects.filter(enable_benchmark=False).exists()


def test_no_code_is_ever_on_the_page(site, order):
    (code,) = factories.codes(order)

    page = page_text(site.get(address(order)))

    assert str(code) not in page
    assert code.code not in page
