"""The Panel, Transfers, History and emails answer their readers' questions."""

import pytest
from django.urls import reverse

from activation_codes.services.codes import record_download, replace_code, save_settings
from jasper_inventory.accounts.models import Notice
from licenses import activity
from licenses.models import Order
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.requests import approve_request
from tests import factories
from tests.factories import CODES
from tests.isolation.responses import get
from tests.licenses.acts import allocate, edit, parent_of
from tests.pages import parsed, text

pytestmark = pytest.mark.django_db


def test_the_panel_explains_its_counts(sign_in, admin, center, staff):
    factories.order(assigned_to=center, by=staff, students=400)
    factories.order(assigned_to=center, by=staff, students=None)
    for _at in range(2):
        order = factories.order(CODES, assigned_to=center, by=staff, number_of_codes=3)
    (code, *_more) = factories.codes(order)
    factories.redemption(code)

    page = text(parsed(sign_in(admin).get("/")))

    meaning = "Licenses that can be used today and have a seat left."
    seats = "Free seats: 400 of 400 on 1 license"
    assert f"2 available center licenses {meaning} {seats}" in page
    assert "1 unlimited license" in page
    meaning = "Orders of codes that can be used today and aren't used up."
    assert f"2 user activation codes {meaning} Free codes: 5 on 2 orders" in page


def test_products_that_cannot_be_changed_are_only_named(sign_in, admin, center, staff):
    order = factories.order(assigned_to=center, by=staff)
    client = sign_in(admin)

    edited = text(parsed(client.get(reverse("licenses:order_edit", args=[order.number]))))
    renewed = text(parsed(client.get(reverse("renewals:renewal_request", args=[order.number]))))

    assert "Products on this license:" in edited
    assert "Activate the products" not in edited
    # The guide's own window, with its own sentence.
    assert "Activate the products you want to be available on the license:" in renewed
    assert "You cannot change the product mix for a license renewal." in renewed


def test_a_transfer_shows_its_purchase_order_then_and_now(sign_in, staff, hub, hub_admin, center):
    child = allocate(parent_of(hub), center, staff)
    edit(child, staff, purchase_order="PO-new")
    client = sign_in(hub_admin)

    for typed in ("po-new", ""):
        page = get(client, f"/transfers/?purchase_order={typed}")
        assert "now PO-new" in page
        assert "PO-new" in get(client, f"/transfers/download/?purchase_order={typed}")
    assert "PO-new" not in get(client, "/transfers/?purchase_order=elsewhere")


def activity_of(order, membership):
    order = Order.objects.with_terms_shown(membership.organization).get(pk=order.pk)
    return activity.acts_of(order, membership)


def test_the_history_shows_acts_on_the_codes(sign_in, admin, hub_admin, center, staff):
    order = factories.order(CODES, assigned_to=center, by=staff, number_of_codes=3)
    boxes = dict.fromkeys(CODE_SETTINGS, True)
    save_settings(order=order, boxes=boxes, by=admin.user)
    (code, *_more) = factories.codes(order, by=admin.user)
    replace_code(code=code, by=admin.user)
    address = reverse("activation_codes:codes_download", args=[order.number])
    get(sign_in(admin), address)

    for reader in (admin, hub_admin):
        acts = activity_of(Order.objects.get(pk=order.pk), reader)
        done = {act.what: act for act in acts if act.person == admin.user}
        # The database's clock doesn't move within the test's transaction.
        assert set(done) == {
            "3 codes downloaded",
            "One code replaced",
            "3 codes created",
            "Code settings changed",
        }
        assert done["Code settings changed"].changes == [
            ("The student must be linked to a teacher before starting the course", "No", "Yes")
        ]
        assert not any(str(code) in str(act) for act in acts)


def test_large_numbers_have_thousands_separators(sign_in, staff, hub, hub_admin, center):
    order = factories.order(CODES, assigned_to=center, by=staff, number_of_codes=1_200)
    factories.codes(order)
    record_download(order=order, by=staff)
    said = {act.what for act in activity_of(order, hub_admin)}
    assert {"1,200 codes created", "1,200 codes downloaded"} <= said
    child = allocate(parent_of(hub, students=3_000), center, hub_admin.user, students=2_000)
    client = sign_in(hub_admin)
    client.post(f"/inventory/{child.number}/take-back/", {"number": 1_500, "reason": "Unused"})
    assert "1,500 seats were reclaimed" in get(client, "/inventory/")


@pytest.mark.parametrize("kind", [factories.CENTER, CODES])
def test_the_emails_about_a_granted_license_say_its_terms(
    staff, hub, hub_admin, center, admin, kind
):
    size = {"number_of_codes": 6, "users_per_code": 7} if kind == CODES else {"students": 42}
    wanted = ["PO-77", "42", str(factories.days(100))]
    wanted += ["Duration (days)", "30"] if kind == CODES else []
    mix = factories.products()
    large = {"number_of_codes": 50, "users_per_code": 7} if kind == CODES else {"students": 90}
    parent = factories.order(kind, assigned_to=hub, by=staff, product_mix=mix, **large)
    Notice.objects.all().delete()
    order = factories.order(
        kind,
        assigned_to=center,
        by=hub_admin.user,
        parent=parent,
        product_mix=mix,
        purchase_order="PO-77",
        notify=True,
        **size,
    )
    factories.order(
        kind,
        assigned_to=center,
        by=staff,
        product_mix=mix,
        purchase_order="PO-77",
        notify=True,
        **size,
    )
    renewal = factories.renewal_request(order, membership=admin, purchase_order="PO-77")
    approve_request(request=renewal, by=staff, terms=factories.terms(kind, **size))
    kinds = ("order allocated", "order assigned by CCI", "renewal reviewed")
    notices = Notice.objects.filter(kind__in=kinds)
    assert {notice.kind for notice in notices} == set(kinds)
    for notice in notices:
        for body in (notice.text, notice.html):
            assert [one for one in wanted if one not in body] == [], notice.kind
