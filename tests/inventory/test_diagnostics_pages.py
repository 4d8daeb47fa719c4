"""The pages that explain why something can't be used."""

import pytest
from django.urls import reverse

from jasper_inventory.accounts.models import Role
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.pages import DIALOG, field_errors, page_text, parsed, text

FIND = "/why/"


def order_troubleshoot(order):
    return reverse("inventory:order_troubleshoot", args=[order.number])


def rules(response):
    return [text(rule) for rule in parsed(response).cssselect(".rules li")]


@pytest.mark.parametrize("headers", [{}, DIALOG], ids=["page", "dialog"])
def test_the_window_lists_the_rules_of_an_order(sign_in, admin, center, headers):
    order = factories.order(assigned_to=center, finish_date=factories.days(-1))

    response = sign_in(admin).get(order_troubleshoot(order), **headers)

    assert rules(response)[0].startswith("Passed: The license was approved")
    assert rules(response)[1].startswith("Failed: It has not ended It ended on")
    assert "Next step: Renew the license. Who can do it: Tolano Adventures" in page_text(response)


def test_a_supplier_sees_it_and_a_stranger_does_not(sign_in, hub_admin, foreign_admin, center):
    order = factories.order(assigned_to=center)

    assert sign_in(hub_admin).get(order_troubleshoot(order)).status_code == 200
    assert sign_in(foreign_admin).get(order_troubleshoot(order)).status_code == 404


def test_a_typed_code_is_explained_and_is_in_no_address(sign_in, admin, center):
    code = factories.codes(factories.order(factories.CODES, assigned_to=center))[0]

    response = sign_in(admin).post(FIND, {"code": f" {str(code).lower()} "})

    assert response.status_code == 200
    assert "All checks passed. This can be used." in page_text(response)
    assert "no-store" in response["Cache-Control"]


def test_a_code_of_others_reads_like_one_that_does_not_exist(sign_in, admin):
    foreign = str(factories.codes(factories.order(factories.CODES))[0])
    invented = "BBBBB-BBBB-BBBBB"

    shown = page_text(sign_in(admin).post(FIND, {"code": foreign}))

    assert "The code is known" in shown
    assert "Order" not in shown.split("The code is known")[1]
    assert "Failed: The code is known" in page_text(sign_in(admin).post(FIND, {"code": invented}))


def test_an_empty_form_is_reported_beside_the_field(sign_in, admin):
    assert field_errors(sign_in(admin).post(FIND, {"code": ""})) == {"code": "Enter a code."}


def test_a_person_of_an_order_is_explained(sign_in, admin, center, staff, foreign_admin):
    order = factories.order(assigned_to=center)
    other = factories.order(assigned_to=center)
    student = factories.person(first_name="Rita")
    enrollment = enroll_student(order=order, user=student, by=staff).enrollment
    address = reverse("inventory:enrollment_troubleshoot", args=[order.number, enrollment.pk])

    assert "Rita" in page_text(sign_in(admin).get(address))
    assert sign_in(foreign_admin).get(address).status_code == 404
    wrong = reverse("inventory:enrollment_troubleshoot", args=[other.number, enrollment.pk])
    assert sign_in(admin).get(wrong).status_code == 404


def test_teachers_and_students_have_no_access(sign_in, teacher, center):
    student = factories.member(center, Role.STUDENT)

    for who in (teacher, student):
        assert sign_in(who).get(FIND).status_code == 403


def test_the_holder_can_replace_the_code_that_was_typed(sign_in, admin, center, hub_admin):
    code = factories.codes(factories.order(factories.CODES, assigned_to=center))[0]
    link = reverse("activation_codes:code_replace", args=[code.pk])

    assert link in sign_in(admin).post(FIND, {"code": str(code)}).content.decode()
    assert link not in sign_in(hub_admin).post(FIND, {"code": str(code)}).content.decode()


def test_the_pages_of_an_order_link_here(sign_in, admin, center, staff):
    order = factories.order(assigned_to=center)
    student = enroll_student(order=order, user=factories.person(), by=staff).enrollment
    site = sign_in(admin)

    for page, link in [
        ("inventory:order_list", FIND),
        ("licenses:order_edit", order_troubleshoot(order)),
        ("people:person_list", f"{order_troubleshoot(order)}{student.pk}/"),
    ]:
        args = [] if page == "inventory:order_list" else [order.number]
        page_of = parsed(site.get(reverse(page, args=args)))
        assert any(a.get("href").split("?")[0] == link for a in page_of.cssselect("a[href]")), page
