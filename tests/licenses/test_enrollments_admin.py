"""CCI staff enroll people on orders and remove them, in the admin."""

from licenses.models import Enrollment, EnrollmentRole
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from tests import admin_pages as ui
from tests import factories, pages
from tests.factories import CODES


def test_enrolling_people(staff_site, center):
    order = factories.order(assigned_to=center, students=1)
    teacher, student = factories.person(), factories.person()
    add = ui.url(Enrollment, "add")

    ui.fill(staff_site, add, order=order.pk, user=teacher.pk, role=EnrollmentRole.TEACHER)
    teaching = Enrollment.objects.get()
    ui.fill(
        staff_site,
        add,
        order=order.pk,
        user=student.pk,
        role=EnrollmentRole.STUDENT,
        teacher=teaching.pk,
    )
    full = ui.fill(
        staff_site, add, order=order.pk, user=factories.person().pk, role=EnrollmentRole.STUDENT
    )
    twice = ui.fill(staff_site, add, order=order.pk, user=teacher.pk, role=EnrollmentRole.TEACHER)

    order.refresh_from_db()
    assert order.enrolled == 1
    assert Enrollment.objects.get(role=EnrollmentRole.STUDENT).teacher == teaching
    assert "has no seats left" in ui.errors(full)[""]
    assert "is already on order" in ui.errors(twice)["user"]


def test_students_of_codes_are_not_enrolled_manually(staff_site):
    order = factories.order(CODES)

    response = ui.fill(
        staff_site,
        ui.url(Enrollment, "add"),
        order=order.pk,
        user=factories.person().pk,
        role=EnrollmentRole.STUDENT,
    )

    assert "redeeming a code" in ui.errors(response)["role"]


def test_removing_people_from_an_order(staff_site, staff):
    order = factories.order(students=5)
    people = [
        enroll_student(order=order, user=factories.person(), by=staff).enrollment
        for _number in range(3)
    ]

    pages.parsed(staff_site.get(ui.url(Enrollment, "remove_page", people[0].pk)))
    ui.fill(staff_site, ui.url(Enrollment, "remove_page", people[0].pk))
    address = ui.url(Enrollment, "changelist")
    between = ui.act(staff_site, address, "remove_selected", people)
    response = ui.confirm(staff_site, address, between)

    refused, done = ui.messages(response)
    assert "already removed from the order" in refused
    assert done == f"Removed: {people[2]}, {people[1]}."
    order.refresh_from_db()
    assert order.enrolled == 0
    assert not ui.listed(staff_site.get(address))
    assert len(ui.listed(staff_site.get(address + "?on=removed"))) == 3


def test_a_student_of_a_code_is_not_removed_here(staff_site):
    order = factories.order(CODES)
    redemption = factories.redemption(factories.codes(order)[0])

    response = ui.fill(staff_site, ui.url(Enrollment, "remove_page", redemption.enrollment_id))

    assert "Reclaim its redemption" in ui.errors(response)[""]
    shown = pages.text(
        ui.page(staff_site.get(ui.url(Enrollment, "change", redemption.enrollment_id)))
    )
    assert "Redemption" in shown
    assert "Remove from order" not in shown


def test_restoring_someone(staff_site, staff):
    order = factories.order(students=1)
    enrollment = enroll_student(order=order, user=factories.person(), by=staff).enrollment
    back = ui.url(Enrollment, "restore_page", enrollment.pk)
    change = ui.url(Enrollment, "change", enrollment.pk)
    assert back not in staff_site.get(change).content.decode()
    assert "already" in ui.errors(ui.fill(staff_site, back))[""]
    remove_enrollment(enrollment=enrollment, by=staff)
    assert back in staff_site.get(change).content.decode()

    pages.parsed(staff_site.get(back))
    [done] = ui.messages(ui.fill(staff_site, back))

    assert done == f"{enrollment} was restored to the order."
    order.refresh_from_db()
    assert order.enrolled == 1


def test_a_teachers_group_key_is_shown(staff_site, staff):
    order = factories.order()
    enrollment = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    shown = ui.page(staff_site.get(ui.url(Enrollment, "change", enrollment.pk)))
    assert str(enrollment.group_key) in pages.text(shown)


def test_enrollments_are_never_changed_into_others(staff_site, staff):
    joined = enroll_teacher(order=factories.order(), user=factories.person(), by=staff)

    address = ui.url(Enrollment, "change", joined.enrollment.pk)

    assert staff_site.post(address, {"role": EnrollmentRole.STUDENT}).status_code == 403
