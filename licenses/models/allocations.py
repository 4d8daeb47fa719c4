"""Transfers of seats between two orders: written once, never changed."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, ExpressionWrapper, Q, Value, When
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import (
    Level,
    Membership,
    Organization,
    Role,
    name_columns,
)
from jasper_inventory.lib.columns import with_columns
from jasper_inventory.lib.text_fields import LineField, has
from licenses.models.branches import COLUMNS, Branch, ancestor, in_branch
from licenses.models.orders import Order
from licenses.models.requests import COMMENTS_LENGTH

NEWEST_FIRST = ["-made_at", "-pk"]
_COLUMNS = (
    *("kind", "number", "made_at", "purchase_order", "reason"),
    *(
        f"{end}__{name}"
        for end in ("from_order", "to_order")
        for name in ("number", "inventory_type", "purchase_order", "assigned_to__name")
    ),
    *name_columns("made_by"),
)


class TransferKind(models.TextChoices):
    ALLOCATED = "allocated", _("Allocated")
    RECLAIMED = "reclaimed", _("Reclaimed")


def _in_scope(end: str, reader: Organization) -> "ExpressionWrapper[Case]":
    """Return an expression: whether the order at that end is in the scope."""
    condition = in_branch(reader, f"{end}__")
    return ExpressionWrapper(
        Case(When(condition, then=Value(True)), default=Value(False)), models.BooleanField()
    )


@dataclass(frozen=True)
class TransferScope:
    """A part of the transfers that an organization's administrators see, with what they may know.

    The parts have no common rows: transfers whose supplier is still above the license holder,
    which are seen by everyone above the holder, and those that it left behind, which are seen only
    by the former supplier's branch and by the holder. Nearly all belong to the first part, which
    is read from one index.
    """

    reader: Organization
    left_behind: bool

    @property
    def visible(self) -> Q:
        """The condition that a transfer is in this part."""
        if not self.left_behind:
            return Q(is_left_behind=False) & in_branch(self.reader)
        supplier = Q(kind=TransferKind.ALLOCATED) & in_branch(self.reader, "from_order__")
        supplier |= Q(kind=TransferKind.RECLAIMED) & in_branch(self.reader, "to_order__")
        return Q(is_left_behind=True) & (supplier | Q(assigned_to=self.reader.pk))

    def held_by(self, organization: Organization, *, branch: bool) -> Q:
        """The condition that an organization, or one below it, holds an order at either end."""
        if not branch:
            return Q(supplier=organization.pk) | Q(assigned_to=organization.pk)
        if not self.left_behind:
            # The holder is below the supplier.
            return in_branch(organization)
        return in_branch(organization, "from_order__") | in_branch(organization, "to_order__")

    def with_purchase_order(self, part: str) -> Q:
        """The condition that a purchase order, then or now, contains the part and may be shown."""
        found = has("compact_purchase_orders", part)
        if self.left_behind:
            return found & (in_branch(self.reader) | has("purchase_order__compact", part))
        above = Organization.objects.get_ancestors(self.reader).values_list("pk", flat=True)
        return found & (Q(assigned_to=self.reader.pk) | ~Q(supplier__in=list(above)))


def scopes_of(reader: Organization) -> list[TransferScope]:
    """Return the parts of the transfers that an organization's administrators see."""
    return [TransferScope(reader, left_behind) for left_behind in (False, True)]


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
        return self.annotate(
            from_shown=_in_scope("from_order", reader),
            to_shown=_in_scope("to_order", reader),
            reader=Value(reader.pk),
        ).filter(reduce(or_, (scope.visible for scope in scopes_of(reader))))

    def manageable_by(self, membership: Membership | None) -> Self:
        """Return none: a transfer never changes."""
        return self.none()

    def of_order(self, order: Order) -> Self:
        """Return the transfers from or to an order."""
        return self.filter(Q(from_order=order) | Q(to_order=order))

    def of_number(self, number: int, reader: Organization) -> Self:
        """Return the transfers of the order with this number, if it is in the reader's scope."""
        order = Order.objects.in_scope_of(reader).filter(number=number).first()
        return self.of_order(order) if order else self.none()

    def out_of(self, order: "Order") -> Self:
        """Return the transfers that allocated seats from an order, or reclaimed them into it."""
        return self.filter(
            Q(kind=TransferKind.ALLOCATED, from_order=order)
            | Q(kind=TransferKind.RECLAIMED, to_order=order)
        )

    def with_people(self) -> Self:
        """Read only what a list shows, newest first."""
        return with_columns(self, *_COLUMNS).order_by(*NEWEST_FIRST)


# Every statement that writes one of the columns gets the right values, whatever it wrote.
FIND_BRANCH = pgtrigger.Trigger(
    name="find_branch",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert
    | pgtrigger.UpdateOf(
        *(f"{column}_id" for column in (*COLUMNS.values(), "supplier")),
        "is_left_behind",
        "compact_purchase_orders",
    ),
    func=f"""
        SELECT
            holder.assigned_to_id, holder.distributor_id, holder.reseller_id, holder.hub_id,
            supplier.assigned_to_id,
            organization.level <> {Level.VENDOR.value} AND NOT coalesce(
                supplier.assigned_to_id = ANY (ARRAY[
                    holder.assigned_to_id, holder.distributor_id, holder.reseller_id, holder.hub_id
                ]),
                false
            ),
            concat_ws(
                ' ',
                jasper_compact(NEW.purchase_order),
                nullif(holder.compact_purchase_order, jasper_compact(NEW.purchase_order))
            )
        INTO
            NEW.assigned_to_id, NEW.distributor_id, NEW.reseller_id, NEW.hub_id,
            NEW.supplier_id, NEW.is_left_behind, NEW.compact_purchase_orders
        FROM licenses_order holder, licenses_order supplier
        JOIN accounts_organization organization ON organization.id = supplier.assigned_to_id
        WHERE holder.id =
            CASE NEW.kind WHEN 'allocated' THEN NEW.to_order_id ELSE NEW.from_order_id END
        AND supplier.id =
            CASE NEW.kind WHEN 'allocated' THEN NEW.from_order_id ELSE NEW.to_order_id END;
        RETURN NEW;
    """,
)


def _of_organization(column: str) -> models.Index:
    return models.Index(
        fields=[column, "-made_at", "-id"],
        # So a page is found, counted and skipped without reading the transfers.
        include=[
            *("is_left_behind", "kind", "compact_purchase_orders"),
            *(other for other in ("assigned_to", "supplier") if other != column),
        ],
        name=f"transfers_of_{column}",
    )


class Transfer(Branch):
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

    # Written by the database only, with the branch: the license holder of the allocated order, the
    # holder of the other one, whether that one is no longer above the first, and the purchase
    # orders to search in (that of the transfer and, if it was corrected, the present one).
    assigned_to = ancestor()
    supplier = ancestor()
    is_left_behind = models.BooleanField(default=False, editable=False)
    compact_purchase_orders = models.TextField(db_collation="C", default="", editable=False)

    # Annotated by `visible_to`.
    from_shown: bool
    to_shown: bool
    reader: int

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = NEWEST_FIRST
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="licenses_transfer_newest"),
            *map(_of_organization, (*COLUMNS.values(), "supplier")),
            models.Index(
                fields=["assigned_to"],
                condition=Q(is_left_behind=True),
                name="licenses_transfer_left_behind",
            ),
            # For searches by part of a purchase order.
            GinIndex(
                OpClass("compact_purchase_orders", "gin_trgm_ops"),
                name="licenses_transfer_by_part",
            ),
        ]
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
            FIND_BRANCH,
            pgtrigger.Protect(
                name="append_only",
                operation=pgtrigger.Delete
                | pgtrigger.UpdateOf(
                    *("id", "kind", "from_order_id", "to_order_id", "number", "made_by_id"),
                    *("made_at", "purchase_order", "reason"),
                ),
            ),
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
    def number_described(self) -> str:
        """The number of seats or codes in words."""
        if self.number is None:
            return gettext("unlimited")
        if self.is_codes:
            text = ngettext("%(number)s code", "%(number)s codes", self.number)
        else:
            text = ngettext("%(number)s seat", "%(number)s seats", self.number)
        return text % {"number": self.number}

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
