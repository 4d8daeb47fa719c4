"""Helpers for the tests of License Distribution: reading its tables, filling its orders."""

from licenses.services.enrollments import enroll_student
from tests import factories
from tests.pages import parsed, text

WHERE = "/inventory/where/"
ITSELF = [f"Organization only: {name}" for name in ("received", "allocated", "in use", "free")]
BELOW = [f"Including sub-organizations: {name}" for name in ("in use", "free", "unlimited")]
ENDING = ["Ending within 30 days", "Ending within 60 days", "Ending within 90 days"]


def tables(response):
    """The page's tables: [{name: {column: cell}}], of organizations or of product mixes."""
    return [
        {
            text(row.cssselect("th")[0]): {
                cell.get("data-label"): cell for cell in row.cssselect("td")
            }
            for row in table.cssselect("tbody tr")
        }
        for table in parsed(response).cssselect("table.where")
    ]


def line(response, name, columns):
    """A line's numbers in these columns, as text with their notes."""
    (cells,) = [cells for head, cells in tables(response)[0].items() if head.startswith(name)]
    return [text(cells[column]) for column in columns]


def allocated_child(parent, to, **values):
    values.setdefault("product_mix", list(parent.products.all()))
    return factories.order(parent.inventory_type, assigned_to=to, parent=parent, **values)


def enroll(order, number):
    for _at in range(number):
        enroll_student(order=order, user=factories.person(), by=factories.staff())
