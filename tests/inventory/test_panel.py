"""The Panel: the front page of the active role, and its three counts."""

import pytest

from jasper_inventory.accounts.models import Membership, Role
from licenses.services.enrollments import enroll_student, enroll_teacher
from tests import factories
from tests.pages import page_text, parsed, rows, text


def counts(response):
    return [int(text(number)) for number in parsed(response).cssselect(".counts strong")]


def test_it_counts_available_orders_by_type_and_pending_requests(sign_in, admin, center):
    factories.order(assigned_to=center)
    factories.order(assigned_to=center, students=None)
    factories.order(factories.CODES, assigned_to=center)
    factories.order(assigned_to=center, finish_date=factories.days(-1))
    factories.order(assigned_to=center, start_date=factories.days(1))
    factories.order(factories.CODES, assigned_to=center, is_active=False)
    factories.order(assigned_to=factories.organization())
    factories.license_request(membership=admin)
    factories.renewal_request(factories.order(assigned_to=center), membership=admin)

    response = sign_in(admin).get("/")

    assert counts(response) == [3, 1, 2]
    page = page_text(response)
    assert "available center licenses" in page
    assert "user activation codes" in page
    assert "pending inventory requests" in page


def test_free_seats_are_right_for_one_and_for_more(sign_in, admin, center, staff):
    def note(kind):
        cards = parsed(sign_in(admin).get("/")).cssselect(".counts li")
        return text([card for card in cards if kind in text(card)][0])

    factories.order(assigned_to=center, students=1)
    factories.order(factories.CODES, assigned_to=center, number_of_codes=1)
    assert note("center licenses").endswith("Free seats: 1 of 1 on 1 license")
    assert note("activation codes").endswith("Free codes: 1 on 1 order")

    factories.order(assigned_to=center, students=1200)
    factories.order(factories.CODES, assigned_to=center, number_of_codes=3, users_per_code=2)
    assert note("center licenses").endswith("Free seats: 1,201 of 1,201 on 2 licenses")
    assert note("activation codes").endswith("Free code uses: 7 on 2 orders")


def test_a_depleted_order_is_not_counted_as_available(sign_in, admin, center, staff):
    order = factories.order(assigned_to=center, students=1)
    enroll_student(order=order, user=factories.person(), by=staff)

    assert counts(sign_in(admin).get("/")) == [0, 0, 0]


def test_a_teacher_sees_the_licenses_taught_on(sign_in, teacher, center, staff):
    order = factories.order(assigned_to=center)
    enroll_teacher(order=order, user=teacher.user, by=staff)
    enroll_student(order=order, user=factories.person(), by=staff)
    factories.order(assigned_to=center)

    response = sign_in(teacher).get("/")

    licenses = parsed(response).cssselect(".taught")
    assert len(licenses) == 1
    shown = text(licenses[0])
    assert "Products: Office" in shown and ", all 2" in shown
    assert str(order.finish_date) in shown
    assert "Your Students: 0" in shown
    assert "Seats Left: 99 of 100" in shown
    key = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment.group_key
    assert str(order.enrollments.get(user=teacher.user).group_key) in shown
    assert str(key) not in text(parsed(sign_in(teacher).get("/")).cssselect(".taught")[0])


@pytest.mark.parametrize("teaches", [True, False])
def test_a_teacher_gets_a_link_to_the_teacher_code_page(sign_in, teacher, center, staff, teaches):
    if teaches:
        order = factories.order(assigned_to=center)
        enroll_teacher(order=order, user=teacher.user, by=staff)
    page = parsed(sign_in(teacher).get("/"))
    [link] = [a for a in page.cssselect("main a") if text(a) == "Enter a Teacher Code"]
    [in_menu] = [a for a in page.cssselect("header a") if text(a) == "Enter a code"]
    assert link.get("href") == in_menu.get("href") == "/teach/"


def test_a_teachers_panel_costs_the_same_for_one_license_and_for_ten(
    sign_in, teacher, center, staff, django_assert_num_queries
):
    client = sign_in(teacher)

    def teach():
        order = factories.order(assigned_to=center)
        enroll_teacher(order=order, user=teacher.user, by=staff)

    teach()
    client.get("/")
    with django_assert_num_queries(8):
        client.get("/")
    for _ in range(9):
        teach()
    client.get("/")
    with django_assert_num_queries(8):
        client.get("/")


def test_a_student_is_redirected_to_the_courses(sign_in, center):
    student = factories.member(center, Role.STUDENT)

    assert sign_in(student).get("/").url == "/courses/"


def test_a_student_without_a_role_is_redirected_to_the_courses(sign_in, db):
    enrollment = factories.redemption(
        factories.codes(factories.order(factories.CODES))[0]
    ).enrollment
    Membership.objects.filter(user=enrollment.user).delete()

    assert sign_in(enrollment.user).get("/").url == "/courses/"


def test_a_person_without_a_role_sees_the_person_to_contact(sign_in, db):
    page = page_text(sign_in(factories.person()).get("/"))

    assert "You have no role yet" in page
    assert "Jasperactive Support" in page


def test_cci_staff_without_a_role_are_redirected_to_the_admin(sign_in, staff):
    assert sign_in(staff).get("/").url == "/admin/"


def test_a_revoked_role_stops_working_at_the_next_request(sign_in, admin):
    client = sign_in(admin)
    assert client.get("/inventory/").status_code == 200

    Membership.objects.all().delete()

    assert client.get("/inventory/").status_code == 403
    assert "You have no role yet" in page_text(client.get("/"))


def test_an_anonymous_visitor_is_redirected_to_sign_in(client, db):
    assert client.get("/").url == "/accounts/login/?next=/"


def test_the_panel_of_a_supplier_counts_its_own_orders_and_says_so(sign_in, hub_admin, hub, center):
    own = factories.order(assigned_to=hub)
    factories.order(assigned_to=center)
    site = sign_in(hub_admin)
    page = parsed(site.get("/"))
    assert "Only your organization's own orders are counted" in text(page)
    link = page.cssselect(".counts a")[0]
    assert text(link) == "1 available center licenses"
    shown = rows(site.get(link.get("href")))
    assert [row["Order Number"] for row in shown] == [str(own.number)]


def test_the_panel_of_a_center_needs_no_such_note(sign_in, admin):
    assert "own orders are counted" not in page_text(sign_in(admin).get("/"))
