"""How a person wants to see the site, in every browser."""

from collections.abc import Iterable

from jasper_inventory.accounts.models import User


def hide_columns(*, by: User, names: Iterable[str]) -> None:
    """Hide these columns of the License Inventory from a person, and no others."""
    by.hidden_columns = ",".join(names)
    by.save(update_fields=["hidden_columns"])


def use_shortcuts(*, by: User, used: bool) -> None:
    """Turn a person's keyboard shortcuts on or off."""
    by.uses_shortcuts = used
    by.save(update_fields=["uses_shortcuts"])
