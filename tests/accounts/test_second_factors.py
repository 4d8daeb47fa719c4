"""Second factors: set up, asked for at sign-in, used once, limited, and required of some."""

import json
import subprocess
import sys

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client

from jasper_inventory import settings as project_settings
from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.models import LogEntry, Organization, Role, Tally
from tests import factories
from tests.commands import run
from tests.helpers import at_once
from tests.pages import field_errors, page_text, parsed
from tests.second_factors import app_of, code_of

LOGIN, SECOND = "/accounts/login/", "/accounts/security/authenticate/"
SECURITY = "/accounts/security/"


@pytest.fixture
def kim(center):
    user = factories.person("kim.williams", email="kim@example.com")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, user=user)
    return user


@pytest.fixture
def required(settings):
    settings.MFA_REQUIRED = True


def with_password(user, client=None):
    client = client or Client()
    response = client.post(LOGIN, {"login": user.username, "password": factories.PASSWORD})
    return client, response


@pytest.fixture
def set_up():
    """A function: set up an authenticator app in this browser; return its secret and the answer."""

    def done(site):
        secret = parsed(site.get(f"{SECURITY}totp/activate/")).cssselect(".factor-key")[0].text
        return secret, site.post(f"{SECURITY}totp/activate/", {"code": code_of(secret)})

    return done


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_with_its_first_code(sign_in, kim, mailoutbox, set_up):
    site = sign_in(kim)
    assert parsed(site.get(f"{SECURITY}totp/activate/")).cssselect("svg.qr")

    _secret, response = set_up(site)

    assert response.url == f"{SECURITY}recovery-codes/"
    assert len(parsed(site.get(response.url)).cssselect(".recovery-codes li")) == 10
    assert mailoutbox[0].subject == "How you sign in was changed"
    assert "An authenticator app was set up" in mailoutbox[0].body
    assert "Set up on" in page_text(site.get(SECURITY))


def test_a_wrong_first_code_sets_nothing_up(sign_in, kim):
    site = sign_in(kim)
    secret = parsed(site.get(f"{SECURITY}totp/activate/")).cssselect(".factor-key")[0].text

    response = site.post(f"{SECURITY}totp/activate/", {"code": "000000"})

    assert "isn't right" in field_errors(response)["code"]
    assert parsed(response).cssselect(".factor-key")[0].text == secret
    assert not Authenticator.objects.exists()


def test_secrets_are_encrypted_in_the_database_and_the_session(sign_in, kim, settings):
    site = sign_in(kim)
    secret = parsed(site.get(f"{SECURITY}totp/activate/")).cssselect(".factor-key")[0].text
    assert secret not in json.dumps(dict(site.session))
    site.post(f"{SECURITY}totp/activate/", {"code": code_of(secret)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, '') FROM mfa_authenticator")
        (stored,) = cursor.fetchone()
    assert secret not in stored

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new" * 20

    client, _response = with_password(kim)
    assert client.post(SECOND, {"code": code_of(secret, later=1)}).url == "/"


def test_a_former_key_is_not_needed_once_its_secrets_are_encrypted_again(kim, staff, settings):
    secret, _codes = app_of(kim)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new" * 20
    dry = run("encrypt_second_factors", "--by", staff.username, "--dry-run")
    assert dry.endswith("2 secrets were encrypted with the current key.")

    run("encrypt_second_factors", "--by", staff.username)

    settings.SECRET_KEY_FALLBACKS = []
    client, _response = with_password(kim)
    assert client.post(SECOND, {"code": code_of(secret)}).url == "/"
    assert LogEntry.objects.filter(action="mfa.encrypted", actor=staff).count() == 1
    settings.SECRET_KEY = "lost" * 15
    again = run("encrypt_second_factors", "--by", staff.username)
    assert again.startswith("0 secrets were encrypted") and "2 can't be read" in again


def test_a_code_is_accepted_for_its_half_minute_only(kim, settings):
    assert project_settings.MFA_TOTP_TOLERANCE == 0
    settings.MFA_TOTP_TOLERANCE = 0
    secret, _codes = app_of(kim)
    client, _response = with_password(kim)

    for later in (-2, -1, 2):
        assert "isn't right" in str(
            field_errors(client.post(SECOND, {"code": code_of(secret, later=later)}))
        )


def test_everyone_needs_one_if_the_settings_say_so(sign_in, admin, center, settings):
    settings.MFA_REQUIRED_FOR_ALL = True
    student = factories.member(center, Role.STUDENT)

    assert sign_in(admin).get("/").url == SECURITY
    assert sign_in(student).get("/").url == SECURITY


def test_sign_in_asks_for_the_code_after_the_password(kim):
    secret, _codes = app_of(kim)

    client, response = with_password(kim)

    assert response.url == SECOND
    assert client.get("/").status_code == 302
    assert client.post(SECOND, {"code": code_of(secret)}).url == "/"
    assert client.get("/").status_code == 200


def test_a_code_is_used_once(kim):
    secret, codes = app_of(kim)
    for code in (code_of(secret), codes[0]):
        first, _response = with_password(kim)
        second, _response = with_password(kim)

        assert first.post(SECOND, {"code": code}).url == "/"
        assert "isn't right" in field_errors(second.post(SECOND, {"code": code}))["code"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_a_code_that_is_used_twice_at_once_counts_once(kim, kind):
    secret, codes = app_of(kim)
    code = code_of(secret) if kind == "app" else codes[0]
    clients = [with_password(kim)[0] for _number in range(4)]

    answers = at_once(*[lambda one=one: one.post(SECOND, {"code": code}) for one in clients])

    assert sorted(one.status_code for one in answers) == [200, 200, 200, 302]


def test_wrong_codes_are_limited_like_wrong_passwords(kim, settings, staff_site):
    secret, _codes = app_of(kim)
    settings.WRONG_PASSWORDS_PER_NAME = 3
    client, _response = with_password(kim)
    for _number in range(3):
        client.post(SECOND, {"code": "000000"})

    response = client.post(SECOND, {"code": code_of(secret)})

    assert "Too many wrong codes" in field_errors(response)["code"]
    assert "Wrong second factors" in staff_site.get("/admin/accounts/tally/").content.decode()


def test_wrong_codes_are_limited_for_a_day(kim, settings, staff_site):
    secret, codes = app_of(kim)
    settings.WRONG_FACTORS_PER_DAY = 3
    for _number in range(3):
        client, _response = with_password(kim)
        client.post(SECOND, {"code": "000000"})
        # Five minutes later.
        Tally.objects.filter(key__startswith="factors of ").delete()

    for code in (code_of(secret), codes[0]):
        response = with_password(kim)[0].post(SECOND, {"code": code})
        assert "Too many wrong codes" in field_errors(response)["code"]

    (block,) = Tally.objects.filter(pk__in=throttling.blocks())
    assert "Wrong second factors" in staff_site.get("/admin/accounts/tally/").content.decode()
    lift = {"action": "lift", "_selected_action": block.pk, "confirmed": "1"}
    staff_site.post("/admin/accounts/tally/", lift)
    assert with_password(kim)[0].post(SECOND, {"code": code_of(secret)}).url == "/"


def test_right_codes_do_not_count_for_the_day(kim, settings):
    _secret, codes = app_of(kim)
    settings.WRONG_FACTORS_PER_DAY = 2

    for code in codes[:4]:
        assert with_password(kim)[0].post(SECOND, {"code": code}).url == "/"


def test_wrong_and_blocked_codes_are_in_the_log(kim, settings):
    secret, _codes = app_of(kim)
    settings.WRONG_PASSWORDS_PER_NAME = 1
    client, _response = with_password(kim)
    for code in ("000000", code_of(secret), code_of(secret)):
        client.post(SECOND, {"code": code})

    found = LogEntry.objects.filter(action__startswith="mfa.").order_by("pk")
    assert [(one.action, one.people) for one in found] == [
        ("mfa.failed", [kim.pk]),
        ("mfa.locked", [kim.pk]),
    ]


def test_the_password_alone_cannot_block_a_browser_that_knows_the_person(kim, settings):
    secret, codes = app_of(kim)
    settings.WRONG_PASSWORDS_PER_NAME = 2
    own, _response = with_password(kim)
    own.post(SECOND, {"code": codes[0]})
    own.post("/accounts/logout/")
    thief, _response = with_password(kim)
    for _number in range(3):
        thief.post(SECOND, {"code": "000000"})

    with_password(kim, own)

    assert own.post(SECOND, {"code": code_of(secret)}).url == "/"


@pytest.mark.django_db(transaction=True)
def test_the_admin_is_closed_without_a_second_factor(required, sign_in, staff, set_up):
    site = sign_in(staff)

    response = site.get("/admin/licenses/order/")

    assert response.url == SECURITY
    assert "requires a second factor" in page_text(site.get(SECURITY))
    set_up(site)
    back = parsed(site.get(SECURITY)).cssselect(".alert-success a")[0].get("href")
    assert back == "/admin/licenses/order/"
    assert site.get(back).status_code == 200


def test_superusers_need_one_without_being_staff(required, sign_in, db):
    assert sign_in(factories.person(is_superuser=True)).get("/").url == SECURITY


def test_others_need_none(required, sign_in, admin, teacher):
    assert sign_in(admin).get("/").status_code == 200
    assert sign_in(teacher).get("/").status_code == 200


def test_an_organization_requires_it_of_its_administrators_and_teachers(
    sign_in, center, admin, teacher, foreign_admin
):
    student = factories.member(center, Role.STUDENT)
    Organization.objects.filter(pk=center.pk).update(requires_second_factor=True)

    assert sign_in(admin).get("/").url == SECURITY
    assert sign_in(teacher).get("/").url == SECURITY
    assert sign_in(student).get("/").status_code == 302
    assert sign_in(student).get("/").url != SECURITY
    assert sign_in(foreign_admin).get("/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_was_typed_is_kept_while_one_is_set_up(sign_in, center, admin, set_up):
    site = sign_in(admin)
    Organization.objects.filter(pk=center.pk).update(requires_second_factor=True)

    response = site.post("/invitations/new/", {"email": "new@example.com", "role": "1"})

    assert response.url == SECURITY
    set_up(site)
    back = parsed(site.get(SECURITY)).cssselect(".alert-success a")[0].get("href")
    assert parsed(site.get(back)).cssselect("#id_email")[0].get("value") == "new@example.com"


def test_without_the_last_one_it_has_to_be_set_up_again(required, sign_in, staff):
    staff.set_password(factories.PASSWORD)
    staff.save()
    secret, _codes = app_of(staff)
    client, _response = with_password(staff)
    client.post(SECOND, {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200

    client.post(f"{SECURITY}totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert client.get("/admin/").url == SECURITY
    assert "The authenticator app was removed" in mail.outbox[-1].body


def test_ordinary_pages_ask_the_database_nothing_more(
    required, sign_in, admin, django_assert_num_queries
):
    site = sign_in(admin)
    site.get("/email-alerts/")

    # The session, the user, the roles, and the page's own.
    with django_assert_num_queries(4):
        site.get("/email-alerts/")


def test_production_cannot_switch_it_off():
    environment = {"SECRET_KEY": "x" * 60, "DATABASE_URL": "postgres://localhost/none"}
    environment |= {"MFA_REQUIRED": "0", "DEBUG": "0", "DEMO": "0"}
    command = [sys.executable, "-c", "import jasper_inventory.settings"]

    found = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert "MFA_REQUIRED=0 is only for the demo" in found.stderr
