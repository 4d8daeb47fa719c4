"""The rows of License Distribution as HTML.

A page has up to 26 rows of ten cells, most of them with a link. A template would take longer to
draw them than the database takes to sum all orders of a distributor.
"""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jasper_inventory.inventory.distribution_lines import Cell, Line, Part
from jasper_inventory.lib.markup import fill, joined

register = template.Library()


@register.filter
def as_row(line: Line, heading: str) -> SafeString:
    """Return the row of an organization or a product mix; the heading is its column's."""
    name = conditional_escape(str(line.name))
    kind = f"where-depth-{line.depth}" if line.depth else "" if line.href else "where-total"
    return fill(
        '<tr{}><th scope="row" data-label="{}">{}{}{}{}</th>{}</tr>\n',
        fill(' class="{}"', kind) if kind else "",
        heading,
        _toggle(line, name) if line.toggle else "",
        fill('<a href="{}">{}</a>', line.href, name) if line.href else name,
        fill(" <small>{}</small>", line.level) if line.level else "",
        as_bar(line) if line.href else "",
        joined(map(_cell, line.cells())),
    )


def _toggle(line: Line, name: SafeString) -> SafeString:
    """Return the link that opens or closes an organization, in place if JavaScript runs."""
    label = _("Close") if line.is_open else _("Open")
    return fill(
        '<a class="where-toggle" id="open-{}" href="{}" data-hx-get="{}" aria-expanded="{}"'
        ' role="button" aria-label="{} {}"></a>',
        *(line.at, line.toggle, line.toggle, "true" if line.is_open else "false", label, name),
    )


def _cell(cell: Cell) -> SafeString:
    """Return a cell, whose headings of row and column say what its links lead to."""
    number = cell["number"]
    notes = joined(map(_note, cell["notes"]))
    if number["href"]:
        return fill(
            '<td data-label="{}"><a href="{}">{}</a>{}</td>',
            *(cell["label"], number["href"], number["text"], notes),
        )
    return fill(
        '<td class="nothing" data-label="{}">{}{}</td>', cell["label"], number["text"], notes
    )


def _note(note: Part) -> SafeString:
    if note["href"]:
        return fill(' <small><a href="{}">{}</a></small>', note["href"], note["text"])
    return fill(" <small>{}</small>", note["text"])


@register.filter
def as_bar(line: Line) -> SafeString:
    """Return the drawing of a line's seats. In a table, the numbers of the row say the same."""
    if line.href:
        role = SafeString('aria-hidden="true"')
    else:
        role = fill('role="img" aria-label="{}"', line.bar_text)
    drawn = (
        fill(
            '<rect class="where-{}" x="{}" width="{}" height="12" />',
            *(part.kind, part.start, part.width),
        )
        for part in line.bar
    )
    track = SafeString('<rect class="where-track" width="100%" height="12" />')
    return fill('<svg class="where-bar" {}>{}{}</svg>', role, track, joined(drawn))
