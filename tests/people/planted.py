"""Names that are planted everywhere, and the tables where they are found again."""

from django.db import connection

# Texts that no table may hold afterwards: in any case, escaped or not.
PLANTED = ("Zebulon", "O'Quizzle", "O&#x27;Quizzle", "Quizzle", "zquix", "Formerly", "formername")


def tables_that_reveal():
    """Return the tables that hold planted names, and the names."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in PLANTED:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"]
                )
                if cursor.fetchone()[0]:
                    found.setdefault(table, []).append(word)
    return found
