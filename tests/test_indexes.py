"""Indexes: none that another one covers, none for searches that nobody makes, all that are needed.

Each index costs every new row. A reference without one costs a whole table when what it refers to
is deleted.
"""

from itertools import permutations

import pghistory.models
import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import connection

from jasper_inventory.lib.audit import PARTS_REFER_BY

pytestmark = pytest.mark.django_db

APPS = ("accounts", "licenses", "activation_codes", "renewals")
# The keys of a column are what it indexes with its operators and its direction.
INDEXES = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, indisunique, indpred IS NOT NULL,
       coalesce(pg_get_expr(indpred, indrelid), ''), (
           SELECT array_agg(
               concat_ws(' ', pg_get_indexdef(indexrelid, at, true), opcname, indoption[at - 1])
               ORDER BY at
           )
           FROM generate_series(1, indnkeyatts) AS at JOIN pg_opclass ON oid = indclass[at - 1]
       )
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
WHERE amname = 'btree' AND indrelid::regclass::text = ANY (%s)
"""
REFERENCES = """
SELECT conrelid::regclass::text, attname
FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)
"""
# Indexes for searches by the beginning of a text, which Django adds to unique and indexed texts.
# What is searched so, or how few rows there are.
BY_BEGINNING = {
    "accounts_anonymoussession_session_key": "few at a time, and deleted",
    "accounts_invitation_token_hash": "few",
    "accounts_organization_path": "the branch of an organization, whose paths begin with its own",
    "accounts_session_session_key": "one for each browser in use, and deleted",
    "accounts_refusedaddress_address": "few, and deleted when an email is accepted",
    "accounts_tally_key": "the tallies of a network or account, which begin with it",
    "licenses_productfamily_name": "few",
}


def rows(statement):
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label in APPS]
    with connection.cursor() as cursor:
        cursor.execute(statement, [tables])
        return cursor.fetchall()


def _is_all(keys, condition):
    """Whether a condition only leaves out rows without a reference."""
    return condition == f"({keys[0].split()[0]} IS NOT NULL)"


def test_no_index_is_the_beginning_of_another_one():
    def covered(one, other):
        table, _name, is_unique, _partial, condition, keys = one
        of_other, _other, is_other_unique, is_partial, other_condition, other_keys = other
        return (
            table == of_other
            and keys == other_keys[: len(keys)]
            and (condition == other_condition or _is_all(keys, condition) and not is_partial)
            # A rule of uniqueness is needed, unless the other index is the same rule.
            and (not is_unique or (is_other_unique and keys == other_keys))
        )

    pairs = permutations(rows(INDEXES), 2)
    assert [(one[1], other[1]) for one, other in pairs if covered(one, other)] == []


def test_texts_have_an_index_by_their_beginning_only_where_one_is_used():
    by_beginning = {
        f"{table}_{keys[0].split()[0]}"
        for table, _name, _unique, _partial, _condition, keys in rows(INDEXES)
        if "pattern_ops" in keys[0]
    }
    assert by_beginning == set(BY_BEGINNING)


def test_each_reference_has_an_index():
    """One that has all rows with a reference; those without one never need to be found so."""
    indexed = {
        (table, keys[0].split()[0])
        for table, _name, _unique, _partial, condition, keys in rows(INDEXES)
        if not condition or _is_all(keys, condition)
    }
    assert {*rows(REFERENCES)} - indexed == set()


def test_the_history_has_indexes_only_for_what_the_admin_shows_of_a_row_and_its_parts():
    """Every change of a row writes all of them."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, pghistory.models.Event)
    ]
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [tables])
        indexed = {keys[0].split()[0] for *_facts, keys in cursor.fetchall()}
    columns = {"pgh_id", "pgh_obj_id", "key", *(f"{name}_id" for name in PARTS_REFER_BY)}
    assert indexed <= columns


def test_parts_whose_history_the_admin_shows_are_found_by_an_index():
    named = {name for one in site._registry.values() for name in getattr(one, "history_parts", ())}
    assert named <= set(PARTS_REFER_BY)
