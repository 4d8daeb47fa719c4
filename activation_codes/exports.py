"""*Download Codes*: the workbook of an order's activation codes."""

from functools import partial
from typing import IO

from django.db import transaction
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from activation_codes.models import ActivationCode
from jasper_inventory.lib import excel
from jasper_inventory.lib.code_format import formatted
from jasper_inventory.lib.replica import reads_replica_now, source
from licenses.models import Order

# The heading of each column, its width in characters, and its value: a field of the code, or an
# annotation of `with_redeemers`. The code itself comes first.
COLUMNS = (
    (_("Code"), 20, "code"),
    (_("Users (per code)"), 16, "users"),
    (_("Name"), 18, "first_names"),
    (_("Last Name"), 18, "last_names"),
    (_("Email"), 32, "emails"),
)
CHUNK = 2_000


def file_name(order: Order) -> str:
    """Return the workbook's file name, with the order's number."""
    return f"activation-codes-{order.number}.xlsx"


def write_codes(order: Order, stream: IO[bytes]) -> int:
    """Write the workbook of an order's codes and who redeemed them; return the number of codes."""
    codes = (
        ActivationCode.objects.filter(order=order)
        .handed_out()
        .with_redeemers()
        .order_by("pk")
        .values_list(*(value for _heading, _width, value in COLUMNS))
    )
    # In a transaction, the rows are streamed from the database instead of held in memory.
    with transaction.atomic(using=source()):
        return excel.write_sheet(
            stream,
            title=str(_("Codes")),
            header=[str(heading) for heading, _width, _value in COLUMNS],
            rows=((formatted(code), *more) for code, *more in codes.iterator(CHUNK)),
            widths=[width for _heading, width, _value in COLUMNS],
        )


@reads_replica_now
def as_download(order: Order) -> FileResponse:
    """Return the workbook as a download."""
    return excel.as_download(partial(write_codes, order), file_name=file_name(order))
