"""Indexes of references that few rows have."""

from django.db.models import Index, Q


def where_given(field: str, *, name: str) -> Index:
    """Return the index of a reference's rows that have one; others don't pay for it.

    The field has `db_index=False`. The index also serves the check when the row that is referred to
    is deleted, which would read the whole table otherwise.
    """
    return Index(fields=[field], condition=Q(**{f"{field}__isnull": False}), name=name)
