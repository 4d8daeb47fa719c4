"""What an order's history shows of its codes: never a code, nor who redeemed one."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activation_codes.models import BOXES, ActivationCode, CodeBatch, CodeDownload, CodeSettings
from jasper_inventory.accounts.models import Membership
from licenses.history import MOST, Act, Sides
from licenses.labels import Change, in_words
from licenses.models import Order

_SAVED = ("code settings.saved", "codes.created")


def code_acts(order: Order, membership: Membership) -> Iterator[Act]:
    """Codes created, replaced and downloaded, and settings changed, on the order itself."""
    if not order.is_codes or not order.is_approved:
        return
    acts = [*_created(order), *_replaced(order), *_downloaded(order), *_settings(order)]
    sides = Sides((pk for _at, _what, pk, _changes in acts), order.assigned_to)
    for at, what, pk, changes in acts:
        person = sides.people.get(pk)
        side = sides.organization(person, order.assigned_to) if person else sides.vendor
        yield Act(at, what, person, side, changes=changes)


def _created(order: Order) -> Iterator[tuple[Any, str, int | None, list[Change]]]:
    for batch in CodeBatch.objects.filter(order=order).order_by("-pk")[: MOST + 1]:
        text = ngettext("%(n)s code created", "%(n)s codes created", batch.number_of_codes)
        yield batch.created_at, text % {"n": f"{batch.number_of_codes:,}"}, batch.created_by_id, []


def _replaced(order: Order) -> Iterator[tuple[Any, str, int | None, list[Change]]]:
    codes = ActivationCode.objects.filter(order=order, replaced_at__isnull=False)
    newest = codes.order_by("-replaced_at").values_list("replaced_at", "replaced_by")
    for at, by in newest[: MOST + 1]:
        yield at, _("One code replaced"), by, []


def _downloaded(order: Order) -> Iterator[tuple[Any, str, int | None, list[Change]]]:
    for download in CodeDownload.objects.filter(order=order).order_by("-pk")[: MOST + 1]:
        text = ngettext("%(n)s code downloaded", "%(n)s codes downloaded", download.number_of_codes)
        text %= {"n": f"{download.number_of_codes:,}"}
        yield download.downloaded_at, text, download.downloaded_by_id, []


def _settings(order: Order) -> Iterator[tuple[Any, str, int | None, list[Change]]]:
    """Each save of the boxes that changed one, with what it was and is."""
    events = list(_events(order).select_related("pgh_context").order_by("-pgh_id")[: MOST + 2])
    for at, event in enumerate(events[: MOST + 1]):
        facts = event.pgh_context.metadata if event.pgh_context else {}
        if facts.get("action") not in _SAVED:
            continue
        before = events[at + 1] if at + 1 < len(events) else _before(order, event.pgh_id)
        changes = [
            (
                str(CodeSettings._meta.get_field(box).verbose_name),
                in_words(box, getattr(before, box)),
                in_words(box, getattr(event, box)),
            )
            for box in BOXES
            if getattr(before, box) != getattr(event, box)
        ]
        if changes:
            yield event.pgh_created_at, _("Code settings changed"), facts.get("user"), changes


def _events(order: Order) -> Any:
    return apps.get_model("activation_codes", "CodeSettingsEvent").objects.filter(order=order.pk)


def _before(order: Order, event_id: int) -> Any:
    """The boxes that an order without a row had: its parent order's at that time, or as new."""
    parent = order.source
    while parent is not None:
        if event := _events(parent).filter(pgh_id__lt=event_id).order_by("-pgh_id").first():
            return event
        parent = parent.source
    return CodeSettings(order=order)
