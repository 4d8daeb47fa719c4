"""Every message of every route of an order names the order by its number."""

import pytest
from django.urls import resolve, reverse

from activation_codes.models import ActivationCode
from licenses.models import InventoryType, Order
from tests import factories
from tests.access_table import CENTER, HUB, TABLE, TEACHER
from tests.pages import field_errors, notifications, parsed

pytestmark = pytest.mark.django_db

LICENSE = InventoryType.CENTER_LICENSE
# Values that the forms need in addition, in an order in which each can be done.
TYPED = {
    "licenses:order_request": (
        CENTER,
        {"inventory_type": LICENSE, "students": "5"},
    ),
    "licenses:order_edit": (CENTER, {"is_active": ""}),
    "licenses:order_assign": (HUB, {"assigned_to": "Tolano Adventures", "students": "5"}),
    "licenses:order_reclaim": (HUB, {"number": "1", "reason": "Unused"}),
    "licenses:order_suspend": (HUB, {"reason": "Unpaid"}),
    "licenses:order_resume": (HUB, {}),
    "licenses:teacher_code_send": (CENTER, {"addresses": "kim@example.com"}),
    "licenses:group_key_replace": (TEACHER, {}),
    "licenses:order_alerts": (CENTER, {"first_alert": "10", "second_alert": "20"}),
    "licenses:order_pause": (CENTER, {}),
    "licenses:order_unpause": (CENTER, {}),
    "licenses:order_replace_code": (CENTER, {"reason": "Leaked"}),
    "licenses:order_review": (HUB, {"decision": "reject", "approval_comments": "No"}),
    "licenses:order_forward": (HUB, {}),
    "licenses:order_withdraw": (CENTER, {}),
    "renewals:renewal_request": (CENTER, {}),
    "renewals:renewal_review": (HUB, {"decision": "reject", "approval_comments": "No"}),
    "renewals:renewal_forward": (HUB, {}),
    "renewals:renewal_withdraw": (CENTER, {}),
    "activation_codes:codes_edit": (CENTER, {}),
    "activation_codes:codes_create": (CENTER, {}),
    "activation_codes:codes_cancel": (CENTER, {}),
    "activation_codes:workbook_cancel": (CENTER, {}),
    "activation_codes:code_replace": (CENTER, {}),
    "activation_codes:codes_select": (CENTER, {"what": "next", "number": "900"}),
    "activation_codes:handout_create": (CENTER, {"name": "Class 7b"}),
    "activation_codes:handout_undo": (CENTER, {}),
    "activation_codes:codes_replace": (CENTER, {}),
    "people:person_remove": (CENTER, {}),
    "people:person_restore": (CENTER, {}),
}
# Acts that must be done before.
BEFORE = {
    "licenses:order_resume": ("resume", "licenses:order_suspend"),
    "licenses:order_unpause": ("unpause", "licenses:order_pause"),
    "people:person_restore": ("restore", "people:person_remove"),
}
# Without an order, in their own tests: people, roles, invitations, switching, searching, views.
OF_NO_ORDER = (
    "accounts:",
    "people:me",
    "people:people",
    "people:student_",
    "inventory:troubleshoot",
    "inventory:view_",
    "inventory:column_list",
    "search:",
)
NEITHER = {
    "licenses:student_password",
    "activation_codes:course_start",
    # Only search.
    "people:person_list",
    "activation_codes:code_list",
}


def test_every_route_that_changes_an_order_is_here():
    posts = {route for route, method, *to in TABLE if method == "post" and 405 not in to}
    of_orders = {route for route in posts if not route.startswith(OF_NO_ORDER)}
    assert of_orders - NEITHER == set(TYPED)


def send(browser, address, typed):
    """Open the window if there is one, type and press; return the next page."""
    page = browser.get(address)
    values = {}
    if page.status_code == 200:
        form = parsed(page).cssselect("main form[method='post']")[-1]
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
    return browser.post(address, values | typed, follow=True)


@pytest.mark.parametrize("route", TYPED)
def test_the_message_names_the_order(sign_in, personas, addresses, route):
    who, typed = TYPED[route]
    browser, address = sign_in(personas[who]), addresses(route)
    if route in BEFORE:
        act, before = BEFORE[route]
        send(browser, address.replace(act, before.split("_")[1]), TYPED[before][1])
    if route == "licenses:order_forward":
        typed = typed | {"purchase_order": "PO-1"}
    if route == "licenses:order_request":
        typed = typed | {"products": [str(pk) for pk in products_on_offer()]}

    if route == "licenses:order_assign":
        hub = personas[HUB].memberships.get().organization
        address = reverse(route, args=[factories.order(assigned_to=hub).number])
    if route == "activation_codes:code_replace":
        used = ActivationCode.objects.get(pk=resolve(address).kwargs["code"])
        address = reverse(route, args=[used.order.activation_codes.filter(used=0).first().pk])

    page = send(browser, address, typed)

    assert notifications(page), field_errors(page)
    [said, *_more] = [one for one in notifications(page) if "can't" not in one]
    assert str(number_of(route, address)) in said


def products_on_offer():
    return Order.objects.first().products.values_list("pk", flat=True)


def number_of(route, address):
    """The order's number, from its address if that has one."""
    kwargs = resolve(address.partition("?")[0]).kwargs
    if route == "activation_codes:code_replace":
        return ActivationCode.objects.get(pk=kwargs["code"]).order.number
    if route in ("licenses:order_request", "licenses:order_assign"):
        return Order.objects.order_by("-pk").first().number
    if route.endswith("forward"):
        return Order.objects.order_by("-pk").first().number
    return kwargs["number"]
