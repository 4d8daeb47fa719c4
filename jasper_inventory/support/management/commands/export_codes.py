"""manage.py export_codes"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from django.core.management import CommandError
from django.db import transaction

from activation_codes.exports import file_name, write_codes
from activation_codes.services.codes import record_download
from jasper_inventory.lib.commands import ServiceCommand, find_actor, one_line_errors, positive
from jasper_inventory.lib.exceptions import DomainError
from licenses.management.arguments import find_order


class Command(ServiceCommand):
    help = (
        "Write the activation codes of an order, with who redeemed them, to an Excel workbook, "
        "the same as Download Codes on the site. The file can be read by its owner only."
    )
    example = "1052 --output codes.xlsx"

    def add_arguments(self, parser):
        parser.add_argument("number", type=positive, metavar="ORDER", help="order number")
        parser.add_argument(
            "--output",
            metavar="FILE",
            help='the workbook; "-" for standard output; left out: a file in this folder whose '
            "name tells the order",
        )
        parser.add_argument(
            "--by", metavar="PERSON", help="who gets the codes, for the order's history"
        )
        parser.add_argument(
            "--force", action="store_true", help="write over a file that is there already"
        )

    def handle(self, *args, **options):
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
            raise CommandError(f"{target} is there already; --force writes over it.")
        try:
            # Recorded first: a person who may not have the codes is refused before any goes out.
            with transaction.atomic():
                with one_line_errors():
                    record_download(order=order, by=by)
                count = _print(order) if to_stdout else _write(order, target)
        except OSError as error:
            name = "Standard output" if to_stdout else target
            raise CommandError(f"{name} can't be written: {error.strerror}.") from None
        if not to_stdout:
            self.stdout.write(f"Wrote {count} activation codes of order {order} to {target}.")


def _print(order):
    """Write to standard output, from a file, since a workbook is not written in one go."""
    with tempfile.TemporaryFile() as stream:
        count = write_codes(order, stream)
        stream.seek(0)
        shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return count


def _write(order, target):
    """Write a new file and put it in place at the end, so that no half one is ever there."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            count = write_codes(order, stream)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
    return count
