"""Where a code is typed: three pages, for people with and without an account."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activation_codes import services as code_services
from activation_codes.codes import generate
from activation_codes.models import ActivationCode, CodeSettings, Redemption
from activation_codes.views.entering import KEPT
from jasper_inventory.accounts import guessing
from jasper_inventory.accounts.models import Membership, Role, Tally, User
from licenses import services as license_services
from licenses.models import Enrolment, EnrolmentRole
from tests import factories
from tests.factories import CODES, PASSWORD
from tests.helpers import change
from tests.pages import facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "first_name": "Ana",
    "last_name": "Silva",
    "sign_in_as": "ana7",
    "password": PASSWORD,
}


@pytest.fixture
def order(center):
    return factories.order(CODES, assigned_to=center, users_per_code=2)


@pytest.fixture
def code(order):
    return factories.codes(order)[0]


@pytest.fixture
def user():
    return factories.person("sam")


@pytest.fixture
def site(sign_in, user):
    return sign_in(user)


def used(code):
    return ActivationCode.objects.get(pk=code.pk).used


def wrong_count():
    tally = Tally.objects.filter(key=guessing.ALL).first()
    return tally.number if tally else 0


def teaching(order, **values):
    return license_services.enrol_teacher(
        order=order, user=factories.person(**values), by=factories.staff()
    ).enrolment


# Someone signed in


@pytest.mark.parametrize("form", ["{}", " {} ", "Your code is: {}, welcome to class 7B"])
@pytest.mark.parametrize("change_code", [str, str.lower, lambda code: code.replace("-", "")])
def test_a_code_typed_in_any_form_shows_what_it_opens(site, order, code, form, change_code):
    page = site.post("/activate/", {"code": form.format(change_code(str(code)))})
    shown = facts(page)
    assert shown["Code"] == str(code)
    assert shown["From"] == "Tolano Adventures"
    for product in order.products.all():
        assert str(product) in shown["Courses"]
    assert shown["With"] == "Benchmark, Creative and Validation Exercises, Badges"
    assert shown["Open for you until"] == str(factories.days(30))
    assert used(code) == 0


def test_what_is_off_or_required_is_shown(site, order, code):
    CodeSettings.objects.create(order=order, enable_benchmark=False, teacher_required=True)
    shown = facts(site.post("/activate/", {"code": str(code)}))
    assert shown["With"] == "Creative and Validation Exercises, Badges"
    assert "You must be linked to a teacher" in shown["Open for you until"]


def test_confirming_takes_the_place_and_leads_to_the_courses(site, user, center, code):
    response = site.post("/activate/take/", {"code": str(code)})
    assert response.url == "/courses/"
    enrolment = Redemption.objects.get(code=code).enrolment
    assert enrolment.user == user
    [told] = notifications(site.get("/courses/"))
    assert told == f"The code is activated. Your courses are open until {enrolment.ends_on}."
    role = Membership.objects.get(user=user)
    assert (role.role, role.organization) == (Role.STUDENT, center)
    assert site.get("/courses/").wsgi_request.membership == role


@pytest.mark.parametrize("address", ["/activate/", "/activate/take/"])
def test_who_has_it_already_loses_nothing(site, user, code, address):
    factories.redemption(code, user=user)
    assert site.post(address, {"code": str(code)}).url == "/courses/"
    assert "You have this already" in notifications(site.get("/courses/"))[0]
    assert (used(code), wrong_count()) == (1, 0)


def test_a_typing_error_is_told_as_such_and_is_no_guess(site, code):
    wrong = ("2" if code.code[0] != "2" else "3") + code.code[1:]
    page = site.post("/activate/", {"code": wrong})
    assert "typing error" in field_errors(page)["code"]
    assert parsed(page).cssselect("#id_code")[0].get("value") == wrong
    assert (
        "has 13 letters and digits" in field_errors(site.post("/activate/", {"code": "no"}))["code"]
    )
    assert wrong_count() == 0


def test_an_empty_or_endless_field(site, db):
    assert "required" in field_errors(site.post("/activate/", {"code": " "}))["code"]
    assert "at most 500" in field_errors(site.post("/activate/", {"code": "x" * 501}))["code"]
    assert site.post("/activate/take/", {"code": ""}).status_code == 200
    assert "Null characters" in field_errors(site.post("/activate/", {"code": "\0"}))["code"]


# All refusals are one


def refused_codes(order, codes):
    """What opens nothing: name -> function that makes it so and returns the code to type."""

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
        license_services.pause_joining(order=order, by=factories.staff())
        return codes[0]

    def replaced():
        code_services.replace_code(code=codes[0], by=factories.staff())
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
def test_every_refusal_reads_the_same_and_costs_the_same(site, order, code, reason, who, address):
    client = site if who == "signed in" else Client()
    typed = refused_codes(order, list(order.activation_codes.all()))[reason]()
    values = {"code": str(typed)} | (ACCOUNT if who == "stranger" else {})
    client.post("/activate/", {"code": next(generate(1))})  # what a session asks at first
    with CaptureQueriesContext(connection) as asked:
        page = client.post(address, values)
    told = field_errors(page)["code"]
    assert told.startswith("This activation code can't be used: it isn't known here, or")
    # Signed in: session, person, roles. Then the tally, the code, and three to count.
    assert len(asked) == (8 if who == "signed in" else 5)
    assert wrong_count() == 2
    assert not User.objects.filter(username="ana7").exists()


@pytest.mark.parametrize("reason", ["unknown", "inactive", "paused", "no place", "replaced"])
def test_refusals_of_a_group_key_are_one(site, center, reason):
    order = factories.order(assigned_to=center, students=1)
    key = teaching(order).group_key
    typed = str(key)
    if reason == "unknown":
        typed = "2222-2222"
    if reason == "inactive":
        change(order, is_active=False)
    if reason == "paused":
        license_services.pause_joining(order=order, by=factories.staff())
    if reason == "no place":
        license_services.enrol_student(order=order, user=factories.person(), by=factories.staff())
    if reason == "replaced":
        type(key).objects.update(key="33333333")
    site.post("/link/", {"code": "4444-4444"})
    for address in ("/link/", "/link/take/"):
        with CaptureQueriesContext(connection) as asked:
            page = site.post(address, {"code": typed})
        assert field_errors(page)["code"].startswith("This group key can't be used: it isn't known")
        assert len(asked) == 8
    assert wrong_count() == 3


@pytest.mark.parametrize("reason", ["unknown", "inactive", "paused", "ended"])
def test_refusals_of_a_teacher_code_are_one(site, center, reason):
    order = factories.order(assigned_to=center)
    typed = "U7DA7-NIFE-3017" if reason == "unknown" else str(order.teacher_code)
    if reason == "inactive":
        change(order, is_active=False)
    if reason == "paused":
        license_services.pause_joining(order=order, by=factories.staff())
    if reason == "ended":
        change(order, finish_date=factories.days(-1))
    site.post("/teach/", {"code": "SALES-1124-0817"})
    for address in ("/teach/", "/teach/take/"):
        with CaptureQueriesContext(connection) as asked:
            page = site.post(address, {"code": typed})
        assert field_errors(page)["code"].startswith("This teacher code can't be used: it isn't")
        assert len(asked) == 8
    assert wrong_count() == 3


@pytest.fixture
def older(center):
    """An order whose renewal with the same teacher code runs beside it; one place on each."""
    old = factories.order(assigned_to=center, students=1)
    new = factories.order(assigned_to=center, students=1)
    change(new, renewal_of=old, teacher_code=old.teacher_code)
    return old


@pytest.mark.parametrize("kind", ["link", "teach"])
@pytest.mark.parametrize("step", ["", "take/"])
def test_a_code_leads_to_the_newest_order_so_one_that_takes_nobody_refuses(
    site, center, older, kind, step
):
    teacher = teaching(older)
    license_services.copy_enrolments(old=older, new=older.renewal)
    typed = {"link": teacher.group_key, "teach": older.renewal.teacher_code}[kind]
    license_services.pause_joining(order=older.renewal, by=factories.staff())
    page = site.post(f"/{kind}/{step}", {"code": str(typed)})
    assert "can't be used: it isn't known here" in field_errors(page)["code"]
    assert str(older.renewal) not in page_text(page)
    assert wrong_count() == 1


def test_who_has_a_place_on_the_older_order_links_there(site, user, older):
    teacher = teaching(older, first_name="Tess", last_name="Hall")
    license_services.enrol_student(order=older, user=user, by=factories.staff())
    change(older, finish_date=factories.days(7))
    older.renewal.enrolments.create(
        user=teacher.user, role=EnrolmentRole.TEACHER, group_key=teacher.group_key
    )
    license_services.enrol_student(
        order=older.renewal, user=factories.person(), by=factories.staff()
    )
    shown = facts(site.post("/link/", {"code": str(teacher.group_key)}))
    assert (shown["Teacher"], shown["Until"]) == ("Tess Hall", str(factories.days(7)))
    site.post("/link/take/", {"code": str(teacher.group_key)})
    assert notifications(site.get("/courses/")) == ["You are linked to Tess Hall."]


def test_who_is_on_the_licence_gets_the_real_reason_and_it_is_no_guess(site, user, order, code):
    factories.redemption(code, user=user)
    Enrolment.objects.update(ends_on=factories.days(-1))
    change(order, is_active=False)
    other = order.activation_codes.all()[1]
    page = site.post("/activate/", {"code": str(other)})
    assert "Its status is: Inactive." in page_text(page)
    assert wrong_count() == 0


@pytest.mark.parametrize(
    ("kind", "role"), [("link", "student"), ("link", "teacher"), ("teach", "teacher")]
)
def test_the_same_holds_for_group_keys_and_teacher_codes(sign_in, center, kind, role):
    for _more in range(5):
        teaching(factories.order())
    order = factories.order(assigned_to=center)
    teacher = teaching(order)
    student = license_services.enrol_student(
        order=order, user=factories.person(), by=factories.staff()
    ).enrolment
    change(order, is_active=False)
    site = sign_in({"student": student, "teacher": teacher}[role].user)
    typed = {"link": teacher.group_key, "teach": order.teacher_code}[kind]
    page = site.post(f"/{kind}/take/", {"code": str(typed)})
    told = "your own group key" if (kind, role) == ("link", "teacher") else "status is: Inactive"
    assert told in page_text(page)
    assert wrong_count() == 0


@pytest.mark.parametrize("kind", ["activate", "link", "teach"])
def test_guesses_on_all_pages_count_together_and_make_one_wait(settings, kind, code):
    settings.GUESSES_PER_ADDRESS = 3
    client = Client()
    client.post("/activate/", {"code": next(generate(1))})
    client.post("/link/", {"code": "2222-2222"})
    client.post("/teach/take/", {"code": "SALES-1124-0817"} | ACCOUNT)
    typed = {"activate": str(code), "link": "2222-2222", "teach": "SALES-1124-0817"}[kind]
    with CaptureQueriesContext(connection) as asked:
        page = client.post(f"/{kind}/", {"code": typed})
    assert field_errors(page)["code"].startswith("Too many wrong codes. Wait a minute")
    # Nothing is looked up, and so nothing is counted.
    assert len(asked) == 1
    assert wrong_count() == 3
    assert used(code) == 0


def test_thirty_pupils_behind_one_address_with_right_codes(settings, center):
    settings.GUESSES_PER_ADDRESS = 1
    order = factories.order(CODES, assigned_to=center, number_of_codes=30)
    for at, code in enumerate(factories.codes(order)):
        values = ACCOUNT | {"code": str(code), "sign_in_as": f"pupil{at}"}
        assert Client().post("/activate/take/", values).url == "/courses/"
    assert wrong_count() == 0
    order.refresh_from_db()
    assert order.enrolled == 30


# Someone new


def test_a_new_person_makes_an_account_and_takes_the_code_in_one_go(client, code):
    page = client.post("/activate/", {"code": str(code)})
    assert "New here? Make your account" in page_text(page)
    response = client.post("/activate/take/", ACCOUNT | {"code": str(code)})
    assert response.url == "/courses/"
    user = User.objects.get(username="ana7")
    assert Redemption.objects.get(code=code).enrolment.user == user
    page = client.get("/courses/")
    assert page.wsgi_request.user == user
    assert notifications(page)[0] == "Your account was made. You sign in as ana7."


def test_with_an_e_mail_the_user_name_is_told(client, code):
    values = ACCOUNT | {"code": str(code), "sign_in_as": "ana@example.com"}
    client.post("/activate/take/", values)
    told = notifications(client.get("/courses/"))[0]
    assert told.startswith("Your account was made. You sign in as ana.silva. To sign in with")


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"first_name": ""}, "first_name", "required"),
        ({"sign_in_as": "sam"}, "sign_in_as", "taken"),
        ({"sign_in_as": "ana@nowhere"}, "sign_in_as", "valid email"),
        ({"sign_in_as": "ana silva"}, "sign_in_as", "valid username"),
        ({"password": "12345"}, "password", "too short"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    client, user, code, wrong, field, words
):
    page = client.post("/activate/take/", ACCOUNT | {"code": str(code)} | wrong)
    assert words in field_errors(page)[field]
    assert parsed(page).cssselect("#id_last_name")[0].get("value") == "Silva"
    assert facts(page)["Code"] == str(code)
    assert PASSWORD not in page.content.decode()
    assert used(code) == 0
    assert not User.objects.filter(first_name="Ana").exists()


def test_without_a_right_code_nobody_is_told_which_user_names_are_taken(client, user):
    values = ACCOUNT | {"code": next(generate(1)), "sign_in_as": "sam"}
    page = client.post("/activate/take/", values)
    assert set(field_errors(page)) == {"code"}
    assert wrong_count() == 1


def test_where_the_last_place_went_meanwhile_no_account_stays(client, code):
    client.post("/activate/", {"code": str(code)})
    factories.redemption(code)
    factories.redemption(code)
    page = client.post("/activate/take/", ACCOUNT | {"code": str(code)})
    assert "can't be used" in field_errors(page)["code"]
    assert not User.objects.filter(username="ana7").exists()


def test_who_has_an_account_signs_in_and_comes_back_to_the_code(client, user, code):
    user.set_password(PASSWORD)
    user.save()
    response = client.post("/activate/sign-in/", {"code": str(code)})
    assert response.url == "/accounts/login/?next=%2Factivate%2F"
    assert client.session.get_expiry_age() == 30 * 60
    signed_in = client.post(response.url, {"login": "sam", "password": PASSWORD})
    assert signed_in.url == "/activate/"
    assert client.session.get_expiry_age() != 30 * 60
    page = client.get("/activate/")
    assert facts(page)["Code"] == str(code)
    # Once: the session has it no longer.
    assert KEPT not in client.session
    assert not facts(client.get("/activate/"))
    assert client.post("/activate/take/", {"code": str(code)}).url == "/courses/"


@pytest.mark.parametrize("kept", [{"kind": "link"}, {"until": 0}])
def test_a_kept_code_of_another_page_or_too_long_ago_is_dropped(site, code, kept):
    session = site.session
    session[KEPT] = {"kind": "activate", "code": str(code), "until": 2**40} | kept
    session.save()
    assert not facts(site.get("/activate/"))
    assert KEPT not in site.session


def test_a_code_is_in_no_address_and_no_session(client, code):
    for address in ("/activate/", "/activate/take/", "/activate/sign-in/"):
        response = client.post(address, ACCOUNT | {"code": str(code)})
        assert code.code[:5] not in response.get("Location", "")
        if address != "/activate/sign-in/":
            assert not any(
                code.code[:5] in str(session.get_decoded()) for session in Session.objects.all()
            )
    page = Client().get(f"/activate/?code={code}")
    assert code.code[:5] not in page.content.decode()


def test_no_cache_keeps_these_pages(client, db):
    for kind in ("activate", "link", "teach"):
        assert "no-store" in client.get(f"/{kind}/")["Cache-Control"]


def test_the_forms_are_protected_from_other_sites(code):
    client = Client(enforce_csrf_checks=True)
    for address in ("/activate/", "/activate/take/", "/activate/sign-in/"):
        assert client.post(address, {"code": str(code)}).status_code == 403


# Group keys and teacher codes


def test_a_group_key_shows_the_teacher_and_takes_a_place(site, user, center):
    order = factories.order(assigned_to=center)
    teacher = teaching(order, first_name="Tess", last_name="Hall")
    shown = facts(site.post("/link/", {"code": f"my key: {teacher.group_key}"}))
    assert (shown["Teacher"], shown["From"]) == ("Tess Hall", "Tolano Adventures")
    assert site.post("/link/take/", {"code": str(teacher.group_key)}).url == "/courses/"
    assert notifications(site.get("/courses/")) == ["You are linked to Tess Hall."]
    enrolment = Enrolment.objects.get(user=user)
    assert (enrolment.role, enrolment.teacher) == (EnrolmentRole.STUDENT, teacher)
    site.post("/link/take/", {"code": str(teacher.group_key)})
    assert notifications(site.get("/courses/")) == ["You were linked to Tess Hall already."]
    assert wrong_count() == 0


def test_a_student_is_told_that_the_renewal_has_no_place_left(site, user, older):
    teacher = teaching(older)
    change(older.renewal, start_date=factories.days(101), finish_date=factories.days(200))
    license_services.copy_enrolments(old=older, new=older.renewal)
    change(older.renewal, students=0)
    site.post("/link/take/", {"code": str(teacher.group_key)})
    [told] = notifications(site.get("/courses/"))
    assert told.endswith(
        f"It ends on {factories.days(100)}: the license that follows has no place left."
    )
    assert Enrolment.objects.get(user=user).order == older


def test_a_group_key_links_who_came_by_a_code(site, user, order, code):
    enrolment = factories.redemption(code, user=user).enrolment
    teacher = teaching(order)
    site.post("/link/take/", {"code": str(teacher.group_key)})
    enrolment.refresh_from_db()
    assert enrolment.teacher == teacher


def test_a_group_key_of_activation_codes_opens_nothing_without_one(site, order, code):
    page = site.post("/link/", {"code": str(teaching(order).group_key)})
    assert "activate that first" in field_errors(page)["code"]


def test_ones_own_group_key_says_so(sign_in, center):
    teacher = teaching(factories.order(assigned_to=center))
    page = sign_in(teacher.user).post("/link/take/", {"code": str(teacher.group_key)})
    assert "This is your own group key" in page_text(page)
    assert wrong_count() == 0


def test_a_new_pupil_links_to_a_teacher(client, center):
    teacher = teaching(factories.order(assigned_to=center))
    values = ACCOUNT | {"code": str(teacher.group_key)}
    assert client.post("/link/take/", values).url == "/courses/"
    assert Enrolment.objects.get(user__username="ana7").teacher == teacher


def test_a_teacher_joins_by_the_teacher_code(site, user, center):
    order = factories.order(assigned_to=center)
    shown = facts(site.post("/teach/", {"code": str(order.teacher_code)}))
    assert shown["From"] == "Tolano Adventures"
    site.post("/teach/take/", {"code": str(order.teacher_code)})
    page = site.get("/", follow=True)
    assert notifications(page) == ["You teach on the license of Tolano Adventures now."]
    assert page.wsgi_request.membership.role == Role.TEACHER
    site.post("/teach/take/", {"code": str(order.teacher_code)})
    assert "already" in notifications(site.get("/", follow=True))[0]
    assert Enrolment.objects.filter(user=user).count() == 1


def test_mistyped_keys_and_teacher_codes(site, db):
    assert "8 letters and digits" in field_errors(site.post("/link/", {"code": "K7WQ"}))["code"]
    assert "13 letters" in field_errors(site.post("/teach/", {"code": "U7DA7-NIFE"}))["code"]
    # What belongs on another page.
    typed = "U7DA7-NIFE-3017"
    assert "and this has 13" in field_errors(site.post("/link/", {"code": typed}))["code"]
    assert wrong_count() == 0


def test_the_sign_in_page_leads_to_all_three(client, db):
    links = parsed(client.get("/accounts/login/")).cssselect(".no-account a")
    assert [link.get("href") for link in links] == ["/activate/", "/link/", "/teach/"]
    assert text(links[0]) == "I have an activation code"
