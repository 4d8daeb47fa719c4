"""A school's own students: all of them as a file, and their erasure by the school."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jasper_inventory.accounts.models import ErasureRequest, LogEntry, Membership, Role, User
from licenses.models import Enrollment
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.commands import run
from tests.pages import notifications, page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def student(center, order, admin):
    """A student of the center alone, by a code."""
    codes = factories.order(factories.CODES, assigned_to=center)
    user = factories.person("rosa.quill", first_name="Rosa", last_name="Quill")
    factories.redemption(factories.codes(codes)[0], user=user)
    return user


def erase(site, user):
    return site.post(f"/people/{user.pk}/erase/", follow=True)


def is_due():
    old = timezone.now() - timedelta(days=15)
    ErasureRequest.objects.update(asked_at=old)


def test_the_file_has_the_schools_own_students_with_their_licenses(
    site, student, admin, foreign_admin, center
):
    order = factories.order(assigned_to=center)
    enroll_student(order=order, user=student, by=admin.user)
    elsewhere = factories.order(assigned_to=foreign_admin.organization)
    other = factories.person("not.ours")
    enroll_student(order=elsewhere, user=other, by=foreign_admin.user)
    file = site.get("/people/students/download/?file=csv")
    text = b"".join(file).decode()
    assert text.count("Rosa Quill") == 2 and str(order.number) in text
    assert "not.ours" not in text
    entry = LogEntry.objects.get(action="students.exported")
    assert (entry.actor, entry.organization) == (admin.user, center)


def test_a_student_without_other_ties_is_erased_after_the_days_of_grace(
    site, student, staff, admin
):
    page = page_text(site.get(f"/people/{student.pk}/erase/"))
    assert "14 days" in page
    assert "will be erased in 14 days" in notifications(erase(site, student))[0]
    run("apply_retention", "--apply", "--by", staff.username)
    student.refresh_from_db()
    assert student.erased_at is None
    is_due()
    assert "students that schools erased: 1" in run("apply_retention")
    student.refresh_from_db()
    assert student.erased_at is None
    run("apply_retention", "--apply", "--by", staff.username)
    student.refresh_from_db()
    assert student.erased_at is not None and student.username != "rosa.quill"
    entry = LogEntry.objects.get(action="students.erased")
    assert entry.actor == admin.user and entry.people == [student.pk]


def test_until_then_it_can_be_undone(site, student, staff):
    erase(site, student)
    assert "Keep Student" in page_text(site.get(f"/people/{student.pk}/"))
    site.post(f"/people/{student.pk}/keep/")
    is_due()
    run("apply_retention", "--apply", "--by", staff.username)
    student.refresh_from_db()
    assert student.erased_at is None
    assert "Erase Student" in page_text(site.get(f"/people/{student.pk}/"))


def test_a_student_with_other_ties_is_unlinked_and_keeps_the_account(
    site, student, center, foreign_admin
):
    factories.member(foreign_admin.organization, Role.STUDENT, user=student)
    enrollment = Enrollment.objects.get(user=student)
    before = enrollment.order.seats_taken
    page = page_text(site.get(f"/people/{student.pk}/erase/"))
    assert "belongs to another organization" in page
    assert "no longer belongs" in notifications(erase(site, student))[0]
    assert not Membership.objects.filter(user=student, organization=center).exists()
    assert not Enrollment.objects.current().filter(user=student).exists()
    enrollment.order.refresh_from_db()
    assert enrollment.order.seats_taken == before - 1
    assert not ErasureRequest.objects.exists()
    student.refresh_from_db()
    assert student.username == "rosa.quill" and student.is_active


def test_ties_that_came_in_the_days_of_grace_keep_the_account(site, student, staff, foreign_admin):
    erase(site, student)
    factories.member(foreign_admin.organization, Role.STUDENT, user=student)
    is_due()
    run("apply_retention", "--apply", "--by", staff.username)
    student.refresh_from_db()
    assert student.erased_at is None


def test_only_students_of_the_school_can_be_erased(site, sign_in, teacher, foreign_admin, student):
    assert site.get(f"/people/{teacher.user_id}/erase/").status_code == 404
    assert "Erase Student" not in page_text(site.get(f"/people/{teacher.user_id}/"))
    for method in ("get", "post"):
        answer = getattr(sign_in(foreign_admin), method)(f"/people/{student.pk}/erase/")
        assert answer.status_code == 404
    assert not ErasureRequest.objects.exists()


def test_former_students_are_erased_only_if_a_setting_says_so(staff, student, settings):
    Enrollment.objects.filter(user=student).update(removed_at=timezone.now())
    long_ago = timezone.now() - timedelta(days=500)
    User.objects.filter(pk=student.pk).update(date_joined=long_ago, last_login=None)
    assert "students without a license" not in run("apply_retention")
    settings.STUDENT_DAYS = 400
    assert "students without a license: 1" in run("apply_retention")
    run("apply_retention", "--apply", "--by", staff.username)
    student.refresh_from_db()
    assert student.erased_at is not None
