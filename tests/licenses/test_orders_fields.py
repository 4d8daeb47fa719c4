"""A field of an order that may be edited has an input wherever it may be edited."""

import pytest

from licenses.models import Order
from licenses.order_fields import EDITED, LABELS, OF_ASSIGNER
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
