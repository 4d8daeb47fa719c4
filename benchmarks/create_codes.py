"""Creating activation codes through the service, beside a bare COPY of such rows."""

import tempfile

from django.db import connection

from activation_codes.code_check import generate
from activation_codes.models import ActivationCode
from activation_codes.services.codes import create_codes
from benchmarks.measuring import main, measured, order_of_codes

CASES = [
    ("bare COPY of rows made before", "copy", 100_000),
    ("create_codes: draws, checks, counts, COPY", "service", 100_000),
    ("bare COPY of rows made before", "copy", 100),
    ("create_codes: draws, checks, counts, COPY", "service", 100),
]


def service(number: int) -> dict[str, float]:
    with order_of_codes(number) as (order, by):
        return measured(lambda: create_codes(order=order, by=by))


def copy(number: int) -> dict[str, float]:
    table = ActivationCode._meta.db_table
    with order_of_codes(number) as (order, _by), tempfile.TemporaryFile() as rows:
        for code in generate(number):
            rows.write(f"{order.pk}\t{code}\t1\n".encode())
        rows.seek(0)
        with connection.cursor() as cursor:
            statement = f"COPY {table} (order_id, code, users) FROM STDIN"
            return measured(lambda: cursor.copy_expert(statement, rows))


if __name__ == "__main__":
    main("benchmarks.create_codes", CASES, {"copy": copy, "service": service})
