"""Files that the database keeps, in parts, so that all web processes and workers share them.

They are guarded like what they were made of, and appear and disappear together with their row.
"""

from collections.abc import Iterable
from functools import partial
from typing import IO, Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.streams import in_parts

# Bytes of a file in one part: as much as is in memory at a time.
PART = 1024 * 1024


class FilePart(models.Model):
    """A piece of a file; subclasses refer to the row that it belongs to."""

    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("content"))

    class Meta:
        abstract = True


def split(file: IO[bytes]) -> Iterable[dict[str, Any]]:
    """Yield the number and the content of each part of a file, from its start."""
    file.seek(0)
    for number, content in enumerate(iter(partial(file.read, PART), b"")):
        yield {"number": number, "content": content}


def copy_parts(parts: models.QuerySet[Any, Any], file: IO[bytes], fact: str) -> Any:
    """Write the file of these parts; return `fact`, a field of them, or None if there is no part.

    One statement reads all of them, so the file is complete even if they are deleted meanwhile.
    """
    found = None
    rows = parts.order_by("number").values_list("content", fact)
    # In a transaction, the parts are streamed from the database.
    with transaction.atomic():
        for content, value in in_parts(rows, 1):
            file.write(content)
            found = value
    return found
