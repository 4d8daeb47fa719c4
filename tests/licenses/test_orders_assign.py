"""The Assign License window: from one of our own orders to a direct child."""

import uuid

import pytest
from django.core import mail

from jasper_inventory.accounts.models import Level
from licenses.models import Order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin, center):
    return sign_in(hub_admin)


@pytest.fixture
def parent(hub):
    return factories.order(assigned_to=hub, product_mix=factories.products(3))


@pytest.fixture
def codes(hub):
    return factories.order(
        CODES, assigned_to=hub, number_of_codes=10, users_per_code=2, duration=60
    )


def address(parent):
    return f"/inventory/{parent.number}/assign/"


def values(parent, center, **changed):
    """The window's form, filled in."""
    typed = {
        "form_token": str(uuid.uuid4()),
        "assigned_to": center.pk,
        "start_date": factories.today().isoformat(),
        "finish_date": parent.finish_date.isoformat(),
        "purchase_order": "PO-7",
        "approval_comments": "For the summer",
        "products": [product.pk for product in parent.products.all()],
    }
    typed |= {"number_of_codes": 4, "duration": 60} if parent.is_codes else {"students": 40}
    return {name: value for name, value in (typed | changed).items() if value is not None}


def newest(center):
    return Order.objects.filter(assigned_to=center).latest("number")


def test_it_shows_the_parent_order_and_offers_the_rest_of_its_term(site, parent, center, hub_admin):
    child = factories.order(
        assigned_to=center, parent=parent, product_mix=parent.products.all(), students=30
    )
    response = site.get(address(parent))
    page = parsed(response)

    assert text(page.cssselect("h1")[0]) == "Assign License"
    shown = facts(response)
    assert shown["Parent Order"] == f"{parent.number} Available"
    assert shown["Available"] == "70 of 100 seats"
    assert page.cssselect("#id_start_date")[0].get("value") == factories.today().isoformat()
    assert page.cssselect("#id_finish_date")[0].get("value") == parent.finish_date.isoformat()
    (holder,) = page.cssselect("#id_assigned_to")
    assert not holder.get("value") and holder.get("data-hx-get").endswith("?children=1")
    ticked = page.cssselect('input[name="products"]')
    assert len(ticked) == 3
    assert all(box.get("checked") is not None for box in ticked)
    assert child.number != parent.number


def test_it_works_as_a_dialog(site, parent):
    response = site.get(address(parent), **DIALOG)

    assert b"<html" not in response.content
    assert "data-hx-post" in response.content.decode()


def test_a_seat_is_assigned_and_the_holder_notified(
    site, parent, center, admin, django_capture_on_commit_callbacks
):
    Order.objects.filter(pk=parent.pk).update(purchase_order="SECRET-PO")
    one = parent.products.first()
    with django_capture_on_commit_callbacks(execute=True):
        response = site.post(address(parent), values(parent, center, products=[one.pk]))

    assert (response.status_code, response.url) == (302, "/inventory/")
    child = newest(center)
    assert notifications(site.get("/inventory/")) == [
        f"Order {child.number} was assigned to Tolano Adventures. We'll notify its administrators."
    ]
    assert (child.parent, child.students, child.purchase_order) == (parent, 40, "PO-7")
    assert (child.start_date, child.finish_date) == (factories.today(), parent.finish_date)
    assert list(child.products.all()) == [one]
    parent.refresh_from_db()
    assert parent.seats_available == 60
    sent = [message for message in mail.outbox if "assigned a license" in message.subject]
    assert [message.to for message in sent] == [[admin.user.email]]
    for body in (sent[0].body, sent[0].alternatives[0][0]):
        assert "For the summer" in body
        assert str(parent.number) not in body
        assert "SECRET-PO" not in body


def test_codes_are_assigned_with_the_users_of_the_parent_order(site, codes, center):
    page = parsed(site.get(address(codes)))
    assert not page.cssselect("#id_students")
    assert page.cssselect("#id_duration")[0].get("value") == "60"

    site.post(address(codes), values(codes, center, duration=30))

    child = newest(center)
    assert (child.number_of_codes, child.users_per_code, child.duration) == (4, 2, 30)


def test_a_familys_box_means_all_of_it(site, parent, center):
    family = parent.products.first().family_id
    site.post(address(parent), values(parent, center, products=None, families=[family]))

    assert newest(center).products.count() == 3


def test_an_unlimited_parent_order_allocates_unlimited_seats_or_a_number(site, hub, center):
    parent = factories.order(assigned_to=hub, students=None)
    assert facts(site.get(address(parent)))["Available"] == "unlimited"
    site.post(address(parent), values(parent, center, students="", unlimited="on"))
    assert newest(center).students is None
    site.post(address(parent), values(parent, center, students="25"))
    assert newest(center).students == 25


def test_a_form_sent_twice_assigns_once(site, parent, center):
    typed = values(parent, center, students=100)
    for _time in range(2):
        assert site.post(address(parent), typed).status_code == 302
    assert Order.objects.filter(assigned_to=center).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"students": "101"}, "students", "The parent order has only 100 left; this needs 101."),
        ({"students": "many"}, "students", "Enter a whole number, such as 1,000."),
        ({"students": "0"}, "students", "At least 1."),
        ({"students": ""}, "students", "This field is required."),
        ({"start_date": "soon"}, "start_date", "Enter a date as yyyy-mm-dd"),
        ({"start_date": "2001-01-01"}, "start_date", "The parent order runs from"),
        ({"finish_date": "2099-01-01"}, "finish_date", "The parent order runs from"),
        (
            {"start_date": str(factories.days(-5)), "finish_date": str(factories.days(-1))},
            "finish_date",
            "This date is in the past; today is",
        ),
        ({"assigned_to": ""}, "assigned_to", "Enter the organization that gets the license."),
        ({"products": None}, "products", "Choose at least one product."),
        ({"purchase_order": "x" * 65}, "purchase_order", "at most 64"),
    ],
)
def test_bad_input_is_shown_next_to_its_field_and_nothing_is_lost(
    site, parent, center, wrong, field, message
):
    response = site.post(address(parent), values(parent, center, **wrong))

    assert response.status_code == 200
    assert message in field_errors(response)[field]
    page = parsed(response)
    assert page.cssselect("#id_approval_comments")[0].text_content().strip() == "For the summer"
    assert not Order.objects.filter(assigned_to=center).exists()


@pytest.mark.parametrize("wrong", [{"number_of_codes": "11"}, {"duration": "61"}])
def test_codes_beyond_those_of_the_parent_order_are_refused(site, codes, center, wrong):
    response = site.post(address(codes), values(codes, center, **wrong))

    assert set(field_errors(response)) == set(wrong)


def test_only_direct_children_and_products_of_the_parent_order_can_be_chosen(
    site, parent, hub, foreign_admin
):
    other = factories.products(1)[0]
    page = site.post(
        address(parent), values(parent, foreign_admin.organization, products=[other.pk])
    )

    assert field_errors(page) == {
        "assigned_to": "None of your direct sub-organizations has this name.",
        "products": "Not all of these products are on the parent order.",
    }
    assert foreign_admin.organization.name not in page_text(page)


def test_the_holder_is_found_by_typing_among_direct_children(site, parent, center, hub):
    twin = factories.organization("Tolano North", parent=hub)
    factories.organization("Tolano Far")
    page = site.post(address(parent), values(parent, center, assigned_to="tolano"))
    assert field_errors(page) == {"assigned_to": "Several organizations match. Choose one."}
    offered = parsed(page).cssselect('input[type="radio"][name="assigned_to"]')
    assert {box.get("value") for box in offered} == {f"#{center.pk}", f"#{twin.pk}"}

    assert (
        site.post(address(parent), values(parent, center, assigned_to="north")).status_code == 302
    )
    assert newest(twin).parent == parent


def test_an_order_not_in_force_or_without_seats_says_so(site, parent, center, hub, staff):
    suspend_order(order=parent, by=staff, reason="Unpaid")
    page = site.get(address(parent))
    assert "Nothing can be assigned from this order now." in page_text(page)
    assert not parsed(page).cssselect("main form")
    response = site.post(address(parent), values(parent, center))
    assert "The parent order isn't in force." in page_text(response)


def test_without_sub_organizations_it_says_so(sign_in):
    hub = factories.organization(level=Level.HUB)
    parent = factories.order(assigned_to=hub)
    page = sign_in(factories.member(hub)).get(address(parent))
    assert "Your organization has no direct sub-organizations." in page_text(page)


def test_only_from_ones_own_orders(site, sign_in, parent, center, foreign_admin, admin):
    below = factories.order(assigned_to=center)
    elsewhere = factories.order()
    for order in (below, elsewhere):
        assert site.get(address(order)).status_code == 404
        assert site.post(address(order), values(parent, center)).status_code == 404
    above = factories.order(assigned_to=factories.organization(level=Level.RESELLER))
    assert site.get(address(above)).status_code == 404
    assert sign_in(admin).get(address(below)).status_code == 403


def test_a_request_has_no_seats_to_allocate(site, hub_admin):
    license_request = factories.license_request(membership=hub_admin)
    assert site.get(address(license_request)).status_code == 404


def test_other_methods(site, parent):
    assert site.put(address(parent)).status_code == 405


def test_the_window_needs_the_same_queries_for_many_children(
    site, parent, hub, django_assert_max_num_queries
):
    site.get(address(parent))
    with django_assert_max_num_queries(40) as few:
        site.get(address(parent))
    for _at in range(20):
        factories.organization(parent=hub)
    with django_assert_max_num_queries(len(few)):
        site.get(address(parent))
