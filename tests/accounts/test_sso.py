"""Single sign-on with a real OpenID Connect server, which runs as a process of its own."""

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from jasper_inventory.accounts.models import LogEntry, Membership, Role, User
from jasper_inventory.accounts.services.invitations import invite
from tests import factories, oidc
from tests.pages import notifications, page_text, parsed
from tests.second_factors import app_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    """The server's address."""
    with oidc.server() as address:
        yield address


@pytest.fixture
def service(server, settings):
    """A function: name a person's claims at the service."""
    configured = oidc.configure(settings, server)

    def knows(sub="kim", **claims):
        oidc.know(server, sub, **claims)
        return configured

    return knows


def leave(client, **typed):
    """Press the service's button; return the address that the site leads to."""
    page = parsed(client.post("/accounts/sso/district/", typed))
    return page.cssselect("main a.btn-primary")[0].get("href")


def consent(address, sub="kim"):
    """Sign in at the service; return the address that it leads back to."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=5)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def arrive(client, sub="kim", **typed):
    return client.get(consent(leave(client, **typed), sub))


def test_the_button_is_on_the_page_only_if_it_is_configured(client, settings, service):
    assert "Continue with District" in page_text(client.get("/accounts/login/"))
    settings.SOCIALACCOUNT_PROVIDERS = {"sso": {"APPS": []}}

    assert "Continue with" not in page_text(client.get("/accounts/login/"))
    assert client.post("/accounts/sso/district/").status_code == 404


def test_the_request_has_state_nonce_and_a_challenge(client, service):
    request = parse_qs(urlsplit(leave(client)).query)

    assert request["state"] and request["nonce"]
    assert request["code_challenge_method"] == ["S256"] and request["code_challenge"]
    assert request["redirect_uri"] == ["http://testserver/accounts/sso/district/callback/"]


def test_a_verified_address_signs_in_and_links(client, service, admin):
    service(email=admin.user.email.upper(), email_verified=True)

    response = arrive(client, next="/inventory/")

    assert response.url == "/inventory/"
    assert client.get("/inventory/").status_code == 200
    assert SocialAccount.objects.get().user == admin.user


def test_a_linked_account_signs_in_whatever_its_address(client, service, admin):
    SocialAccount.objects.create(user=admin.user, provider="district", uid="kim")
    service(email="other@example.com", email_verified=False)

    arrive(client)

    assert client.get("/inventory/").status_code == 200


@pytest.mark.parametrize("claims", [{"email_verified": False}, {}, {"email_verified": "true"}])
def test_an_address_that_is_not_verified_signs_nobody_in(client, service, admin, claims):
    service(email=admin.user.email, **claims)

    response = client.get(arrive(client).url)

    assert "No account here is linked" in notifications(response)[0]
    assert client.get("/inventory/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_a_service_vouches_only_for_its_domains(client, service, admin):
    User.objects.filter(pk=admin.user_id).update(email="kim@school.example")
    service(email="kim@school.example", email_verified=True)["domains"] = ["other.example"]
    arrive(client)
    assert not SocialAccount.objects.exists()

    # A service that says nothing about it is believed for its domains.
    service(email="kim@school.example")["domains"] = ["school.example"]
    arrive(client)

    assert SocialAccount.objects.get().user == admin.user


def test_cci_staff_are_linked_by_themselves_only(client, service, staff):
    service(email=staff.email, email_verified=True)

    arrive(client)

    assert not SocialAccount.objects.exists()


def test_the_signed_in_person_links_and_unlinks(sign_in, service, staff):
    staff.set_password(factories.PASSWORD)
    staff.save()
    service(email="anything@example.com")
    site = sign_in(staff)

    assert arrive(site).url == "/accounts/security/"

    assert SocialAccount.objects.get().user == staff
    assert "District" in page_text(site.get("/accounts/security/"))
    site.post(f"/accounts/linked/{SocialAccount.objects.get().pk}/unlink/")
    assert not SocialAccount.objects.exists()


def test_nobody_unlinks_the_only_way_to_sign_in_nor_anothers(sign_in, service, admin, teacher):
    linked = SocialAccount.objects.create(user=admin.user, provider="district", uid="kim")
    admin.user.set_unusable_password()
    admin.user.save()
    address = f"/accounts/linked/{linked.pk}/unlink/"

    assert sign_in(teacher).post(address).status_code == 404
    sign_in(admin).post(address)

    assert SocialAccount.objects.exists()


def test_an_account_that_another_person_linked_is_not_taken(sign_in, service, admin, teacher):
    SocialAccount.objects.create(user=admin.user, provider="district", uid="kim")
    service()

    site = sign_in(teacher)
    response = site.get(arrive(site).url)

    assert "linked to another person's account" in notifications(response)[0]
    assert SocialAccount.objects.get().user == admin.user


def test_linking_asks_for_the_password_again(sign_in, service, admin):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    site = sign_in(admin)
    site.signed_in_long_ago()

    assert site.post("/accounts/sso/district/").url.startswith("/accounts/reauthenticate/")


def test_an_unknown_person_gets_no_account(client, service, db):
    service(email="new@example.com", email_verified=True, given_name="New", family_name="One")
    before = User.objects.count()

    arrive(client)

    assert User.objects.count() == before


def test_an_invited_person_gets_one_and_accepts_there(client, service, center, admin):
    invite(organization=center, role=Role.TEACHER, email="new@example.com", by=admin.user)
    service(email="new@example.com", email_verified=True, given_name="New", family_name="One")
    from jasper_inventory.accounts.models import Invitation

    session = client.session
    session["invitation"] = Invitation.objects.get(email="new@example.com").token_hash
    session.save()

    response = arrive(client, next="/invitation/")

    created = User.objects.get(email="new@example.com")
    assert response.url == "/invitation/"
    assert not created.has_usable_password() and not created.memberships.exists()
    client.post("/invitation/")
    assert Membership.objects.get(user=created).role == Role.TEACHER


def test_by_setting_an_unknown_person_gets_one_without_roles(client, service, settings):
    settings.SSO_CREATES_PEOPLE = True
    service(email="new@example.com", email_verified=True, given_name="New", family_name="One")

    arrive(client)

    created = User.objects.get(email="new@example.com")
    assert (created.is_staff, created.is_superuser) == (False, False)
    assert not created.memberships.exists()


def test_a_second_factor_is_required_unless_the_service_required_one(client, service, admin):
    SocialAccount.objects.create(user=admin.user, provider="district", uid="kim")
    app_of(admin.user)
    service(amr=["pwd"])
    assert arrive(client).url == "/accounts/security/authenticate/"
    assert client.get("/inventory/").status_code == 302
    service(amr=["pwd", "otp", "mfa"])

    client = Client()
    arrive(client)

    assert client.get("/inventory/").status_code == 200


def test_if_one_is_required_the_service_must_require_it(client, service, staff, settings):
    settings.MFA_REQUIRED = True
    SocialAccount.objects.create(user=staff, provider="district", uid="kim")
    service(amr=["pwd"])
    arrive(client)
    assert client.get("/admin/").url == "/accounts/security/"
    service(amr=["mfa"])

    client = Client()
    arrive(client)

    assert client.get("/admin/").status_code == 200


def test_an_answer_is_accepted_by_its_own_browser_only_and_once(client, service, admin):
    service(email=admin.user.email, email_verified=True)
    answer = consent(leave(client))

    assert Client().get(answer).url == "/accounts/login/"
    assert client.get(answer).url == "/"
    client.post("/accounts/logout/")
    client.get(answer)

    assert client.get("/inventory/").status_code == 302


def test_a_token_with_another_nonce_is_refused(client, service, admin):
    service(email=admin.user.email, email_verified=True)
    answer = consent(leave(client))
    session = client.session
    states = json.loads(json.dumps(session["socialaccount_states"]))
    for state in states.values():
        state[0]["nonce"] = "another"
    session["socialaccount_states"] = states
    session.save()

    client.get(answer)

    assert client.get("/inventory/").status_code == 302


def test_an_inactive_person_is_not_signed_in(client, service, admin):
    SocialAccount.objects.create(user=admin.user, provider="district", uid="kim")
    User.objects.filter(pk=admin.user_id).update(is_active=False)
    service()

    arrive(client)

    assert client.get("/inventory/").status_code == 302


def test_a_service_that_is_down_is_named(client, service):
    service()["server_url"] = "http://127.0.0.1:9"

    response = client.post("/accounts/sso/district/", follow=True)

    assert "District can't be reached" in notifications(response)[0]


@pytest.fixture
def impostor(server):
    """A function: start a server that answers with the metadata of `server`, or redirects to it."""
    started = []

    def start(status):
        text = requests.get(f"{server}/.well-known/openid-configuration", timeout=5).content

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Location", f"{server}{self.path}")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                """Stay silent."""

        running = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=running.serve_forever).start()
        started.append(running)
        return f"http://127.0.0.1:{running.server_port}"

    yield start
    for running in started:
        running.shutdown()
        running.server_close()


@pytest.mark.parametrize("status", [200, 302])
def test_metadata_of_another_service_and_redirects_are_refused(client, service, impostor, status):
    service(email="kim@example.com", email_verified=True)["server_url"] = impostor(status)

    response = client.post("/accounts/sso/district/", follow=True)

    assert "can't be reached" in notifications(response)[0]


def without_password(who, service, **claims):
    """Link the person's account of the service, which is their only way to sign in."""
    SocialAccount.objects.create(user=who, provider="district", uid="kim")
    return service(**claims)


def confirm(site, url, sub="kim"):
    """Confirm on the page that an act leads to, by signing in at the service again."""
    (form,) = parsed(site.get(url)).cssselect("main form")
    page = parsed(site.post(form.get("action"), dict(form.form_values())))
    leave_to = page.cssselect("main a.btn-primary")[0].get("href")
    return leave_to, site.get(consent(leave_to, sub))


def test_a_person_without_a_password_confirms_at_the_service(sign_in, service, admin):
    without_password(admin.user, service)
    site = sign_in(admin)
    site.signed_in_long_ago()
    answer = site.get("/me/erase/")
    assert answer.url.startswith("/accounts/confirm/?next=")
    before = site.session.session_key

    left, back = confirm(site, answer.url)

    request = parse_qs(urlsplit(left).query)
    assert (request["prompt"], request["max_age"]) == (["login"], ["0"])
    assert back.url == "/me/erase/"
    assert site.session.session_key != before
    assert site.get("/me/erase/").status_code == 200
    assert LogEntry.objects.filter(action="identity.confirmed", actor=admin.user_id).exists()


def test_a_sent_form_is_kept_during_the_confirmation_at_the_service(sign_in, service, admin):
    without_password(admin.user, service)
    site = sign_in(admin)
    site.signed_in_long_ago()
    answer = site.post("/invitations/new/", {"email": "typed@example.com", "role": "1"})

    _left, back = confirm(site, answer.url)

    field = parsed(site.get(back.url)).cssselect("#id_email")[0]
    assert field.get("value") == "typed@example.com"


@pytest.mark.parametrize(
    ("age", "is_enough"), [(0, True), (20, True), (3600, False), (None, False)]
)
def test_the_time_of_the_sign_in_at_the_service_counts(sign_in, service, admin, age, is_enough):
    said = "yesterday" if age is None else int(time.time()) - age
    without_password(admin.user, service, auth_time=said)
    site = sign_in(admin)
    site.signed_in_long_ago()

    _left, back = confirm(site, site.get("/me/erase/").url)

    if not is_enough:
        assert "didn't ask you to sign in" in notifications(site.get(back.url))[0]
    assert (site.get("/me/erase/").status_code == 200) == is_enough


def test_another_account_of_the_service_confirms_nothing(sign_in, service, admin, teacher):
    without_password(admin.user, service)
    SocialAccount.objects.create(user=teacher.user, provider="district", uid="other")
    site = sign_in(admin)
    site.signed_in_long_ago()

    for sub in ("other", "unknown"):
        service(sub)
        _left, back = confirm(site, site.get("/me/erase/").url, sub)
        assert "isn't linked to yours" in notifications(site.get(back.url))[0]
        assert site.get("/me/erase/").status_code == 302
    assert site.get("/me/").wsgi_request.user == admin.user


@pytest.mark.parametrize("route", ["totp/activate/", "webauthn/add/", "recovery-codes/generate/"])
def test_adding_a_way_to_sign_in_is_confirmed_at_the_service(sign_in, service, admin, route):
    without_password(admin.user, service)
    site = sign_in(admin)
    site.signed_in_long_ago()

    answer = site.get(f"/accounts/security/{route}")
    assert answer.url.startswith("/accounts/confirm/?next=")
    assert site.get("/accounts/password/set/").url.startswith("/accounts/confirm/?next=")
    _left, back = confirm(site, answer.url)

    assert back.url == f"/accounts/security/{route}"
    assert not site.get(back.url).headers.get("Location", "").startswith("/accounts/confirm/")


def test_a_passkey_or_password_confirms_instead_of_the_service(sign_in, service, admin):
    without_password(admin.user, service)
    site = sign_in(admin)
    site.signed_in_long_ago()
    app_of(admin.user)

    assert site.get("/me/erase/").url.startswith("/accounts/security/reauthenticate/")


def test_without_any_way_to_sign_in_nothing_is_confirmed(sign_in, admin):
    site = sign_in(admin)
    site.signed_in_long_ago()

    page = site.get("/me/erase/", follow=True)

    assert "you can't confirm that it's you" in page_text(page)
    assert not parsed(page).cssselect("main form")
