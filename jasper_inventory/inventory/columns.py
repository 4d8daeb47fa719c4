"""The columns of the License Inventory that a reader hides; the guide's are shown by default."""

from django.http import HttpRequest, QueryDict

from jasper_inventory.inventory.sorting import LABELS

# The parameter with hidden columns, such as "teachers,was_renewed"; empty, all are shown. Without
# it, those that the session remembers are hidden.
HIDE = "hide"
# Without its number, no order could be recognized.
HIDEABLE = [name for name in LABELS if name != "number"]


def hidden_columns(request: HttpRequest, query: QueryDict | None = None) -> list[str]:
    """Return the names of the columns that are hidden on this page."""
    query = request.GET if query is None else query
    typed, remembered = query.get(HIDE), request.session.get(HIDE, [])
    names = remembered if typed is None else typed.split(",")
    return [name for name in HIDEABLE if name in names]


def remember_hidden(request: HttpRequest, names: list[str]) -> None:
    """Keep the names of the columns that a reader hides."""
    request.session[HIDE] = [name for name in HIDEABLE if name in names]


def unknown_columns(query: QueryDict) -> list[str]:
    """Return the names among hidden columns that no column has."""
    return [name for name in query.get(HIDE, "").split(",") if name and name not in HIDEABLE]
