"""The Request New License window: both tabs in one form."""

import pytest
from django.test import Client

from jasper_inventory.accounts.models import Membership
from licenses.models import Order, ProductFamily
from tests import factories
from tests.pages import (
    DIALOG,
    field_errors,
    notifications,
    owner_of,
    page_text,
    parsed,
    press_continue,
    rows,
    text,
)

ADDRESS = "/inventory/request/"


def data(mix, **values):
    return {
        "inventory_type": "center",
        "students": "30",
        "products": [product.pk for product in mix],
        **values,
    }


def test_it_has_the_guides_words(site, center, mix):
    factories.order(assigned_to=center, product_mix=mix)
    factories.order(factories.CODES, assigned_to=center, product_mix=mix)

    page = parsed(site.get(ADDRESS))

    shown = text(page)
    assert text(page.cssselect("h1")[0]) == "Request New License"
    for words in (
        "* Mandatory Fields",
        "Requested To: Harbour Hub",
        "Requested By: Tolano Adventures",
        "2 available license(s)",
        "Activate the products you want to be available on the license:",
        "Products Information",
        "Requester Comments",
        "Cancel",
    ):
        assert words in shown
    assert text(page.cssselect("main button[type=submit]")[-1]) == "Request New License"
    assert "leave it empty for unlimited" in shown


def test_no_product_is_ticked_at_first_and_retired_ones_are_not_offered(site, mix):
    retired = factories.products(1, is_retired=True)[0]
    old = ProductFamily.objects.create(name="Office 2003", is_retired=True)
    factories.products(1, family=old)

    page = parsed(site.get(ADDRESS))

    assert not page.cssselect("[name=products][checked]")
    offered = {int(box.get("value")) for box in page.cssselect("[name=products]")}
    assert offered == {product.pk for product in mix}
    assert retired.pk not in offered


def test_a_request_shows_as_requested_on_the_inventory_page(site, center, admin, mix):
    response = site.post(
        ADDRESS, data(mix, purchase_order="PO-9", requester_comments="For the new lab")
    )

    # Back in the list, its row is highlighted.
    assert response.url == f"/inventory/#order-{Order.objects.get().number}"
    page = site.get("/inventory/")
    assert parsed(page).cssselect(f"tr#{response.url.split('#')[1]}")
    [said] = notifications(page)
    assert said.startswith("The request was successfully submitted. Harbour Hub will review")
    assert said.endswith("We'll notify you; until then, you can withdraw it.")
    (row,) = rows(page)
    assert row["Remaining Days"] == "Requested"
    assert row["Purchase Order"] == "PO-9"
    order = Order.objects.get()
    assert order.assigned_to == center
    assert order.requested_by == admin.user
    assert order.requested_to == center.supplier
    assert order.requested_students == 30
    assert order.requester_comments == "For the new lab"
    assert set(order.products.all()) == set(mix)


def test_students_left_empty_mean_unlimited_for_a_center_license(site, mix):
    site.post(ADDRESS, data(mix, students=""))

    assert Order.objects.get().requested_students is None


def test_students_left_empty_are_an_error_for_user_activation_codes(site, mix):
    response = site.post(ADDRESS, data(mix, inventory_type="codes", students=""))

    assert "User Activation Codes can't be unlimited" in field_errors(response)["students"]
    assert not Order.objects.exists()


def test_users_per_code_are_1_if_left(site, mix):
    site.post(ADDRESS, data(mix, inventory_type="codes"))

    assert Order.objects.get().users_per_code == 1


def test_the_familys_box_means_all_of_it(site, mix):
    other = factories.products(2)

    site.post(ADDRESS, data([], families=[mix[0].family_id], products=[other[0].pk]))

    assert set(Order.objects.get().products.all()) == {*mix, other[0]}


def test_without_a_product_the_second_tab_shows_the_error(site):
    response = site.post(ADDRESS, data([], purchase_order="PO-9"))

    page = parsed(response)
    assert field_errors(response) == {"products": "Choose at least one product."}
    assert "active" in page.cssselect("#panel-products")[0].get("class").split()
    assert page.cssselect("#id_purchase_order")[0].get("value") == "PO-9"


def test_a_retired_product_in_a_forged_post_is_refused(site, mix):
    retired = factories.products(1, is_retired=True)[0]

    response = site.post(ADDRESS, data([retired]))

    assert "products" in field_errors(response)
    assert not Order.objects.exists()


def test_a_nul_character_is_refused(site, mix):
    for field in ("students", "purchase_order", "requester_comments", "products"):
        assert site.post(ADDRESS, data(mix) | {field: "1\x00"}).status_code == 400
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("students", "0"),
        ("students", "-3"),
        ("students", "many"),
        ("students", "1.5"),
        ("students", "99999999999999999999"),
        ("users_per_code", "0"),
        ("users_per_code", "-1"),
        ("users_per_code", "10001"),
        ("users_per_code", "x"),
        ("purchase_order", "x" * 65),
        ("inventory_type", ""),
        ("inventory_type", "bogus"),
        ("requester_comments", "x" * 100_000),
        ("products", ["bogus"]),
        ("products", ["99999999"]),
    ],
)
def test_bad_input_gets_a_message_next_to_its_field_and_loses_nothing(site, mix, field, typed):
    sent = data(mix, requester_comments="Keep me", purchase_order="PO-9") | {field: typed}

    response = site.post(ADDRESS, sent)

    assert response.status_code == 200
    assert field in field_errors(response)
    assert not Order.objects.exists()
    page = parsed(response)
    if field != "requester_comments":
        assert page.cssselect("#id_requester_comments")[0].text.strip() == "Keep me"
    if field != "products":
        assert len(page.cssselect("[name=products][checked]")) == len(mix)
    assert page.cssselect("[autofocus]")


def test_too_many_codes_are_refused(site, mix):
    response = site.post(
        ADDRESS, data(mix, inventory_type="codes", students="1000000", users_per_code="1")
    )
    assert response.status_code == 302
    response = site.post(
        ADDRESS, data(mix, inventory_type="codes", students="1000001", users_per_code="1")
    )
    assert "students" in field_errors(response)


def test_emoji_right_to_left_text_and_formulas_are_kept_as_typed(site, mix):
    site.post(ADDRESS, data(mix, purchase_order="=cmd|'/C calc'!A0", requester_comments="🎒 שלום"))

    order = Order.objects.get()
    assert order.purchase_order == "=cmd|'/C calc'!A0"
    assert order.requester_comments == "🎒 שלום"


def test_two_forms_create_two_requests(site, mix):
    for _ in range(2):
        token = parsed(site.get(ADDRESS)).cssselect("[name=form_token]")[0].get("value")
        site.post(ADDRESS, data(mix, form_token=token))

    assert Order.objects.count() == 2


def owner_of_form(who):
    """The fields of a form that name this person and role."""
    client = Client()
    client.force_login(who.user)
    return parsed(client.get(ADDRESS)).cssselect("[name=form_owner]")[0].get("value")


def test_what_one_person_typed_is_not_shown_to_the_next_at_the_same_computer(
    client, admin, foreign_admin, mix
):
    typed = data(mix, requester_comments="Between us", form_owner=owner_of_form(admin))
    client.post(ADDRESS, typed)
    client.force_login(foreign_admin.user)

    assert "Between us" not in page_text(client.get(ADDRESS))


def test_a_form_that_nobody_was_shown_is_not_kept(client, db):
    client.post(ADDRESS, {"requester_comments": "x", "form_owner": "forged"})

    assert not client.session.get("unsent_form")


def test_typed_text_survives_the_end_of_the_session(client, admin, mix):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    typed = data(mix, requester_comments="Typed for an hour", form_owner=owner_of_form(admin))

    lost = client.post(ADDRESS, typed)
    assert lost.url == f"/accounts/login/?next={ADDRESS}"
    assert not Order.objects.exists()
    signed_in = client.post(
        lost.url, {"login": admin.user.email, "password": factories.PASSWORD, "next": ADDRESS}
    )

    assert signed_in.url == ADDRESS
    page = parsed(client.get(ADDRESS))
    assert page.cssselect("#id_requester_comments")[0].text.strip() == "Typed for an hour"
    assert len(page.cssselect("[name=products][checked]")) == len(mix)
    assert not parsed(client.get(ADDRESS)).cssselect("[name=products][checked]")


def test_an_ended_session_inside_a_dialog_redirects_the_whole_page_to_sign_in(client, db):
    response = client.post(ADDRESS, {}, **DIALOG)

    assert response.status_code == 200
    assert response["HX-Redirect"] == f"/accounts/login/?next={ADDRESS}"


def test_it_works_as_a_dialog(site, mix):
    assert (
        parsed(site.get(ADDRESS, **DIALOG)).cssselect("form")[0].get("data-hx-target") == "#dialog"
    )
    wrong = site.post(ADDRESS, data([]), **DIALOG)
    assert field_errors(wrong) == {"products": "Choose at least one product."}
    done = site.post(ADDRESS, data(mix), **DIALOG)
    assert done["HX-Redirect"] == f"/inventory/#order-{Order.objects.get().number}"


def test_a_role_revoked_meanwhile_creates_no_request(site, mix):
    Membership.objects.all().delete()

    assert site.post(ADDRESS, data(mix)).status_code == 403
    assert not Order.objects.exists()


def test_teachers_have_no_access(sign_in, teacher):
    assert sign_in(teacher).get(ADDRESS).status_code == 403
    assert "Not Available in This Role" in page_text(sign_in(teacher).get(ADDRESS))


def test_other_methods_are_refused(site):
    assert site.put(ADDRESS).status_code == 405


def test_a_form_opened_in_another_role_is_refused_and_keeps_what_was_typed(site, admin, mix):
    shown = owner_of(site.get(ADDRESS))
    other = factories.member(user=admin.user)
    site.post(f"/role/{other.pk}/")

    refused = site.post(ADDRESS, data(mix, form_owner=shown, requester_comments="For Kim"))

    assert "You opened this form as Center Admin of Tolano Adventures." in page_text(refused)
    assert not Order.objects.exists()
    again = press_continue(site, refused)
    assert "For Kim" in page_text(again)
    assert len(parsed(again).cssselect("[name=products][checked]")) == len(mix)
    done = site.post(ADDRESS, data(mix, form_owner=owner_of(again)))
    assert done.url == f"/inventory/#order-{Order.objects.get().number}"
    assert Order.objects.get().assigned_to == admin.organization
