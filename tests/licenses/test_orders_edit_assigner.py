"""The Edit Order window for the assigner of the order."""

import pytest

from jasper_inventory.accounts.models import Level
from licenses.models import Order
from licenses.services.order_edits import edit_order
from licenses.services.reclaims import reclaim_seats
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.factories import CODES
from tests.licenses.windows import address, form_of
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def child(parent, center, hub_admin):
    return factories.order(
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=list(parent.products.all()),
        students=10,
        comments="Welcome",
    )


def fill(site, order, **typed):
    """Open the window, type, save."""
    return site.post(address(order), form_of(site.get(address(order))) | typed)


def test_it_shows_fields_for_what_the_assigner_may_change(site, child, parent):
    page = parsed(site.get(address(child)))

    fields = page.cssselect(
        "#panel-first :is(input, textarea, select), #panel-products [name=products]"
    )
    assert {field.get("name") for field in fields if field.get("type") != "hidden"} == {
        *("purchase_order", "students", "start_date", "finish_date", "approval_comments"),
        *("reason", "products"),
    }
    shown = facts(site.get(address(child)))
    assert shown["Active License"] == "Yes"
    assert shown["Parent Order"] == f"{parent.number} Available"
    assert shown["Available"] == "90 of 100 seats"


def test_it_saves_what_was_changed(site, child, parent):
    response = fill(
        site,
        child,
        students="15",
        finish_date=str(factories.days(90)),
        products=[str(parent.products.first().pk)],
        reason="A call",
    )

    assert response.url == "/inventory/"
    assert notifications(site.get("/inventory/")) == [f"Order {child.number} was saved."]
    child.refresh_from_db()
    assert (child.students, child.finish_date) == (15, factories.days(90))
    assert list(child.products.all()) == [parent.products.first()]
    assert child.approval_comments == "Welcome"


def test_untouched_it_changes_nothing(site, child):
    before = Order.objects.filter(pk=child.pk).values().get()

    assert fill(site, child).url == "/inventory/"

    assert notifications(site.get("/inventory/")) == [
        f"You made no changes to order {child.number}."
    ]
    assert Order.objects.filter(pk=child.pk).values().get() == before


def test_comments_of_several_lines_are_no_change(site, child, staff):
    edit_order(order=child, by=staff, approval_comments="One\nTwo")
    before = child.events.count()
    fill(site, child, approval_comments="One\r\nTwo")
    assert child.events.count() == before


def test_codes_have_number_and_duration(site, hub, center, hub_admin):
    parent = factories.order(CODES, assigned_to=hub, number_of_codes=20)
    child = factories.order(
        CODES,
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=list(parent.products.all()),
    )

    assert fill(site, child, number_of_codes="7", duration="20").url == "/inventory/"

    child.refresh_from_db()
    assert (child.number_of_codes, child.duration) == (7, 20)


def test_an_emptied_order_may_stay_empty_and_a_full_one_may_not_become_so(site, child, hub_admin):
    assert "At least 1." in field_errors(fill(site, child, students="0"))["students"]
    reclaim_seats(order=child, number=10, by=hub_admin.user, reason="Unused")

    assert fill(site, child, purchase_order="PO 5").url == "/inventory/"

    child.refresh_from_db()
    assert (child.students, child.purchase_order) == (0, "PO 5")


def test_unlimited_if_the_parent_order_is(site, hub, center, hub_admin):
    parent = factories.order(assigned_to=hub, students=None)
    child = factories.order(
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=list(parent.products.all()),
        students=10,
    )

    fill(site, child, students="", unlimited="on")

    child.refresh_from_db()
    assert child.students is None


def test_a_limited_one_needs_a_number(site, child):
    assert "students" in field_errors(fill(site, child, students=""))


def test_a_refusal_links_to_the_order_that_blocks_it_and_keeps_what_was_typed(site, child, parent):
    response = fill(site, child, finish_date=str(factories.days(101)), reason="Longer")

    assert response.status_code == 200
    page = parsed(response)
    links = page.cssselect("#id_finish_date_error a, .alert-danger a[href^='/']")
    assert [link.get("href") for link in links] == [f"/inventory/{parent.number}/edit/"] * 2
    assert text(links[0]) == f"Order {parent.number} (in a new tab)"
    assert page.cssselect("#id_finish_date")[0].get("value") == str(factories.days(101))
    assert page.cssselect("#id_reason")[0].get("value") == "Longer"


def test_no_link_to_an_order_that_the_reader_may_not_see(site, child, parent):
    """The parent order's holder was moved elsewhere in the tree: the obstacle isn't named."""
    Order.objects.filter(pk=parent.pk).update(assigned_to=factories.organization("Elsewhere"))

    response = fill(site, child, finish_date=str(factories.days(101)))

    assert "runs from" in field_errors(response)["finish_date"]
    assert not parsed(response).cssselect("#id_finish_date_error a")


def test_wrong_products_show_their_tab(site, child):
    data = form_of(site.get(address(child)))
    data.pop("products")

    page = parsed(site.post(address(child), data))

    assert text(page.cssselect("#panel-products .wrong")[0]) == "Choose at least one product."
    assert "active" in page.cssselect("#panel-products")[0].get("class")


def test_two_people_at_once_do_not_undo_each_other(site, child, staff):
    opened = form_of(site.get(address(child)))
    edit_order(order=child, by=staff, students=20, purchase_order="CCI 1")

    response = site.post(address(child), opened | {"students": "15", "reason": "Mine"})

    assert "changed this to 20. Save again to replace" in field_errors(response)["students"]
    page = parsed(response)
    assert page.cssselect("#id_students")[0].get("value") == "15"
    # Sent again deliberately, it is saved; untouched fields keep the other person's changes.
    assert site.post(address(child), form_of(response)).url == "/inventory/"
    child.refresh_from_db()
    assert (child.students, child.purchase_order) == (15, "CCI 1")


def test_products_that_someone_else_changed_meanwhile(site, child, parent, staff):
    one, two = parent.products.all()
    opened = form_of(site.get(address(child)))
    edit_order(order=child, by=staff, products=[one])

    response = site.post(address(child), opened | {"products": [str(two.pk)]})

    assert "Someone else has changed the products" in page_text(response)
    assert site.post(address(child), form_of(response)).url == "/inventory/"
    assert list(child.products.all()) == [two]


@pytest.mark.parametrize(
    "forged",
    [
        {"is_active": "on", "shown_active": "False"},
        {"teacher_code": "U7DA7-NIFE-3017"},
        {"assigned_to": "1", "parent": "1", "outcome": "rejected", "users_per_code": "9"},
    ],
)
def test_forged_fields_change_nothing(site, child, forged):
    before = Order.objects.filter(pk=child.pk).values().get()

    fill(site, child, **forged)

    assert Order.objects.filter(pk=child.pk).values().get() == before


def test_a_forged_form_of_the_holder_changes_nothing(sign_in, admin, site, child):
    before = Order.objects.filter(pk=child.pk).values().get()
    data = form_of(site.get(address(child)))
    del data["form_owner"]
    own = {"is_active": "on", "shown_active": "True"}

    response = sign_in(admin).post(address(child), data | own | {"students": "99"})

    assert response.status_code == 302
    assert Order.objects.filter(pk=child.pk).values().get() == before


def test_siblings_cousins_and_parents(sign_in, site, hub, child):
    data = form_of(site.get(address(child))) | {"students": "20"}
    del data["form_owner"]
    sibling = factories.member(factories.organization(parent=hub))
    cousin = factories.member(factories.organization(level=Level.HUB))
    for stranger in (sibling, cousin):
        assert sign_in(stranger).get(address(child)).status_code == 404
        assert sign_in(stranger).post(address(child), data).status_code == 404
    child.refresh_from_db()
    assert child.students == 10


def test_organizations_further_above_only_view_it(sign_in, site, child):
    above = factories.member(factories.vendor())
    data = form_of(site.get(address(child))) | {"students": "20"}
    del data["form_owner"]

    page = parsed(sign_in(above).get(address(child)))

    assert not page.cssselect("#id_students")
    assert sign_in(above).post(address(child), data).status_code == 403
    child.refresh_from_db()
    assert child.students == 10


def test_other_actions_are_linked(site, sign_in, admin, child, parent, hub_admin):
    def options(site, order):
        return [
            text(link) for link in parsed(site.get(address(order))).cssselect(".window-options a")
        ]

    number = child.number
    assert options(site, child) == [f"Reclaim from order {number}", f"Suspend order {number}"]
    assert options(site, parent) == [f"Assign from order {parent.number}"]
    assert options(sign_in(admin), child) == []
    suspend_order(order=child, by=hub_admin.user, reason="Unpaid")
    assert f"Resume order {number}" in options(site, child)


def test_it_works_as_a_dialog(site, child):
    page = parsed(site.get(address(child), **DIALOG))
    assert not page.cssselect("header.menu-bar")
    data = form_of(site.get(address(child)))
    wrong = site.post(address(child), data | {"students": "101"}, **DIALOG)
    assert parsed(wrong).cssselect("#id_students_error a")
    saved = site.post(address(child), data | {"students": "11"}, **DIALOG)
    assert saved["HX-Redirect"] == "/inventory/"


def test_the_number_of_queries_does_not_grow(
    site, child, hub_admin, staff, django_assert_max_num_queries
):
    def change(number):
        edit_order(order=child, by=hub_admin.user, students=number)

    change(11)
    site.get(address(child))
    with django_assert_max_num_queries(12) as few:
        site.get(address(child))
    for number in range(12, 40):
        change(number)
    suspend_order(order=child, by=staff, reason="Unpaid")
    resume_order(order=child, by=staff)
    with django_assert_max_num_queries(len(few)):
        site.get(address(child))
