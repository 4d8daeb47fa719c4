"""Codes that open nothing: their messages, and which of them count as guesses."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activation_codes.code_check import generate
from activation_codes.services.codes import replace_code
from jasper_inventory.accounts.models import User
from licenses.models import Enrollment, EnrollmentRole
from licenses.services.enrollments import copy_enrollments, enroll_student, pause_joining
from tests import factories
from tests.activation_codes.acts import ACCOUNT, held_against, teaching, used, wrong_count
from tests.factories import CODES
from tests.helpers import change
from tests.pages import facts, field_errors, in_words, notifications, page_text

pytestmark = pytest.mark.django_db


def refused_codes(order, codes):
    """Cases that open nothing: name -> function that sets one up and returns the code to type."""

    def after(**values):
        def act():
            change(order, **values)
            return codes[0]

        return act

    def used_up():
        factories.redemption(codes[0])
        factories.redemption(codes[0])
        return codes[0]

    def paused():
        pause_joining(order=order, by=factories.staff())
        return codes[0]

    def replaced():
        replace_code(code=codes[0], by=factories.staff())
        return codes[0]

    return {
        "unknown": lambda: next(generate(1)),
        "used up": used_up,
        "suspended": after(suspended_ancestors=1),
        "inactive": after(is_active=False),
        "ended": after(finish_date=factories.days(-1)),
        "scheduled": after(start_date=factories.days(1)),
        "paused": paused,
        "replaced": replaced,
    }


REASONS = ["unknown", "used up", "suspended", "inactive", "ended", "scheduled"]
REASONS += ["paused", "replaced"]


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("who", ["signed in", "stranger"])
@pytest.mark.parametrize("address", ["/activate/", "/activate/take/"])
def test_refusals_read_the_same_and_only_an_unknown_code_is_a_guess(
    site, order, code, reason, who, address
):
    client = site if who == "signed in" else Client()
    typed = refused_codes(order, list(order.activation_codes.all()))[reason]()
    values = {"code": str(typed)} | (ACCOUNT if who == "stranger" else {})
    client.post("/activate/", {"code": next(generate(1))})  # the first queries of a session
    with CaptureQueriesContext(connection) as queries:
        page = client.post(address, values)
    error = field_errors(page)["code"]
    assert error.startswith("This code isn't valid. It may be mistyped, already used, or")
    # Signed in: session, person, roles. Then the counts, the code, and five to count.
    counting = 5 if reason == "unknown" else 0
    # Taking a code tries to redeem it first: a transaction, the function, a rollback.
    trying = 4 if who == "signed in" and address == "/activate/take/" else 0
    assert len(queries) == (5 if who == "signed in" else 2) + trying + counting
    assert wrong_count() == (2 if reason == "unknown" else 1)
    assert not User.objects.filter(username="ana7").exists()


@pytest.mark.parametrize("reason", ["unknown", "inactive", "paused", "no seat", "replaced"])
def test_refusals_of_a_group_key_are_one(site, center, reason):
    order = factories.order(assigned_to=center, students=1)
    key = teaching(order).group_key
    typed = str(key)
    if reason == "unknown":
        typed = "2222-2222"
    if reason == "inactive":
        change(order, is_active=False)
    if reason == "paused":
        pause_joining(order=order, by=factories.staff())
    if reason == "no seat":
        enroll_student(order=order, user=factories.person(), by=factories.staff())
    if reason == "replaced":
        type(key).objects.update(key="33333333")
    site.post("/link/", {"code": "4444-4444"})
    for address in ("/link/", "/link/take/"):
        with CaptureQueriesContext(connection) as queries:
            page = site.post(address, {"code": typed})
        assert field_errors(page)["code"].startswith("This group key isn't valid. It may be")
        # A former key is looked up only if it isn't a current one.
        is_looked_up = reason in ("unknown", "replaced")
        assert len(queries) == 5 + is_looked_up + (5 if reason == "unknown" else 0)
    assert wrong_count() == (3 if reason == "unknown" else 1)


@pytest.mark.parametrize("reason", ["unknown", "inactive", "paused", "ended"])
def test_refusals_of_a_teacher_code_are_one(site, center, reason):
    order = factories.order(assigned_to=center)
    typed = "U7DA7-NIFE-3017" if reason == "unknown" else str(order.teacher_code)
    if reason == "inactive":
        change(order, is_active=False)
    if reason == "paused":
        pause_joining(order=order, by=factories.staff())
    if reason == "ended":
        change(order, finish_date=factories.days(-1))
    site.post("/teach/", {"code": "SALES-1124-0817"})
    for address in ("/teach/", "/teach/take/"):
        with CaptureQueriesContext(connection) as queries:
            page = site.post(address, {"code": typed})
        assert field_errors(page)["code"].startswith("This teacher code isn't valid. It may be")
        assert len(queries) == (10 if reason == "unknown" else 5)
    assert wrong_count() == (3 if reason == "unknown" else 1)


@pytest.mark.parametrize("kind", ["link", "teach"])
@pytest.mark.parametrize("step", ["", "take/"])
def test_a_code_leads_to_the_newest_order_so_one_that_takes_nobody_refuses(
    site, center, older, kind, step
):
    teacher = teaching(older)
    copy_enrollments(old=older, new=older.renewal)
    typed = {"link": teacher.group_key, "teach": older.renewal.teacher_code}[kind]
    pause_joining(order=older.renewal, by=factories.staff())
    page = site.post(f"/{kind}/{step}", {"code": str(typed)})
    assert "isn't valid. It may be mistyped" in field_errors(page)["code"]
    assert str(older.renewal) not in page_text(page)
    assert wrong_count() == 0


def test_a_student_with_a_seat_on_the_older_order_links_there(site, user, older):
    teacher = teaching(older, first_name="Tess", last_name="Hall")
    enroll_student(order=older, user=user, by=factories.staff())
    change(older, finish_date=factories.days(7))
    older.renewal.enrollments.create(
        user=teacher.user, role=EnrollmentRole.TEACHER, group_key=teacher.group_key
    )
    enroll_student(order=older.renewal, user=factories.person(), by=factories.staff())
    shown = facts(site.post("/link/", {"code": str(teacher.group_key)}, follow=True))
    assert (shown["Teacher"], shown["Open until"]) == ("Tess Hall", in_words(factories.days(7)))
    site.post("/link/take/", {"code": str(teacher.group_key)})
    assert notifications(site.get("/courses/")) == ["You are linked to Tess Hall."]


def test_people_on_the_license_get_the_real_reason_and_it_is_no_guess(site, user, order, code):
    factories.redemption(code, user=user)
    Enrollment.objects.update(ends_on=factories.days(-1))
    change(order, is_active=False)
    other = order.activation_codes.all()[1]
    page = site.post("/activate/", {"code": str(other)})
    assert "Its status is Inactive." in page_text(page)
    assert wrong_count() == 0


@pytest.mark.parametrize(
    ("kind", "role"), [("link", "student"), ("link", "teacher"), ("teach", "teacher")]
)
def test_the_same_holds_for_group_keys_and_teacher_codes(sign_in, center, kind, role):
    for _more in range(5):
        teaching(factories.order())
    order = factories.order(assigned_to=center)
    teacher = teaching(order)
    student = enroll_student(order=order, user=factories.person(), by=factories.staff()).enrollment
    change(order, is_active=False)
    site = sign_in({"student": student, "teacher": teacher}[role].user)
    typed = {"link": teacher.group_key, "teach": order.teacher_code}[kind]
    page = site.post(f"/{kind}/take/", {"code": str(typed)})
    message = "your own group key" if (kind, role) == ("link", "teacher") else "status is: Inactive"
    assert message in page_text(page)
    assert wrong_count() == 0


@pytest.mark.parametrize("kind", ["activate", "link", "teach"])
def test_guesses_on_all_pages_block_their_browser_and_no_other(settings, kind, code):
    settings.WRONG_CODES_FREE = 3
    client = Client()
    client.get("/activate/")
    client.post("/activate/", {"code": next(generate(1))})
    client.post("/link/", {"code": "2222-2222"})
    client.post("/teach/take/", {"code": "SALES-1124-0817"} | ACCOUNT)
    typed = {"activate": str(code), "link": "2222-2222", "teach": "SALES-1124-0817"}[kind]
    with CaptureQueriesContext(connection) as queries:
        page = client.post(f"/{kind}/", {"code": typed})
    error = field_errors(page)["code"]
    assert error.startswith("Too many wrong codes.") and error.endswith("Try again in 15 seconds.")
    # Nothing is looked up, and so nothing is counted.
    assert len(queries) == 1
    assert wrong_count() == 3
    assert used(code) == 0
    assert facts(Client().post("/activate/", {"code": str(code)}, follow=True))["Code"] == str(code)


def test_thirty_pupils_behind_one_address_with_right_codes(settings, center):
    settings.WRONG_CODES_FREE = 1
    order = factories.order(CODES, assigned_to=center, number_of_codes=30)
    for at, code in enumerate(factories.codes(order)):
        values = ACCOUNT | {"code": str(code), "sign_in_as": f"pupil{at}"}
        assert Client().post("/activate/take/", values).url == "/courses/"
    assert wrong_count() == 0
    order.refresh_from_db()
    assert order.enrolled == 30


@pytest.mark.parametrize(
    ("address", "typed"),
    [("/activate/", "K7WQ9-4DFH-2M60"), ("/activate/", "K7WQ9-4DFH-AM6R"), ("/link/", "K7WL-9DFH")],
)
def test_a_character_that_no_code_has_is_explained_and_is_no_guess(address, typed):
    error = field_errors(Client().post(address, {"code": typed}))["code"]
    assert "Activation codes and group keys have no vowels and no L, 0 or 1." in error
    assert held_against() == 0


@pytest.mark.parametrize("typed", ["UODA7-NIFE-3O17", "uoda7 nlfe 30l7", "U0DA7-N1FE-3017"])
def test_a_teacher_code_is_found_by_its_look_alikes(center, typed):
    factories.order(assigned_to=center, teacher_code="U0DA7-NIFE-3017")
    page = Client().post("/teach/", {"code": typed}, follow=True)
    assert field_errors(page) == {}
    assert "U0DA7-NIFE-3017" in page.content.decode()
