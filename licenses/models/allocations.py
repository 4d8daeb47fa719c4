"""Transfers of seats between two orders: written once, never changed."""

from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Organization, Role
from jasper_inventory.lib.text_fields import LineField, has
from licenses.models.branches import above_holder, in_branch
from licenses.models.requests import COMMENTS_LENGTH

if TYPE_CHECKING:
    from licenses.models.orders import Order


class TransferKind(models.TextChoices):
    ALLOCATED = "allocated", _("Allocated")
    RECLAIMED = "reclaimed", _("Reclaimed")


def _in_scope(end: str, reader: Organization) -> "ExpressionWrapper[Case]":
    """Return an expression: whether the order at that end is in the scope."""
    condition = in_branch(reader, f"{end}__")
    return ExpressionWrapper(
        Case(When(condition, then=Value(True)), default=Value(False)), models.BooleanField()
    )


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, membership: Membership | None) -> Self:
        """Return the transfers with either order in an administrator's scope.

        Annotates `from_shown` and `to_shown`, whether the order at that end is in the scope, and
        `reader`, the organization of the role. An order outside the scope may be shown only by
        its license holder's name. What a former supplier allocated is visible only to it and to
        the license holder.
        """
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        reader = membership.organization
        known = Q()
        for kind, supplier, holder in (
            (TransferKind.ALLOCATED, "from_order", "to_order"),
            (TransferKind.RECLAIMED, "to_order", "from_order"),
        ):
            known |= Q(kind=kind) & (
                in_branch(reader, f"{supplier}__")
                | Q(**{f"{holder}__assigned_to": reader.pk})
                | above_holder(f"{supplier}__assigned_to", f"{holder}__")
            )
        return self.annotate(
            from_shown=_in_scope("from_order", reader),
            to_shown=_in_scope("to_order", reader),
            reader=Value(reader.pk),
        ).filter(known, in_branch(reader, "from_order__") | in_branch(reader, "to_order__"))

    def manageable_by(self, membership: Membership | None) -> Self:
        """Return none: a transfer never changes."""
        return self.none()

    def of_order(self, order: "Order") -> Self:
        """Return the transfers from or to an order."""
        return self.filter(Q(from_order=order) | Q(to_order=order))

    def out_of(self, order: "Order") -> Self:
        """Return the transfers that allocated seats from an order, or reclaimed them into it."""
        return self.filter(
            Q(kind=TransferKind.ALLOCATED, from_order=order)
            | Q(kind=TransferKind.RECLAIMED, to_order=order)
        )

    def of_number(self, number: int) -> Self:
        """Keep those of the order with this number, if it may be shown. Call after `visible_to`."""
        return self.filter(
            Q(from_order__number=number, from_shown=True)
            | Q(to_order__number=number, to_shown=True)
        )

    def of_purchase_order(self, part: str) -> Self:
        """Keep those whose purchase order, then or now, contains the part and may be shown.

        Call after `visible_to`.
        """
        allocated, back = Q(kind=TransferKind.ALLOCATED), Q(kind=TransferKind.RECLAIMED)
        then = has("purchase_order__compact", part)
        now_to = has("to_order__compact_purchase_order", part) & Q(to_shown=True)
        now_from = has("from_order__compact_purchase_order", part) & Q(from_shown=True)
        return self.filter(
            allocated
            & (Q(from_shown=True) | Q(to_order__assigned_to=F("reader")))
            & (then | now_to)
            | back & (Q(to_shown=True) | Q(from_order__assigned_to=F("reader"))) & (then | now_from)
        )

    def with_people(self) -> Self:
        """Join what a list shows, newest first."""
        return self.select_related(
            "from_order__assigned_to", "to_order__assigned_to", "made_by"
        ).order_by("-made_at", "-pk")


class Transfer(models.Model):
    """Seats of a Center License, or codes, moved from one order to another.

    Allocated: from the parent order to the order allocated from it. Reclaimed: the other way.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=TransferKind.choices)
    from_order = models.ForeignKey(
        "licenses.Order", models.PROTECT, related_name="transfers_from", verbose_name=_("from")
    )
    to_order = models.ForeignKey(
        "licenses.Order", models.PROTECT, related_name="transfers_to", verbose_name=_("to")
    )
    # Empty = unlimited, which uses no seats of the parent order.
    number = models.PositiveBigIntegerField(_("seats or codes"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    made_at = models.DateTimeField(_("at"), auto_now_add=True)
    purchase_order = LineField(_("purchase order"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=COMMENTS_LENGTH)

    # Annotated by `visible_to`.
    from_shown: bool
    to_shown: bool
    reader: int

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["-made_at", "-id"], name="licenses_transfer_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=TransferKind.values), name="licenses_transfer_kind"
            ),
            models.CheckConstraint(
                condition=Q(number=None) | Q(number__gte=1), name="licenses_transfer_number"
            ),
            models.CheckConstraint(
                condition=~Q(from_order=models.F("to_order")), name="licenses_transfer_two_orders"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.from_order} → {self.to_order}"

    @property
    def is_allocated(self) -> bool:
        return self.kind == TransferKind.ALLOCATED

    @property
    def is_codes(self) -> bool:
        """Whether codes moved, rather than seats."""
        return self.to_order.is_codes

    @property
    def shows_terms(self) -> bool:
        """Whether the reader may see purchase order and reason, which are between both sides."""
        supplier_shown = self.from_shown if self.is_allocated else self.to_shown
        return supplier_shown or self.allocated.assigned_to_id == self.reader

    @property
    def allocated(self) -> "Order":
        """The order that was allocated from the other one."""
        return self.to_order if self.is_allocated else self.from_order

    @property
    def purchase_order_shown(self) -> str:
        """The purchase order that the reader may see: then and, if it was corrected, now."""
        if not self.shows_terms:
            return ""
        then, now = self.purchase_order, self.allocated.purchase_order
        is_seen = self.to_shown if self.is_allocated else self.from_shown
        if not is_seen or then == now:
            return then
        return _("was %(then)s, now %(now)s") % {"then": then or "–", "now": now or "–"}
