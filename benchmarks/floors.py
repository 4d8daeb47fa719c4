"""Floors: the least that the work of a path can cost, without any rules of the site."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory

from benchmarks.measuring import Floor
from benchmarks.world import ROWS_PER_PAGE, World
from licenses.models import Order

# The same rows, columns and links, and no more.
PAGE = """<!doctype html><html lang="en"><head><title>Licenses</title></head><body><h1>Licenses</h1>
<table><thead><tr><th>Order Number<th>Purchase Order<th>Inventory Type<th>Teacher Code<th>Start Date
<th>Finish Date<th>Remaining Days<th>Teachers<th>Students<th>Has a Renew Request<th>Was It Renewed?
<th>Options</thead><tbody>{% for order in page %}<tr><th>{{ order.number }}</th>
<td>{{ order.purchase_order|default:"–" }}</td>
<td><a href="/inventory/{{ order.number }}/codes/">{{ order.get_inventory_type_display }}</a></td>
<td>{{ order.teacher_code|default:"–" }}</td><td>{{ order.start_date|date|default:"–" }}</td>
<td>{{ order.finish_date|date|default:"–" }}</td><td>{{ order.outcome }}</td>
<td><a href="/inventory/{{ order.number }}/people/?role=teachers">{{ order.allocated }}</a></td>
<td><a href="/inventory/{{ order.number }}/people/">{{ order.enrolled }} / {{ order.seats }}</a>
</td><td>{{ order.is_active|yesno:"Yes,No" }}</td><td>{{ order.is_active|yesno:"Yes,No" }}</td>
<td><a href="/inventory/{{ order.number }}/edit/">Edit</a>
<a href="/inventory/{{ order.number }}/renew/">Renew</a>
<a href="/inventory/{{ order.number }}/usage/">Usage</a></td></tr>
{% endfor %}</tbody></table></body></html>"""


@functools.cache
def _template() -> Any:
    return engines["django"].from_string(PAGE)


def bare_list(request: HttpRequest, center: int) -> HttpResponse:
    """A view of one query that renders 25 rows of a center's inventory."""
    orders = Order.objects.filter(assigned_to=center).order_by("-number")
    rows = orders.select_related("assigned_to", "teacher_code")[:ROWS_PER_PAGE]
    return HttpResponse(_template().render({"page": rows}, request))


@contextmanager
def _bare_list(world: World) -> Iterator[Callable[[], HttpResponse]]:
    center = world.facts("center")["center"]
    factory = RequestFactory()
    yield lambda: bare_list(factory.get("/"), center)


BARE_LIST = Floor("bare view: one query, 25 rows", _bare_list)


def query(name: str, statement: str, persona: str = "") -> Floor:
    """Return a floor that is one statement; `%(path)s` begins the paths of a persona's scope."""

    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        path = f"{world.membership(persona).organization.path}%" if persona else ""

        def work() -> Any:
            with connection.cursor() as cursor:
                cursor.execute(statement, {"path": path})
                return cursor.fetchall()

        yield work

    return Floor(name, prepare)


def sum_of_scope(persona: str) -> Floor:
    """Return the floor of sums over a scope: one SUM over the same rows."""
    statement = """
        SELECT sum(seats), sum(enrolled)
        FROM licenses_order JOIN accounts_organization AS holder ON holder.id = assigned_to_id
        WHERE path LIKE %(path)s AND outcome = 'approved' AND finish_date >= current_date
    """
    return query("one SUM over the same rows", statement, persona)
