"""The rows of an order's codes as texts: see `inventory_rows` for why."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import TypedDict

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activation_codes.code_list import ListedCode, people_of
from activation_codes.models import CodeState
from jasper_inventory.lib.routes import numbered
from licenses.models import Order
from licenses.models.seats import NEARLY_FULL
from licenses.templatetags.links import way_back

register = template.Library()


class Person(TypedDict):
    """Someone who used a code."""

    name: str
    address: str


class Row(TypedDict):
    """The texts of a row; an empty one isn't shown."""

    key: int
    code: str
    state: str
    state_class: str
    uses: str
    people: list[Person]
    more: str
    when: str
    handed_out_to: str
    handout: str
    handed_out_on: str
    replaced_by: str
    replace: str


# The class of the badge of each state.
_CLASSES = {
    CodeState.UNUSED: "available",
    CodeState.HANDED_OUT: "requested",
    CodeState.PARTLY_USED: "scheduled",
    CodeState.USED: "depleted",
    CodeState.REPLACED: "withdrawn",
}


class Usage(TypedDict):
    """The uses of an order's codes."""

    used: int
    most: int
    is_nearly_full: bool


@register.filter
def code_usage(order: Order) -> Usage:
    """Return how many uses of an order's created codes are used, of how many."""
    used, most = order.enrolled, order.codes_created * (order.users_per_code or 1)
    return {"used": used, "most": most, "is_nearly_full": used * 100 >= most * NEARLY_FULL}


@register.filter
def as_code_rows(codes: Sequence[ListedCode], page: str) -> Iterator[Row]:
    """Yield the rows of codes from `listed`. Links to windows lead back to the page."""
    states = {value: str(label) for value, label in CodeState.choices}
    day, back, people = cache(_day), way_back(page), people_of(codes)
    for code in codes:
        uses = code.uses or []
        known = [people[int(use["user"])] for use in uses]
        is_usable = code.state not in (CodeState.USED, CodeState.REPLACED)
        handout = code.handout
        yield {
            "key": code.pk,
            "code": str(code),
            "state": states[code.state],
            "state_class": _CLASSES[CodeState(code.state)],
            "uses": _uses(code),
            "people": [
                {"name": str(user), "address": numbered("people:person", user.pk)} for user in known
            ],
            "more": _more(code.used - len(uses)),
            "when": day(_read(uses[0]["at"])) if uses else "",
            "handed_out_to": handout.name if handout else "",
            "handout": f"?handout={handout.pk}" if handout else "",
            "handed_out_on": day(handout.handed_out_at) if handout else "",
            "replaced_by": str(code.replacement) if code.replacement else "",
            "replace": (
                numbered("activation_codes:code_replace", code.pk) + back if is_usable else ""
            ),
        }


def _day(at: datetime) -> str:
    return date_format(timezone.localdate(at))


def _read(text: str) -> datetime:
    at = parse_datetime(text)
    assert at is not None  # the database wrote it
    return at


def _uses(code: ListedCode) -> str:
    """Return how many of several uses are used."""
    if code.users <= 1:
        return ""
    return _("%(used)s of %(users)s") % {"used": code.used, "users": code.users}


def _more(number: int) -> str:
    if number <= 0:
        return ""
    return ngettext("and %(n)s more", "and %(n)s more", number) % {"n": f"{number:,}"}
