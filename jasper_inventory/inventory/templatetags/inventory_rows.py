"""The rows of the License Inventory as texts, so that the template only fills them in.

A page has 25 rows of 12 columns. Formatting each value and address in the template would take
longer than everything else that the page does.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypedDict

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jasper_inventory.inventory.queries import InventoryRow
from jasper_inventory.lib.routes import numbered
from licenses.models import InventoryType, OrderStatus
from licenses.templatetags.links import Link, returning_to, way_back

register = template.Library()
NOTHING = "–"


class Row(TypedDict):
    """The texts of a row; an empty one isn't shown."""

    number: str
    holder: str
    purchase_order: str
    type: str
    codes: str
    teacher_code: str
    start: str
    finish: str
    remaining: str
    status: str
    status_label: str
    people: str
    teachers: str
    students: str
    allocated: str
    is_paused: bool
    has_renew_request: str
    was_renewed: str
    links: list[Link]


@register.filter
def as_rows(orders: Iterable[InventoryRow], page: str) -> Iterator[Row]:
    """Yield the rows of orders from `inventory_rows` that have their `actions`.

    Links to windows lead back to the page.
    """
    # Orders share dates and types. A cache for this page only, as texts depend on the language.
    day = cache(date_format)
    types = {value: str(label) for value, label in InventoryType.choices}
    statuses = {value: str(label) for value, label in OrderStatus.choices}
    yes_no = {True: _("Yes"), False: _("No")}
    back = way_back(page)
    for order in orders:
        number = order.number
        codes = numbered("activation_codes:codes_edit", number)
        yield {
            "number": str(number),
            "holder": str(order.assigned_to),
            "purchase_order": (order.shows_terms and order.purchase_order) or NOTHING,
            "type": types[order.inventory_type],
            "codes": codes + back if order.is_codes else "",
            "teacher_code": str(order.teacher_code) if order.teacher_code else "",
            "start": day(order.start_date) if order.start_date else NOTHING,
            "finish": day(order.finish_date) if order.finish_date else NOTHING,
            "remaining": "" if order.remaining_days is None else str(order.remaining_days),
            "status": order.status,
            "status_label": statuses[order.status],
            "people": numbered("people:person_list", number) if order.is_approved else "",
            "teachers": str(order.teachers),
            "students": order.students_described,
            "allocated": order.allocated_described,
            "is_paused": order.joining_paused_at is not None,
            "has_renew_request": yes_no[order.has_renew_request],
            "was_renewed": yes_no[order.was_renewed],
            "links": returning_to(order.actions, page),
        }
