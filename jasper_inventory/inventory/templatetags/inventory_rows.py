"""The rows of the License Inventory as HTML.

A page has 25 rows of 12 columns. A template takes three times as long to draw them.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django import template
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jasper_inventory.inventory.queries import InventoryRow
from jasper_inventory.inventory.sorting import LABELS, heading
from jasper_inventory.lib.icons import icon
from jasper_inventory.lib.markup import fill, joined
from jasper_inventory.lib.pagination import PAGE
from jasper_inventory.lib.routes import numbered
from licenses.actions import Action
from licenses.models import InventoryType, OrderStatus
from licenses.models.order_status import IN_FORCE
from licenses.templatetags.links import way_back, window_link, window_links

register = template.Library()
NOTHING = "–"
IN_A_ROW = 2
# The remaining days from which an order in force is said to end soon, and this week.
SOON, THIS_WEEK = 30, 7
# The columns after the order number, each a method of `_Rows`, and the classes of its cells.
COLUMNS = {
    "holder": "holder",
    "purchase_order": "purchase-order",
    "type": "word type",
    "teacher_code": "detail",
    "start": "date detail",
    "finish": "date",
    "remaining": "days",
    "teachers": "number detail",
    "students": "number students",
    "has_renew_request": "detail",
    "was_renewed": "detail",
    "options": "options",
}


@register.simple_tag
def order_headings(sorted_by: str, query: QueryDict, is_supplier: bool) -> SafeString:
    """Return the headings of the columns as links that sort the list."""
    kept = query.copy()
    for name in ("sort", PAGE):
        kept.pop(name, None)
    address = f"?{kept.urlencode()}&sort=" if kept else "?sort="
    labels = _labels(is_supplier)
    options = labels.pop("options")
    sorting = ((name, label, heading(name, sorted_by)) for name, label in labels.items())
    return joined(
        [
            *(
                fill(
                    '<th scope="col" class="column-{}"{}><a href="{}">{}</a></th>',
                    *(name, fill(' aria-sort="{}"', now["sorted"]) if now["sorted"] else ""),
                    *(address + now["next"], label),
                )
                for name, label, now in sorting
            ),
            fill('<th scope="col">{}</th>', options),
        ],
        "\n",
    )


@register.simple_tag
def order_rows(orders: Iterable[InventoryRow], page: str, is_supplier: bool) -> SafeString:
    """Return the rows of orders from `inventory_rows` that have their `actions`.

    Each cell repeats the heading of its column, for small screens. Links to windows lead back to
    the row.
    """
    rows = _Rows(page, _labels(is_supplier))
    return joined(map(rows.row, orders), "\n")


def _labels(is_supplier: bool) -> dict[str, str]:
    """Return the headings of the columns by name. Only suppliers see license holders."""
    labels = {name: str(label) for name, label in LABELS.items()} | {"options": _("Options")}
    if not is_supplier:
        del labels["holder"]
    return labels


class _Rows:
    """Draws the rows of one page, whose common texts are translated and formatted once."""

    def __init__(self, page: str, headings: dict[str, str]) -> None:
        # Back in the list, the row is highlighted.
        self.back = way_back(f"{page}#order-")
        self.number = headings["number"]
        # The beginning of each cell, but for its title.
        self.cells = {
            column: fill('<td class="{}" data-label="{}"', classes, headings[column])
            for column, classes in COLUMNS.items()
            if column in headings
        }
        self.language = get_language() or ""
        self.types = {value: str(label) for value, label in InventoryType.choices}
        self.statuses = {value: str(label) for value, label in OrderStatus.choices}
        self.yes_no = {True: _("Yes"), False: _("No")}
        self.order, self.more, self.more_about = _("order"), _("More"), _("options of order")
        self.more_icon = icon("ellipsis-horizontal")
        self.soon, self.this_week = (_ends(when) for when in (_("soon"), _("this week")))
        self.paused = fill('<span class="why-not">{}</span>', _("Enrollment paused"))

    def row(self, order: InventoryRow) -> SafeString:
        """Return the row of an order."""
        return fill(
            '<tr id="order-{}"><th scope="row" data-label="{}">{}</th>{}</tr>',
            *(order.number, self.number, order.number),
            joined(getattr(self, name)(order) for name in self.cells),
        )

    def _back(self, order: InventoryRow) -> str:
        """Return the end of addresses of windows that lead back to the order's row."""
        return f"{self.back}{order.number}"

    def _cell(self, column: str, content: str, *, title: str = "") -> SafeString:
        titled = fill(' title="{}"', title) if title else ""
        return fill("{}{}>{}</td>", self.cells[column], titled, content)

    def holder(self, order: InventoryRow) -> SafeString:
        name = str(order.assigned_to)
        return self._cell("holder", name, title=name)

    def purchase_order(self, order: InventoryRow) -> SafeString:
        text = (order.shows_terms and order.purchase_order) or NOTHING
        return self._cell("purchase_order", text, title=text)

    def type(self, order: InventoryRow) -> SafeString:
        label = self.types[order.inventory_type]
        if order.is_codes:
            codes = numbered("activation_codes:codes_edit", order.number) + self._back(order)
            label = window_link(codes, label, f"{self.order} {order.number}")
        return self._cell("type", label)

    def teacher_code(self, order: InventoryRow) -> SafeString:
        code = order.teacher_code
        shown = fill('<span class="code">{}</span>', code) if code else NOTHING
        return self._cell("teacher_code", shown)

    def start(self, order: InventoryRow) -> SafeString:
        return self._cell("start", _day(order.start_date, self.language))

    def finish(self, order: InventoryRow) -> SafeString:
        return self._cell("finish", _day(order.finish_date, self.language))

    def remaining(self, order: InventoryRow) -> SafeString:
        days = order.remaining_days
        shown = fill(
            '<span class="remaining">{} {} <span class="status status-{}">{}</span></span>',
            "" if days is None else fill('<span class="number">{}</span>', days),
            self._urgency(order),
            *(order.status, self.statuses[order.status]),
        )
        return self._cell("remaining", shown)

    def _urgency(self, order: InventoryRow) -> str:
        """Return that an order in force ends soon, or this week, or ""."""
        left = order.remaining_days
        if left is None or left > SOON or order.status not in IN_FORCE:
            return ""
        return self.this_week if left <= THIS_WEEK else self.soon

    def teachers(self, order: InventoryRow) -> SafeString:
        return self._cell("teachers", _people(order, "teachers", str(order.teachers)))

    def students(self, order: InventoryRow) -> SafeString:
        allocated = order.allocated_described
        shown = fill(
            "{} {} {} {}",
            _people(order, "students", order.students_described),
            fill('<span class="why-not allocated">{}</span>', allocated) if allocated else "",
            _capacity(order) if order.seats else "",
            self.paused if order.joining_paused_at else "",
        )
        return self._cell("students", shown, title=allocated)

    def has_renew_request(self, order: InventoryRow) -> SafeString:
        shown = self.yes_no[order.has_renew_request]
        if order.has_renew_request:
            shown = fill('<span class="status status-requested">{}</span>', shown)
        return self._cell("has_renew_request", shown)

    def was_renewed(self, order: InventoryRow) -> SafeString:
        return self._cell("was_renewed", self.yes_no[order.was_renewed])

    def options(self, order: InventoryRow) -> SafeString:
        back = self._back(order)
        shown, more = _in_one_line(order.actions)
        links = window_links(shown, back)
        if more:
            links = fill(
                '{} <details class="menu row-menu" data-jasper-menu>'
                '<summary>{}{}<span class="visually-hidden"> {} {}</span></summary>'
                '<div class="menu-list">{}</div></details>',
                *(links, self.more_icon, self.more, self.more_about, order.number),
                window_links(more, back),
            )
        return self._cell("options", links)


def _ends(when: str) -> SafeString:
    ends = fill('<span class="urgency-ends">{}</span>', _("ends"))
    return fill('<span class="urgency">· {} {}</span>', ends, when)


@lru_cache(maxsize=4_000)
def _day(day: date | None, language: str) -> str:
    """Return a date as the active language writes it. Many orders begin or end on the same day."""
    return date_format(day) if day else NOTHING


def _people(order: InventoryRow, role: str, number: str) -> str:
    """Return a number of people as a link to them; requests have none."""
    if not order.is_approved:
        return number
    people = numbered("people:person_list", order.number)
    return fill('<a href="{}?role={}">{}</a>', people, role, number)


def _capacity(order: InventoryRow) -> SafeString:
    """Return the bar of the seats that are taken, which the numbers beside it say, too."""
    return fill(
        '<progress class="capacity{}" value="{}" max="{}" aria-hidden="true"></progress>',
        *(" capacity-full" if order.is_nearly_full else "", order.seats_taken, order.seats),
    )


def _in_one_line(actions: list[Action]) -> tuple[list[Action], list[Action]]:
    """Return the options that fit into a row, and the rest, with what explains a missing one."""
    all_are_links = all(action.address for action in actions)
    fitting = IN_A_ROW if len(actions) <= IN_A_ROW and all_are_links else 1
    return actions[:fitting], actions[fitting:]
