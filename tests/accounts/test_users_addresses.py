"""The address typed at sign-up signs in; unconfirmed, it yields to the person who confirms it."""

import re
import unicodedata

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from jasper_inventory.accounts.email_verification import token_for
from jasper_inventory.accounts.models import Notice, Role, User
from jasper_inventory.accounts.services.addresses import confirm_address, note_username
from jasper_inventory.accounts.services.invitations import (
    accept_invitation,
    accept_with_new_account,
    invite,
)
from jasper_inventory.accounts.services.users import NewAccount, create_account
from jasper_inventory.lib.exceptions import DomainError
from tests import admin_pages as ui
from tests import factories
from tests.factories import PASSWORD
from tests.helpers import at_once, refusals, refused
from tests.pages import notifications, page_text, parsed

pytestmark = pytest.mark.django_db
MARIA = "maria@example.com"
NEW = "another horse, another battery"
LOGIN = "/accounts/login/"


def make(sign_in_as=MARIA, *, first_name="Maria", password=PASSWORD):
    account = NewAccount(
        first_name=first_name, last_name="López", sign_in_as=sign_in_as, password=password
    )
    return create_account(account=account, address="203.0.113.7", then=lambda user: None)[0]


def fresh(user):
    return User.objects.get(pk=user.pk)


def signs_in(login, password=PASSWORD):
    """Return the person who is signed in after typing this, or None if it is refused."""
    site = Client()
    site.post(LOGIN, {"login": login, "password": password})
    key = site.session.get("_auth_user_id")
    return key and User.objects.get(pk=key)


def reset(typed):
    """The answer of "Forgot your password?", and the emails that it sends."""
    mail.outbox.clear()
    response = Client().post("/accounts/password/reset/", {"email": typed})
    return response, list(mail.outbox)


def link_in(message):
    return re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", message.body)[1]


def choose_by(link, password=NEW):
    site = Client()
    form = site.get(link, follow=True)
    if not form.redirect_chain:
        return form
    typed = {"password1": password, "password2": password}
    return site.post(form.redirect_chain[-1][0], typed, follow=True)


@pytest.mark.parametrize("typed", [MARIA, "MARIA@Example.com", f"  {MARIA} ", "maria.lopez"])
def test_an_unconfirmed_address_and_the_username_sign_in(typed):
    maria = make()
    assert (maria.email, maria.unconfirmed_email) == ("", MARIA)
    assert signs_in(typed) == maria
    assert signs_in(typed, "wrong") is None


@pytest.mark.parametrize(
    "again",
    [
        "Élodie_7",
        unicodedata.normalize("NFD", "Élodie_7"),
        "  Élodie_7  ",
        "Élodie_７",
    ],
)
def test_a_username_signs_in_however_it_is_spelled(again):
    for chosen in ("Élodie_7", unicodedata.normalize("NFD", "Élodie_7")):
        user = make(chosen)
        assert signs_in(again) == user
        User.objects.filter(pk=user.pk).update(username=f"former{user.pk}")


def test_an_invited_persons_username_signs_in_however_it_is_spelled(center, admin):
    link = invite(organization=center, role=Role.TEACHER, email=MARIA, by=admin.user)
    typed = unicodedata.normalize("NFD", "Élodie")
    names = {"username": f" {typed} ", "first_name": "É", "last_name": "L", "password": PASSWORD}
    membership = accept_with_new_account(invitation=link, **names)
    assert signs_in(typed) == signs_in("Élodie") == membership.user


def test_a_username_that_is_anothers_address_is_refused(center, admin):
    link = invite(organization=center, role=Role.TEACHER, email=MARIA, by=admin.user)
    names = {"first_name": "M", "last_name": "L", "password": PASSWORD}
    with pytest.raises(DomainError, match="Use an @ in a username only"):
        accept_with_new_account(invitation=link, username="ann@example.com", **names)
    assert accept_with_new_account(invitation=link, username=MARIA, **names)


@pytest.mark.parametrize("typed", [MARIA, "maria.lopez", "MARIA.LOPEZ"])
def test_a_new_password_by_an_unconfirmed_address_proves_it(typed):
    maria = make()
    _answer, [message] = reset(typed)
    assert message.to == [MARIA]
    choose_by(link_in(message))
    maria = fresh(maria)
    assert (maria.email, maria.unconfirmed_email) == (MARIA, "")
    assert maria.check_password(NEW)
    assert signs_in(MARIA, NEW) == maria


def test_everyone_who_requests_a_new_password_reads_the_same_answer():
    make()
    make("pupil.7")
    answers = [reset(typed)[0] for typed in (MARIA, "pupil.7", "nobody", "nobody@example.com")]
    assert {answer.url for answer in answers} == {"/accounts/password/reset/done/"}
    assert reset("pupil.7")[1] == reset("nobody")[1] == []


def test_a_link_for_a_new_password_ends_with_the_reservation():
    squatter = make()
    _answer, [message] = reset(MARIA)
    owner = factories.person(email=MARIA)
    assert "This link doesn't work." in page_text(choose_by(link_in(message)))
    assert fresh(squatter).check_password(PASSWORD)
    assert fresh(owner).email == MARIA


def proves_by_link(user):
    confirm_address(token=token_for(user, MARIA), by=user)
    return user


def proves_by_invitation(user):
    admin = factories.member()
    invitation = invite(
        organization=admin.organization, role=Role.TEACHER, email=MARIA, by=admin.user
    )
    names = {"username": "m", "first_name": "M", "last_name": "L", "password": PASSWORD}
    return accept_with_new_account(invitation=invitation, **names).user


def is_assigned_it_by_cci(user):
    site = Client()
    site.force_login(factories.staff())
    ui.fill(site, ui.url(User, "change", user.pk), email=MARIA)
    return user


def is_written_past_all_python(user):
    User.objects.filter(pk=user.pk).update(email=MARIA)
    return user


@pytest.mark.parametrize(
    "proves",
    [proves_by_link, proves_by_invitation, is_assigned_it_by_cci, is_written_past_all_python],
)
def test_a_reservation_yields_to_the_person_who_confirms_the_address(proves):
    squatter = make()
    note_username(by=squatter)
    owner = proves(factories.person("owner", email=""))
    squatter, owner = fresh(squatter), fresh(owner)
    assert owner.email == MARIA
    assert (squatter.email, squatter.unconfirmed_email) == ("", "")
    assert signs_in(MARIA) in (None, owner)
    assert signs_in("maria.lopez") == squatter
    site = Client()
    site.force_login(squatter)
    for page in ("/courses/", "/me/", "/"):
        shown = page_text(site.get(page))
        assert "Your username is maria.lopez" in shown
        assert f"{MARIA} now belongs to another account" in shown
    assert "belongs to another account" not in notifications(site.get("/courses/"))
    site.post("/accounts/username-noted/")
    assert MARIA not in page_text(site.get("/courses/"))


def test_the_own_invitation_at_a_reserved_address_confirms_it(center, admin):
    maria = make()
    link = invite(organization=center, role=Role.TEACHER, email=MARIA, by=admin.user)
    accept_invitation(invitation=link, by=maria)
    assert (fresh(maria).email, fresh(maria).unconfirmed_email) == (MARIA, "")


def test_a_second_sign_up_with_a_reserved_address_gets_the_same_answer_and_keeps_the_first():
    first = make()
    mail.outbox.clear()
    second = make(first_name="Mallory", password=NEW)
    assert (second.email, second.unconfirmed_email) == ("", "")
    assert signs_in(MARIA) == first
    assert signs_in(MARIA, NEW) is None
    assert signs_in("mallory.lopez", NEW) == second


def test_the_second_one_gets_the_address_by_proving_it(django_capture_on_commit_callbacks):
    first = make()
    with django_capture_on_commit_callbacks(execute=True):
        second = make(first_name="Mallory")
    [message] = [one for one in mail.outbox if "mallory" in one.body]
    site = Client()
    site.force_login(second)
    site.post(re.search(r"/accounts/address/\S+/", message.body)[0])
    assert fresh(second).email == MARIA
    assert fresh(first).lost_email == MARIA


def test_the_database_keeps_one_account_per_address():
    first = make()
    other = factories.person(email="")
    rows = User.objects.filter(pk=other.pk)
    with refused("accounts_user_unconfirmed_email"), transaction.atomic():
        rows.update(unconfirmed_email=MARIA)
    confirm_address(token=token_for(first, MARIA), by=first)
    with refused("belongs to another account"), transaction.atomic():
        rows.update(unconfirmed_email=MARIA)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(email=MARIA)
    rows.update(unconfirmed_email="X@example.com")
    assert rows.get().unconfirmed_email == "x@example.com"


@pytest.mark.django_db(transaction=True)
def test_one_of_many_who_sign_up_with_an_address_at_once_reserves_it():
    users = at_once(*[lambda: make()] * 5)
    assert not refusals(users)
    assert User.objects.count() == 5
    assert User.objects.filter(unconfirmed_email=MARIA).count() == 1


@pytest.mark.django_db(transaction=True)
def test_signing_up_and_confirming_at_once_leaves_the_address_with_its_owner():
    factories.vendor()
    for number in range(5):
        email = f"maria{number}@example.com"
        squatter, owner = make(email), factories.person(email="")
        token = token_for(owner, email)
        at_once(
            lambda email=email: make(email),
            lambda token=token, owner=owner: confirm_address(token=token, by=owner),
            lambda squatter=squatter, email=email: confirm_address(
                token=token_for(squatter, email), by=squatter
            ),
        )
        [winner] = User.objects.filter(email=email)
        assert winner in (squatter, owner)
        assert not User.objects.filter(unconfirmed_email=email).exists()


def test_the_username_is_shown_until_it_is_noted(client):
    maria = make("maria_7")
    client.force_login(maria)
    page = client.get("/courses/")
    assert "Your username is maria_7" in page_text(page)
    [form] = parsed(page).cssselect(".username-note form")
    assert client.get(form.get("action")).status_code == 405
    assert client.post(form.get("action")).url == "/courses/"
    assert "Your username is" not in page_text(client.get("/courses/"))
    assert "Your username is" not in page_text(client.get("/"))


def test_no_notice_says_that_an_address_is_reserved(django_capture_on_commit_callbacks):
    make()
    with django_capture_on_commit_callbacks(execute=True):
        make(first_name="Mallory")
    assert not Notice.objects.filter(subject__icontains="already").exists()
    assert {message.to[0] for message in mail.outbox} == {MARIA}
