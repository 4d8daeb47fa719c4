"""Labels of an order's editable fields, and changes of them in words."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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

# What a change is told as: the field's label, its value before and now.
Change = tuple[str, str, str]


def changes_between(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The fields that differ. Of products, see `product_changes`."""
    return [
        (str(label), in_words(name, before[name]), in_words(name, now[name]))
        for name, label in LABELS.items()
        if name in now and before[name] != now[name]
    ]


def in_words(name: str, value: Any) -> str:
    """A field's value as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "students" and value is None:
        return _("unlimited")
    return "–" if value in (None, "") else str(value)


def product_changes(added: Collection[str], taken_off: Collection[str]) -> Iterable[Change]:
    """What changed of the product mix, by the products' names."""
    if added:
        yield _("Products added"), "", ", ".join(added)
    if taken_off:
        yield _("Products taken off"), "", ", ".join(taken_off)
