"""The form of a new person pressed twice: one account, one seat, and the answer of the first."""

from uuid import uuid4

import pytest
from django.test import Client

from activation_codes.models import Redemption
from jasper_inventory.accounts.models import Tally, User
from licenses.models import Enrollment
from tests import factories
from tests.activation_codes.acts import ACCOUNT, teaching, used, wrong_count
from tests.helpers import at_once
from tests.pages import field_errors, notifications, parsed

pytestmark = pytest.mark.django_db

MESSAGE = "You sent the form twice, but it was carried out only once."


@pytest.fixture
def form():
    """The data of one form, with an email address for the account."""
    return ACCOUNT | {"form_token": str(uuid4()), "sign_in_as": "ana@example.com"}


def press(kind, form, code, *, site=None):
    """Send the form from a browser that knows of no earlier answer."""
    return (site or Client()).post(f"/{kind}/take/", form | {"code": str(code)})


def keys_of(kind, center):
    """A code of that type, and the page it opens."""
    if kind == "activate":
        order = factories.order(factories.CODES, assigned_to=center, users_per_code=2)
        return factories.codes(order)[0], "/courses/"
    order = factories.order(assigned_to=center)
    if kind == "link":
        return teaching(order).group_key, "/courses/"
    return order.teacher_code, "/"


def test_the_form_shown_carries_a_token_and_keeps_it_when_shown_again(client, code):
    def token(page):
        return parsed(page).cssselect("[name=form_token]")[0].get("value")

    first = token(client.post("/activate/", {"code": str(code)}, follow=True))
    assert first != token(client.post("/activate/", {"code": str(code)}, follow=True))
    assert token(press("activate", {"form_token": first}, code)) == first


@pytest.mark.parametrize("kind", ["activate", "link", "teach"])
@pytest.mark.parametrize("sign_in_as", ["ana@example.com", "ana7"])
def test_it_creates_one_account_and_takes_one_seat(center, form, kind, sign_in_as):
    code, target = keys_of(kind, center)
    form["sign_in_as"] = sign_in_as
    sites = [Client(), Client()]
    answers = [press(kind, form, code, site=site) for site in sites]
    assert [answer.url for answer in answers] == [target] * 2
    user = User.objects.get(last_name="Silva")
    assert Enrollment.objects.filter(user=user).count() == 1
    for site, message in zip(sites, [None, MESSAGE], strict=True):
        page = site.get(target)
        assert page.wsgi_request.user == user
        account, done = notifications(page)
        assert account.startswith(f"Your account was created. Your username is {user.username}.")
        assert message is None or done == message
    assert wrong_count() == 0


def test_the_last_use_went_to_the_first_press(form, code):
    factories.redemption(code)
    site = Client()
    press("activate", form, code)
    assert press("activate", form, code, site=site).url == "/courses/"
    assert notifications(site.get("/courses/"))[1] == MESSAGE
    assert (used(code), wrong_count()) == (2, 0)


def test_the_limit_of_accounts_went_to_the_first_press(form, code, settings):
    settings.ACCOUNTS_PER_HOUR = 1
    press("activate", form, code)
    assert press("activate", form, code).url == "/courses/"


def test_with_another_password_nobody_gets_in(form, code):
    press("activate", form, code)
    site = Client()
    page = press("activate", form | {"password": "another-good-one"}, code, site=site)
    assert "was already sent and created an account" in field_errors(page)["password"]
    assert not site.get("/activate/").wsgi_request.user.is_authenticated
    assert User.objects.filter(last_name="Silva").count() == used(code) == 1


def test_an_account_that_was_closed_lets_nobody_in(form, code):
    press("activate", form, code)
    User.objects.update(is_active=False)
    site = Client()
    press("activate", form, code, site=site)
    assert not site.get("/activate/").wsgi_request.user.is_authenticated
    assert User.objects.filter(last_name="Silva").count() == 1


def test_two_forms_are_two_people(form, code):
    press("activate", form, code)
    press("activate", form | {"form_token": str(uuid4())}, code)
    names = User.objects.filter(last_name="Silva").values_list("username", flat=True)
    assert len(names) == used(code) == 2


def test_a_token_that_is_none_is_no_fault(code):
    for token in ("", "no token"):
        press("activate", ACCOUNT | {"form_token": token}, code)
    assert User.objects.get(username="ana7")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sign_in_as", ["ana@example.com", "ana7"])
def test_at_the_same_moment(center, form, sign_in_as):
    code, _target = keys_of("activate", center)
    form["sign_in_as"] = sign_in_as
    answers = at_once(*[lambda: press("activate", form, code)] * 3)
    assert [answer.status_code for answer in answers] == [302] * 3
    assert Redemption.objects.get().enrollment.user == User.objects.get(last_name="Silva")
    assert used(code) == 1
    [made] = Tally.objects.filter(key__startswith="accounts of")
    assert made.number == 1


def test_pressed_again_when_the_browser_is_signed_in_already(form, code):
    site = Client(enforce_csrf_checks=True)
    form["csrfmiddlewaretoken"] = site.get("/activate/").cookies["csrftoken"].value
    assert press("activate", form, code, site=site).url == "/courses/"
    assert press("activate", form, code, site=site).url == "/"
    messages = notifications(site.get("/", follow=True))
    assert [text.split(".")[0] for text in messages] == [
        "Your account was created",
        "Your code is activated",
    ]
    # Another form that is too old is still refused.
    other = form | {"form_token": str(uuid4())}
    assert press("activate", other, code, site=site).status_code == 403
