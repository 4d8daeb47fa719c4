"""People create accounts with a code: both or neither, and nothing reveals other accounts."""

import re

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jasper_inventory.accounts.models import Notice, Tally, User
from jasper_inventory.accounts.services.addresses import confirm_address
from jasper_inventory.accounts.services.users import NewAccount, create_account
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import tasks_dropped
from tests import factories
from tests.factories import PASSWORD
from tests.helpers import at_once, last_act, refusals
from tests.pages import field_errors, notifications, page_text

pytestmark = pytest.mark.django_db


def make(sign_in_as="maria", *, then=lambda user: "done", **values):
    values = {"first_name": "Maria", "last_name": "López", "password": PASSWORD, **values}
    account = NewAccount(sign_in_as=sign_in_as, **values)
    return create_account(account=account, address="203.0.113.7", then=then)


@pytest.fixture
def mailed(django_capture_on_commit_callbacks):
    """A function: create an account and return it with the one email that was sent."""

    def made(email="maria@example.com"):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            user, _done = make(email)
        [message] = mail.outbox
        return user, message

    return made


def link_in(message):
    return re.search(r"/accounts/address/\S+/", message.body)[0]


def test_a_pupil_without_email():
    user, done = make(" Maria_7 ", then=lambda user: user.username)
    user = User.objects.get(pk=user.pk)
    assert (user.username, user.email, done) == ("Maria_7", "", "Maria_7")
    assert (str(user), user.is_staff) == ("Maria López", False)
    assert user.check_password(PASSWORD)
    assert last_act(user)["action"] == "account.created"
    assert not mail.outbox


def test_an_account_and_its_purpose_are_created_both_or_neither():
    def refuse(user):
        raise DomainError("No place left.")

    with pytest.raises(DomainError, match="No place left"):
        make(then=refuse)
    assert not User.objects.exists()
    assert not Tally.objects.exists()


@pytest.mark.parametrize("name", ["maria", "MARIA"])
def test_a_taken_username_is_reported(name):
    factories.person("maria")
    with pytest.raises(DomainError, match="taken") as refusal:
        make(name)
    assert refusal.value.field == "sign_in_as"


UNREADABLE = ["a@xn--n3h.net", "a@xn--zzzzzz.com", "a@mail.XN--n3h.net"]


@pytest.mark.parametrize("address", UNREADABLE)
def test_an_address_that_no_email_reaches_is_refused_at_its_field(address, center):
    with pytest.raises(DomainError, match="email address isn't valid") as refusal:
        make(address)
    assert refusal.value.field == "sign_in_as"
    code = str(factories.codes(factories.order(factories.CODES, assigned_to=center))[0])
    names = {"first_name": "Maria", "last_name": "López", "password": PASSWORD}
    page = Client().post("/activate/take/", {"code": code, "sign_in_as": address, **names})
    assert "email address isn't valid" in field_errors(page)["sign_in_as"]
    assert not User.objects.filter(first_name="Maria").exists()


# Unassigned in Unicode, or of a kind that Python doesn't drop; and an accent after one.
@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ma\u2065ria", "Maria"), ("Maria\U000e0002", "Maria"), ("Zoe\u200b\u0308", "Zoë")],
)
def test_invisible_characters_in_a_name_are_dropped_as_the_database_wants_it(typed, kept):
    user, _done = make("maria@example.com", first_name=typed)
    user.refresh_from_db()
    assert user.first_name == kept


def test_every_refusal_of_the_database_but_a_taken_username_ends_the_sign_up():
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE accounts_user ADD CONSTRAINT new_rule CHECK (last_name <> 'López')"
        )
    with pytest.raises(IntegrityError, match="new_rule"):
        make("maria@example.com")


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "maria.lopez"])
def test_a_weak_password_is_refused(password):
    with pytest.raises(DomainError) as refusal:
        make("maria.lopez", password=password)
    assert refusal.value.field == "password"
    assert not User.objects.exists()


def test_an_email_address_belongs_to_the_account_once_its_link_was_opened(mailed):
    user, message = mailed("Maria@Example.com")
    assert (user.username, user.email) == ("maria.lopez", "")
    assert message.to == ["maria@example.com"]
    assert "maria.lopez" in message.body
    site = Client()
    site.force_login(user)
    page = site.get(link_in(message))
    assert "Is maria@example.com your email address?" in page_text(page)
    user.refresh_from_db()
    assert user.email == ""

    assert site.post(link_in(message)).status_code == 302
    user.refresh_from_db()
    assert user.email == "maria@example.com"
    assert last_act(user)["action"] == "address.confirmed"
    assert site.login(username="maria@example.com", password=PASSWORD)
    # Once more, by another press.
    site.post(link_in(message))
    user.refresh_from_db()
    assert user.email == "maria@example.com"


def test_signing_up_with_a_code_creates_a_session_of_the_usual_length(center, settings):
    code = str(factories.codes(factories.order(factories.CODES, assigned_to=center))[0])
    site = Client()
    # The visitor's own session, which keeps the typed code, ends soon.
    site.post("/activate/", {"code": code})
    assert site.session.get_expiry_age() <= 30 * 60
    names = {"first_name": "Maria", "last_name": "López", "password": PASSWORD}
    site.post("/activate/take/", {"code": code, "sign_in_as": "maria", **names})
    assert site.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    user = User.objects.get(username="maria")
    assert site.get("/courses/").wsgi_request.browser.knows(user.pk)


def test_the_link_is_not_kept_once_it_was_sent(mailed):
    mailed()
    notice = Notice.objects.get()
    assert (notice.text, notice.html) == ("", "")


def test_a_taken_address_gets_the_same_answer_and_its_owner_an_email(mailed):
    owner = factories.person(email="maria@example.com")
    user, message = mailed()
    assert (user.username, user.email) == ("maria.lopez", "")
    assert message.subject == "You already have an account"
    assert str(owner) in message.body
    assert "/accounts/address/" not in message.body


def test_both_answers_cost_the_same(django_assert_num_queries):
    factories.person(email="taken@example.com")
    # The queue writes the emails later.
    with tasks_dropped(), CaptureQueriesContext(connection) as free:
        make("free@example.com", last_name="One")
    with tasks_dropped(), django_assert_num_queries(len(free)):
        make("taken@example.com", last_name="Two")


def test_people_of_the_same_name_get_different_usernames():
    users = [make(f"maria{number}@example.com")[0] for number in range(3)]
    assert users[0].username == "maria.lopez"
    for user in users[1:]:
        assert re.fullmatch(r"maria\.lopez\d{4}", user.username)


def test_names_in_any_script_become_a_username():
    user, _done = make("x@example.com", first_name="美", last_name="李")
    assert user.username == "student"


def test_the_link_serves_the_account_it_was_created_for_only(mailed):
    _user, message = mailed()
    token = link_in(message).split("/")[-2]
    other = factories.person(email="")
    site = Client()
    site.force_login(other)
    assert "This link no longer works, or it belongs to" in page_text(site.get(link_in(message)))
    site.post(link_in(message))
    other.refresh_from_db()
    assert other.email == ""
    with pytest.raises(DomainError, match="has expired or belongs to"):
        confirm_address(token=token + "x", by=other)


def test_an_address_that_became_somebodys_meanwhile_is_not_taken(mailed):
    user, message = mailed()
    factories.person(email="maria@example.com")
    site = Client()
    site.force_login(user)
    site.post(link_in(message))
    user.refresh_from_db()
    assert user.email == ""
    assert "can no longer be added" in " ".join(notifications(site.get("/")))


def test_accounts_from_one_address_are_limited(settings):
    settings.ACCOUNTS_PER_HOUR = 2
    make("one")
    make("two")
    with pytest.raises(DomainError, match="Too many accounts"):
        make("three")


@pytest.mark.django_db(transaction=True)
def test_one_username_at_the_same_moment_is_one_account():
    results = at_once(*[lambda: make("maria")] * 3)
    assert len(refusals(results)) == 2
    assert User.objects.filter(username="maria").count() == 1
