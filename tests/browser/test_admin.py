"""CCI staff at work in the admin: requests reviewed, a code found; axe on our own pages."""

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Level
from licenses.models import Outcome
from licenses.services.enrollments import enroll_teacher
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.browser.screens import WIDTHS, each_width, fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def axe(axe):
    """Nothing that axe finds, nothing wider than the screen."""

    def check(page):
        axe(page)
        for _width in each_width(page, WIDTHS):
            fits(page)

    return check


@pytest.fixture
def tolano(db):
    """A center directly under CCI Learning: a membership of its administrator."""
    someone = factories.person(email="firstname.lastname@tolano-adventures.example.com")
    return factories.member(factories.organization("Tolano Adventures"), user=someone)


def test_a_request_is_one_click_away_and_approved_with_the_offered_terms(
    open_site, staff, tolano, axe
):
    order = factories.license_request(membership=tolano, students=30, comments="For May")
    page = open_site(staff)
    page.goto("/")

    expect(page).to_have_url("/admin/")
    axe(page)
    page.get_by_role("link", name="New license requests").first.click()
    page.get_by_role("link", name=str(order.number)).click()
    expect(page.get_by_role("main")).to_contain_text("For May")
    expect(page.get_by_label("Students")).to_have_value("30")
    axe(page)
    page.get_by_label("Approval comments").fill("Welcome back")
    page.get_by_role("button", name="Preview Approval").click()
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_role("main")).to_contain_text("approved")
    order.refresh_from_db()
    assert order.outcome == Outcome.APPROVED
    assert order.approval_comments == "Welcome back"


def test_a_renewal_is_rejected_with_a_comment_only(open_site, staff, tolano, axe):
    renewal = factories.renewal_request(
        factories.order(assigned_to=tolano.organization), membership=tolano, code_choice="existing"
    )
    page = open_site(staff)
    page.goto("/admin/")
    page.get_by_role("link", name="Renewal requests").first.click()
    page.get_by_role("link", name=str(renewal.order.number)).first.click()
    expect(page.get_by_role("heading", name="Review renewal request")).to_be_visible()
    axe(page)

    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Enter the reason for rejecting the request.").first).to_be_visible()
    axe(page)
    page.get_by_label("Approval comments").fill("Please ask again in May")
    page.get_by_role("button", name="Reject").click()

    expect(page.get_by_role("main")).to_contain_text("rejected")
    renewal.refresh_from_db()
    assert renewal.outcome == Outcome.REJECTED


def test_a_code_is_found_by_typing_it_in_any_form(open_site, staff, tolano, axe):
    order = factories.order(factories.CODES, assigned_to=tolano.organization, number_of_codes=1)
    (code,) = factories.codes(order)
    page = open_site(staff)
    page.goto("/admin/")
    page.get_by_role("link", name="Find a code").click()
    axe(page)

    page.get_by_role("textbox").fill(f"  {str(code).lower().replace('-', ' ')} ")
    page.get_by_role("main").get_by_role("button").first.click()

    expect(page.get_by_role("main")).to_contain_text("Tolano Adventures")
    assert code.code not in page.url
    axe(page)


def test_why_something_cannot_be_used(open_site, staff, tolano, axe):
    """Troubleshoot from an order, from a person on it, and by typing a code; long names fit."""
    order = factories.order(assigned_to=tolano.organization)
    name = {"first_name": "Maximilian", "last_name": "Wolfeschlegelsteinhausenbergerdorff"}
    someone = factories.person(**name)
    teacher = enroll_teacher(order=order, user=someone, by=staff).enrollment
    suspend_order(order=order, by=staff, reason="Not paid")
    page = open_site(staff)
    main = page.get_by_role("main")

    page.goto(f"/admin/licenses/order/{order.pk}/change/")
    page.get_by_role("link", name="Troubleshoot").click()
    expect(main).to_contain_text("Not paid")
    axe(page)
    page.goto(f"/admin/licenses/enrollment/{teacher.pk}/change/")
    page.get_by_role("link", name="Troubleshoot").click()
    expect(main).to_contain_text("Wolfeschlegelsteinhausenbergerdorff has the role Teacher")
    axe(page)

    page.goto("/admin/")
    axe(page)
    page.get_by_role("link", name="Troubleshoot a code").click()
    axe(page)
    page.get_by_label("Code").fill(str(teacher.group_key).lower())
    page.get_by_role("button", name="Check Code").click()
    expect(main).to_contain_text(f"Group key {teacher.group_key}")
    axe(page)

    page.goto("/admin/find-code/")
    page.get_by_role("textbox").fill(str(order.teacher_code))
    page.get_by_role("button", name="Find Code").click()
    axe(page)
    page.get_by_role("button", name=f"Troubleshoot {order.teacher_code}").click()
    expect(main).to_contain_text("Next step: Resume the license.")
    page.emulate_media(color_scheme="dark")
    axe(page)


def test_the_tree_of_organizations_is_open_to_its_first_level(open_site, staff, tolano):
    hub = factories.organization("Harbour Hub", level=Level.HUB)
    factories.organization("Cove School", parent=hub)
    page = open_site(staff)
    page.goto("/admin/accounts/organization/")
    tree = page.locator("#result_list tbody")
    for name in ("CCI Learning", "Tolano Adventures", "Harbour Hub"):
        expect(tree.get_by_role("link", name=name)).to_be_visible()
    expect(tree.get_by_role("link", name="Cove School")).to_have_count(0)
    tree.locator("tr").filter(has_text="Harbour Hub").locator("a.treebeard-collapsed").click()
    expect(tree.get_by_role("link", name="Cove School")).to_be_visible()
