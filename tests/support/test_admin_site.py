"""The admin's front page, finding codes, and the rights of the CCI staff group."""

import logging

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.urls import reverse

from activation_codes.code_check import generate
from jasper_inventory.accounts.models import STAFF_GROUP, ErasureRequest
from jasper_inventory.support.bootstrap import set_up_site
from licenses.models import LicenseRequest, Order
from licenses.services.enrollments import enroll_teacher
from licenses.services.join_codes import replace_group_key, replace_teacher_code
from licenses.services.requests import reject_request
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES

FIND = "/admin/find-code/"


def find(staff_site, typed):
    return staff_site.post(FIND, {"code": typed})


def test_requests_to_cci_are_counted_first_then_those_to_other_suppliers(staff_site, admin):
    factories.license_request(membership=admin)
    for _number in range(2):
        factories.license_request()
    reject_request(request=factories.license_request(), by=factories.staff(), comments="No.")
    for _number in range(3):
        factories.renewal_request()

    page = ui.page(staff_site.get("/admin/"))

    rows = page.cssselect("#requests-waiting tbody tr")
    assert [pages.text(row) for row in rows] == [
        "New license requests to CCI 2",
        "Renewal requests to CCI 3",
        "New license requests to other suppliers 1",
        "Renewal requests to other suppliers 0",
        "Erasure requests 0",
    ]
    links = [row.cssselect("td a")[0].get("href") for row in rows]
    models = (LicenseRequest, RenewalRequest)
    assert links == [
        *(ui.url(model, "changelist", to="cci") for model in models),
        *(ui.url(model, "changelist", to="others") for model in models),
        ui.url(ErasureRequest, "changelist"),
    ]
    assert [len(ui.listed(staff_site.get(link))) for link in links] == [2, 3, 1, 0, 0]


def test_a_list_without_a_search_box_ignores_a_search(staff_site):
    code = factories.codes(factories.order(CODES))[0]

    page = staff_site.get("/admin/activation_codes/activationcode/", {"q": "10081"})

    assert str(code) in pages.page_text(page)


def test_the_front_page_shows_only_what_one_may_see(db, sign_in):
    looker = factories.person(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_renewalrequest"))
    staff_site = sign_in(looker)

    page = ui.page(staff_site.get("/admin/"))

    assert [pages.text(row) for row in page.cssselect("#requests-waiting tbody tr")] == [
        "Renewal requests to CCI 0",
        "Renewal requests to other suppliers 0",
    ]
    assert not page.cssselect("#find-code")
    assert staff_site.get(FIND).status_code == 403
    assert staff_site.post(FIND, {"code": "x"}).status_code == 403


@pytest.mark.parametrize(
    "address", ["/admin/", FIND, "/admin/licenses/order/", "/admin/accounts/user/"]
)
def test_the_admin_is_for_staff_only(staff_site, sign_in, admin, address):
    assert staff_site.get(address).status_code == 200
    assert sign_in(admin).get(address, follow=True).status_code == 403


def test_an_activation_code_is_found_typed_in_any_form(staff_site, center):
    order = factories.order(CODES, assigned_to=center)
    code, unused = factories.codes(order)[:2]
    redemption = factories.redemption(code)
    plain = str(code)

    for typed in (
        *(plain, plain.lower(), plain.replace("-", ""), plain.replace("-", " "), f"  {plain}\n"),
        *(f"Her code is {plain.lower()}, she says", f"{plain}\t1\tAnna\tLee\tanna@example.com"),
    ):
        text = pages.page_text(find(staff_site, typed))
        assert f"Activation code {plain}" in text, typed
        assert f"{order.number} assigned to Tolano Adventures: Available" in text
        assert str(redemption.enrollment.user) in text
        assert "1 of 1" in text
    assert "no one yet" in pages.page_text(find(staff_site, str(unused)))


def test_a_teacher_code_is_found_with_all_its_orders(staff_site, center, staff):
    order = factories.order(assigned_to=center, teacher_code="U7DA7-NIFE-3017")
    teacher = factories.person(first_name="Kim")
    enroll_teacher(order=order, user=teacher, by=staff)

    text = pages.page_text(find(staff_site, "u7da7 nife 3017"))

    assert "Teacher code U7DA7-NIFE-3017" in text
    assert f"{order.number} assigned to Tolano Adventures" in text
    assert f"{teacher} ({teacher.username}) on order {order}" in text


def test_a_group_key_is_found_with_its_teacher_also_after_it_was_replaced(
    staff_site, center, staff
):
    order = factories.order(assigned_to=center)
    user = factories.person(first_name="Kim")
    teacher = enroll_teacher(order=order, user=user, by=staff).enrollment
    key = str(teacher.group_key)

    for kind in ("Group key", "Former group key"):
        text = pages.page_text(find(staff_site, f"her key {key.lower()}"))
        assert f"{kind} {key}" in text
        assert f"{order.number} assigned to Tolano Adventures: Available" in text
        assert f"{user} ({user.username}) on order {order}" in text
        replace_group_key(teacher=teacher, by=user)


def test_a_replaced_teacher_code_is_found_with_its_order(staff_site, center, staff):
    order = factories.order(assigned_to=center)
    old = str(order.teacher_code)
    replace_teacher_code(order=order, shown=order.teacher_code_id, by=staff)

    text = pages.page_text(find(staff_site, old))

    assert f"Replaced teacher code {old}" in text
    assert f"{order.number} assigned to Tolano Adventures: Available" in text


def test_several_codes_in_a_pasted_text_are_all_found(staff_site):
    codes = factories.codes(factories.order(CODES))

    text = pages.page_text(find(staff_site, "\n".join(str(code) for code in codes)))

    assert all(f"Activation code {code}" in text for code in codes)


def test_a_typing_error_is_distinguished_from_an_unknown_code(staff_site):
    code = str(factories.codes(factories.order(CODES))[0])
    wrong = ("3" if code[0] == "2" else "2") + code[1:]
    [never_allocated] = generate(1)

    assert "its check character doesn't match" in find(staff_site, wrong).content.decode().replace(
        "&#x27;", "'"
    )
    assert "No order that you can see has this code" in pages.page_text(
        find(staff_site, never_allocated)
    )
    assert "group keys 17 or 8. This has 5" in pages.page_text(find(staff_site, "ABC-12"))
    assert ui.errors(find(staff_site, "  "))["code"] == "This field is required."
    assert "at most 2000" in ui.errors(find(staff_site, "x" * 2001))["code"]


def test_no_address_and_no_log_holds_a_code(staff_site, caplog):
    code = str(factories.codes(factories.order(CODES))[0])
    caplog.set_level(logging.DEBUG)
    caplog.clear()

    response = find(staff_site, code)

    assert response.status_code == 200, "answered, not redirected to an address with the code"
    assert pages.parsed(response).cssselect("form")[-1].get("method") == "post"
    assert "no-store" in response["Cache-Control"]
    logged = [r for r in caplog.records if not r.name.startswith("django.db")]
    assert not any(code in record.getMessage() for record in logged)
    assert code not in pages.text(ui.page(staff_site.get(f"{FIND}?code={code}")))


def test_the_staff_group_has_just_the_rights_for_its_work(db):
    set_up_site()
    group = Group.objects.get(name=STAFF_GROUP)
    held = set(group.permissions.values_list("content_type__app_label", "codename"))

    assert ("licenses", "add_order") in held
    # Roles are revoked, and blocks ended.
    deleted = ("delete_membership", "delete_tally")
    assert {("accounts", codename) for codename in deleted} <= held
    for app, codename in held:
        assert app in ("accounts", "licenses", "activation_codes", "renewals", "jobs")
        assert not codename.startswith("delete_") or codename in deleted
    group.permissions.clear()
    set_up_site()
    assert set(group.permissions.values_list("content_type__app_label", "codename")) == held


def test_setting_up_changes_no_table(db):
    """Loading a demo sets up in its transaction; autovacuum would wait for a change to a table."""
    versions = "SELECT string_agg(xmin::text, ' ' ORDER BY oid) FROM pg_class"
    with connection.cursor() as cursor:
        cursor.execute(versions)
        before = cursor.fetchone()
        set_up_site()
        cursor.execute(versions)
        assert cursor.fetchone() == before


def test_staff_cannot_reach_pages_outside_their_work(staff_site):
    for address in ("/admin/auth/group/", "/admin/account/emailaddress/"):
        assert staff_site.get(address).status_code in (403, 404)


def test_the_front_page_needs_the_same_queries_for_many_requests(
    staff_site, django_assert_max_num_queries
):
    counts = []
    for rows in (1, 5):
        for _number in range(rows):
            factories.license_request()
        with django_assert_max_num_queries(30) as queries:
            assert staff_site.get(reverse("admin:index")).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_order_found_is_one_click_away(staff_site):
    order = factories.order(teacher_code="U7DA7-NIFE-3017")

    page = pages.parsed(find(staff_site, "U7DA7-NIFE-3017"))

    [link] = [a for a in page.cssselect("#content a") if pages.text(a) == str(order)]
    assert link.get("href") == ui.url(Order, "change", order.pk)


def test_the_orders_that_need_attention_are_counted_and_listed(staff_site):
    factories.order(finish_date=factories.days(10))
    factories.order(finish_date=factories.days(200))

    rows = ui.page(staff_site.get("/admin/")).cssselect("#needs-attention tbody tr")

    assert [pages.text(row) for row in rows] == [
        "Orders that end within 30 days 1",
        "Orders without free seats 0",
        "Suspended orders 0",
    ]
    links = [row.cssselect("td a")[0].get("href") for row in rows]
    assert [len(ui.listed(staff_site.get(link))) for link in links] == [1, 0, 0]
