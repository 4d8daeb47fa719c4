"""A pupil without email gets a new password from their teacher or administrator."""

import pytest
from django.test import Client
from django.utils import timezone

from jasper_inventory.accounts.models import Membership, Organization, Role, User
from jasper_inventory.accounts.passwords import easy_password
from jasper_inventory.accounts.services.passwords import set_student_password
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Enrollment, Order
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.student_passwords import help_with_password
from tests import factories
from tests.factories import PASSWORD
from tests.helpers import at_once, last_act
from tests.pages import DIALOG, field_errors, page_text, parsed

pytestmark = pytest.mark.django_db
NEW = "maple-otter-canoe-42"


@pytest.fixture
def teaching(order, teacher, staff):
    return enroll_teacher(order=order, user=teacher.user, by=staff).enrollment


@pytest.fixture
def pupil(order, teaching, staff):
    user = factories.person("pupil", email="")
    user.set_password(PASSWORD)
    user.save()
    enroll_student(order=order, user=user, by=staff, teacher=teaching)
    return user


def address(user):
    return f"/people/{user.pk}/password/"


def fresh(user):
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("who", ["teacher", "admin"])
@pytest.mark.parametrize("headers", [{}, DIALOG], ids=["page", "dialog"])
def test_teacher_and_administrator_set_one_that_is_shown_once(
    request, sign_in, pupil, who, headers
):
    by = request.getfixturevalue(who)
    site = sign_in(by)
    page = site.get(address(pupil), **headers)
    offered = parsed(page).cssselect("#id_password")[0].get("value")
    response = site.post(address(pupil), {"password": offered}, **headers)
    assert offered in page_text(response)
    assert "Write it down now" in page_text(response)
    assert "no-store" in response["Cache-Control"]
    assert fresh(pupil).check_password(offered)
    assert offered not in page_text(site.get(address(pupil)))
    assert last_act(pupil) | {"url": ""} == {
        "action": "password.set",
        "user": by.user.pk,
        "url": "",
    }
    assert fresh(pupil).password_set_at <= timezone.now()


def test_the_pupils_sessions_end_immediately(sign_in, admin, pupil):
    there = Client()
    assert there.login(username="pupil", password=PASSWORD)
    assert there.get("/courses/").status_code == 200
    sign_in(admin).post(address(pupil), {"password": NEW})
    assert there.get("/courses/").url.startswith("/accounts/login/")
    assert not there.login(username="pupil", password=PASSWORD)
    assert there.login(username="pupil", password=NEW)


@pytest.mark.parametrize("password", ["", "short", "1234567890", "pupil", "x" * 129])
def test_a_weak_password_is_refused_at_its_field(sign_in, admin, pupil, password):
    page = sign_in(admin).post(address(pupil), {"password": password})
    assert "password" in field_errors(page)
    assert fresh(pupil).check_password(PASSWORD)


def test_other_people_than_teacher_and_administrator_find_nobody(
    sign_in, pupil, foreign_admin, hub_admin, center, order, staff
):
    colleague = factories.member(center, Role.TEACHER)
    enroll_teacher(order=order, user=colleague.user, by=staff)
    for who in (foreign_admin, hub_admin, colleague):
        site = sign_in(who)
        assert site.get(address(pupil)).status_code == 404
        assert site.post(address(pupil), {"password": NEW}).status_code == 404
        with pytest.raises(NotAllowed):
            help_with_password(pupil=pupil, password=NEW, by=who.user)
    for who in (factories.member(center, Role.STUDENT), factories.person(), staff):
        assert sign_in(who).post(address(pupil), {"password": NEW}).status_code == 403
        with pytest.raises(NotAllowed):
            help_with_password(pupil=pupil, password=NEW, by=getattr(who, "user", who))
    assert fresh(pupil).check_password(PASSWORD)


def test_a_removed_teacher_or_student_is_out_of_reach(sign_in, teacher, admin, pupil, staff):
    learning = Enrollment.objects.get(user=pupil)
    Enrollment.objects.filter(pk=learning.teacher_id).update(removed_at=timezone.now())
    assert sign_in(teacher).get(address(pupil)).status_code == 404
    remove_enrollment(enrollment=learning, by=staff)
    assert sign_in(admin).get(address(pupil)).status_code == 404


def test_the_wrong_method(sign_in, admin, pupil):
    assert sign_in(admin).put(address(pupil)).status_code == 405


NOT_PUPILS = {
    "has an email": {"email": "pupil@example.com"},
    "works at CCI": {"is_staff": True},
    "is a superuser": {"is_superuser": True},
    "is closed": {"is_active": False},
}


@pytest.mark.parametrize("values", NOT_PUPILS.values(), ids=NOT_PUPILS)
def test_only_a_pupil_without_email_is_helped(sign_in, admin, pupil, values):
    User.objects.filter(pk=pupil.pk).update(**values)
    page = sign_in(admin).get(address(pupil))
    assert not parsed(page).cssselect("#id_password")
    response = sign_in(admin).post(address(pupil), {"password": NEW})
    assert "Write it down" not in page_text(response)
    assert fresh(pupil).check_password(PASSWORD)


def enrolled_elsewhere(user, staff):
    return enroll_student(order=elsewhere(), user=user, by=staff)


def enrolled_elsewhere_on_a_license_that_ended(user, staff):
    order = elsewhere()
    enroll_student(order=order, user=user, by=staff)
    Order.objects.filter(pk=order.pk).update(
        start_date=factories.days(-9), finish_date=factories.days(-1)
    )


def code_redeemed_elsewhere(user, staff):
    order = elsewhere(factories.CODES)
    factories.redemption(factories.codes(order)[0], user=user)


def enrolled_at_the_supplier(user, staff):
    hub = Organization.objects.get(name="Harbour Hub")
    enroll_student(order=factories.order(assigned_to=hub), user=user, by=staff)


def student_elsewhere(user, staff):
    factories.member(factories.organization("Secret School"), Role.STUDENT, user=user)


def elsewhere(kind=factories.CENTER, **values):
    return factories.order(kind, assigned_to=factories.organization("Secret School"), **values)


@pytest.mark.parametrize(
    "held",
    [
        enrolled_elsewhere,
        enrolled_elsewhere_on_a_license_that_ended,
        code_redeemed_elsewhere,
        enrolled_at_the_supplier,
        student_elsewhere,
    ],
)
@pytest.mark.parametrize("who", ["teacher", "admin"])
def test_only_cci_sets_the_password_of_someone_who_holds_anything_elsewhere(
    request, sign_in, pupil, staff, held, who
):
    by = request.getfixturevalue(who)
    held(pupil, staff)
    site = sign_in(by)
    for response in (site.get(address(pupil)), site.post(address(pupil), {"password": NEW})):
        assert "Only CCI Learning can set this person's password." in page_text(response)
        assert "Secret School" not in page_text(response)
        assert "Write it down" not in page_text(response)
    if who == "admin":
        shown = page_text(site.get(f"/people/{pupil.pk}/"))
        assert "Only CCI Learning can set this person's password." in shown
        assert "Set New Password" not in shown
    with pytest.raises(NotAllowed, match="Only CCI Learning"):
        help_with_password(pupil=pupil, password=NEW, by=by.user)
    assert fresh(pupil).check_password(PASSWORD)


def test_ended_enrollments_elsewhere_no_longer_count(sign_in, admin, pupil, staff):
    student = enrolled_elsewhere(pupil, staff).enrollment
    remove_enrollment(enrollment=student, by=staff)
    Membership.objects.filter(user=pupil, organization__name="Secret School").delete()
    sign_in(admin).post(address(pupil), {"password": NEW})
    assert fresh(pupil).check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_a_person_enrolled_elsewhere_at_that_moment_keeps_the_password(admin, pupil, staff):
    order = elsewhere()
    enrolled, refusal = at_once(
        lambda: enroll_student(order=order, user=pupil, by=staff),
        lambda: help_with_password(pupil=pupil, password=NEW, by=admin.user),
        hold=pupil,
    )
    assert enrolled.enrollment.user == pupil
    assert isinstance(refusal, NotAllowed)
    assert fresh(pupil).check_password(PASSWORD)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.TEACHER])
def test_nobody_who_administers_or_teaches_is_helped_this_way(admin, pupil, role):
    factories.member(factories.organization(), role, user=pupil)
    with pytest.raises(DomainError, match="Only CCI Learning can set"):
        help_with_password(pupil=pupil, password=NEW, by=admin.user)
    with pytest.raises(DomainError):
        set_student_password(user=pupil, password=NEW, by=admin.user)
    assert fresh(pupil).check_password(PASSWORD)


def test_offered_passwords_are_good_enough_and_differ(pupil):
    offered = {easy_password() for _ in range(50)}
    assert len(offered) == 50
    for password in offered:
        set_student_password(user=pupil, password=password, by=pupil)
