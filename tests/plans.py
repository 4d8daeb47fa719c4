"""Many rows, and the plans of queries on them.

Times would depend on the machine; plans don't.
"""

import json

from django.db import connection

# Past triggers, which would write as many rows of history.
COPY = """
SET LOCAL session_replication_role = replica;
INSERT INTO {table} ({columns}) SELECT {values} FROM {table} original
CROSS JOIN generate_series(1, %s) AS n WHERE original.id = %s;
SET LOCAL session_replication_role = origin;
"""


def copy(row, times, varied, *, without=()):
    """Make copies of a row; `varied` are the columns that differ, as SQL over `n`, which counts."""
    fields = [
        field
        for field in row._meta.concrete_fields
        if not field.generated and field.name not in ("id", *without)
    ]
    columns = [field.column for field in fields]
    values = [varied.get(column, f"original.{column}") for column in columns]
    statement = COPY.format(
        table=row._meta.db_table,
        columns=", ".join(columns),
        values=", ".join(values).replace("%", "%%"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [times, row.pk])


def analyze(*models):
    """Leave these tables as VACUUM does, which can't run in a transaction, to the planner."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {model._meta.db_table}")
            cursor.execute(
                "UPDATE pg_class SET relallvisible = relpages WHERE relname = %s",
                [model._meta.db_table],
            )


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def plans_of(queries, table):
    """The plan of each query on a table, without running it."""
    for query in queries:
        # Before a union, the history sets its context.
        sql = query["sql"].rpartition("true); ")[2].lstrip()
        if sql.startswith(("SELECT", "(SELECT")) and table in sql:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("%", "%%"), [])
                (plan,) = cursor.fetchone()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            yield sql, plan[0]["Plan"]


def scans_and_sorts(queries, models, most):
    """Sequential scans of these models, and sorts of more than `most` rows, with their queries."""
    wrong, seen = [], set()
    for model in models:
        for sql, plan in plans_of(queries, model._meta.db_table):
            if sql in seen:
                continue
            seen.add(sql)
            for node in nodes(plan):
                kind = node["Node Type"]
                tables = [each._meta.db_table for each in models]
                if kind == "Seq Scan" and node["Relation Name"] in tables:
                    wrong.append((kind, node["Relation Name"], sql[:300]))
                elif "Sort" in kind and node["Plan Rows"] > most:
                    wrong.append((kind, node["Plan Rows"], sql[:300]))
    return wrong
