"""Links with the address of the page to return to."""

from collections.abc import Iterable
from typing import TypedDict
from urllib.parse import quote

from django import template

from licenses.actions import Action

register = template.Library()


class Link(TypedDict):
    """An action as templates draw it: they read dictionaries twice as fast."""

    label: str
    about: str
    address: str
    is_primary: bool


@register.filter
def returning_to(actions: Iterable[Action], page: str) -> list[Link]:
    """Return the links of actions, with addresses that lead back to a page."""
    back = way_back(page)
    return [
        {
            "label": action.label,
            "about": action.about,
            "address": action.address and action.address + back,
            "is_primary": action.is_primary,
        }
        for action in actions
    ]


def way_back(page: str) -> str:
    """Return the end of an address that leads back to a page."""
    return f"?next={quote(page)}"
