"""Tasks of the tests, which write into tables that the tests create."""

import time

from django.db import connection, transaction
from django_tasks import task

from jasper_inventory.accounts.emails import post_notice
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


@task(priority=LONG)
def held(name):
    """Work until the test writes that it may end."""
    write("begun", name)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM begun WHERE name = %s", [f"{name} may end"])
            if cursor.fetchone():
                return write("done", name)
        time.sleep(0.1)


@task()
def broken():
    raise ValueError("as ever")


@task()
def post(number):
    address = f"person{number}@example.com"
    post_notice(kind="test", address=address, subject="S", text="T", event=f"test {number}")
