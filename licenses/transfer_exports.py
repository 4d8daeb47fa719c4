"""The Transfers page as a file."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.lib.exports import Column, ListFile
from jasper_inventory.lib.streams import in_parts
from licenses.models import Transfer

CHUNK = 2_000
# A sheet holds 1,048,576 rows. The newest come first.
MOST_ROWS = 1_000_000
COLUMNS = [
    Column(gettext_lazy("Date"), lambda each: each.made_at, 18),
    Column(gettext_lazy("Kind"), lambda each: each.get_kind_display(), 14),
    Column(gettext_lazy("From"), lambda each: each.from_order.assigned_to.name, 32),
    Column(
        gettext_lazy("From Order"), lambda each: each.from_order.number if each.from_shown else None
    ),
    Column(gettext_lazy("To"), lambda each: each.to_order.assigned_to.name, 32),
    Column(gettext_lazy("To Order"), lambda each: each.to_order.number if each.to_shown else None),
    Column(
        gettext_lazy("Inventory Type"), lambda each: each.to_order.get_inventory_type_display(), 22
    ),
    Column(
        gettext_lazy("Number"), lambda each: _("unlimited") if each.number is None else each.number
    ),
    Column(gettext_lazy("By"), lambda each: str(each.made_by), 24),
    Column(gettext_lazy("Purchase Order"), lambda each: each.purchase_order_shown, 24),
    Column(gettext_lazy("Reason"), lambda each: each.reason if each.shows_terms else "", 40),
]


def transfer_file(transfers: QuerySet[Transfer]) -> ListFile:
    """Return what the reader may see of transfers (see TransferQuerySet.visible_to)."""
    return ListFile(
        name="transfers",
        title=_("Transfers"),
        columns=COLUMNS,
        rows=lambda: in_parts(transfers[:MOST_ROWS], CHUNK),
        counted=transfers.order_by()[:MOST_ROWS],
        logged_as="transfers",
    )
