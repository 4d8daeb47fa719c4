"""The inventory, the requests and License Distribution as files, with their pages' columns."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Membership
from jasper_inventory.inventory.distribution_lines import COLUMNS, Line
from jasper_inventory.inventory.queries import InventoryRow, ListedRequest
from jasper_inventory.inventory.sorting import LABELS
from jasper_inventory.lib.exports import Column
from licenses.models import OrderStatus

# More columns of an order than the page has: what it shows in one cell, as numbers.
_STATUS = Column(gettext_lazy("Order Status"), lambda row: str(OrderStatus(row.status).label), 14)
_SEATS = Column(gettext_lazy("Seats"), lambda row: row.seats, 10)
_ALLOCATED = Column(gettext_lazy("Allocated"), lambda row: row.seats_allocated or None, 10)


def order_columns(membership: Membership, hidden: Collection[str] = ()) -> list[Column]:
    """Return the columns of the inventory that a role sees, without hidden ones."""
    columns = {
        "number": Column(LABELS["number"], lambda row: row.number, 14),
        "holder": Column(LABELS["holder"], lambda row: row.assigned_to.name, 32),
        "purchase_order": Column(LABELS["purchase_order"], _purchase_order, 20),
        "type": Column(LABELS["type"], lambda row: row.get_inventory_type_display(), 22),
        "teacher_code": Column(LABELS["teacher_code"], _teacher_code, 20),
        "start": Column(LABELS["start"], lambda row: row.start_date, 12),
        "finish": Column(LABELS["finish"], lambda row: row.finish_date, 12),
        "remaining": Column(LABELS["remaining"], lambda row: row.remaining_days, 16),
        "teachers": Column(LABELS["teachers"], lambda row: row.teachers, 10),
        "students": Column(LABELS["students"], _students, 10),
        "has_renew_request": Column(
            LABELS["has_renew_request"], lambda row: _yes_no(row.has_renew_request), 20
        ),
        "was_renewed": Column(LABELS["was_renewed"], lambda row: _yes_no(row.was_renewed), 16),
    }
    more = {"remaining": [_STATUS], "students": [_SEATS]}
    if membership.organization.is_supplier:
        more["students"] = [_SEATS, _ALLOCATED]
    else:
        del columns["holder"]
    return [
        each
        for name, column in columns.items()
        if name not in hidden
        for each in (column, *more.get(name, ()))
    ]


def _purchase_order(row: InventoryRow) -> str:
    return row.purchase_order if row.shows_terms else ""


def _teacher_code(row: InventoryRow) -> str:
    return str(row.teacher_code) if row.teacher_code else ""


def _students(row: InventoryRow) -> int | None:
    return row.enrolled if row.is_approved else row.requested_students


def _yes_no(value: bool) -> str:
    return _("Yes") if value else _("No")


REQUEST_COLUMNS = [
    Column(gettext_lazy("Request"), lambda row: _request(row), 28),
    Column(gettext_lazy("Requested By"), lambda row: row.requested_by_organization.name, 32),
    Column(gettext_lazy("Person"), lambda row: str(row.requested_by), 24),
    Column(gettext_lazy("Requested For"), lambda row: row.asked_order.assigned_to.name, 32),
    Column(
        gettext_lazy("Inventory Type"), lambda row: row.asked_order.get_inventory_type_display(), 22
    ),
    Column(gettext_lazy("Students"), lambda row: _asked(row.requested_students), 12),
    Column(gettext_lazy("Purchase Order"), lambda row: row.purchase_order, 20),
    Column(gettext_lazy("Pending Review By"), lambda row: row.pending_with.name, 32),
    Column(gettext_lazy("Requested On"), lambda row: row.requested_at, 18),
]


def _request(row: ListedRequest) -> str:
    text = _("New license %(number)s") if row.kind == "order" else _("Renewal of order %(number)s")
    return text % {"number": row.asked_order.number}


def _asked(students: int | None) -> int | str:
    return _("unlimited") if students is None else students


def distribution_columns(*, by_mix: bool) -> list[Column]:
    """Return the columns of License Distribution's table of organizations or product mixes."""
    names: list[tuple[str, Promise]] = [
        (column.name, column.full_label) for group in COLUMNS.values() for column in group
    ]
    level = Column(gettext_lazy("Level"), lambda line: line.level, 14)
    return [
        Column(
            gettext_lazy("Product Mix") if by_mix else gettext_lazy("Organization"),
            lambda line: str(line.name),
            40,
        ),
        *([] if by_mix else [level]),
        *(Column(label, _sum(name), 16) for name, label in names),
    ]


def _sum(name: str) -> Any:
    def summed(line: Line) -> int:
        return line.seats[name]

    return summed


def distribution_rows(whole: Line, lines: Iterable[Line]) -> Iterable[Line]:
    """Return the rows of the table: the organization shown, then its children."""
    yield whole
    yield from lines
