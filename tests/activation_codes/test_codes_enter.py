"""The three pages for typing a code, for people with and without an account."""

import pytest
from django.test import Client

from activation_codes.code_check import generate
from activation_codes.models import Redemption
from activation_codes.views.redeem import KEPT
from jasper_inventory.accounts.models import Membership, Role, Session, User
from licenses.models import Enrollment, EnrollmentRole, GroupKey
from licenses.services.enrollments import copy_enrollments
from tests import factories
from tests.activation_codes.acts import (
    ACCOUNT,
    NO_LONGER_KEPT,
    held_against,
    teaching,
    used,
    wrong_count,
)
from tests.factories import PASSWORD
from tests.helpers import change
from tests.pages import facts, field_errors, in_words, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


# Someone signed in


@pytest.mark.parametrize("form", ["{}", " {} ", "Your code is: {}, welcome to class 7B"])
@pytest.mark.parametrize("change_code", [str, str.lower, lambda code: code.replace("-", "")])
def test_a_code_typed_in_any_form_shows_what_it_opens(site, order, code, form, change_code):
    page = site.post("/activate/", {"code": form.format(change_code(str(code)))}, follow=True)
    shown = facts(page)
    assert shown["Code"] == str(code)
    assert shown["From"] == "Tolano Adventures"
    for product in order.products.all():
        assert str(product) in shown["Courses"]
    assert shown["Includes"] == "Benchmark, Creative and Validation Exercises, Badges"
    assert shown["Open until"] == in_words(factories.days(30))
    assert used(code) == 0


def test_boxes_that_are_off_or_required_are_shown(site, order, code):
    change(order, enable_benchmark=False, teacher_required=True)
    shown = facts(site.post("/activate/", {"code": str(code)}, follow=True))
    assert shown["Includes"] == "Creative and Validation Exercises, Badges"
    assert "Link to a teacher before you start a course." in shown["Open until"]


@pytest.mark.django_db(transaction=True)
def test_confirming_takes_the_seat_and_redirects_to_the_courses(site, user, center, code):
    response = site.post("/activate/take/", {"code": str(code)})
    assert response.url == "/courses/"
    enrollment = Redemption.objects.get(code=code).enrollment
    assert enrollment.user == user
    [message] = notifications(site.get("/courses/"))
    assert (
        message
        == f"Your code is activated. Your courses are open until {in_words(enrollment.ends_on)}."
    )
    role = Membership.objects.get(user=user)
    assert (role.role, role.organization) == (Role.STUDENT, center)
    assert site.get("/courses/").wsgi_request.membership == role


@pytest.mark.parametrize("address", ["/activate/", "/activate/take/"])
def test_a_code_is_not_used_if_the_person_already_has_access(site, user, code, address):
    factories.redemption(code, user=user)
    assert site.post(address, {"code": str(code)}).url == "/courses/"
    assert "You already have access until" in notifications(site.get("/courses/"))[0]
    assert (used(code), wrong_count()) == (1, 0)


def test_a_typing_error_is_reported_as_such_and_is_no_guess(site, code):
    wrong = ("2" if code.code[0] != "2" else "3") + code.code[1:]
    page = site.post("/activate/", {"code": wrong})
    assert "typing error" in field_errors(page)["code"]
    assert parsed(page).cssselect("#id_code")[0].get("value") == wrong
    assert (
        "has 20 letters and digits" in field_errors(site.post("/activate/", {"code": "no"}))["code"]
    )
    assert wrong_count() == 0


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("activate", "VZB7-PCJJ", "I have a teacher's group key"),
        ("activate", "U7DA7-NIFE-3017", "I have a teacher code"),
        ("link", "U7DA7-NIFE-3017", "Choose below which one"),
        ("teach", "VZB7-PCJJ", "I have a teacher's group key"),
    ],
)
def test_a_code_of_another_kind_is_explained(site, db, kind, typed, words):
    page = site.post(f"/{kind}/", {"code": typed})
    assert words in field_errors(page)["code"]
    below = [link.text for link in parsed(page).cssselect(".other-codes a")]
    assert words in below or kind == "link"
    assert held_against() == 0


def test_an_empty_or_endless_field(site, db):
    assert "required" in field_errors(site.post("/activate/", {"code": " "}))["code"]
    assert "at most 500" in field_errors(site.post("/activate/", {"code": "x" * 501}))["code"]
    assert site.post("/activate/take/", {"code": ""}).status_code == 200
    assert site.post("/activate/", {"code": "\0"}).status_code == 400


# Someone new


def test_a_new_person_creates_an_account_and_redeems_the_code_in_one_step(client, code):
    page = client.post("/activate/", {"code": str(code)}, follow=True)
    assert "New here? Create your account" in page_text(page)
    response = client.post("/activate/take/", ACCOUNT | {"code": str(code)})
    assert response.url == "/courses/"
    user = User.objects.get(username="ana7")
    assert Redemption.objects.get(code=code).enrollment.user == user
    page = client.get("/courses/")
    assert page.wsgi_request.user == user
    assert notifications(page)[0] == "Your account was created. Your username is ana7."


def test_with_an_email_the_username_is_shown(client, code):
    values = ACCOUNT | {"code": str(code), "sign_in_as": "ana@example.com"}
    client.post("/activate/take/", values)
    message = notifications(client.get("/courses/"))[0]
    assert message.startswith("Your account was created. Your username is ana.silva. To sign")


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"first_name": ""}, "first_name", "required"),
        ({"first_name": " \u200b "}, "first_name", "required"),
        ({"sign_in_as": "sam"}, "sign_in_as", "taken"),
        ({"sign_in_as": "ana@nowhere"}, "sign_in_as", "valid email"),
        ({"sign_in_as": "ana silva"}, "sign_in_as", "valid username"),
        ({"password": "12345"}, "password", "too short"),
    ],
)
def test_errors_are_shown_at_their_fields_and_nothing_is_lost(
    client, user, code, wrong, field, words
):
    page = client.post("/activate/take/", ACCOUNT | {"code": str(code)} | wrong)
    assert words in field_errors(page)[field]
    assert parsed(page).cssselect("#id_last_name")[0].get("value") == "Silva"
    assert facts(page)["Code"] == str(code)
    assert PASSWORD not in page.content.decode()
    assert used(code) == 0
    assert not User.objects.filter(first_name="Ana").exists()


def test_without_a_valid_code_nobody_learns_which_usernames_are_taken(client, user):
    values = ACCOUNT | {"code": next(generate(1)), "sign_in_as": "sam"}
    page = client.post("/activate/take/", values)
    assert set(field_errors(page)) == {"code"}
    assert wrong_count() == 1


def test_if_the_last_seat_was_taken_meanwhile_no_account_stays(client, code):
    client.post("/activate/", {"code": str(code)})
    factories.redemption(code)
    factories.redemption(code)
    page = client.post("/activate/take/", ACCOUNT | {"code": str(code)})
    assert "This code isn't valid." in field_errors(page)["code"]
    assert not User.objects.filter(username="ana7").exists()


def test_a_person_with_an_account_signs_in_and_returns_to_the_code(client, user, code):
    user.set_password(PASSWORD)
    user.save()
    response = client.post("/activate/sign-in/", {"code": str(code)})
    assert response.url == "/accounts/login/?next=%2Factivate%2Foffer%2F"
    assert client.session.get_expiry_age() == 30 * 60
    signed_in = client.post(response.url, {"login": "sam", "password": PASSWORD})
    assert signed_in.url == "/activate/offer/"
    assert client.session.get_expiry_age() != 30 * 60
    page = client.get("/activate/offer/")
    assert facts(page)["Code"] == str(code)
    assert client.post("/activate/take/", {"code": str(code)}).url == "/courses/"


@pytest.mark.parametrize("kind", ["activate", "link", "teach"])
def test_an_offer_is_shown_by_get_until_it_is_taken(site, center, code, kind):
    """*Back* and *Reload* never ask to send a form again."""
    license = factories.order(assigned_to=center)
    typed = {"activate": code, "link": teaching(license).group_key, "teach": license.teacher_code}
    typed = str(typed[kind])
    assert site.post(f"/{kind}/", {"code": typed}).url == f"/{kind}/offer/"
    for _reload in range(2):
        assert facts(site.get(f"/{kind}/offer/"))["Code"] == typed
    # Cancel returns to the empty field.
    assert not facts(site.get(f"/{kind}/"))
    site.post(f"/{kind}/take/", {"code": typed})
    assert KEPT not in site.session
    assert notifications(site.get(f"/{kind}/offer/"))[-1] == NO_LONGER_KEPT


@pytest.mark.parametrize("kept", [{"kind": "link"}, {"until": 0}])
def test_a_kept_code_of_another_page_or_too_long_ago_is_dropped(site, code, kept):
    session = site.session
    session[KEPT] = {"kind": "activate", "code": str(code), "until": 2**40} | kept
    session.save()
    assert notifications(site.get("/activate/offer/")) == [NO_LONGER_KEPT]
    assert KEPT not in site.session


def test_a_kept_code_that_was_used_up_meanwhile_is_refused_once(client, code):
    client.post("/activate/", {"code": str(code)})
    for _taken in range(2):
        factories.redemption(code)
    assert "This code isn't valid." in field_errors(client.get("/activate/offer/"))["code"]
    assert notifications(client.get("/activate/offer/")) == [NO_LONGER_KEPT]
    # It exists, so it is no guess.
    assert wrong_count() == 0


def test_a_code_is_in_no_address_and_in_no_session_once_it_is_taken(client, code):
    for address in ("/activate/", "/activate/offer/", "/activate/sign-in/", "/activate/take/"):
        method = client.get if address == "/activate/offer/" else client.post
        response = method(address, ACCOUNT | {"code": str(code)})
        assert code.code[:5] not in response.get("Location", "")
    assert not any(code.code[:5] in str(one.get_decoded()) for one in Session.objects.all())
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


def test_a_group_key_shows_the_teacher_and_takes_a_seat(site, user, center):
    order = factories.order(assigned_to=center)
    teacher = teaching(order, first_name="Tess", last_name="Hall")
    shown = facts(site.post("/link/", {"code": f"my key: {teacher.group_key}"}, follow=True))
    assert (shown["Teacher"], shown["From"]) == ("Tess Hall", "Tolano Adventures")
    assert site.post("/link/take/", {"code": str(teacher.group_key)}).url == "/courses/"
    assert notifications(site.get("/courses/")) == ["You are linked to Tess Hall."]
    enrollment = Enrollment.objects.get(user=user)
    assert (enrollment.role, enrollment.teacher) == (EnrollmentRole.STUDENT, teacher)
    site.post("/link/take/", {"code": str(teacher.group_key)})
    assert notifications(site.get("/courses/")) == ["You are already linked to Tess Hall."]
    assert wrong_count() == 0


def test_a_student_is_notified_that_the_renewal_has_no_seats_left(site, user, older):
    teacher = teaching(older)
    change(older.renewal, start_date=factories.days(101), finish_date=factories.days(200))
    copy_enrollments(old=older, new=older.renewal)
    change(older.renewal, students=0)
    site.post("/link/take/", {"code": str(teacher.group_key)})
    [message] = notifications(site.get("/courses/"))
    ends = in_words(factories.days(100))
    assert message.endswith(f"Your access ends on {ends}: the renewed license has no seats left.")
    assert Enrollment.objects.get(user=user).order == older


def test_a_group_key_links_students_of_codes(site, user, order, code):
    enrollment = factories.redemption(code, user=user).enrollment
    teacher = teaching(order)
    site.post("/link/take/", {"code": str(teacher.group_key)})
    enrollment.refresh_from_db()
    assert enrollment.teacher == teacher


def test_a_link_shows_the_persons_own_last_day_if_it_is_earlier(site, user, order, code):
    own = factories.redemption(code, user=user).enrollment
    teacher = teaching(order)
    assert own.ends_on < order.finish_date

    shown = page_text(site.post("/link/", {"code": str(teacher.group_key)}, follow=True))

    assert in_words(own.ends_on) in shown
    assert in_words(order.finish_date) not in shown


RIGHT = "This key is right. Enter your activation code first."


@pytest.mark.parametrize("address", ["/link/", "/link/take/", "/activate/"])
@pytest.mark.parametrize("who", ["signed in", "stranger"])
def test_a_key_typed_before_the_activation_code_is_kept_and_links_after_it(
    site, client, order, code, address, who
):
    teacher = teaching(order, first_name="Tess", last_name="Hall")
    browser, values = (site, {}) if who == "signed in" else (client, ACCOUNT)
    response = browser.post(address, values | {"code": str(teacher.group_key)})
    assert response.url == "/activate/"
    assert notifications(browser.get("/activate/")) == [RIGHT]
    browser.post("/activate/take/", values | {"code": str(code)})
    assert "You are linked to Tess Hall." in notifications(browser.get("/courses/"))
    enrollment = Redemption.objects.get(code=code).enrollment
    assert enrollment.teacher == teacher
    assert wrong_count() == 0


def old_key_of(order):
    """The key of a teacher from before keys had a check character."""
    teacher = teaching(order)
    GroupKey.objects.filter(pk=teacher.group_key_id).update(key="BCDF2345")
    return "BCDF-2345"


@pytest.mark.parametrize("typed_at", ["activate", "link", "teach"])
@pytest.mark.parametrize("belongs", ["activate", "link", "teach"])
@pytest.mark.parametrize("who", ["signed in", "stranger"])
def test_an_existing_code_leads_from_every_page_to_its_license(
    site, client, center, code, typed_at, belongs, who
):
    licensed = factories.order(assigned_to=center)
    typed = {
        "activate": str(code),
        "link": str(teaching(licensed).group_key),
        "teach": str(licensed.teacher_code),
    }[belongs]
    browser = site if who == "signed in" else client
    redirect = browser.post(f"/{typed_at}/", {"code": typed})
    assert redirect.url == f"/{belongs}/offer/"
    shown = browser.get(redirect.url)
    if typed_at != belongs:
        assert notifications(shown)[0].startswith("This is a")
    assert facts(shown)["Code"] == typed
    assert wrong_count() == 0


def test_an_old_key_without_a_check_character_stays_valid(site, center):
    key = old_key_of(factories.order(assigned_to=center))
    assert facts(site.post("/link/", {"code": key}, follow=True))["Code"] == key
    assert site.post("/activate/", {"code": key}).url == "/link/offer/"


def test_a_typing_error_in_a_new_key_is_no_guess(site, center):
    key = str(teaching(factories.order(assigned_to=center)).group_key)
    wrong = ("2" if key[0] != "2" else "3") + key[1:]
    assert "typing error" in field_errors(site.post("/link/", {"code": wrong}))["code"]
    assert wrong_count() == 0


def test_a_class_that_types_its_right_key_first_is_never_held_up(settings, order):
    settings.WRONG_CODES_FREE = 1
    key = str(teaching(order).group_key)
    browser = Client()
    for _pupil in range(30):
        assert browser.post("/link/", {"code": key}).url == "/activate/"
    assert wrong_count() == 0


def test_ones_own_group_key_says_so(sign_in, center):
    teacher = teaching(factories.order(assigned_to=center))
    page = sign_in(teacher.user).post("/link/take/", {"code": str(teacher.group_key)})
    assert "This is your own group key" in page_text(page)
    assert wrong_count() == 0


def test_a_new_pupil_links_to_a_teacher(client, center):
    teacher = teaching(factories.order(assigned_to=center))
    values = ACCOUNT | {"code": str(teacher.group_key)}
    assert client.post("/link/take/", values).url == "/courses/"
    assert Enrollment.objects.get(user__username="ana7").teacher == teacher


def test_a_teacher_joins_by_the_teacher_code(site, user, center):
    order = factories.order(assigned_to=center)
    shown = facts(site.post("/teach/", {"code": str(order.teacher_code)}, follow=True))
    assert shown["From"] == "Tolano Adventures"
    site.post("/teach/take/", {"code": str(order.teacher_code)})
    page = site.get("/", follow=True)
    assert notifications(page) == ["You now teach on the license of Tolano Adventures."]
    assert page.wsgi_request.membership.role == Role.TEACHER
    site.post("/teach/take/", {"code": str(order.teacher_code)})
    assert "already" in notifications(site.get("/", follow=True))[0]
    assert Enrollment.objects.filter(user=user).count() == 1


def test_mistyped_keys_and_teacher_codes(site, db):
    assert "17 letters and digits" in field_errors(site.post("/link/", {"code": "K7WQ"}))["code"]
    assert "13 letters" in field_errors(site.post("/teach/", {"code": "U7DA7-NIFE"}))["code"]
    # Codes that belong on another page.
    typed = "U7DA7-NIFE-3017"
    assert "This has 13 characters" in field_errors(site.post("/link/", {"code": typed}))["code"]
    assert held_against() == 0


def test_the_sign_in_page_links_to_all_three(client, db):
    links = parsed(client.get("/accounts/login/")).cssselect(".no-account a")
    assert [link.get("href") for link in links] == ["/activate/", "/link/", "/teach/"]
    assert text(links[0]) == "I have an activation code"
