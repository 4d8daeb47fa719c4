"""Signing in with username or email, signing out, and a forgotten password."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from jasper_inventory.accounts.models import Notice, Tally, User
from jasper_inventory.accounts.services.passwords import (
    change_password,
    choose_password,
    require_new_password,
    reset_password,
    set_student_password,
)
from tests import factories
from tests.helpers import at_once
from tests.pages import field_errors, page_text, parsed

LOGIN = "/accounts/login/"
NEW = "another horse, another battery"


@pytest.fixture
def kim(center):
    user = factories.person("kim.williams", email="Kim@Example.com")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, user=user)
    return user


@pytest.mark.parametrize(
    "login", ["kim.williams", "KIM.Williams", "kim@example.com", "KIM@EXAMPLE.COM"]
)
def test_username_and_email_sign_in_in_any_case(client, kim, login):
    response = client.post(LOGIN, {"login": login, "password": factories.PASSWORD})

    assert response.url == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_name_read_the_same(client, kim):
    wrong = client.post(LOGIN, {"login": "kim.williams", "password": "wrong"})
    unknown = client.post(LOGIN, {"login": "nobody", "password": "wrong"})

    message = "don't match"
    assert message in page_text(wrong)
    assert message in page_text(unknown)
    assert parsed(wrong).cssselect("#id_login")[0].get("value") == "kim.williams"


class CountingHasher(MD5PasswordHasher):
    """Counts its work, which takes the time of a real one."""

    count = 0

    def encode(self, password, salt):
        type(self).count += 1
        return super().encode(password, salt)


def test_refusing_takes_as_long_for_every_username(kim, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    closed = factories.person("closed", is_active=False)
    for user in (kim, closed):
        user.set_password(factories.PASSWORD)
        user.save()
    work = []
    logins = (kim.username, kim.email, closed.email, "nobody", "nobody@example.com")
    for login in logins:
        before = CountingHasher.count
        Client().post(LOGIN, {"login": login, "password": "wrong"})
        work.append(CountingHasher.count - before)

    assert work == [1] * len(logins)


def test_it_redirects_to_the_page_that_was_requested(client, kim):
    redirect = client.get("/inventory/?status=available")

    response = client.post(redirect.url, {"login": "kim.williams", "password": factories.PASSWORD})

    assert response.url.startswith("/")
    assert not client.post(
        f"{LOGIN}?next=https://evil.example/",
        {"login": "kim.williams", "password": factories.PASSWORD},
    ).url.startswith("https://evil")


@pytest.mark.parametrize("part", ["login", "logout", "password/reset"])
def test_a_next_page_that_is_no_address_is_no_error_page(client, db, part):
    response = client.get(f"/accounts/{part}/?next=http://[")

    assert response.status_code in (200, 302)


def test_an_account_that_was_closed_cannot_sign_in(client, kim):
    kim.is_active = False
    kim.save()

    client.post(LOGIN, {"login": "kim.williams", "password": factories.PASSWORD})

    assert client.get("/").url.startswith(LOGIN)


def test_signing_out_is_a_post_and_ends_the_session(sign_in, kim):
    site = sign_in(kim)
    site.get("/accounts/logout/")
    assert site.get("/").status_code == 200

    site.post("/accounts/logout/")

    assert site.get("/").url.startswith(LOGIN)


def test_a_forgotten_password_is_reset_by_an_email(client, kim):
    client.post("/accounts/password/reset/", {"email": "kim@example.com"})

    (message,) = mail.outbox
    assert message.to == ["kim@example.com"]
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", message.body)[1]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = "another horse, another battery"
    client.post(address, {"password1": new, "password2": new})

    assert client.post(LOGIN, {"login": "kim.williams", "password": new}).url == "/"


def test_the_email_links_to_the_sites_own_address_for_every_host(client, kim, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://licenses.example.com", ["*"]
    for email in (kim.email, "stranger@example.com"):
        client.post("/accounts/password/reset/", {"email": email}, HTTP_HOST="evil.example")

    reset, unknown = mail.outbox
    assert "https://licenses.example.com/accounts/password/reset/key/" in reset.body
    assert "no account has this email address" in unknown.body
    assert "stranger@example.com" in unknown.body
    for message in (reset, unknown):
        assert "Hello," in message.body
        assert "evil.example" not in message.subject + message.body
        assert "sign up" not in message.body


def test_the_link_of_a_sent_email_is_not_kept(client, kim):
    client.post("/accounts/password/reset/", {"email": "kim@example.com"})

    notice = Notice.objects.get()
    assert notice.sent_at
    assert "reset/key" not in notice.text + notice.html


def test_an_unknown_address_reads_the_same_as_a_known_one(client, kim):
    known = client.post("/accounts/password/reset/", {"email": "kim@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "stranger@example.com"})

    assert known.url == unknown.url


def test_without_an_email_address_the_pages_name_who_sets_a_new_password(client, db):
    reset = "/accounts/password/reset/"
    helps = "Ask your teacher or center administrator to set a new password for you"
    assert helps in page_text(client.get(reset))
    for typed in ("sunny.pupil", "never@example.com"):
        assert helps in page_text(client.post(reset, {"email": typed}, follow=True))
    [message] = mail.outbox
    assert "Students without an email address get a new password from their" in message.body


def test_a_malformed_address_is_refused_at_its_field(client, db):
    wrong = client.post("/accounts/password/reset/", {"email": "kim@"})
    assert "valid email" in field_errors(wrong)["email"]
    assert not mail.outbox


WRONG = {"login": "kim.williams", "password": "wrong"}
RIGHT = WRONG | {"password": factories.PASSWORD}
LOCKED = "Too many attempts for this account or from your network."


def test_a_sign_in_lock_says_how_long_it_lasts(client, kim):
    for _ in range(6):
        response = client.post(LOGIN, WRONG)

    assert LOCKED in page_text(response)
    assert re.search(r"Try again in [45] minutes?\.", page_text(response))
    assert client.post(LOGIN, RIGHT).status_code == 200
    Tally.objects.update(forget_at=timezone.now())
    assert client.post(LOGIN, RIGHT).status_code == 302


@pytest.mark.parametrize("names", [["kim.williams"], ["KIM.Williams", " kim@example.com"]])
def test_an_account_is_guessed_at_no_faster_from_many_addresses_names_or_hosts(
    kim, settings, names
):
    settings.ALLOWED_HOSTS = ["*"]
    for number in range(5):
        browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
        name = names[number % len(names)]
        browser.post(LOGIN, WRONG | {"login": name}, HTTP_HOST=f"testserver:{8000 + number}")

    refused = Client(REMOTE_ADDR="192.0.2.9").post(LOGIN, RIGHT, HTTP_HOST="testserver:99")
    assert LOCKED in page_text(refused)


@pytest.mark.parametrize(
    "spellings",
    [
        ["nobody.here"],
        ["nobody.here", "NOBODY.here", " nobody.here ", "nobody\u200b.here", "ｎobody.here"],
        [
            "no@école.example",
            "NO@École.example",
            "no@xn--cole-9oa.example",
            "no@e\u0301cole.example",
        ],
    ],
    ids=["one spelling", "a username", "an address"],
)
def test_an_unknown_name_is_answered_as_a_known_one(kim, spellings):
    answers = []
    for names in (["kim.williams"], spellings):
        for at in range(6):
            response = Client().post(LOGIN, WRONG | {"login": names[at % len(names)]})
        answers.append(page_text(response))
    assert LOCKED in answers[0] and answers[0] == answers[1]


def test_a_persons_own_browser_is_never_locked_by_others_wrong_passwords(client, kim, settings):
    settings.WRONG_PASSWORDS_PER_ADDRESS = 5
    assert client.post(LOGIN, RIGHT).status_code == 302
    client.post("/accounts/logout/")
    for _ in range(8):
        locked = Client().post(LOGIN, WRONG)
    assert LOCKED in page_text(locked)

    assert client.post(LOGIN, RIGHT).status_code == 302


def test_a_known_browser_may_guess_no_faster_itself(client, kim):
    client.post(LOGIN, RIGHT)
    client.post("/accounts/logout/")
    for _ in range(6):
        response = client.post(LOGIN, WRONG)
    assert LOCKED in page_text(response)
    # Other people aren't locked by it.
    assert Client().post(LOGIN, RIGHT).status_code == 302


def test_a_browser_knows_only_those_who_signed_in_there(client, kim):
    other = factories.person("other.person")
    other.set_password(factories.PASSWORD)
    other.save()
    client.post(LOGIN, RIGHT | {"login": "other.person"})
    client.post("/accounts/logout/")
    for _ in range(6):
        Client().post(LOGIN, WRONG)
    assert LOCKED in page_text(client.post(LOGIN, RIGHT))


def test_a_new_password_ends_the_lock(client, kim):
    for _ in range(6):
        client.post(LOGIN, WRONG)
    client.post("/accounts/password/reset/", {"email": "kim@example.com"})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    new = "another horse, another battery"
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": new, "password2": new})
    assert Client().post(LOGIN, RIGHT | {"password": new}).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        lambda kim, staff: change_password(password=NEW, by=kim),
        lambda kim, staff: choose_password(password=NEW, by=kim),
        lambda kim, staff: reset_password(password=NEW, by=kim),
        lambda kim, staff: require_new_password(user=kim, by=staff),
        lambda kim, staff: set_student_password(user=pupil(kim), password=NEW, by=staff),
    ],
    ids=["changed", "chosen", "reset", "set by CCI", "set by a teacher"],
)
def test_every_new_password_ends_the_lock(client, kim, staff, change):
    for _ in range(6):
        locked = client.post(LOGIN, WRONG)
    assert LOCKED in page_text(locked)
    change(kim, staff)
    assert LOCKED not in page_text(Client().post(LOGIN, WRONG))


def pupil(kim):
    """Kim as a student without an email address, so that a teacher may help."""
    kim.memberships.all().delete()
    User.objects.filter(pk=kim.pk).update(email="")
    return User.objects.get(pk=kim.pk)


@pytest.mark.django_db(transaction=True)
def test_no_more_passwords_are_looked_at_than_allowed_at_the_same_moment():
    factories.vendor()
    user = factories.person("kim.williams")
    answers = at_once(*(lambda: page_text(Client().post(LOGIN, WRONG)) for _ in range(9)))
    assert sum(LOCKED in answer for answer in answers) == 4
    assert Tally.objects.get(key=f"passwords of account {user.pk}").number == 5


@pytest.mark.django_db(transaction=True)
def test_no_more_passwords_of_a_networks_new_browsers_are_looked_at_than_allowed(settings):
    settings.WRONG_PASSWORDS_PER_ADDRESS = 5
    factories.vendor()
    names = [f"nobody{number}" for number in range(9)]
    answers = at_once(*(lambda name=name: page_text(sign_in_of(name, "wrong")) for name in names))
    assert sum(LOCKED in answer for answer in answers) == 4
    assert Tally.objects.get(key="passwords of network 127.0.0.1").number == 5


def aged(client, **past):
    """Set the age of a browser's cookie."""
    since = timezone.now() - timedelta(**past)
    key, _since, people = signing.loads(client.cookies["browser"].value, salt="accounts.browsers")
    value = signing.dumps([key, int(since.timestamp()), people], salt="accounts.browsers")
    client.cookies["browser"] = value
    return client


def test_a_networks_wrong_passwords_hold_up_new_browsers_for_seconds_only(client, kim, settings):
    settings.WRONG_PASSWORDS_PER_ADDRESS = 5
    client.get(LOGIN)
    for number in range(6):
        flooded = sign_in_of(f"nobody{number}", "wrong")
    assert LOCKED in page_text(flooded)
    refused = page_text(client.post(LOGIN, RIGHT))
    assert LOCKED in refused and re.search(r"Try again in ([1-9]|10) seconds?\.", refused)
    assert aged(client, seconds=11).post(LOGIN, RIGHT).status_code == 302


def test_an_older_browser_is_held_up_by_its_own_wrong_passwords_only(kim, settings):
    settings.WRONG_PASSWORDS_PER_ADDRESS = 5
    guesser, other = Client(), Client()
    for site in (guesser, other):
        site.get(LOGIN)
        aged(site, minutes=1)
    for number in range(6):
        response = guesser.post(LOGIN, WRONG | {"login": f"nobody{number}"})
    assert LOCKED in page_text(response)
    assert other.post(LOGIN, RIGHT).status_code == 302


def test_each_sign_in_renews_the_browsers_cookie(client, kim):
    for _number in range(2):
        client.cookies.pop("sessionid", None)
        answer = client.post(LOGIN, RIGHT)
        assert answer.cookies["browser"]["max-age"] == 400 * 24 * 3600


def sign_in_of(name, password=factories.PASSWORD):
    """The answer to signing in from a separate browser, behind the shared address."""
    return Client().post(LOGIN, {"login": name, "password": password, "next": "/courses/"})


def pupils(number):
    """The usernames of this number of accounts with a password."""
    people = [factories.person() for _number in range(number)]
    password = make_password(factories.PASSWORD)
    User.objects.filter(pk__in=[person.pk for person in people]).update(password=password)
    return [person.username for person in people]


def test_several_classes_sign_in_within_a_minute_from_one_address(db):
    names = pupils(90)
    # One in three mistypes first.
    for name in names[::3]:
        assert "don't match" in page_text(sign_in_of(name, "wrong"))

    assert {sign_in_of(name).status_code for name in names} == {302}


def test_no_answer_says_which_username_an_address_belongs_to(kim):
    typed = ["kim.williams"] * 6 + ["kim@example.com"] * 3
    answers = [Client().post("/accounts/password/reset/", {"email": name}) for name in typed]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert len(mail.outbox) == 5


def test_too_many_requests_for_new_passwords_say_how_long_to_wait(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    Client().post("/accounts/password/reset/", {"email": "a@example.com"})

    values = {"email": "b@example.com", "next": "/courses/"}
    refused = Client().post("/accounts/password/reset/", values)

    assert refused.status_code == 429
    assert refused["Retry-After"] == "60"
    assert "Try again in 1 minute." in page_text(refused)
    [again] = [link for link in parsed(refused).cssselect("main a") if link.text == "Try again"]
    assert again.get("href") == "/accounts/password/reset/?next=%2Fcourses%2F"


def test_a_form_whose_token_is_too_old_says_what_to_do(kim):

    site = Client(enforce_csrf_checks=True)
    site.force_login(kim)

    response = site.post("/inventory/request/", {})

    assert response.status_code == 403
    assert "Go back, reload the page" in page_text(response)
