"""The Edit Order window: everything is shown, only Active License can be changed."""

import lxml.html
import pghistory.models
import pytest

from licenses.models import Order, Outcome
from licenses.services.enrollments import enroll_teacher
from licenses.services.order_edits import set_active
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.pages import DIALOG, facts, notifications, page_text, parsed, text


@pytest.fixture
def order(center, staff):
    return factories.order(
        assigned_to=center, by=staff, purchase_order="T087878", comments="As agreed.", students=2
    )


def address(order):
    return f"/inventory/{order.number}/edit/"


def save(site, order, **data):
    return site.post(address(order), {"shown_active": "True", **data})


def test_it_shows_the_guides_facts(site, order, center, staff):
    response = site.get(address(order))

    assert text(parsed(response).cssselect("h1")[0]) == "Edit Order"
    shown = facts(response)
    assert list(shown)[:10] == [
        "Order Number",
        "Purchase Order",
        "Order Status",
        "Assigned By",
        "Assigned To",
        "Teacher Code",
        "Inventory Type",
        "Start Date",
        "Finish Date",
        "Students",
    ]
    assert shown["Order Number"] == str(order.number)
    assert shown["Purchase Order"] == "T087878"
    assert shown["Order Status"] == "Available"
    assert shown["Assigned By"] == f"CCI Learning {staff}"
    assert shown["Assigned To"] == "Tolano Adventures"
    assert shown["Teacher Code"] == f"{order.teacher_code} Email teacher code"
    assert shown["Inventory Type"] == "Center License"
    assert shown["Approval Comments"] == "As agreed."


def test_the_only_fields_are_the_active_box_and_a_reason(site, order):
    page = parsed(site.get(address(order)))

    names = [
        field.get("name") for field in page.cssselect("main form :is(input, textarea, select)")
    ]
    hidden = ["csrfmiddlewaretoken", "form_owner"]
    assert names == [*hidden, "is_active", "shown_active", "reason"]


def test_products_information_lists_every_product_ticked_if_on_the_order(site, order):
    other = factories.products(1)[0]
    retired = factories.products(1, is_retired=True)[0]

    page = parsed(site.get(address(order)))

    ticked = [text(item) for item in page.cssselect("#panel-products .ticked")]
    assert ticked == [f"{product.name} (on the license)" for product in order.products.all()]
    listed = text(page.cssselect("#panel-products")[0])
    assert f"{other.name} (not on the license)" in listed
    assert retired.name not in listed


def test_a_retired_product_is_listed_if_it_is_on_the_order(site, order):
    product = order.products.first()
    product.is_retired = True
    product.save()

    assert f"{product.name} (on the license)" in page_text(site.get(address(order)))


def test_a_center_sees_the_organization_for_other_changes(site, sign_in, order):
    top = factories.member()
    own = factories.order(assigned_to=top.organization)

    page = page_text(sign_in(top).get(address(own)))
    assert "All other license inventory changes must be submitted to CCI for processing" in page
    assert "must be submitted to Harbour Hub for processing" in page_text(site.get(address(order)))


def test_it_deactivates_and_keeps_the_reason(site, order, admin):
    response = save(site, order, reason="School closed")

    assert response.url == "/inventory/"
    order.refresh_from_db()
    assert not order.is_active
    assert notifications(site.get("/inventory/")) == [f"Order {order.number} is now inactive."]
    contexts = [event.pgh_context for event in pghistory.models.Events.objects.tracks(order)]
    (context,) = (each for each in contexts if each["action"] == "order.deactivated")
    assert context["reason"] == "School closed"
    assert context["user"] == admin.user.pk


def test_it_activates_again(site, center):
    order = factories.order(assigned_to=center, is_active=False)

    site.post(address(order), {"shown_active": "False", "is_active": "on"})

    order.refresh_from_db()
    assert order.is_active


def test_a_stale_form_that_changed_nothing_does_not_undo_a_change_made_meanwhile(
    site, order, admin
):
    set_active(order=order, is_active=False, by=admin.user)

    save(site, order, is_active="on")

    order.refresh_from_db()
    assert not order.is_active


def test_a_holder_cannot_reactivate_an_order_its_supplier_suspended(site, order, staff):
    suspend_order(order=order, by=staff, reason="Unpaid invoice")

    save(site, order, is_active="on", shown_active="False")

    assert order.status_on(factories.today()) == "suspended"
    assert facts(site.get(address(order)))["Order Status"] == (
        "Suspended Suspended by CCI Learning: Unpaid invoice"
    )


def test_a_forged_post_changes_nothing_more(site, order):
    before = Order.objects.filter(pk=order.pk).values().get()

    save(
        site,
        order,
        is_active="on",
        students="9999",
        finish_date="2099-01-01",
        purchase_order="forged",
        outcome="rejected",
        assigned_to="1",
    )

    assert Order.objects.filter(pk=order.pk).values().get() == before


def test_a_reason_that_is_too_long_is_shown_again_with_its_error(site, order):
    response = save(site, order, reason="x" * 501)

    assert response.status_code == 200
    page = parsed(response)
    assert page.cssselect("#id_reason")[0].get("value") == "x" * 501
    assert "at most 500 characters" in text(page.cssselect("#id_reason_error")[0])
    order.refresh_from_db()
    assert order.is_active


def test_a_pending_request_is_shown_without_fields(site, admin):
    requested = factories.license_request(membership=admin, comments="For May")

    response = site.get(address(requested))

    assert facts(response)["Order Status"] == "Requested"
    assert facts(response)["Requested To"] == "Harbour Hub"
    assert facts(response)["Requester Comments"] == "For May"
    assert not parsed(response).cssselect("#id_is_active")
    site.post(address(requested), {"shown_active": "True"})
    requested.refresh_from_db()
    assert requested.is_active
    assert requested.outcome == Outcome.PENDING


def test_a_request_for_codes_says_how_many_may_use_one(site, admin):
    order = factories.license_request(factories.CODES, membership=admin, users_per_code=2)

    assert facts(site.get(address(order)))["Users (per code)"] == "2"


def test_a_hub_may_look_at_an_order_below_it_but_not_switch_it(sign_in, hub_admin, order):
    site = sign_in(hub_admin)

    assert not parsed(site.get(address(order))).cssselect("#id_is_active")
    assert save(site, order).status_code == 403

    order.refresh_from_db()
    assert order.is_active


def test_an_order_of_a_hub_that_cci_suspended_names_cci(site, hub, center, staff):
    parent = factories.order(assigned_to=hub)
    order = factories.order(
        assigned_to=center, parent=parent, product_mix=list(parent.products.all()), students=5
    )
    suspend_order(order=order, by=staff, reason="Abuse")

    assert "Suspended by CCI Learning: Abuse" in facts(site.get(address(order)))["Order Status"]


def test_a_child_never_sees_its_suppliers_order(site, hub, center):
    parent = factories.order(assigned_to=hub, purchase_order="SECRET-PO", comments="secret")
    child = factories.order(
        assigned_to=center, parent=parent, product_mix=list(parent.products.all()), students=5
    )

    page = page_text(site.get(address(child)))

    assert "Harbour Hub" in page
    assert str(parent.number) not in page
    assert "SECRET" not in page.upper()


def test_it_works_as_a_dialog(site, order):
    response = site.get(address(order), **DIALOG)

    page = parsed(response)
    assert not page.cssselect("header.menu-bar")
    assert page.cssselect("form")[0].get("data-hx-post") == address(order)
    saved = site.post(address(order), {"shown_active": "True"}, **DIALOG)
    assert saved["HX-Redirect"] == "/inventory/"
    assert "HX-Target" in response["Vary"]


def test_it_returns_to_the_search_it_was_opened_from(site, order):
    back = "/inventory/?status=available&page=2"
    response = site.post(
        f"{address(order)}?next=/inventory/%3Fstatus%3Davailable%26page%3D2", {"is_active": "on"}
    )
    assert response.url == back


@pytest.mark.parametrize(
    "back",
    [
        *("https://evil.example/", "//evil.example", "/%5Cevil.example", "javascript:alert(1)"),
        *("http://[", "account_logout", "no-path", "?page=2"),
    ],
)
def test_it_returns_to_pages_of_this_site_only(site, order, back):
    page = site.get(f"{address(order)}?next={back}").content.decode()
    saved = site.post(f"{address(order)}?next={back}", {"is_active": "on"})

    assert saved.url == "/inventory/"
    closing = lxml.html.fromstring(page).cssselect("a[data-jasper-close]")
    assert {link.get("href") for link in closing} == {"/inventory/"}


def test_a_nul_character_in_the_way_back_is_refused(site, order):
    for response in (
        site.get(f"{address(order)}?next=%00"),
        site.post(f"{address(order)}?next=%00", {}),
        site.post(address(order), {"next": "\0"}),
    ):
        assert response.status_code == 400
    order.refresh_from_db()
    assert order.is_active


def test_a_foreign_order_is_not_found(sign_in, foreign_admin, order):
    site = sign_in(foreign_admin)

    assert site.get(address(order)).status_code == 404
    assert save(site, order).status_code == 404
    order.refresh_from_db()
    assert order.is_active


def test_an_order_number_that_cannot_be_is_not_found(site):
    assert site.get("/inventory/99999999999999999999999999/edit/").status_code == 404
    assert site.get("/inventory/0/edit/").status_code == 404


def test_a_teacher_has_no_access(sign_in, teacher, order, staff):
    enroll_teacher(order=order, user=teacher.user, by=staff)

    assert sign_in(teacher).get(address(order)).status_code == 403


def test_other_methods_are_refused(site, order):
    assert site.delete(address(order)).status_code == 405


def test_it_needs_at_most_twelve_queries_for_an_allocated_order_with_codes_and_a_request(
    sign_in, hub, center, admin, staff, django_assert_max_num_queries
):
    parent = factories.order(factories.CODES, assigned_to=hub, number_of_codes=20, by=staff)
    order = factories.order(
        factories.CODES,
        parent=parent,
        product_mix=list(parent.products.all()),
        assigned_to=center,
        number_of_codes=5,
        by=factories.member(hub).user,
    )
    factories.codes(order, by=admin.user)
    factories.renewal_request(order, membership=admin)
    site = sign_in(admin)
    site.get(address(order))  # a new session takes two queries more

    with django_assert_max_num_queries(12):
        site.get(address(order))


@pytest.mark.parametrize("kind", [factories.CENTER, factories.CODES])
def test_it_needs_at_most_eleven_queries_for_an_order_without_a_past(
    site, center, kind, staff, django_assert_max_num_queries
):
    order = factories.order(kind, assigned_to=center, by=staff)
    site.get(address(order))

    with django_assert_max_num_queries(11):
        site.get(address(order))


def test_a_holder_s_window_needs_the_same_queries_for_many_changes(
    site, order, admin, django_assert_max_num_queries
):
    factories.renewal_request(order, membership=admin)
    site.get(address(order))
    with django_assert_max_num_queries(12) as few:
        site.get(address(order))
    for number in range(6):
        set_active(order=order, is_active=bool(number % 2), by=admin.user)
    with django_assert_max_num_queries(len(few)):
        site.get(address(order))
