"""Editing approved orders, and the license holder's *Active License* box."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import CharField, TextField
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.code_format import formatted, normalize
from jasper_inventory.lib.exceptions import ChangedMeanwhile, DomainError, NotAllowed, raise_all
from licenses import emails
from licenses.models import ActivityKind, Order, Product
from licenses.order_fields import EDITED, OF_ASSIGNER, described, differences, in_words
from licenses.order_locks import approved, locked_approved
from licenses.permissions import can_activate, can_edit
from licenses.services.activity import write_activity
from licenses.services.allocations import (
    allocate_changed,
    cutting_children,
    cutting_dates,
    fewer_than_taken,
    outside,
    outside_dates,
    product_ids,
    swapped_dates,
)
from licenses.services.inputs import check_comments, check_reason
from licenses.services.join_codes import make_teacher_code
from licenses.services.orders import TERM_FIELDS, save_checked, set_products, wrong_terms
from licenses.terms import Terms

# The columns that store text: of one line, and of several.
LINES = {name for name in EDITED if isinstance(Order._meta.get_field(name), CharField)}
TEXTS = {name for name in EDITED if isinstance(Order._meta.get_field(name), TextField)}


def edit_order(
    *,
    order: Order,
    by: User,
    reason: str = "",
    shown: Mapping[str, Any] | None = None,
    **values: Any,
) -> Order:
    """Change an approved order's values, by name, within its parent, children and seats taken.

    CCI staff may change everything in `EDITED`, *products* and *teacher_code* (empty keeps it);
    the assigner may change `OF_ASSIGNER`. Other values stay. `shown` is what the person saw:
    raises ChangedMeanwhile if someone else has changed one of the values since then. Notifies the
    license holder.
    """
    reason = check_reason(reason)
    with audited("order.edited", by=by, reason=reason) as act:
        hold_tree()
        # Current, as the parent of an approved order never changes.
        order = approved(Order.objects.get(pk=order.pk))
        can_edit.require(order, by)
        # Parent orders are locked before their children, as everywhere.
        parent = None
        if order.parent_id:
            parent = Order.objects.select_for_update(of=("self",)).get(pk=order.parent_id)
        order = locked_approved(order)
        before = _values_of(order)
        wanted = before | _cleaned(order, values)
        changed = {name for name, value in wanted.items() if value != before[name]}
        _require_allowed(changed, by)
        _require_unchanged(changed, before, wanted, _cleaned(order, shown or {}))
        if not changed:
            act.leave_out()
            return order
        raise_all(_wrong(order, parent, wanted))
        # The transfer of seats keeps the new one.
        order.purchase_order = wanted["purchase_order"]
        if parent:
            allocate_changed(parent, order, _terms(wanted), by=by, reason=reason)
        _write(order, wanted, changed)
        assigner = order.assigned_by_organization
        made = differences(before, wanted)
        write_activity(ActivityKind.EDITED, order, assigner, by=by, reason=reason, changes=made)
        changes = described(made, _products(before, wanted))
        emails.notify_edited.enqueue(order.pk, by.pk, changes, reason, timezone.now().isoformat())
    return order


def _values_of(order: Order) -> dict[str, Any]:
    """Return the order's current values."""
    now = {name: getattr(order, name) for name in EDITED}
    now |= {name: _one_line_end(now[name]) for name in TEXTS}
    return now | {"products": product_ids(order), "teacher_code": str(order.teacher_code)}


def _cleaned(order: Order, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are stored, for comparison."""
    cleaned = dict(values)
    if "products" in cleaned:
        cleaned["products"] = {product.pk for product in cleaned["products"]}
    for name in LINES & set(cleaned):
        cleaned[name] = (cleaned[name] or "").strip()
    for name in TEXTS & set(cleaned):
        cleaned[name] = check_comments(_one_line_end(cleaned[name] or ""), field=name)
    if "teacher_code" in cleaned:
        typed = (cleaned["teacher_code"] or "").strip() or str(order.teacher_code)
        cleaned["teacher_code"] = formatted(normalize(typed)) or typed
    cleaned.pop("reason", None)
    return cleaned


def _one_line_end(text: str) -> str:
    """Return the text with one character per line end; browsers send two."""
    return text.replace("\r\n", "\n")


def _require_allowed(changed: set[str], by: User) -> None:
    if not by.is_cci_staff and not changed <= OF_ASSIGNER:
        raise NotAllowed(_("Only CCI staff can change this."), field=min(changed - OF_ASSIGNER))


def _require_unchanged(
    changed: set[str], before: dict[str, Any], wanted: dict[str, Any], shown: dict[str, Any]
) -> None:
    """Raise ChangedMeanwhile if someone else changed the same value differently."""
    for name in sorted(changed & set(shown)):
        now = before[name]
        if shown[name] == now:
            continue
        if name == "products":
            text = _("Someone else has changed the products. Save again to replace their changes.")
            raise ChangedMeanwhile(text, field=name, now=sorted(now))
        raise ChangedMeanwhile(
            _("Someone else has changed this to %(now)s. Save again to replace their change.")
            % {"now": in_words(name, now)},
            field=name,
            now=now,
        )


def _terms(wanted: Mapping[str, Any]) -> Terms:
    return Terms(**{name: wanted[name] for name in TERM_FIELDS})


def _wrong(order: Order, parent: Order | None, wanted: Mapping[str, Any]) -> Iterator[DomainError]:
    """Yield the errors of the new values, each with the order that prevents them."""
    terms, products = _terms(wanted), wanted["products"]
    if not products:
        yield DomainError(_("Choose at least one product."), field="products")
    for field in ("students", "number_of_codes"):
        # An order can have no seats only after they were reclaimed.
        if wanted[field] == 0 and getattr(order, field) != 0:
            yield DomainError(_("At least 1."), field=field)
    yield from wrong_terms(order, terms)
    if parent:
        kind = order.inventory_type
        yield from outside(parent, inventory_type=kind, products=products, terms=terms)
    yield from cutting_children(order, products=products, terms=terms)
    if order.codes_created and terms.users_per_code != order.users_per_code:
        yield DomainError(
            _("Existing codes were created for %(users)d per code, so this can't change.")
            % {"users": order.users_per_code},
            field="users_per_code",
        )
    yield from fewer_than_taken(order, terms)


def wrong_dates_of(order: Order, start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Yield the errors of an approved order's new dates; None is not checked."""
    yield from swapped_dates(start, finish)
    if order.parent:
        yield from outside_dates(order.parent, start, finish)
    yield from cutting_dates(order, start, finish)


def _write(order: Order, wanted: Mapping[str, Any], changed: set[str]) -> None:
    for name in EDITED:
        setattr(order, name, wanted[name])
    if "teacher_code" in changed:
        order.teacher_code = make_teacher_code(wanted["teacher_code"])
    save_checked(order)
    set_products(order, wanted["products"])


def _products(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[int, Product]:
    """Return the added and removed products, by key."""
    products = before["products"] ^ wanted["products"]
    return Product.objects.select_related("family").in_bulk(products)


def set_active(*, order: Order, is_active: bool, by: User, reason: str = "") -> bool:
    """Switch the license holder's *Active License* box. Return whether it changed.

    This doesn't lift a suspension and doesn't affect orders allocated from this one.
    """
    can_activate.require(order, by)
    kind = ActivityKind.ACTIVATED if is_active else ActivityKind.DEACTIVATED
    reason = check_reason(reason)
    with audited(f"order.{kind.value}", by=by, reason=reason) as act:
        order = locked_approved(order)
        if order.is_active == is_active:
            act.leave_out()
            return False
        order.is_active = is_active
        order.save(update_fields=["is_active"])
        write_activity(kind, order, order.assigned_to, by=by, reason=reason)
    return True
