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
from licenses.models.order_status import IN_FORCE
from licenses.templatetags.links import Link, returning_to, way_back

register = template.Library()
NOTHING = "–"
IN_A_ROW = 2
# The remaining days from which an order in force is said to end soon, and this week.
SOON, THIS_WEEK = 30, 7


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
    urgency: str
    status: str
    status_label: str
    people: str
    teachers: str
    students: str
    # The seats that are taken, of how many, if the order is limited.
    taken: str
    seats: str
    is_nearly_full: bool
    allocated: str
    is_paused: bool
    has_renew_request: str
    is_renewal_requested: bool
    was_renewed: str
    # What is shown in the row, and what in its menu.
    options: list[Link]
    more_options: list[Link]


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
        options, more_options = _in_one_line(returning_to(order.actions, page))
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
            "urgency": _urgency(order),
            "status": order.status,
            "status_label": statuses[order.status],
            "people": numbered("people:person_list", number) if order.is_approved else "",
            "teachers": str(order.teachers),
            "students": order.students_described,
            "taken": str(order.seats_taken),
            "seats": str(order.seats or ""),
            "is_nearly_full": order.is_nearly_full,
            "allocated": order.allocated_described,
            "is_paused": order.joining_paused_at is not None,
            "has_renew_request": yes_no[order.has_renew_request],
            "is_renewal_requested": order.has_renew_request,
            "was_renewed": yes_no[order.was_renewed],
            "options": options,
            "more_options": more_options,
        }


def _urgency(order: InventoryRow) -> str:
    """Return when an order in force ends, in words that follow "ends", or ""."""
    left = order.remaining_days
    if left is None or left > SOON or order.status not in IN_FORCE:
        return ""
    return _("this week") if left <= THIS_WEEK else _("soon")


def _in_one_line(links: list[Link]) -> tuple[list[Link], list[Link]]:
    """Return the options that fit into a row, and the rest, with what explains a missing one."""
    fitting = IN_A_ROW if len(links) <= IN_A_ROW and all(link["address"] for link in links) else 1
    return links[:fitting], links[fitting:]
