"""manage.py export_codes"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser
from django.db import transaction

from activation_codes.exports import file_name, write_codes
from activation_codes.services.codes import record_download
from jasper_inventory.lib.commands import ServiceCommand, find_actor, one_line_errors, positive
from jasper_inventory.lib.exceptions import DomainError
from licenses.management.arguments import find_order
from licenses.models import Order


class Command(ServiceCommand):
    help = (
        "Write the activation codes of an order, with the people who redeemed them, to an Excel "
        "workbook, like Download Codes on the site. Only the file's owner can read it."
    )
    example = "1052 --output codes.xlsx"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=positive, metavar="ORDER", help="order number")
        parser.add_argument(
            "--output",
            metavar="FILE",
            help='the workbook; "-" for standard output (by default a file in this folder, named '
            "after the order)",
        )
        parser.add_argument(
            "--by",
            metavar="PERSON",
            help="username or email of the person who gets the codes; the history names them",
        )
        parser.add_argument("--force", action="store_true", help="overwrite an existing file")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            by = find_actor(options["by"]) if options["by"] else None
            order = find_order(options["number"])
            if not order.is_codes:
                raise DomainError(f"Order {order} has no user activation codes.")
            if not order.codes_created:
                raise DomainError(f"The codes of order {order} have not yet been created.")
        target = Path(options["output"] or file_name(order))
        to_stdout = options["output"] == "-"
        if not to_stdout and target.exists() and not options["force"]:
            raise CommandError(f"{target} already exists. Add --force to overwrite it.")
        try:
            # Recorded first, so that nothing is written for someone without permission.
            with transaction.atomic():
                with one_line_errors():
                    record_download(order=order, by=by)
                count = _print(order) if to_stdout else _write(order, target)
        except OSError as error:
            name = "Standard output" if to_stdout else target
            raise CommandError(f"{name} can't be written: {error.strerror}.") from None
        if not to_stdout:
            self.stdout.write(f"Wrote {count} activation codes of order {order} to {target}.")


def _print(order: Order) -> int:
    """Write the workbook to standard output, through a file, because writing it needs seeking."""
    with tempfile.TemporaryFile() as stream:
        count = write_codes(order, stream)
        stream.seek(0)
        shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return count


def _write(order: Order, target: Path) -> int:
    """Write to a temporary file and rename it at the end, so that no partial file is left."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            count = write_codes(order, stream)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
    return count
