"""Students: activating a code, linking, starting; on a phone, without script, axe."""

import pytest
from playwright.sync_api import expect

from activation_codes.models import CourseStart
from activation_codes.services.codes import save_settings
from licenses.models import Enrollment
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import enroll_teacher
from tests import factories
from tests.browser.screens import fits
from tests.factories import CODES, PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = 320


@pytest.fixture
def order(center):
    """Codes whose courses require a teacher."""
    order = factories.order(CODES, assigned_to=center, duration=30)
    boxes = dict.fromkeys(CODE_SETTINGS, True)
    save_settings(order=order, boxes=boxes, by=factories.staff())
    return order


@pytest.fixture
def code(order):
    return factories.codes(order)[0]


@pytest.fixture
def teaching(order):
    return enroll_teacher(
        order=order,
        user=factories.person("tess", first_name="Tess", last_name="Hall"),
        by=factories.staff(),
    ).enrollment


def test_a_new_pupil_from_the_code_to_the_course(open_site, code, teaching, js):
    page = open_site(js=js, width=PHONE)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="I have an activation code").click()
    page.get_by_label("Activation code").fill(code.code[:-1])
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("The code has a typing error")
    fits(page)

    page.get_by_label("Activation code").fill(f"Code: {str(code).lower()} (7B)")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("main")).to_contain_text("Tolano Adventures")
    fits(page)
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("Silva")
    page.get_by_label("Email or username").fill("tess")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("taken")
    page.get_by_label("Email or username").fill("ana7")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", name="My Courses")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    fits(page)
    page.get_by_role("link", name="Link to a teacher first.").click()
    page.get_by_label("Group key").fill(str(teaching.group_key))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("main")).to_contain_text("Tess Hall")
    page.get_by_role("button", name="Link to Teacher").click()
    expect(page.get_by_text("You are linked to Tess Hall.")).to_be_visible()

    page.get_by_role("button", name="Start").first.click()
    expect(page.get_by_text("Continue in Jasperactive.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    assert CourseStart.objects.get().enrollment.user.username == "ana7"
    assert code.code[:5] not in page.url


def test_a_student_with_an_account_signs_in_on_the_way(open_site, code, js):
    user = factories.person("sam")
    user.set_password(PASSWORD)
    user.save()
    page = open_site(js=js, width=PHONE)
    page.goto("/activate/")
    page.get_by_label("Activation code").fill(str(code))
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username or email").fill("sam")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_text("You are signed in as")).to_be_visible()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Your code is activated.")).to_be_visible()
    # Back shows a page, not the browser's question whether to send the form again.
    page.go_back()
    expect(page.get_by_label("Activation code")).to_have_value("")
    assert Enrollment.objects.get(user=user, order=code.order)


def test_starting_redirects_to_the_courses_site(open_site, code, live_server, settings):
    enrollment = factories.redemption(code).enrollment
    Enrollment.objects.filter(pk=enrollment.pk).update(
        teacher=enroll_teacher(
            order=code.order, user=factories.person(), by=factories.staff()
        ).enrollment
    )
    settings.COURSES_URL = f"{live_server.url}/activate/?course={{product}}"
    page = open_site(enrollment.user)
    page.goto("/courses/")
    page.get_by_role("button", name="Start").first.click()
    expect(page).to_have_url(f"{live_server.url}/activate/?course={code.order.products.first().pk}")


def test_a_teacher_sets_a_pupils_password(open_site, code, teaching, js):
    pupil = factories.person("pupil", email="")
    factories.redemption(code, user=pupil)
    Enrollment.objects.filter(user=pupil).update(teacher=teaching)
    page = open_site(teaching.user, js=js)
    page.goto(f"/teaching/{code.order.number}/")
    page.get_by_role("link", name="New password").click()
    shown = page.get_by_role("dialog") if js else page.get_by_role("main")
    offered = shown.get_by_label("New password").input_value()
    shown.get_by_role("button", name="Set Password").click()
    expect(shown.get_by_text(offered)).to_be_visible()
    pupil.refresh_from_db()
    assert pupil.check_password(offered)


def test_axe_finds_nothing(open_site, code, teaching, axe_anywhere):
    stranger = open_site()
    for kind, label, typed in (
        ("activate", "Activation code", str(code)),
        ("link", "Group key", str(teaching.group_key)),
        ("teach", "Teacher code", str(code.order.teacher_code)),
    ):
        stranger.goto(f"/{kind}/")
        axe_anywhere(stranger)
        stranger.get_by_role("button", name="Next").click()
        expect(stranger.get_by_role("alert")).to_be_visible()
        axe_anywhere(stranger)
        stranger.get_by_label(label).fill(typed)
        stranger.get_by_role("button", name="Next").click()
        axe_anywhere(stranger)
        if kind == "activate":
            stranger.get_by_role("button", name="Create account").click()
            expect(stranger.get_by_role("alert")).to_be_visible()
            axe_anywhere(stranger)

    pupil = factories.person("pupil", email="")
    ended = factories.redemption(code, user=pupil).enrollment
    Enrollment.objects.filter(pk=ended.pk).update(ends_on=factories.days(-1))
    again = factories.order(CODES, assigned_to=code.order.assigned_to)
    factories.redemption(factories.codes(again)[0], user=pupil)
    page = open_site(pupil)
    page.goto("/courses/")
    axe_anywhere(page)
    page.goto("/accounts/address/token/")
    axe_anywhere(page)

    Enrollment.objects.filter(pk=ended.pk).update(teacher=teaching)
    page = open_site(teaching.user)
    page.goto(f"/people/{pupil.pk}/password/")
    axe_anywhere(page)
    page.get_by_role("button", name="Set Password").click()
    expect(page.get_by_text("Write it down now")).to_be_visible()
    axe_anywhere(page)
