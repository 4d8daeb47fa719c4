"""A teacher's own students on a license, and replacing the group key."""

import pytest

from jasper_inventory.accounts.models import Role
from licenses.models import Enrollment
from licenses.services.enrollments import pause_joining, remove_enrollment
from tests import factories
from tests.factories import CODES
from tests.helpers import change
from tests.licenses.joins import link, teach
from tests.pages import DIALOG, facts, notifications, page_text, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=10)


@pytest.fixture
def own(order, teacher):
    return teach(order, teacher.user).enrollment


@pytest.fixture
def site(sign_in, teacher, own):
    return sign_in(teacher)


def address(order, what=""):
    return f"/teaching/{order.number}/{what}"


def test_it_shows_the_license_and_the_key(site, order, own):
    link(own)
    shown = facts(site.get(address(order)))
    assert shown["Order Status"] == "Available"
    assert shown["Finish Date"] == str(order.finish_date)
    assert shown["Seats Left"] == "9 of 10"
    assert shown["Group Key"].startswith(f"{own.group_key} Replace")


@pytest.mark.parametrize("page", ["/", "/teaching/{}/"])
def test_while_new_enrollments_are_paused_both_pages_say_so(site, order, staff, page):
    message = f"Enrollment has been paused since {factories.today()}. No one new can join"
    page = page.format(order.number)
    assert "paused" not in page_text(site.get(page))
    pause_joining(order=order, by=staff, reason="It went round")
    shown = page_text(site.get(page))
    assert message in shown
    assert "It went round" not in shown
    change(order, start_date=factories.days(-2), finish_date=factories.days(-1))
    assert "paused" not in page_text(site.get(page))


def test_it_shows_ones_own_students_only(site, order, own, center):
    pupil = factories.person(username="zoe7", first_name="Zoe", last_name="Abbott", email="")
    link(own, pupil)
    other = teach(order).enrollment
    link(other, factories.person(first_name="Not", last_name="Mine"))
    gone = link(own, factories.person(first_name="Gone", last_name="Away")).enrollment
    remove_enrollment(enrollment=gone, by=factories.staff())
    elsewhere = teach(factories.order(assigned_to=center), own.user).enrollment
    link(elsewhere, factories.person(first_name="Other", last_name="License"))

    response = site.get(address(order))

    assert rows(response) == [
        {
            "Name": "Zoe Abbott",
            "Username": "zoe7 New password Zoe Abbott",
            "Since": str(factories.today()),
            "Until": str(order.finish_date),
        }
    ]
    assert str(other.group_key) not in page_text(response)


def test_of_activation_codes_it_shows_until_when_for_each(sign_in, teacher, center):
    order = factories.order(CODES, assigned_to=center)
    own = teach(order, teacher.user).enrollment
    student = factories.redemption(factories.codes(order)[0]).enrollment
    link(own, student.user)
    site = sign_in(teacher)
    [row] = rows(site.get(address(order)))
    assert row["Until"] == str(factories.days(30))
    Enrollment.objects.filter(pk=student.pk).update(ends_on=factories.days(-1))
    [row] = rows(site.get(address(order)))
    assert row["Until"] == f"{factories.days(-1)} Ended"
    Enrollment.objects.filter(pk=student.pk).update(ends_on=factories.today())
    [row] = rows(site.get(address(order)))
    assert "Ended" not in row["Until"]


def test_without_students_it_explains_how_they_join(site, order, own):
    assert "Give your group key to your students" in page_text(site.get(address(order)))


def test_of_a_license_that_ended_it_shows_no_key(site, order, own):
    change(order, finish_date=factories.days(-1))
    response = site.get(address(order))
    assert "Group Key" not in facts(response)
    assert str(own.group_key) not in page_text(response)


def test_students_are_paged_and_queries_stay_the_same(site, order, own, django_assert_num_queries):
    change(order, students=None)
    link(own)
    site.get(address(order))
    with django_assert_num_queries(8):
        site.get(address(order))
    for _ in range(26):
        link(own)
    with django_assert_num_queries(8):
        assert len(rows(site.get(address(order)))) == 25
    assert len(rows(site.get(address(order, "?page=2")))) == 2


@pytest.mark.parametrize("what", ["", "key/"])
def test_licenses_taught_by_others_are_not_found(sign_in, teacher, center, what):
    order = factories.order(assigned_to=center)
    teach(order)
    assert sign_in(teacher).get(address(order, what)).status_code == 404


@pytest.mark.parametrize("what", ["", "key/"])
def test_a_removed_teacher_does_not_find_it(site, order, own, what):
    remove_enrollment(enrollment=own, by=factories.staff())
    assert site.get(address(order, what)).status_code == 404


def test_it_is_there_in_the_role_of_the_licenses_holder_only(site, order, own):
    elsewhere = factories.member(role=Role.TEACHER, user=own.user)
    site.post(f"/role/{elsewhere.pk}/")
    assert site.get(address(order)).status_code == 404


# Replacing the key


@pytest.mark.parametrize("how", [{}, DIALOG])
def test_replacing_asks_once(site, order, own, how):
    response = site.get(address(order, "key/"), **how)
    assert str(own.group_key) in page_text(response)
    own.group_key.refresh_from_db()
    assert str(own.group_key) in page_text(response)


def test_the_key_is_replaced(site, order, own):
    old = str(own.group_key)
    response = site.post(address(order, "key/"), follow=True)
    own.group_key.refresh_from_db()
    assert notifications(response)[0].startswith(
        "The new group key works now, and the old one doesn't."
    )
    assert str(own.group_key) in page_text(response)
    assert old not in page_text(response)


def test_in_a_dialog_replacing_redirects_the_browser_to_the_students(site, order, own):
    response = site.post(address(order, "key/"), **DIALOG)
    assert response["HX-Redirect"] == address(order)


def test_a_teacher_without_a_key_creates_one(site, order, own):
    Enrollment.objects.filter(pk=own.pk).update(group_key=None)
    assert facts(site.get(address(order)))["Group Key"].startswith("Create a group key")
    site.post(address(order, "key/"))
    own.refresh_from_db()
    assert own.group_key


@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_refused(site, order, own, method):
    assert getattr(site, method)(address(order, "key/")).status_code == 405
    assert site.post(address(order)).status_code == 405
