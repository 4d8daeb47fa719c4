"""docs/personal-data.md names every column that holds personal data, and those that don't."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from jasper_inventory.accounts.models import User
from jasper_inventory.people.data_export import my_data
from tests import factories

PAGE = Path(settings.BASE_DIR) / "docs" / "personal-data.md"
# Fields that can hold text, and lists of people.
TEXTS = (
    *(models.CharField, models.TextField, models.JSONField, models.BinaryField),
    *(models.GenericIPAddressField, ArrayField),
)


def columns_of_models():
    found = set()
    for model in apps.get_models(include_auto_created=True):
        # The history of a table has its columns.
        if model._meta.proxy or not model._meta.managed or hasattr(model, "pgh_tracked_model"):
            continue
        for field in model._meta.local_concrete_fields:
            kind = field.output_field if field.generated else field
            of_user = kind.is_relation and kind.related_model is User
            if of_user or isinstance(kind, TEXTS):
                found.add((model._meta.label, field.name))
    return found


def columns_of_page(heading):
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    listed = []
    for line in section.splitlines():
        if line.startswith("| `"):
            table, columns = line.split("|")[1:3]
            names = re.findall(r"`(\w+)`", columns)
            listed += [(table.strip(" `"), name) for name in names]
    return listed


def test_each_column_is_in_one_of_the_two_tables():
    personal = columns_of_page("Columns with personal data")
    others = columns_of_page("Columns without personal data")
    listed = [*personal, *others]
    assert len(listed) == len(set(listed))
    assert columns_of_models() - set(listed) == set(), "name them in docs/personal-data.md"
    assert set(listed) - columns_of_models() == set(), "these columns don't exist"


def test_each_row_says_where_it_is_in_the_data_of_a_person_or_why_not(db):
    keys = set(my_data(factories.person()))
    section = PAGE.read_text().split("## Columns with personal data\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:6] for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    named = set()
    for table, *_columns, where in rows:
        found = set(re.findall(r"`(\w+)`", where)) & keys
        is_left_out = where.strip().startswith("no: ") and len(where.split()) > 3
        assert found or is_left_out, table
        named |= found
    assert keys - named == {"group_keys"}, "say which columns they are of"


def test_each_column_of_a_person_is_personal():
    personal = set(columns_of_page("Columns with personal data"))
    for table, name in columns_of_models():
        field = apps.get_model(*table.split("."))._meta.get_field(name)
        if field.is_relation:
            assert (table, name) in personal
