"""Updates that return the changed rows, which Django's `update` can't."""

from collections.abc import Collection
from typing import Any, TypeVar, cast

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

ModelT = TypeVar("ModelT", bound=Model)


def update_returning(
    rows: QuerySet[ModelT], fields: Collection[str], **values: Any
) -> list[ModelT]:
    """Update rows of one table with one statement; return them with only these fields."""
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(values)
    sql, params = query.get_compiler(rows.db).as_sql()
    returned = [field for field in rows.model._meta.concrete_fields if field.name in fields]
    quote = connections[rows.db].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in returned)
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {columns}", params)
        names = [field.attname for field in returned]
        return [rows.model.from_db(rows.db, names, row) for row in cursor.fetchall()]
