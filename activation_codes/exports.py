"""*Download Codes*: the workbook of an order's activation codes."""

from contextlib import closing
from io import BytesIO
from typing import IO

from django.conf import settings
from django.db import transaction
from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from activation_codes.models import ActivationCode
from activation_codes.models.codes import ActivationCodeQuerySet
from activation_codes.products import products_in_words
from jasper_inventory.lib import excel
from jasper_inventory.lib.background import Progress, reported
from jasper_inventory.lib.code_format import formatted
from jasper_inventory.lib.excel import Cell
from jasper_inventory.lib.replica import read_alias
from jasper_inventory.lib.streams import in_parts
from jasper_inventory.lib.time_limits import as_batch_work
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
# Codes between two reports of progress.
_STEP = 20_000


def as_download(order: Order, file: IO[bytes]) -> FileResponse:
    """Return the file of an order's workbook as a download."""
    return excel.file_as_download(file, file_name=file_name(order))


def head_of_download(order: Order) -> FileResponse:
    """Return the answer to HEAD: nothing is written, so the length isn't known."""
    response = as_download(order, BytesIO())
    del response["Content-Length"]
    return response


def file_name(order: Order) -> str:
    """Return the workbook's file name, with the order's number."""
    return f"activation-codes-{order.number}.xlsx"


@as_batch_work
def write_codes(
    order: Order,
    stream: IO[bytes],
    progress: Progress | None = None,
    *,
    codes: ActivationCodeQuerySet | None = None,
) -> int:
    """Write the workbook of an order's codes and who has them; return the number of codes.

    Of all its codes, or of these.

    `progress` is called with the number of codes written so far, from time to time; if it raises,
    the workbook isn't finished.
    """
    if codes is None:
        codes = ActivationCode.objects.filter(order=order).downloaded()
    values = (
        codes.with_redeemers()
        .order_by("pk")
        .values_list(*(value for _heading, _width, value in COLUMNS))
    )
    # In a transaction, the rows are streamed from the database instead of held in memory. If it
    # stops in between, they end before the transaction does.
    streamed = in_parts(values, CHUNK)
    with transaction.atomic(using=read_alias()), closing(streamed) as found:
        rows = ((formatted(code), *more) for code, *more in found)
        return excel.write_sheet(
            stream,
            title=str(_("Codes")),
            document=_text("Activation codes of order %(order)s") % {"order": order},
            header=[str(heading) for heading, _width, _value in COLUMNS],
            rows=reported(rows, progress, step=_STEP) if progress else rows,
            widths=[width for _heading, width, _value in COLUMNS],
            subject=order.assigned_to.name,
            about=_about(order),
        )


def _about(order: Order) -> list[tuple[str, Cell]]:
    """Return the order's facts, and how a code is activated."""
    address = settings.SITE_URL + reverse("activation_codes:activate")
    return [
        (_text("Order Number"), order.number),
        (_text("Organization"), order.assigned_to.name),
        (_text("Products"), products_in_words(order)),
        (_text("Start Date"), order.start_date),
        (_text("Finish Date"), order.finish_date),
        (_text("Users (per code)"), order.users_per_code),
        (_text("Duration (days)"), order.duration),
        ("", None),
        (_text("How to activate a code"), _text("1. Open %(address)s") % {"address": address}),
        ("", _text("2. Enter the code, in upper or lower case, with or without hyphens.")),
        ("", _text("3. Sign in, or create an account. Your courses are then open.")),
        ("", _text("A code can be activated until the finish date.")),
    ]
