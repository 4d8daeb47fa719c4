"""What rows copy of the person that they belong to, so that lists by name read one index.

Triggers keep the copies: when a row is made, and when a person is renamed, deactivated or erased.
"""

from collections.abc import Mapping

import pgtrigger
from django.db import models


def name_key() -> "models.TextField[str, str]":
    """Return the field with the key by which a row's person is searched and sorted.

    Written by the database only. An instance that was just made doesn't know it yet.
    """
    return models.TextField(db_collation="C", default="", editable=False)


def copies_person(copies: Mapping[str, str]) -> pgtrigger.Trigger:
    """Return the trigger that copies columns of the row's person.

    Every statement that writes one of them gets the right values, whatever it wrote.
    """
    # The lock, which the reference to the person takes anyway, waits for `rows_follow`.
    return pgtrigger.Trigger(
        name="copy_person",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("user_id", *copies),
        func=f"""
            SELECT {", ".join(f"person.{of_person}" for of_person in copies.values())}
            INTO {", ".join(f"NEW.{column}" for column in copies)}
            FROM accounts_user person WHERE person.id = NEW.user_id FOR KEY SHARE;
            RETURN NEW;
        """,
    )


def rows_follow(table: str, *of_person: str) -> pgtrigger.Trigger:
    """Return the trigger of people that lets the rows of a table follow a change of these columns.

    It first waits for those who are just adding a row of this person, to see that row, too.
    """
    return pgtrigger.Trigger(
        name=f"{table}_follow",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange(*of_person),
        # The triggered statement finds the values: see `copies_person`.
        func=f"""
            PERFORM 1 FROM accounts_user WHERE id = NEW.id FOR UPDATE;
            UPDATE {table} SET user_id = user_id WHERE user_id = NEW.id;
            RETURN NULL;
        """,
    )
