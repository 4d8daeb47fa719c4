"""The migration to one spelling: rows that people must look at first are named, on one line."""

import pytest
from django.core.management import CommandError
from django.db import connection

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.text import clean_address, clean_username
from jasper_inventory.lib.text_fields import clean_rows
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def before():
    """A function: store a value as it was legal before there was one spelling."""
    with connection.cursor() as cursor:
        for name in ("plain_text", "email_readable", "unconfirmed_email_plain_text"):
            cursor.execute(f"ALTER TABLE accounts_user DROP CONSTRAINT accounts_user_{name}")

    def stored(person, field, value):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE accounts_user SET {field} = %s WHERE id = %s", [value, person.pk]
            )

    return stored


def test_two_rows_that_become_one_are_both_named(before):
    kept, other = factories.person("ANA7"), factories.person()
    before(other, "username", "ana\u200b7")
    with pytest.raises(CommandError) as error:
        clean_rows(User, username=clean_username, email=clean_address)
    line = str(error.value)
    assert f'username of {other.pk} becomes "ana7", as that of {kept.pk} already is' in line
    assert "Change one of them, then run migrate again." in line and "\n" not in line


@pytest.mark.parametrize("field", ["email", "unconfirmed_email"])
def test_an_address_that_no_mail_reaches_is_named(before, field):
    person = factories.person(email="")
    before(person, field, "a@xn--zzzzzz.com")
    with pytest.raises(CommandError) as error:
        clean_rows(User, **{field: clean_address})
    assert f"accounts_user.{field}: {person.pk} (a@xn--zzzzzz.com)." in str(error.value)


def test_a_row_of_its_own_is_stored_in_one_spelling(before):
    person = factories.person()
    before(person, "username", "ana\u200b7")
    clean_rows(User, username=clean_username, email=clean_address)
    person.refresh_from_db()
    assert person.username == "ana7"
