"""CCI staff view codes, create them and reclaim redemptions, in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from activation_codes.models import ActivationCode, CodeDownload, Redemption
from activation_codes.services.codes import replace_code
from licenses.models import Order
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES, days


def codes_url(order):
    return reverse("admin:activation_codes_order_page", args=[order.pk])


def test_an_order_links_to_its_codes(staff_site):
    order, other = factories.order(CODES), factories.order()

    page = pages.text(ui.page(staff_site.get(ui.url(Order, "change", order.pk))))
    without = pages.text(ui.page(staff_site.get(ui.url(Order, "change", other.pk))))

    assert "Activation codes" in page
    assert "Activation codes" not in without
    assert staff_site.get(codes_url(other)).status_code == 404


def test_creating_the_codes_of_an_order(staff_site, staff):
    order = factories.order(CODES, number_of_codes=3)

    assert "Create 3 codes" in staff_site.get(codes_url(order)).content.decode()
    response = ui.fill(staff_site, codes_url(order), _create="1", teacher_required="on")
    again = ui.fill(staff_site, codes_url(order), _create="1")

    assert ui.messages(response) == ["3 activation codes were created."]
    assert ui.messages(again) == ["The activation codes were already created."]
    assert ActivationCode.objects.filter(order=order).count() == 3
    assert Order.objects.get(pk=order.pk).teacher_required
    assert f"3 by {staff}" in pages.page_text(staff_site.get(codes_url(order)))


def test_codes_of_an_ended_order_are_not_created(staff_site):
    order = factories.order(CODES, finish_date=days(-1))

    shown = staff_site.get(codes_url(order))
    response = ui.fill(staff_site, codes_url(order), _create="1")

    assert "The license ended on" in pages.page_text(shown)
    assert "The license ended on" in ui.errors(response)[""]
    assert not ActivationCode.objects.exists()


def test_saving_the_options(staff_site):
    order = factories.order(CODES)

    response = ui.fill(staff_site, codes_url(order), enable_badges=None, _save="1")

    assert ui.messages(response) == [f"The options of order {order} were saved."]
    assert not Order.objects.get(pk=order.pk).enable_badges
    history = pages.page_text(staff_site.get(ui.url(Order, "history", order.pk)))
    assert "Code settings saved" in history
    assert "Enable Badges Assignment: yes → no" in history


def test_a_replaced_code_shows_its_replacement_and_the_person(staff_site, staff):
    code = factories.codes(factories.order(CODES))[0]
    new = replace_code(code=code, by=staff)

    shown = pages.text(ui.page(staff_site.get(ui.url(ActivationCode, "change", code.pk))))
    assert f"Replaced by the code: {new} Replaced by: {staff} Replaced at:" in shown
    found = pages.page_text(staff_site.post(reverse("admin:find_code"), {"code": str(code)}))
    assert f"with {new}" in found


def test_codes_are_listed_and_never_changed(staff_site):
    order = factories.order(CODES)
    codes = factories.codes(order)
    address = ui.url(ActivationCode, "changelist", order__id__exact=order.pk)

    page = ui.page(staff_site.get(address))

    assert str(codes[0]) in pages.text(page)
    assert not page.cssselect("#searchbar"), "a search would put codes into addresses"
    change = ui.url(ActivationCode, "change", codes[0].pk)
    assert staff_site.get(change).status_code == 200
    assert staff_site.post(change, {"code": "x"}).status_code == 403
    assert staff_site.get(ui.url(ActivationCode, "add")).status_code == 403


def test_reclaiming_a_redemption_frees_the_use(staff_site):
    order = factories.order(CODES)
    code = factories.codes(order)[0]
    redemption = factories.redemption(code)
    address = ui.url(Redemption, "reclaim_page", redemption.pk)

    pages.parsed(staff_site.get(address))
    response = ui.fill(staff_site, address)
    again = ui.fill(staff_site, address)

    assert ui.messages(response) == [f"Removed: {redemption}."]
    assert "already removed from the order" in ui.errors(again)[""]
    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (0, 0)


def test_a_removed_redemption_is_restored(staff_site):
    order = factories.order(CODES)
    code = factories.codes(order)[0]
    redemption = factories.redemption(code)
    restore = ui.url(Redemption, "restore_page", redemption.pk)
    change = ui.url(Redemption, "change", redemption.pk)
    assert restore not in staff_site.get(change).content.decode()
    assert "Removed: -" in pages.page_text(staff_site.get(change))
    assert "already" in ui.errors(ui.fill(staff_site, restore))[""]
    ui.fill(staff_site, ui.url(Redemption, "reclaim_page", redemption.pk))
    assert restore in staff_site.get(change).content.decode()
    assert f"Removed: {days(0)} " in pages.page_text(staff_site.get(change))

    assert f"Restored: {redemption}." in ui.messages(ui.fill(staff_site, restore))

    code.refresh_from_db()
    order.refresh_from_db()
    assert (code.used, order.enrolled) == (1, 1)


def test_removing_many_asks_once_and_reports_each(staff_site):
    codes = factories.codes(factories.order(CODES))
    redemptions = [factories.redemption(code) for code in codes[:2]]
    address = ui.url(Redemption, "changelist")

    between = ui.act(staff_site, address, "reclaim_selected", redemptions)
    ui.fill(staff_site, ui.url(Redemption, "reclaim_page", redemptions[0].pk))
    response = ui.confirm(staff_site, address, between)

    refused, done = ui.messages(response)
    assert "already removed from the order" in refused
    assert done == f"Removed: {redemptions[1]}."
    assert not ui.listed(staff_site.get(address))
    assert len(ui.listed(staff_site.get(address + "?state=removed"))) == 2


def test_staff_who_may_only_view_change_nothing(db, sign_in):
    order = factories.order(CODES)
    redemption = factories.redemption(factories.codes(order)[0])
    looker = factories.person(is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    staff_site = sign_in(looker)

    assert staff_site.get(codes_url(order)).status_code == 200
    assert staff_site.post(codes_url(order), {"_create": "1"}).status_code == 403
    assert staff_site.post(codes_url(order), {"_save": "1"}).status_code == 403
    assert staff_site.post(ui.url(Redemption, "reclaim_page", redemption.pk)).status_code == 403
    redemption.enrollment.refresh_from_db()
    assert redemption.enrollment.removed_at is None


def test_the_codes_are_for_staff_only(sign_in, admin):
    order = factories.order(CODES, assigned_to=admin.organization)
    staff_site = sign_in(admin)

    assert staff_site.get(codes_url(order), follow=True).status_code == 403
    download = reverse("admin:activation_codes_download", args=[order.pk])
    assert staff_site.get(download, follow=True).status_code == 403
    assert not CodeDownload.objects.exists()


def test_a_download_by_staff_is_in_the_history_of_the_order(staff_site, staff, sign_in, admin):
    order = factories.order(CODES, assigned_to=admin.organization, number_of_codes=3)
    factories.codes(order)
    download = reverse("admin:activation_codes_download", args=[order.pk])

    staff_site.get(download).getvalue()

    (recorded,) = CodeDownload.objects.all()
    assert (recorded.order, recorded.downloaded_by) == (order, staff)
    edit = sign_in(admin).get(reverse("licenses:order_edit", args=[order.number]))
    assert "3 codes downloaded" in pages.page_text(edit)


@pytest.mark.parametrize("model", [ActivationCode, Redemption])
def test_lists_need_the_same_queries_for_many_rows(
    staff_site, django_assert_max_num_queries, model
):
    counts = []
    for rows in (1, 4):
        for _number in range(rows):
            factories.redemption(factories.codes(factories.order(CODES))[0])
        with django_assert_max_num_queries(30) as queries:
            assert staff_site.get(ui.url(model, "changelist")).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
