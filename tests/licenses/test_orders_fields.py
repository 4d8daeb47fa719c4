"""A field of an order that may be edited has an input wherever it may be edited."""

import pytest

from licenses.models import ActivityKind, Order
from licenses.order_fields import EDITED, LABELS, OF_ASSIGNER
from licenses.services.order_edits import LINES, TEXTS, edit_order
from licenses.services.orders import TERM_FIELDS
from tests import admin_pages as ui
from tests import factories
from tests.factories import CENTER, CODES
from tests.licenses.windows import address
from tests.pages import parsed

CODES_ONLY = {"number_of_codes", "users_per_code", "duration"}
CENTER_ONLY = {"students"}
OTHER_TYPE = {CENTER: CODES_ONLY, CODES: CENTER_ONLY}


@pytest.fixture(params=[CENTER, CODES])
def order(request, hub, hub_admin, center):
    parent = factories.order(request.param, assigned_to=hub)
    mix = list(parent.products.all())
    return factories.order(
        request.param, assigned_to=center, parent=parent, by=hub_admin.user, product_mix=mix
    )


def inputs(page):
    """The names of the visible inputs of a page."""
    fields = page.cssselect("input:not([type=hidden]), textarea, select")
    return {field.get("name") for field in fields}


def test_all_terms_can_be_edited_and_nothing_else_is_the_assigners():
    assert set(TERM_FIELDS) <= set(EDITED)
    assert {*LABELS, "products"} >= OF_ASSIGNER


def test_the_window_has_an_input_for_all_that_the_assigner_may_edit(order, hub_admin, sign_in):
    page = parsed(sign_in(hub_admin).get(address(order)))

    assert inputs(page) >= OF_ASSIGNER - OTHER_TYPE[order.inventory_type]


def test_the_admin_has_an_input_for_all_that_may_be_edited(order, staff, sign_in):
    page = ui.page(sign_in(staff).get(ui.url(Order, "change", order.pk)))

    assert inputs(page) >= {*LABELS, "products"} - OTHER_TYPE[order.inventory_type]


@pytest.mark.parametrize("name", sorted(LINES | TEXTS))
def test_every_text_is_stored_without_spaces_around_it(order, staff, name):
    edit_order(order=order, by=staff, **{name: "  two words  "})
    again = edit_order(order=order, by=staff, **{name: "two words "})

    assert getattr(again, name) == "two words"
    assert order.activity.filter(kind=ActivityKind.EDITED).count() == 1


def test_every_text_typed_on_the_admins_add_page_is_stored(staff, sign_in):
    site, address = sign_in(staff), ui.url(Order, "add")
    texts = inputs(ui.page(site.get(address))) & (LINES | TEXTS)

    ui.fill(
        site,
        address,
        assigned_to=factories.organization().pk,
        inventory_type=CENTER,
        students=5,
        products=[product.pk for product in factories.products()],
        **dict.fromkeys(texts, "typed"),
    )

    added = Order.objects.get()
    assert texts and {getattr(added, name) for name in texts} == {"typed"}
