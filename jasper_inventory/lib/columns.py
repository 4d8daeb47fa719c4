"""Reading only some columns of rows, and of the rows that they name."""

from typing import TypeVar

from django.db.models import QuerySet

# Of any model: a bound can't have a type of its own.
Rows = TypeVar("Rows", bound=QuerySet)  # type: ignore[type-arg]


def with_columns(rows: Rows, *columns: str) -> Rows:
    """Return rows with these columns only, such as "made_at" and "order__number".

    For lists that join rows with many columns, of which they show few.
    """
    joined = {column.rpartition("__")[0] for column in columns} - {""}
    return rows.select_related(*sorted(joined)).only(*columns)
