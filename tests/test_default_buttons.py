"""Enter in a field presses the first button of its form: never one that is final."""

import pytest
from django.contrib import admin
from django.urls import reverse

from licenses.models import LicenseRequest, Order
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories
from tests.factories import CODES
from tests.pages import text

pytestmark = pytest.mark.django_db

# Buttons that approve, reject, choose the organization, or create something permanent.
NEVER_BY_ENTER = ("Approve", "Reject", "Choose", "Create")


# Fields in which Enter doesn't send the form.
NOT_BY_ENTER = ("hidden", "submit", "button", "reset", "image", "file")


def buttons_by_enter(response):
    """The names of the buttons, in order, of each form of a page that Enter in a field sends."""
    for form in ui.page(response).cssselect("form"):
        buttons = form.cssselect("button[type=submit], input[type=submit]")
        fields = [each for each in form.cssselect("input") if each.type not in NOT_BY_ENTER]
        if buttons and (fields or len(buttons) > 1):
            yield [text(button) or button.get("value") for button in buttons]


def site_pages(hub, center, hub_admin, admin):
    order = factories.order(assigned_to=center)
    codes = factories.order(CODES, assigned_to=hub)
    factories.order(assigned_to=hub)
    license_request = factories.license_request(membership=admin)
    renewal = factories.renewal_request(order, membership=admin)
    yield hub_admin, reverse("licenses:order_request")
    yield hub_admin, reverse("licenses:order_review", args=[license_request.number])
    yield hub_admin, reverse("renewals:renewal_review", args=[renewal.order.number])
    yield hub_admin, reverse("activation_codes:codes_edit", args=[codes.number])
    factories.codes(codes)
    yield hub_admin, reverse("activation_codes:codes_edit", args=[codes.number])
    own = factories.order(assigned_to=center)
    for name in ("licenses:order_edit", "renewals:renewal_request", "licenses:order_pause"):
        yield admin, reverse(name, args=[own.number])


def test_enter_on_the_site_never_presses_a_final_button(sign_in, hub, center, hub_admin, admin):
    for who, address in site_pages(hub, center, hub_admin, admin):
        response = sign_in(who).get(address)
        for names in buttons_by_enter(response):
            assert not names[0].startswith(NEVER_BY_ENTER), (address, names)


def test_enter_in_the_admin_never_presses_a_final_button(sign_in, staff, admin, center):
    client = sign_in(staff)
    license_request = factories.license_request(membership=admin)
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    codes = factories.order(CODES, assigned_to=center)
    addresses = [
        ui.url(LicenseRequest, "change", license_request.pk),
        ui.url(RenewalRequest, "change", renewal.pk),
        ui.url(Order, "change", codes.pk),
        ui.url(Order, "add"),
        reverse("admin:activation_codes_order_page", args=[codes.pk]),
    ]
    for address in addresses:
        for names in buttons_by_enter(client.get(address)):
            assert not names[0].startswith(NEVER_BY_ENTER), (address, names)
    unlimited = factories.license_request(students=None)
    for model, action, row in (
        (LicenseRequest, "approve_selected", unlimited),
        (LicenseRequest, "reject_selected", unlimited),
        (RenewalRequest, "approve_selected", renewal),
    ):
        between = ui.act(client, ui.url(model, "changelist"), action, [row])
        assert "confirmed" in between.content.decode()
        for names in buttons_by_enter(between):
            assert not names[0].startswith(NEVER_BY_ENTER), (action, names)
    for address in addresses[:2]:
        (names,) = [n for n in buttons_by_enter(client.get(address)) if "Reject" in n]
        assert names == ["Preview Approval", "Reject"]
        (names,) = [
            n
            for n in buttons_by_enter(ui.fill(client, address, decision="preview"))
            if "Approve" in n
        ]
        assert names == ["Change Terms", "Approve"]


def test_every_action_of_the_admin_asks_first_and_changes_nothing(sign_in):
    superuser = factories.person(is_staff=True, is_superuser=True)
    client = sign_in(superuser)
    factories.license_request()
    factories.renewal_request()
    code = factories.codes(factories.order(CODES))[0]
    factories.redemption(code)
    checked = []
    for model, model_admin in admin.site._registry.items():
        if not type(model_admin).__module__.startswith(
            ("jasper_inventory", "licenses", "activation_codes", "renewals")
        ):
            continue
        request = client.get(ui.url(model, "changelist")).wsgi_request
        row = model_admin.get_queryset(request).first()
        if row is None:
            continue
        for name in model_admin.get_actions(request):
            before = list(model._default_manager.order_by("pk").values())
            response = ui.act(client, ui.url(model, "changelist"), name, [row])
            assert ui.page(response).cssselect("form input[name=action]"), (model, name)
            assert list(model._default_manager.order_by("pk").values()) == before
            checked.append(name)
    assert {"approve_selected", "reject_selected", "remove_selected"} <= set(checked)
    assert "reclaim_selected" in checked
