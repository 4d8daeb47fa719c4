"""Links with the address of the page to return to."""

from collections.abc import Iterable
from typing import TypedDict
from urllib.parse import quote

from django import template
from django.utils.safestring import SafeString

from jasper_inventory.lib.markup import fill, joined
from licenses.actions import Action

register = template.Library()
_LINK = (
    '<a{3} href="{0}" data-hx-get="{0}" data-hx-target="#dialog">'
    '{1}<span class="visually-hidden"> {2}</span></a>'
)
_DANGER = fill(' class="danger"')


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


@register.filter
def as_links(actions: Iterable[Action], page: str) -> SafeString:
    """Return actions as links that open windows, which lead back to a page."""
    return window_links(actions, way_back(page))


def window_links(actions: Iterable[Action], back: str) -> SafeString:
    """Return actions as links that open windows; `back` is the end of their addresses."""
    return joined((_link(action, back) for action in actions), "\n")


def _link(action: Action, back: str) -> SafeString:
    if not action.address:
        return fill('<span class="why-not">{}</span>', action.label)
    return window_link(
        action.address + back, action.label, action.about, is_danger=action.is_danger
    )


def window_link(address: str, label: str, about: str, *, is_danger: bool = False) -> SafeString:
    """Return a link that opens a window; `about` is read out after its label."""
    return fill(_LINK, address, label, about, _DANGER if is_danger else "")


def way_back(page: str) -> str:
    """Return the end of an address that leads back to a page."""
    return f"?next={quote(page)}"
