"""Tasks of the tests, which write into tables that the tests create."""

import time

from django.db import connection, transaction
from django_tasks import task

from jasper_inventory.lib.tasks import LONG


def write(table, name):
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} VALUES (%s)", [name])


@task()
def work(name, seconds):
    """Write that it began, take some time, and write that it was done, in one transaction."""
    write("begun", name)
    with transaction.atomic():
        write("done", name)
        time.sleep(seconds)


@task(priority=LONG)
def long_work(name, seconds):
    work.func(name, seconds)


@task()
def broken():
    raise ValueError("as ever")
