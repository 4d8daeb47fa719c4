"""Identities are stored in one spelling, without control or invisible characters."""

import io

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from activation_codes.models import Handout
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import (
    Invitation,
    Level,
    Notice,
    Organization,
    Role,
    SavedView,
    User,
)
from jasper_inventory.accounts.services import invitations as invitation_services
from jasper_inventory.accounts.services.users import create_invited_account
from jasper_inventory.lib.commands import write_rows
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import printable
from licenses.models import Order, Product, ProductFamily, Transfer
from renewals.models import RenewalRequest
from tests import factories
from tests.commands import refusal, run
from tests.pages import field_errors, page_text

pytestmark = pytest.mark.django_db

OURS = ("accounts", "licenses", "activation_codes", "renewals")
IDENTITIES = [
    (Organization, "name"),
    (User, "username"),
    (User, "first_name"),
    (User, "last_name"),
    (User, "email"),
    (Invitation, "email"),
    (ProductFamily, "name"),
    (Product, "name"),
    (Order, "purchase_order"),
    (RenewalRequest, "purchase_order"),
    (SavedView, "name"),
    (Handout, "name"),
    (Handout, "email"),
]
STEERING = "\x1b\x07\x9b\u00ad\u061c\u200b\u200e\u200f\u2028\u202e\u2060\u2066\ufeff"


def test_every_name_and_purchase_order_is_among_the_identities():
    named = {"name", "username", "first_name", "last_name", "email", "purchase_order"}
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    found = {
        (model, field.name)
        for model in models
        for field in model._meta.local_concrete_fields
        if field.name in named and not hasattr(model, "pgh_tracked_model")
    }
    # A transfer copies the order's.
    assert found == {*IDENTITIES, (Transfer, "purchase_order")}


def test_the_database_refuses_invisible_and_control_characters(everything):
    everything("Name")
    accepted = []
    for model, field in IDENTITIES:
        row = model.objects.filter(**{f"{field}__gt": ""}).first()
        table = connection.ops.quote_name(model._meta.db_table)
        statement = f"UPDATE {table} SET {field} = {field} || %s WHERE id = %s"
        for sign in STEERING:
            why = ""
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement, [f"a{sign}", row.pk])
                    transaction.set_rollback(True)
            except IntegrityError as error:
                why = str(error)
            if "plain_text" not in why:
                accepted.append((model.__name__, field, ascii(sign), why))
    assert len(IDENTITIES) * len(STEERING) == 169
    assert accepted == []


def test_every_write_stores_one_spelling(everything):
    everything("Name")
    wrong = []
    for model, field in IDENTITIES:
        row = model.objects.filter(**{f"{field}__gt": ""}).first()
        typed = f" z\u200be\u0301{field[:3]}\u202e"
        if field == "email":
            typed += "@\u200bE\u0301COLE.example.org "
        wanted = f"zé{field[:3]}" + ("@école.example.org" if field == "email" else "")
        with transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{field: typed})
            row.refresh_from_db()
            stored = [getattr(row, field)]
            setattr(row, field, typed)
            if model is not Invitation:
                row.save()
                stored.append(getattr(row, field))
            found = list(model.objects.filter(**{field: typed}))
            transaction.set_rollback(True)
        if set(stored) != {wanted} or found != [row]:
            wrong.append((model.__name__, field, stored, found))
    assert wrong == []


@pytest.mark.parametrize("typed", ["prof@xn--cole-9oa.example.org", "PROF@E\u0301cole.Example.org"])
def test_a_mailbox_has_one_spelling(typed):
    person = factories.person("prof", email="prof@école.example.org")
    person.set_password(factories.PASSWORD)
    person.save()
    with pytest.raises(IntegrityError, match="accounts_user_email"), transaction.atomic():
        factories.person("other", email=typed)
    signed_in = Client().post("/accounts/login/", {"login": typed, "password": factories.PASSWORD})
    assert signed_in.status_code == 302
    with pytest.raises(DomainError, match="already exists|taken"):
        create_invited_account(
            username="third",
            first_name="A",
            last_name="B",
            email=typed,
            password=factories.PASSWORD,
        )


def test_a_mailbox_gets_an_invitation_once(center, staff):
    invite = {"organization": center, "role": Role.TEACHER, "by": staff}
    invitation_services.invite(email="prof@école.example.org", **invite)
    with pytest.raises(DomainError, match="already has an invitation"):
        invitation_services.invite(email="prof@xn--cole-9oa.example.org", **invite)


def test_email_is_sent_to_the_domain_as_mail_servers_know_it(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_notice(kind="test", address="prof@école.example.org", subject="S", text="T")
    assert mail.outbox[0].to == ["prof@xn--cole-9oa.example.org"]
    assert Notice.objects.get().address == "prof@école.example.org"


def test_a_username_has_one_spelling():
    factories.person("ana7")
    for typed in ("ana\u200b7", "ANA7", "ａｎａ７"):
        with pytest.raises(IntegrityError, match="username"), transaction.atomic():
            factories.person(typed, email="other@example.com")


def test_a_form_says_that_it_refuses_control_characters(sign_in, staff, center):
    site = sign_in(factories.person("boss", is_staff=True, is_superuser=True))
    address = reverse("admin:accounts_organization_change", args=[center.pk])
    page = site.post(address, {"name": "Tolano\x1b[2J", "level": Level.CENTER, "parent": ""})
    assert "control character" in page_text(page)
    errors = field_errors(
        Client().post("/activate/take/", {"code": "x", "first_name": "\x1b", "last_name": "B"})
    )
    assert errors


# Text that leaves the site


def test_nothing_in_the_output_of_a_command_steers_the_terminal(center):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE accounts_organization DROP CONSTRAINT accounts_organization_plain_text"
        )
        cursor.execute(
            "UPDATE accounts_organization SET name = %s WHERE id = %s",
            ["Tolano\x1b[2J\u202e\x9b", center.pk],
        )
    factories.order(assigned_to=Organization.objects.get(pk=center.pk))
    for format in ("table", "csv", "json"):
        text = run("inventory_report", "--format", format)
        assert "Tolano" in text
        assert printable(text.removeprefix("\ufeff")) == text.removeprefix("\ufeff"), format
    line = refusal("find_code", "no\x1bcode")
    assert "control character" in line


def test_csv_for_spreadsheets_begins_with_a_byte_order_mark(center):
    factories.order(assigned_to=center)
    assert run("inventory_report", "--format", "csv").startswith("\ufeff")
    assert not run("inventory_report", "--format", "json").startswith("\ufeff")
    written = []
    write_rows(written.append, "csv", columns=["name"], rows=[{"name": "École"}])
    assert written == ["\ufeffname\n", "École\n"]
    out = io.StringIO()
    call_command("pending_requests", "--format", "csv", stdout=out)
    assert out.getvalue().startswith("\ufeff")
