"""Troubleshoot in the admin: why an order, a code or a person's license can't be used."""

import logging

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from activation_codes.models import ActivationCode, Redemption
from licenses.models import Enrollment, Order
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.join_codes import replace_group_key
from licenses.services.suspensions import suspend_order
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES

ASK = "/admin/why/"


def linked(staff_site, row):
    """The address of Troubleshoot on a row's page."""
    page = ui.page(staff_site.get(ui.url(type(row), "change", row.pk)))
    links = page.cssselect(".object-tools a")
    [link] = [a for a in links if pages.text(a) == "Troubleshoot"]
    return link.get("href")


def rules(response):
    return [pages.text(rule) for rule in pages.parsed(response).cssselect(".rules li")]


def test_from_an_order(staff_site, center, staff):
    order = factories.order(assigned_to=center)
    suspend_order(order=order, by=staff, reason="Not paid")

    response = staff_site.get(linked(staff_site, order))

    assert "Failed: It is not suspended" in rules(response)[2]
    assert "Not paid Next step: Resume the license." in rules(response)[2]
    links = [a.get("href") for a in pages.parsed(response).cssselect(".object-tools a")]
    assert links == [ui.url(Order, "change", order.pk)]


def test_from_an_activation_code_which_is_in_no_address(staff_site):
    code = factories.codes(factories.order(CODES))[0]
    factories.redemption(code)
    address = linked(staff_site, ActivationCode.objects.get(pk=code.pk))

    assert code.code not in address.replace("-", "")
    assert "Its only use is taken." in pages.page_text(staff_site.get(address))


def test_from_a_person_on_an_order_and_from_a_redemption(staff_site, center, staff):
    order = factories.order(assigned_to=center)
    student = enroll_student(order=order, user=factories.person(), by=staff).enrollment
    remove_enrollment(enrollment=student, by=staff)
    redemption = factories.redemption(factories.codes(factories.order(CODES))[0])

    answer = staff_site.get(linked(staff_site, Enrollment.objects.get(pk=student.pk)))
    assert f"{student.user} was removed." in pages.page_text(answer)
    answer = staff_site.get(linked(staff_site, Redemption.objects.get(pk=redemption.pk)))
    assert "All checks passed. This can be used." in pages.page_text(answer)


def test_a_typed_code_of_any_organization_is_explained_and_not_logged(staff_site, caplog, staff):
    order = factories.order()
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    old = str(teacher.group_key)
    replace_group_key(teacher=teacher, by=teacher.user)
    caplog.set_level(logging.DEBUG)
    caplog.clear()

    response = staff_site.post(ASK, {"code": f" {old.lower()} "})

    text = pages.page_text(response)
    assert f"Group key {old}" in text
    assert f"Order {order}, assigned to {order.assigned_to}" in text
    assert "It was replaced by another one." in text
    assert "no-store" in response["Cache-Control"]
    logged = [r for r in caplog.records if not r.name.startswith("django.db")]
    assert not any(old in record.getMessage() for record in logged)
    assert not rules(staff_site.get(f"{ASK}?code={old}"))
    assert ui.errors(staff_site.post(ASK, {"code": " "}))["code"] == "Enter a code."


def test_the_front_page_and_find_a_code_link_there(staff_site):
    code = factories.codes(factories.order(CODES))[0]
    front = ui.page(staff_site.get("/admin/"))
    assert front.cssselect(f'#find-code a[href="{ASK}"]')

    found = pages.parsed(staff_site.post("/admin/find-code/", {"code": str(code)}))
    [form] = found.cssselect(f'form[action="{ASK}"]')
    assert form.method == "POST"
    answer = pages.page_text(staff_site.post(ASK, dict(form.fields)))
    assert "All checks passed. This can be used." in answer


def test_staff_who_may_not_see_people_have_no_access(db, sign_in):
    order = factories.order()
    looker = factories.person(is_staff=True)
    for codename in ("view_order", "view_activationcode"):
        looker.user_permissions.add(Permission.objects.get(codename=codename))
    staff_site = sign_in(looker)

    assert staff_site.get(ASK).status_code == 403
    assert staff_site.post(ASK, {"code": "x"}).status_code == 403
    assert staff_site.get(reverse("admin:why_order", args=[order.pk])).status_code == 403
    change = staff_site.get(ui.url(Order, "change", order.pk)).content.decode()
    front = staff_site.get("/admin/").content.decode()
    assert ASK not in change and ASK not in front


@pytest.mark.parametrize("page", ["why_order", "why_activation_code", "why_enrollment"])
def test_missing_rows(staff_site, page):
    assert staff_site.get(reverse(f"admin:{page}", args=[404])).status_code == 404
    assert staff_site.post(reverse(f"admin:{page}", args=[404])).status_code == 405
