"""An order's editable fields: their labels, who may edit them, and their changes in words."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Every field of an order that can be edited: from here, edits are compared, saved, written to the
# history and described in emails.
LABELS = {
    "purchase_order": gettext_lazy("Purchase Order"),
    "teacher_code": gettext_lazy("Teacher Code"),
    "start_date": gettext_lazy("Start Date"),
    "finish_date": gettext_lazy("Finish Date"),
    "students": gettext_lazy("Students"),
    "number_of_codes": gettext_lazy("Number of Codes"),
    "users_per_code": gettext_lazy("Users (per code)"),
    "duration": gettext_lazy("Duration (days)"),
    "is_active": gettext_lazy("Active License"),
    "approval_comments": gettext_lazy("Approval Comments"),
}

# The columns among them. The teacher code and the products are stored in tables of their own.
EDITED = tuple(name for name in LABELS if name != "teacher_code")

# What the assigner may edit; the rest is for CCI staff.
OF_ASSIGNER = frozenset(
    {
        *("purchase_order", "start_date", "finish_date", "students", "number_of_codes"),
        *("duration", "products", "approval_comments"),
    }
)

# A change in words: the field's label, its value before, and its value now.
Change = tuple[str, str, str]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the changed fields and product keys, as an order's activity stores them."""
    found: list[dict[str, Any]] = [
        {"field": name, "from": before[name], "to": now[name]}
        for name in LABELS
        if name in now and before[name] != now[name]
    ]
    old, new = before.get("products", set()), now.get("products", set())
    if old != new:
        found.append({"added": sorted(new - old), "removed": sorted(old - new)})
    return found


def described(changes: Iterable[Mapping[str, Any]], products: Mapping[int, Any]) -> list[Change]:
    """Return changes in words; `products` has the products that they name, by key."""
    lines: list[Change] = []
    for change in changes:
        name = change.get("field")
        if name is not None:
            values = (in_words(name, change["from"]), in_words(name, change["to"]))
            lines.append((str(LABELS[name]), *values))
            continue
        added, removed = (
            sorted(str(products[pk]) for pk in change[key] if pk in products)
            for key in ("added", "removed")
        )
        lines += product_changes(added, removed)
    return lines


def in_words(name: str, value: Any) -> str:
    """Return a field's value as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "students" and value is None:
        return _("unlimited")
    return "–" if value in (None, "") else str(value)


def product_changes(added: Collection[str], removed: Collection[str]) -> Iterable[Change]:
    """Yield the changes of the product mix, by the products' names."""
    if added:
        yield _("Products added"), "", ", ".join(added)
    if removed:
        yield _("Products removed"), "", ", ".join(removed)
