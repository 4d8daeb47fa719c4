"""Rules for new passwords are the same on every page and command, and say how to do better."""

import getpass
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jasper_inventory.accounts.models import Role, User
from jasper_inventory.accounts.password_rules import SmallArgon2Hasher
from tests import admin_pages as ui
from tests import factories
from tests.pages import field_errors, page_text

pytestmark = pytest.mark.django_db
GOOD = "maple otter canoe lantern"
# A refused password, and what its message says.
WEAK = [
    ("otter canoe", "Use at least 12 characters."),
    ("passwordpassword", "easy to guess"),
    ("websolutions", "known from data breaches"),
    ("Jasper-Active-1!", "Leave it out."),
    ("7777777777771", "easy to guess"),
    ("qwertyuiop[]\\", "easy to guess"),
    ("abcabcabcabcabc", "easy to guess"),
    ("123456789012345", "easy to guess"),
]


@pytest.fixture
def kim(center):
    """A center's administrator with a password."""
    kim = factories.member(center, user=factories.person("kim.williams")).user
    kim.set_password(GOOD)
    kim.save()
    return kim


def refused(password, user):
    with pytest.raises(ValidationError) as caught:
        validate_password(password, user)
    return " ".join(caught.value.messages)


@pytest.mark.parametrize(("password", "said"), WEAK)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_way_out(password, said, kim):
    assert said in refused(password, kim)


@pytest.mark.parametrize(
    "password",
    [
        "xkvqzjwpbmtn",
        "839201746512",
        "maple otter canoe",
        "Ⅻ ñandú 鸟 lantern",
        *(GOOD * 10)[:128].split("\n"),
        (GOOD + "x7!") * 40,
    ],
)
def test_any_characters_and_any_length_are_allowed(password, kim):
    validate_password(password, kim)


def test_own_and_organizations_names_are_refused(kim, center):
    kim.first_name, kim.last_name, kim.email = "Kimberly", "Williams", "kwilli77@example.com"
    squeezed = center.name.replace(" ", "-")
    for name in ("kimberly", "WILLIAMS", "kwilli77", "kim.williams", squeezed):
        assert "name" in refused(f"{name} otter canoe 7", kim)


def test_students_need_eight_characters_and_everyone_else_twelve(center, staff):
    short = "otter 7x"
    validate_password(short, factories.member(center, Role.STUDENT).user)
    others = [factories.member(center, role).user for role in (Role.TEACHER, Role.ADMINISTRATOR)]
    both = factories.member(center, Role.STUDENT).user
    factories.member(center, Role.TEACHER, user=both)
    for person in (*others, both, staff, User(username="new"), None):
        assert "at least 12" in refused(short, person)
    assert "at least 8" in refused("otter 7", factories.member(center, Role.STUDENT).user)


def by_change(kim, password, monkeypatch):
    site = Client()
    site.post("/accounts/login/", {"login": "kim.williams", "password": GOOD})
    typed = {"oldpassword": GOOD, "password1": password, "password2": password}
    return field_errors(site.post("/accounts/password/change/", typed))["password1"]


def by_link(kim, password, monkeypatch):
    link = new_link(kim)
    site = Client()
    address = site.get(link, follow=True).redirect_chain[-1][0]
    page = site.post(address, {"password1": password, "password2": password})
    return field_errors(page)["password1"]


def by_choosing(kim, password, monkeypatch):
    User.objects.filter(pk=kim.pk).update(must_change_password=True)
    site = Client()
    site.post("/accounts/login/", {"login": "kim.williams", "password": GOOD})
    return field_errors(site.post("/accounts/password/choose/", {"password": password}))["password"]


def by_admin(kim, password, monkeypatch):
    site = Client()
    site.force_login(factories.staff())
    typed = {"password1": password, "password2": password, "usable_password": "true"}
    address = reverse("admin:auth_user_password_change", args=[kim.pk])
    return page_text(site.post(address, typed))


def by_adding(kim, password, monkeypatch):
    site = Client()
    site.force_login(factories.staff())
    typed = {"username": "someone", "password1": password, "password2": password}
    return page_text(site.post(ui.url(User, "add"), {**typed, "usable_password": "true"}))


def by_command(kim, password, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": password)
    said, by = io.StringIO(), factories.staff("boss").username
    with pytest.raises(CommandError):
        call_command("changepassword", kim.username, "--by", by, stdout=said, stderr=said)
    return said.getvalue()


@pytest.mark.parametrize("sets", [by_change, by_link, by_choosing, by_admin, by_adding, by_command])
@pytest.mark.parametrize(("password", "said"), [WEAK[0], WEAK[2], WEAK[3], WEAK[4]])
def test_every_page_and_command_refuses_the_same(sets, password, said, kim, monkeypatch):
    before = User.objects.get(pk=kim.pk).password
    assert said in sets(kim, password, monkeypatch)
    assert User.objects.get(pk=kim.pk).password == before


def new_link(user):
    Client().post("/accounts/password/reset/", {"email": user.username})
    return re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0]


def works(link):
    return "Set Password" in Client().get(link, follow=True).content.decode()


def test_only_the_newest_link_for_a_new_password_works(kim):
    first, second = new_link(kim), new_link(kim)
    assert works(second)
    assert not works(first)


def test_a_link_that_is_not_sent_leaves_the_last_one_valid(kim):
    links = [new_link(kim) for _number in range(5)]
    sent = len(mail.outbox)
    assert new_link(kim) == links[-1] and len(mail.outbox) == sent
    assert works(links[-1])


def test_a_link_for_a_new_password_works_for_an_hour(kim, monkeypatch):
    link = new_link(kim)
    assert "within an hour" in mail.outbox[-1].body
    later = timezone.now().replace(tzinfo=None) + timedelta(minutes=61)
    path = "django.contrib.auth.tokens.PasswordResetTokenGenerator._now"
    monkeypatch.setattr(path, lambda self: later)
    assert not works(link)


def test_an_older_hash_is_stored_with_argon2_at_sign_in(kim, settings):
    settings.PASSWORD_HASHERS = [
        f"{SmallArgon2Hasher.__module__}.SmallArgon2Hasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    kim.password = PBKDF2PasswordHasher().encode(GOOD, "salt", 1000)
    kim.save()
    site = Client()
    site.post("/accounts/login/", {"login": "kim.williams", "password": GOOD})
    stored = User.objects.get(pk=kim.pk)
    assert stored.password.startswith("argon2$argon2id$") and stored.check_password(GOOD)
    assert site.get("/me/").status_code == 200


def test_passwords_can_be_pasted_and_are_offered_to_password_managers(kim):
    page = Client().get("/accounts/login/").content.decode()
    assert "onpaste" not in page and 'autocomplete="current-password"' in page
