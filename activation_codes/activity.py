"""The activity of an order's codes for its history, without codes and without students."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from django.db.models import BooleanField, F, Q, TextField, Value, Window
from django.db.models.functions import Cast, JSONObject, Lag
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activation_codes.models import (
    ActivationCode,
    CodeBatch,
    CodeDownload,
    CodeReturn,
    CodeState,
    DownloadKind,
    Handout,
)
from jasper_inventory.accounts.models import Membership
from jasper_inventory.lib.written_queries import ONE, WrittenQuery
from licenses.activity import MOST, Act, Sides
from licenses.models import Order
from licenses.models.code_settings import CODE_SETTINGS
from licenses.order_fields import Change, in_words

# When, what was done, the person's key, and the changed settings.
Facts: TypeAlias = tuple[datetime, str, int | None, list[Change]]

_SAVED = ("code settings.saved", "codes.created")


def code_acts(order: Order, membership: Membership) -> Iterator[Act]:
    """Yield what was done with its codes, and settings changed, on this order only."""
    if not order.is_codes or not order.is_approved:
        return
    acts = [*_codes(order), *_settings(order)]
    sides = Sides((pk for _at, _what, pk, _changes in acts), order.assigned_to)
    for at, what, pk, changes in acts:
        person = sides.people.get(pk)
        side = sides.organization(person, order.assigned_to) if person else sides.vendor
        yield Act(at, what, person, side, changes=changes)


def _codes(order: Order) -> Iterator[Facts]:
    """Yield what was done with codes, newest first, with one query."""
    if not order.codes_created:
        return
    created = CodeBatch.objects.filter(order=order).values_list(
        Value("created"), "created_at", "created_by", "number_of_codes"
    )
    replaced = ActivationCode.objects.filter(order=order, state=CodeState.REPLACED).values_list(
        Value("replaced"), "replaced_at", "replaced_by", Value(1)
    )
    downloaded = CodeDownload.objects.filter(order=order).values_list(
        "kind", "downloaded_at", "downloaded_by", "number_of_codes"
    )
    handed_out = Handout.objects.filter(order=order).values_list(
        Value("handed out"), "handed_out_at", "handed_out_by", "number_of_codes"
    )
    returned = CodeReturn.objects.filter(order=order).values_list(
        Value("returned"), "returned_at", "returned_by", "number_of_codes"
    )
    parts = [part.order_by() for part in (replaced, downloaded, handed_out, returned)]
    newest = created.order_by().union(*parts, all=True).order_by("-created_at")
    for kind, at, by, number in newest[: MOST + 1]:
        yield at, _in_words(kind, number), by, []


def _in_words(kind: str, number: int) -> str:
    if kind == "replaced":
        return _("One code replaced")
    if kind == "created":
        text = ngettext("%(n)s code created", "%(n)s codes created", number)
    elif kind == "handed out":
        text = ngettext("%(n)s code handed out", "%(n)s codes handed out", number)
    elif kind == "returned":
        text = ngettext("%(n)s code returned", "%(n)s codes returned", number)
    elif kind == DownloadKind.CARDS:
        text = ngettext("%(n)s code printed", "%(n)s codes printed", number)
    else:
        text = ngettext("%(n)s code downloaded", "%(n)s codes downloaded", number)
    return text % {"n": f"{number:,}"}


def _settings(order: Order) -> Iterator[Facts]:
    """Yield each save that changed a setting, with its values before and after."""
    for at, facts, boxes_before, boxes_after in _written_settings().read({ONE: order.pk}):
        facts = facts or {}
        # Settings copied when a request is approved aren't an act of their own.
        if facts.get("action") not in _SAVED:
            continue
        before, after = json.loads(boxes_before), json.loads(boxes_after)
        changes = [
            (
                _label(name),
                in_words(name, before[name]),
                in_words(name, after[name]),
            )
            for name in CODE_SETTINGS
            if before[name] != after[name]
        ]
        yield at, _("Code settings changed"), facts.get("user"), changes


@cache
def _written_settings() -> WrittenQuery[Any]:
    boxes = Cast(JSONObject(**{name: name for name in CODE_SETTINGS}), TextField())
    # Only what is shown: an event has a column for each column of its order.
    events = (
        # The reverse relation of pghistory's event model, which the stubs don't know.
        Order(pk=ONE)
        .events.annotate(boxes=boxes)  # type: ignore[attr-defined]
        .annotate(before=Window(Lag("boxes"), order_by=F("pgh_id").asc()))
        .filter(Q(before__isnull=False) & ~Q(before=F("boxes")))
        .order_by("-pgh_id")
        .values_list("pgh_created_at", "pgh_context__metadata", "before", "boxes")
    )
    return WrittenQuery(events[: MOST + 1])


def _label(name: str) -> str:
    field = Order._meta.get_field(name)
    assert isinstance(field, BooleanField)
    return str(field.verbose_name)
