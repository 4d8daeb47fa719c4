"""The columns of the License Inventory that a reader hides; the guide's are shown by default."""

from django.http import QueryDict

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.inventory.sorting import LABELS

# The parameter with hidden columns, such as "teachers,was_renewed"; empty, all are shown. Without
# it, those that the person chose are hidden.
HIDE = "hide"
# Without its number, no order could be recognized.
HIDEABLE = [name for name in LABELS if name != "number"]


def hidden_columns(request: MemberHttpRequest, query: QueryDict | None = None) -> list[str]:
    """Return the names of the columns that are hidden on this page."""
    query = request.GET if query is None else query
    names = query.get(HIDE, request.user.hidden_columns).split(",")
    return [name for name in HIDEABLE if name in names]


def unknown_columns(query: QueryDict) -> list[str]:
    """Return the names among hidden columns that no column has."""
    return [name for name in query.get(HIDE, "").split(",") if name and name not in HIDEABLE]
