"""The Activity log as a file."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.log_lines import Line, lines_for, listed
from jasper_inventory.accounts.models import Organization
from jasper_inventory.accounts.models.log_entries import LogEntryQuerySet
from jasper_inventory.lib.exports import Column

CHUNK = 2_000
# A sheet holds 1,048,576 rows. The newest come first.
MOST_ROWS = 1_000_000
COLUMNS = [
    Column(_("Time"), lambda line: line.entry.at, 18),
    Column(_("Action"), lambda line: line.what, 32),
    Column(_("Who"), lambda line: str(line.who) if line.who else "", 28),
    Column(_("Acted For"), lambda line: line.acted_for, 32),
    Column(_("Organization"), lambda line: line.organization, 32),
    Column(_("On What"), lambda line: line.on_what, 24),
    Column(_("People"), lambda line: line.people, 32),
    Column(_("Changes"), lambda line: line.changes, 40),
    Column(_("Reason"), lambda line: line.reason, 40),
    Column(_("Network Address"), lambda line: line.address, 18),
    Column(_("Browser"), lambda line: line.browser, 18),
    Column(_("Request ID"), lambda line: line.entry.request_id, 34),
]


def every_line(entries: LogEntryQuerySet, reader: Organization) -> Iterator[Line]:
    """Yield the lines of all entries, newest first, read in parts by their keys."""
    last, left = None, MOST_ROWS
    while left > 0:
        part = entries if last is None else entries.filter(pk__lt=last)
        rows = list(listed(part.order_by("-pk"))[: min(CHUNK, left)])
        yield from lines_for(rows, reader)
        if len(rows) < CHUNK:
            return
        last, left = rows[-1].pk, left - len(rows)
