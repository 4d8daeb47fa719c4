"""The account page, personal data as a file, and requesting erasure."""

import json

import pytest
from django.utils import timezone

from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import ErasureRequest, Role, Topic, User
from jasper_inventory.accounts.services.email_preferences import set_email_alerts
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure, keep_account
from jasper_inventory.lib.exceptions import DomainError
from licenses.services.enrollments import enroll_student, enroll_teacher
from tests import factories
from tests.pages import notifications, page_text, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(center):
    user = factories.person("rosa.patel", first_name="Rosa", last_name="Patel")
    user.set_password(factories.PASSWORD)
    user.save()
    return factories.member(center, Role.STUDENT, user=user).user


@pytest.fixture
def site(sign_in, rosa):
    return sign_in(rosa)


@pytest.fixture
def held(rosa, center, foreign_admin, teacher, staff):
    """Two licenses at two organizations: one by a code, one linked to a teacher."""
    order = factories.order(assigned_to=center, by=staff)
    teaching = enroll_teacher(order=order, user=teacher.user, by=staff).enrollment
    enroll_student(order=order, user=rosa, by=staff, teacher=teaching)
    codes = factories.order(factories.CODES, assigned_to=foreign_admin.organization, by=staff)
    mine, other = factories.codes(codes)[:2]
    factories.redemption(mine, user=rosa)
    factories.redemption(other, user=factories.person("sam", last_name="Unrelated"))
    return {"order": order, "codes": codes, "code": mine, "teacher": teacher.user}


def test_all_that_one_holds_everywhere(site, held):
    page = site.get("/me/")
    by_code, linked = rows(page)
    assert by_code["Organization"] == "Elsewhere"
    assert by_code["Activation Code"] == str(held["code"])
    assert linked["Teacher"] == str(held["teacher"])
    assert "Student – Tolano Adventures" in page_text(page)
    links = page.content.decode()
    assert 'href="/accounts/security/"' in links
    # A student can't open an order or another person's page.
    assert f"/inventory/{held['order'].number}/" not in links and "/people/" not in links


def test_an_address_that_is_not_confirmed_is_shown_as_such(site, rosa):
    User.objects.filter(pk=rosa.pk).update(email="", unconfirmed_email="p@x.org")
    assert "p@x.org (not confirmed)" in page_text(site.get("/me/"))


def test_without_a_role_or_license(sign_in):
    page = page_text(sign_in(factories.person()).get("/me/"))
    assert "You have no licenses yet." in page


def test_the_file_is_complete_and_about_no_other_person(site, rosa, held, center):
    factories.license_request(
        membership=factories.member(center, user=rosa), comments="For the spring."
    )
    factories.renewal_request(
        factories.order(assigned_to=center), membership=rosa.memberships.get(role=1)
    )
    post_notice(kind="news", address=rosa.email, recipient=rosa, subject="A subject", text="A text")
    post_notice(
        kind="account", address=rosa.email, recipient=rosa, subject="Password", text="SECRET-LINK"
    )
    set_email_alerts(by=rosa, topics=set(Topic.values) - {Topic.ENDING})
    ask_for_erasure(by=rosa)
    response = site.get("/me/download/")
    day = timezone.localdate()
    assert response["Content-Disposition"] == f'attachment; filename="my-data-{day}.json"'
    assert response["Cache-Control"] == "no-store"
    data = json.loads(response.content)
    assert data["account"]["user_name"] == "rosa.patel"
    assert data["account"]["email"] == "rosa.patel@example.com"
    assert {role["role"] for role in data["roles"]} == {"Center Admin", "Student"}
    by_code, linked = data["licenses"]
    assert by_code["activation_code"] == str(held["code"])
    assert by_code["code_used"] and by_code["order_number"] == held["codes"].number
    assert linked["teacher"] == str(held["teacher"])
    assert linked["products"] == [str(product) for product in held["order"].products.all()]
    (requested,) = data["license_requests"]
    assert (requested["comments"], requested["outcome"]) == ("For the spring.", "Requested")
    assert len(data["renewal_requests"]) == 1
    assert data["topics_without_emails"] == [Topic.ENDING.label]
    notices = {notice["subject"]: notice["text"] for notice in data["notices"]}
    assert notices["A subject"] == "A text" and notices["Password"] == ""
    assert len(data["erasure_requests"]) == 1
    text = response.content.decode()
    for other in ("Unrelated", "sam@example.com", "SECRET-LINK", held["teacher"].email):
        assert other not in text
    assert "password" not in text


def test_as_many_queries_for_the_file_of_20_as_of_one(
    site, rosa, center, staff, django_assert_num_queries, django_assert_max_num_queries
):
    mix = factories.products()

    def more(number):
        for _at in range(number):
            order = factories.order(assigned_to=center, product_mix=mix, by=staff)
            enroll_student(order=order, user=rosa, by=staff)

    more(1)
    for address in ("/me/", "/me/download/"):
        site.get(address)
        with django_assert_max_num_queries(45) as first:
            site.get(address)
        more(9)
        with django_assert_num_queries(len(first)):
            site.get(address)


def test_requesting_erasure_needs_the_password_once_more(
    site, rosa, staff, mailoutbox, django_capture_on_commit_callbacks
):
    assert "This can't be undone" in page_text(site.get("/me/erase/"))
    site.signed_in_long_ago()
    response = site.post("/me/erase/")
    assert response.url.startswith("/accounts/reauthenticate/")
    assert not ErasureRequest.objects.exists()
    wrong = site.post(response.url, {"password": "wrong"})
    assert wrong.status_code == 200 and not ErasureRequest.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        page = site.post(response.url, {"password": factories.PASSWORD}, follow=True)
        assert "Nothing was changed yet" in page_text(page)
        site.post("/me/erase/")
    (erasure_request,) = ErasureRequest.objects.all()
    assert (erasure_request.user, erasure_request.done_at) == (rosa, None)
    (email,) = [email for email in mailoutbox if email.to == [staff.email]]
    assert email.subject == "A person asked to have their account erased"
    assert f"/admin/accounts/user/{rosa.pk}/change/" in email.body
    # Sent to people who keep their emails: nothing in it has to be erased.
    assert "Rosa" not in email.body and "rosa" not in email.body.lower()
    rosa.refresh_from_db()
    assert rosa.is_active


def test_requesting_twice_is_one_request_and_it_can_be_withdrawn(site, rosa):
    assert ask_for_erasure(by=rosa) == ask_for_erasure(by=rosa)
    page = site.get("/me/")
    assert "You asked CCI Learning to erase your account" in page_text(page)
    assert 'href="/me/erase/"' not in page.content.decode()
    response = site.post("/me/keep/", follow=True)
    assert notifications(response) == ["Your request was withdrawn. Your account will be kept."]
    assert not ErasureRequest.objects.pending().exists()
    with pytest.raises(DomainError):
        keep_account(by=rosa)
    again = site.post("/me/keep/", follow=True)
    assert notifications(again) == ["You have no pending request to withdraw."]
    ask_for_erasure(by=rosa)
    assert ErasureRequest.objects.pending().count() == 1
