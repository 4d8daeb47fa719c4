"""The Transfers page as a workbook."""

from functools import partial
from typing import IO

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from jasper_inventory.lib import excel
from jasper_inventory.lib.replica import reads_replica_now, source
from licenses.models import Transfer

CHUNK = 2_000
# A sheet holds 1,048,576 rows. The newest come first.
MOST_ROWS = 1_000_000
WIDTHS = (18, 14, 32, 12, 32, 12, 20, 14, 24, 24, 40)


@reads_replica_now
def transfers_as_download(transfers: QuerySet[Transfer]) -> FileResponse:
    """Return the listed transfers as a download."""
    return excel.as_download(partial(write_transfers, transfers), file_name="transfers.xlsx")


def write_transfers(transfers: QuerySet[Transfer], stream: IO[bytes]) -> int:
    """Write what the reader may see of transfers (see TransferQuerySet.visible_to)."""
    # In a transaction, the database streams the rows instead of keeping a copy.
    with transaction.atomic(using=source()):
        return excel.write_sheet(
            stream,
            title=_("Transfers"),
            header=[
                *(_("Date"), _("Kind"), _("From"), _("From Order"), _("To"), _("To Order")),
                *(_("Inventory Type"), _("Number"), _("By"), _("Purchase Order"), _("Reason")),
            ],
            rows=(_cells(each) for each in transfers[:MOST_ROWS].iterator(CHUNK)),
            widths=WIDTHS,
        )


def _cells(transfer: Transfer) -> list[excel.Cell]:
    shows_terms = transfer.shows_terms
    return [
        transfer.made_at,
        transfer.get_kind_display(),
        transfer.from_order.assigned_to.name,
        transfer.from_order.number if transfer.from_shown else None,
        transfer.to_order.assigned_to.name,
        transfer.to_order.number if transfer.to_shown else None,
        transfer.to_order.get_inventory_type_display(),
        _("unlimited") if transfer.number is None else transfer.number,
        str(transfer.made_by),
        transfer.purchase_order_shown,
        transfer.reason if shows_terms else "",
    ]
