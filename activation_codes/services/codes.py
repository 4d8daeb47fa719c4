"""Services for activation codes: settings, creating and replacing codes."""

from collections.abc import Collection, Iterator, Mapping

import psycopg2
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.code_check import generate
from activation_codes.models import (
    ActivationCode,
    CodeBatch,
    CodeDownload,
    DownloadKind,
    Handout,
)
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.background import Progress
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.time_limits import as_batch_work
from licenses.models import Order
from licenses.models.code_settings import CODE_SETTINGS
from licenses.permissions import can_manage_codes


def save_settings(*, order: Order, boxes: Mapping[str, bool], by: User) -> Order:
    """Save the settings, which apply immediately, even after codes were created.

    Orders allocated from this one, and its renewal, keep their own copies.
    """
    require_codes_order(order, by)
    with audited("code settings.saved", by=by) as act:
        # Allocating from this order and renewing it take the same lock.
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        act.on(order)
        act.changes({name: getattr(order, name) for name in CODE_SETTINGS}, dict(boxes))
        save_boxes(order, boxes)
    return order


def save_boxes(order: Order, boxes: Mapping[str, bool]) -> None:
    """Write the settings to a locked order, as part of another act."""
    for name in CODE_SETTINGS:
        setattr(order, name, bool(boxes[name]))
    order.save(update_fields=CODE_SETTINGS)


def require_codes_order(order: Order, by: User) -> None:
    """Raise NotAllowed unless the user manages its codes, DomainError if it has none."""
    can_manage_codes.require(order, by)
    if not order.is_codes:
        raise DomainError(_("Order %(order)s has no user activation codes.") % {"order": order})


def why_no_codes(order: Order) -> str:
    """Return why no codes can be created today, or "" if they can be or all were created."""
    today = timezone.localdate()
    if Order.objects.in_force(today).filter(pk=order.pk).exists():
        none_left = not order.codes_created and not order.codes_left
        return _("All codes of this order were allocated or reclaimed.") if none_left else ""
    if order.is_pending:
        return _("Codes can be created once the license is approved.")
    if not order.is_approved:
        return _("The license was not approved.")
    if order.finish_date and order.finish_date < today:
        return _("The license ended on %(day)s.") % {"day": order.finish_date}
    if order.is_suspended:
        return _("The license is suspended.")
    if not order.is_active:
        return _("The license is not active. Activate it under Edit first.")
    return _("The license starts on %(day)s.") % {"day": order.start_date}


def creators_of(order: Order) -> list[User]:
    """Return the users who created the order's codes, each once, in order."""
    batches = CodeBatch.objects.filter(order=order).select_related("created_by")
    return list(dict.fromkeys(batch.created_by for batch in batches))


@as_batch_work
def create_codes(
    *,
    order: Order,
    by: User,
    boxes: Mapping[str, bool] | None = None,
    progress: Progress | None = None,
) -> int:
    """Create all remaining codes and save the settings; return the number of codes created.

    Return 0 if they were already created, such as by a second click. The order is locked, so they
    are created once. Raise DomainError if the order isn't in force. `progress` is called with the
    number of codes written so far, from time to time; if it raises, nothing is created.
    """
    require_codes_order(order, by)
    with audited("codes.created", by=by) as act:
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        act.on(order)
        if boxes is not None:
            save_boxes(order, boxes)
        count = order.codes_left
        act.changes({"codes": order.codes_created}, {"codes": order.codes_created + count})
        if count == 0 and order.codes_created:
            if boxes is None:
                act.leave_out()
            return 0
        if reason := why_no_codes(order):
            raise DomainError(reason)
        Order.objects.filter(pk=order.pk).update(codes_created=F("codes_created") + count)
        CodeBatch.objects.create(order=order, number_of_codes=count, created_by=by)
        _write_codes(order, count, progress or (lambda _written: None))
    return count


def record_download(
    *,
    order: Order,
    by: User | None,
    number_of_codes: int | None = None,
    kind: DownloadKind = DownloadKind.WORKBOOK,
) -> CodeDownload:
    """Record a download or a print of codes of the order, by a command if `by` is None.

    All of them are counted, unless the number is known.
    """
    if by is not None:
        require_codes_order(order, by)
    if number_of_codes is None:
        number_of_codes = ActivationCode.objects.filter(order=order).downloaded().count()
    action = "codes.printed" if kind == DownloadKind.CARDS else "codes.downloaded"
    with transaction.atomic():
        record(action, by=by, on=order, after={"codes": number_of_codes})
        return CodeDownload.objects.create(
            order=order, number_of_codes=number_of_codes, downloaded_by=by, kind=kind
        )


# Codes between two reports of progress.
_STEP = 20_000


def _write_codes(order: Order, count: int, progress: Progress) -> None:
    """COPY new codes into the table.

    The unique index finds duplicates, once in millions of batches; then all are drawn again.
    """
    table = ActivationCode._meta.db_table
    while True:
        lines = _Lines(f"{order.pk}\t{{}}\t{order.users_per_code}\n", generate(count), progress)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # Django doesn't wrap the errors of this method.
                cursor.copy_expert(f"COPY {table} (order_id, code, users) FROM STDIN", lines)
            return
        except psycopg2.errors.UniqueViolation:
            continue
        except (psycopg2.Error, SystemError) as error:
            if lines.stopped_by is not None:
                raise lines.stopped_by from None
            # Without its message, which would write a code to a log.
            message = f"The codes could not be written: {type(error).__name__}."
            # The second is psycopg2's answer to a server that goes away meanwhile.
            if isinstance(error, psycopg2.OperationalError | SystemError):
                raise OperationalError(message) from psycopg2.OperationalError()
            raise RuntimeError(message) from None


class _Lines:
    """A file for COPY, generated while it is read, so that memory use stays flat."""

    def __init__(self, line: str, codes: Iterator[str], progress: Progress) -> None:
        self._line = line
        self._codes = codes
        self._progress = progress
        self._written, self._reported = 0, 0
        # What `progress` raised; COPY replaces it by an error of its own.
        self.stopped_by: Exception | None = None

    def read(self, size: int = 8192) -> bytes:
        if self._written - self._reported >= _STEP:
            self._report()
        lines = []
        room = size
        for code in self._codes:
            lines.append(self._line.format(code))
            room -= len(lines[-1])
            # A read must not return more than it was asked for.
            if room < len(lines[-1]) + 8:
                break
        self._written += len(lines)
        return "".join(lines).encode()

    def _report(self) -> None:
        self._reported = self._written
        try:
            self._progress(self._written)
        except Exception as error:
            self.stopped_by = error
            raise


def replace_code(*, code: ActivationCode, by: User) -> ActivationCode:
    """Replace a leaked code, which stops working, and return a new one with its remaining uses.

    People who already redeemed it stay on the order. The new one is for whom the old one was.
    """
    require_codes_order(code.order, by)
    with audited("activation code.replaced", by=by) as act:
        # Redeeming takes the same lock.
        Order.objects.select_for_update(of=("self",)).get(pk=code.order_id)
        code = ActivationCode.objects.select_for_update(of=("self",)).get(pk=code.pk)
        if code.replacement_id is not None:
            raise DomainError(_("This code was already replaced."))
        if code.used == code.users:
            raise DomainError(_("This code has no uses left to replace."))
        act.on(code)
        new = _new_code(code.order, users=code.users - code.used, handout=code.handout)
        ActivationCode.objects.filter(pk=code.pk).update(
            users=code.used, replacement=new, replaced_by=by, replaced_at=timezone.now()
        )
        act.changes({"code": code.pk}, {"code": new.pk})
    return new


# Each takes about as long as a redemption.
MOST_REPLACED = 100


@as_batch_work
def replace_codes(*, order: Order, codes: Collection[int], by: User) -> list[ActivationCode]:
    """Replace codes of an order, given by their keys: all of them, or none if one is refused."""
    require_codes_order(order, by)
    if len(codes) > MOST_REPLACED:
        text = _("Replace at most %(most)s codes of order %(order)s at a time.")
        raise DomainError(text % {"most": MOST_REPLACED, "order": order})
    with audited("activation codes.replaced", by=by) as act:
        chosen = ActivationCode.objects.filter(order=order, pk__in=codes).order_by("pk")
        act.on(order)
        new = [replace_code(code=code, by=by) for code in chosen.select_related("order")]
        act.changes(None, {"codes": len(new)})
        return new


def _new_code(order: Order, *, users: int, handout: Handout | None) -> ActivationCode:
    while True:
        try:
            with transaction.atomic():
                return ActivationCode.objects.create(
                    order=order, code=next(generate(1)), users=users, handout=handout
                )
        except IntegrityError:
            # The code already exists, which is very rare: draw again.
            continue
