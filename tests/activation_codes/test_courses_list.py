"""My Courses: open, locked and ended courses, and the next steps."""

import pytest

from activation_codes.services.codes import save_settings
from activation_codes.services.courses import start_course
from activation_codes.services.redemptions import reclaim_redemption
from licenses.models import Enrollment
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import enroll_student, remove_enrollment
from tests import factories
from tests.factories import CODES
from tests.helpers import change
from tests.pages import in_words, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def student():
    return factories.person()


def learn(student, kind=CODES, *, product_mix=None, **values):
    """An enrollment of the student by a code of an order of its own."""
    order = factories.order(kind, product_mix=product_mix, **values)
    if kind == CODES:
        return factories.redemption(factories.codes(order)[0], user=student).enrollment
    return enroll_student(order=order, user=student, by=factories.staff()).enrollment


def cards(response):
    """{heading: [texts of its cards]}"""
    return {
        text(section.cssselect("h2")[0]): [text(card) for card in section.cssselect("article")]
        for section in parsed(response).cssselect("main section[aria-labelledby]")
    }


def starts(response):
    return [form.get("action") for form in parsed(response).cssselect(".courses form")]


def test_open_courses_can_be_started(sign_in, student):
    enrollment = learn(student)
    response = sign_in(student).get("/courses/")
    [card] = cards(response)["Active"]
    assert str(enrollment.order.assigned_to) in card
    assert f"Open until: {in_words(factories.days(30))}" in card
    assert "Benchmark, Creative and Validation Exercises, Badges" in card
    for product in enrollment.order.products.all():
        assert str(product) in card
        assert f"/courses/{enrollment.pk}/{product.pk}/start/" in starts(response)


def test_until_when_is_the_earlier_of_both_ends(sign_in, student):
    enrollment = learn(student)
    change(enrollment.order, finish_date=factories.days(7))
    page = page_text(sign_in(student).get("/courses/"))
    assert f"Open until: {in_words(factories.days(7))}" in page


def test_the_boxes_set_what_is_offered_immediately(sign_in, student, staff):
    order = learn(student).order
    boxes = dict.fromkeys(CODE_SETTINGS, False)
    save_settings(order=order, boxes=boxes | {"enable_badges": True}, by=staff)
    page = page_text(sign_in(student).get("/courses/"))
    assert "Includes: Badges" in page
    assert "Benchmark" not in page


def test_held_back_until_linked_with_the_way_there(sign_in, student, staff):
    order = learn(student).order
    boxes = dict.fromkeys(CODE_SETTINGS, True)
    save_settings(order=order, boxes=boxes, by=staff)
    response = sign_in(student).get("/courses/")
    assert starts(response) == []
    [link] = parsed(response).cssselect(".why a")
    assert (text(link), link.get("href")) == ("Link to a teacher first.", "/link/")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"suspended_ancestors": 1}, "The license is suspended. Ask your teacher."),
        ({"is_active": False}, "The license is not active. Ask your teacher."),
        ({"start_date": "later"}, "The license starts on"),
    ],
)
def test_obstacles_are_named(sign_in, student, values, words):
    if "start_date" in values:
        values = {"start_date": factories.days(3)}
    change(learn(student).order, **values)
    response = sign_in(student).get("/courses/")
    assert words in cards(response)["Active"][0]
    assert starts(response) == []


def test_ended_licenses_are_separate_with_their_started_courses(sign_in, student):
    own, with_order = learn(student), learn(student)
    start_course(enrollment=own, product=own.order.products.first(), by=student)
    Enrollment.objects.filter(pk=own.pk).update(ends_on=factories.days(-1))
    change(with_order.order, finish_date=factories.days(-1))
    response = sign_in(student).get("/courses/")
    assert list(cards(response)) == ["Expired"]
    expired = " ".join(cards(response)["Expired"])
    assert f"Your access ended on {in_words(factories.days(-1))}. Activate another code" in expired
    assert f"The license ended on {in_words(factories.days(-1))}." in expired
    assert f"Last opened on {in_words(factories.today())}" in expired
    assert starts(response) == []


def test_a_center_license_is_for_learning_too(sign_in, student):
    enrollment = learn(student, factories.CENTER)
    response = sign_in(student).get("/courses/")
    assert f"Open until: {in_words(enrollment.order.finish_date)}" in page_text(response)
    assert len(starts(response)) == 2


def test_others_courses_are_not_shown(sign_in, student):
    learn(factories.person())
    assert "You don't have any courses yet" in page_text(sign_in(student).get("/courses/"))


def remove(enrollment, by):
    if enrollment.order.is_codes:
        reclaim_redemption(redemption=enrollment.redemption, by=by)
    else:
        remove_enrollment(enrollment=enrollment, by=by)


@pytest.mark.parametrize("kind", [CODES, factories.CENTER])
def test_a_removed_student_sees_that_and_the_person_to_contact(sign_in, student, staff, kind):
    remove(learn(student, kind), staff)
    response = sign_in(student).get("/courses/")
    assert list(cards(response)) == ["Expired"]
    [card] = cards(response)["Expired"]
    assert f"Removed on: {in_words(factories.today())}" in card
    assert "You were removed from the license. Ask your teacher." in card
    assert starts(response) == []


def test_without_any_role_left_the_front_page_redirects_there_too(sign_in, student, staff):
    remove(learn(student), staff)
    student.memberships.all().delete()
    assert sign_in(student).get("/").url == "/courses/"


def test_a_student_who_returned_sees_the_license_once(sign_in, student, staff):
    enrollment = learn(student, factories.CENTER)
    for _ in range(2):
        remove(enrollment, staff)
        enrollment = enroll_student(order=enrollment.order, user=student, by=staff).enrollment
    shown = cards(sign_in(student).get("/courses/"))
    assert {heading: len(them) for heading, them in shown.items()} == {"Active": 1}
    remove(enrollment, staff)
    shown = cards(sign_in(student).get("/courses/"))
    assert {heading: len(them) for heading, them in shown.items()} == {"Expired": 1}


def test_it_costs_the_same_for_one_license_and_for_nine(
    sign_in, student, django_assert_max_num_queries
):
    client = sign_in(student)
    learn(student)
    client.get("/courses/")
    with django_assert_max_num_queries(9) as few:
        client.get("/courses/")
    for _ in range(4):
        learn(student, product_mix=factories.products(6))
        learn(student, factories.CENTER)
    with django_assert_max_num_queries(len(few)) as many:
        client.get("/courses/")
    assert len(many) == len(few)


def test_long_lists_have_pages(sign_in, student):
    mix = factories.products(1)
    for _ in range(11):
        learn(student, product_mix=mix)
    client = sign_in(student)
    assert len(cards(client.get("/courses/"))["Active"]) == 10
    assert len(cards(client.get("/courses/?page=2"))["Active"]) == 1


def test_a_student_finds_it_in_the_menu(sign_in, student):
    learn(student)
    links = parsed(sign_in(student).get("/courses/")).cssselect("header a.menu-link")
    assert [(text(link), link.get("href")) for link in links] == [("My Courses", "/courses/")]
