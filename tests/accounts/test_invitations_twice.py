"""The invited person's form pressed twice: one account, and the first one's answer twice."""

from uuid import uuid4

import pytest
from django.test import Client

from jasper_inventory.accounts.models import Invitation, Membership, Role, User
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.accounts.views.invitations import OPENED
from tests.accounts.acts import ACCOUNT, ADDRESS, PAGE
from tests.helpers import at_once
from tests.pages import notifications, page_text, parsed

TOKEN = str(uuid4())
pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(admin):
    """A function: a browser in which the link of an invitation was opened."""
    invitation = invite(
        organization=admin.organization, role=Role.TEACHER, email=ADDRESS, by=admin.user
    )

    def browser():
        site = Client()
        session = site.session
        session[OPENED] = invitation.token_hash
        # A visitor's session, of a few minutes.
        session.set_expiry(1800)
        session.save()
        return site

    return browser


def test_the_second_answer_is_the_first_ones(opened):
    sites = [opened(), opened()]
    [token] = parsed(sites[0].get(PAGE)).cssselect("[name=form_token]")
    form = ACCOUNT | {"form_token": token.get("value")}
    for site in sites:
        response = site.post(PAGE, form, follow=True)
        assert notifications(response) == ["Welcome. Your role is now Teacher – Tolano Adventures."]
        assert response.wsgi_request.user == User.objects.get(username="rosa.patel")
    assert Membership.objects.filter(role=Role.TEACHER).count() == 1


def test_the_new_persons_browser_knows_them_and_the_session_is_a_usual_one(opened, settings):
    for site in (opened(), Client()):
        site.post(PAGE, ACCOUNT | {"form_token": TOKEN})
        user = User.objects.get(username="rosa.patel")
        assert site.get(PAGE).wsgi_request.browser.knows(user.pk)
        assert site.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_without_the_session_that_the_first_press_ended(opened):
    form = ACCOUNT | {"form_token": str(uuid4())}
    opened().post(PAGE, form)
    assert Client().post(PAGE, form).status_code == 302


@pytest.mark.parametrize(
    "other",
    [
        {"password": "another-good-one", "password_again": "another-good-one"},
        {"form_token": str(uuid4())},
        {"form_token": ""},
    ],
)
def test_another_password_or_form_opens_nothing(opened, other):
    form = ACCOUNT | {"form_token": str(uuid4())}
    opened().post(PAGE, form)
    site = Client()
    response = site.post(PAGE, form | other)
    assert response.status_code == 410
    assert "This invitation link doesn't work" in page_text(response)
    assert not response.wsgi_request.user.is_authenticated


def test_a_person_whose_role_was_removed_meanwhile_is_not_signed_in(opened):
    form = ACCOUNT | {"form_token": str(uuid4())}
    opened().post(PAGE, form)
    Membership.objects.filter(role=Role.TEACHER).delete()
    response = Client().post(PAGE, form)
    assert response.status_code == 410
    assert not response.wsgi_request.user.is_authenticated


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment(opened):
    session = opened().cookies
    form = ACCOUNT | {"form_token": str(uuid4())}

    def press():
        site = Client()
        site.cookies.load(session.output(header=""))
        return site.post(PAGE, form)

    answers = at_once(*[press] * 3)
    assert [answer.status_code for answer in answers] == [302] * 3
    assert Invitation.objects.get().accepted_by == User.objects.get(username="rosa.patel")
