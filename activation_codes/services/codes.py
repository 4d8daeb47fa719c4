"""Activation codes: their settings, creating, finding and replacing them."""

from collections.abc import Iterator, Mapping

import psycopg2
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.code_check import generate, is_well_formed
from activation_codes.models import BOXES, ActivationCode, CodeBatch, CodeDownload, CodeSettings
from activation_codes.settings import settings_of
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.permissions import require_administrator
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.code_format import normalize
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order


def _boxes(settings: CodeSettings) -> dict[str, bool]:
    return {box: getattr(settings, box) for box in BOXES}


def save_settings(*, order: Order, boxes: Mapping[str, bool], by: User) -> CodeSettings:
    """Save the four boxes; they hold for everyone at once, codes created or not."""
    _require_codes_order(order, by)
    with recorded("code settings.saved", by=by):
        # An order that is being carved from this one holds the same lock.
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        return _save_boxes(order, boxes)


def _save_boxes(order: Order, boxes: Mapping[str, bool]) -> CodeSettings:
    """Save the boxes of a locked order, or of one that nothing was carved from yet."""
    _freeze_carved(order)
    values = {box: bool(boxes[box]) for box in BOXES}
    settings, _created = CodeSettings.objects.update_or_create(order=order, defaults=values)
    return settings


def _freeze_carved(order: Order) -> None:
    """Give the orders carved from this one, which have no row yet, one with its boxes as now."""
    # Locked first: their own boxes may be saved at this moment.
    locked = list(Order.objects.filter(source=order).order_by("pk").select_for_update(of=("self",)))
    carved = Order.objects.filter(pk__in=[child.pk for child in locked], code_settings=None)
    if carved:
        boxes = _boxes(settings_of(order))
        CodeSettings.objects.bulk_create(CodeSettings(order=child, **boxes) for child in carved)


def copy_settings(*, old: Order, new: Order) -> None:
    """A renewal starts with a copy. In the caller's transaction."""
    _save_boxes(new, _boxes(settings_of(old)))


def _require_codes_order(order: Order, by: User) -> None:
    require_administrator(
        order.assigned_to, by, _("Only the holder of a license may change its codes.")
    )
    if not order.is_codes:
        raise DomainError(_("Order %(order)s has no user activation codes.") % {"order": order})


def why_no_codes(order: Order) -> str:
    """Why codes can't be created for the order today; empty if they can, or all of them were."""
    today = timezone.localdate()
    if Order.objects.in_force(today).filter(pk=order.pk).exists():
        none_left = not order.codes_created and not order.codes_left
        return _("All codes of this order were given on or taken back.") if none_left else ""
    if order.is_pending:
        return _("The codes can be created once the license is approved.")
    if not order.is_approved:
        return _("The license was not approved.")
    if order.finish_date and order.finish_date < today:
        return _("The license ended on %(day)s.") % {"day": order.finish_date}
    if order.is_suspended:
        return _("The license is suspended.")
    if not order.is_active:
        return _("The license is not active: activate it under Edit first.")
    return _("The license starts on %(day)s.") % {"day": order.start_date}


def creators_of(order: Order) -> list[User]:
    """Who created the order's codes, each once, the first one first."""
    batches = CodeBatch.objects.filter(order=order).select_related("created_by")
    return list(dict.fromkeys(batch.created_by for batch in batches))


def create_codes(*, order: Order, by: User, boxes: Mapping[str, bool] | None = None) -> int:
    """Create all codes that remain, and save the boxes; return how many codes were made.

    0 where they were created already, by a second press or a second person: the order's row is
    locked, so that they are created once. Raises DomainError where the order isn't in force.
    """
    _require_codes_order(order, by)
    with recorded("codes.created", by=by):
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if boxes is not None:
            _save_boxes(order, boxes)
        count = order.codes_left
        if count == 0 and order.codes_created:
            return 0
        if reason := why_no_codes(order):
            raise DomainError(reason)
        Order.objects.filter(pk=order.pk).update(codes_created=F("codes_created") + count)
        CodeBatch.objects.create(order=order, number_of_codes=count, created_by=by)
        _write_codes(order, count)
    return count


def record_download(*, order: Order, by: User | None) -> CodeDownload:
    """Record that all codes of the order are handed out now; `by` None: by a command."""
    if by is not None:
        _require_codes_order(order, by)
    return CodeDownload.objects.create(
        order=order,
        number_of_codes=ActivationCode.objects.filter(order=order).handed_out().count(),
        downloaded_by=by,
    )


def _write_codes(order: Order, count: int) -> None:
    """COPY new codes into the table. A code that exists already is found by the index: once in
    millions of batches; then all are drawn again."""
    table = ActivationCode._meta.db_table
    while True:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # Django's cursor does not wrap the errors of this method as its own.
                cursor.copy_expert(
                    f"COPY {table} (order_id, code, users) FROM STDIN",
                    _Lines(f"{order.pk}\t{{}}\t{order.users_per_code}\n", generate(count)),
                )
            return
        except psycopg2.errors.UniqueViolation:
            continue
        except psycopg2.Error as error:
            # Without its message, which would carry a code into a log.
            name = type(error).__name__
            raise RuntimeError(f"The codes could not be written: {name}.") from None


class _Lines:
    """A file to read for COPY, made while it is read, so that memory stays flat."""

    def __init__(self, line: str, codes: Iterator[str]) -> None:
        self._line = line
        self._codes = codes

    def read(self, size: int = 8192) -> bytes:
        lines = []
        room = size
        for code in self._codes:
            lines.append(self._line.format(code))
            room -= len(lines[-1])
            # A read may not give more than was asked for.
            if room < len(lines[-1]) + 8:
                break
        return "".join(lines).encode()


def find_code(typed: str) -> ActivationCode | None:
    """The activation code typed in any form: case, spaces and hyphens don't matter."""
    code = normalize(typed)
    if not is_well_formed(code):
        return None
    return ActivationCode.objects.select_related("order__assigned_to").filter(code=code).first()


def replace_code(*, code: ActivationCode, by: User) -> ActivationCode:
    """Replace a code that leaked: it stops working at once, and a new one has its unused uses.

    Who redeemed it stays on the order.
    """
    _require_codes_order(code.order, by)
    with recorded("activation code.replaced", by=by):
        # Redeeming holds the same lock.
        Order.objects.select_for_update(of=("self",)).get(pk=code.order_id)
        code = ActivationCode.objects.select_for_update(of=("self",)).get(pk=code.pk)
        if code.replacement_id is not None:
            raise DomainError(_("This code was replaced already."))
        if code.used == code.users:
            raise DomainError(_("All uses of this code are taken: there is nothing to replace."))
        new = _new_code(code.order, users=code.users - code.used)
        ActivationCode.objects.filter(pk=code.pk).update(
            users=code.used, replacement=new, replaced_by=by, replaced_at=timezone.now()
        )
    return new


def _new_code(order: Order, *, users: int) -> ActivationCode:
    while True:
        try:
            with transaction.atomic():
                return ActivationCode.objects.create(
                    order=order, code=next(generate(1)), users=users
                )
        except IntegrityError:
            # Drawn before, once in ages: draw again.
            continue
