"""Assigning orders, and granting the terms of an order."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.accounts.tree_locks import hold_position
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError, broken_constraint, raise_all
from licenses import emails
from licenses.models import (
    ActivityKind,
    Order,
    OrderProduct,
    Outcome,
    Product,
    RequestFields,
    TeacherCode,
)
from licenses.permissions import can_allocate
from licenses.services.activity import write_activity
from licenses.services.allocations import (
    allocate,
    already_ended,
    locked_parent,
    no_room,
    product_ids,
    swapped_dates,
)
from licenses.services.inputs import check_comments
from licenses.services.join_codes import make_teacher_code
from licenses.terms import Terms

TERM_FIELDS = tuple(field.name for field in fields(Terms))


def assign_order(
    *,
    assigned_to: Organization,
    inventory_type: str,
    products: Collection[Product],
    terms: Terms,
    by: User,
    parent: Order | None = None,
    purchase_order: str = "",
    comments: str = "",
    teacher_code: str = "",
    number: int | None = None,
    may_have_ended: bool = False,
) -> Order:
    """Create an approved order without a request.

    CCI staff assign to anyone, without a parent order, and the supplier is notified. Others
    assign to a direct child, from their own `parent`, and the license holder is notified.
    `number` and `may_have_ended` are for importing orders.
    """
    if parent is None:
        require_cci_staff(by)
        assigner = Organization.objects.vendor()
    else:
        assigner = parent.assigned_to
        can_allocate.require(parent, by)
        if assigned_to.supplier != assigner:
            raise DomainError(
                _("You can assign licenses only to your direct sub-organizations."),
                field="assigned_to",
            )
    if parent is None:
        require_on_offer(products)
    if assigned_to.is_vendor:
        raise DomainError(_("The vendor itself can't hold licenses."), field="assigned_to")
    order = Order(
        assigned_to=assigned_to,
        inventory_type=inventory_type,
        purchase_order=purchase_order.strip(),
        approval_comments=check_comments(comments, field="approval_comments"),
        outcome=Outcome.APPROVED,
        reviewed_by=by,
        reviewed_at=timezone.now(),
    )
    with audited("order.assigned", by=by):
        order.assigned_to = hold_position(assigned_to)
        if number is not None:
            _take_number(order, number)
        grant(
            order,
            terms=terms,
            products={product.pk for product in products},
            assigned_by=assigner,
            parent=parent,
            teacher_code=teacher_code,
            may_have_ended=may_have_ended,
        )
        write_activity(ActivityKind.ASSIGNED, order, assigner, by=by)
        _notify_assigned(order, assigner)
    return order


def _notify_assigned(order: Order, assigner: Organization) -> None:
    if order.parent_id is not None:
        emails.notify_allocated.enqueue(order.pk)
    elif order.assigned_to.supplier != assigner:
        emails.notify_assigned_by_cci.enqueue(order.pk)


def _take_number(order: Order, number: int) -> None:
    """Set the number of an imported order; new orders get higher numbers."""
    if Order.objects.filter(number=number).exists():
        raise DomainError(_("Order number %(number)d is already in use.") % {"number": number})
    order.number = number
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('licenses_order_number', %s) FROM licenses_order_number"
            " WHERE last_value <= %s",
            [number, number],
        )


def grant(
    order: Order,
    *,
    terms: Terms,
    products: Collection[int],
    assigned_by: Organization,
    parent: Order | None = None,
    teacher_code: str | TeacherCode | None = "",
    may_have_ended: bool = False,
) -> None:
    """Give an order its terms, teacher code and products, and save it as approved.

    Every approved order is created here, whether assigned, requested or renewed. Runs in the
    caller's transaction; raises DomainError if a rule is broken.
    """
    if parent is not None:
        if order.assigned_to.supplier != parent.assigned_to:
            raise DomainError(
                _("The parent order isn't held by the supplier of %(organization)s.")
                % {"organization": order.assigned_to},
                field="parent",
            )
        parent = locked_parent(parent)
    set_terms(order, terms)
    refusals: Iterable[DomainError] = chain(
        wrong_terms(order, terms), _none_allocated(order, terms, products)
    )
    if parent is not None:
        kind = order.inventory_type
        room = no_room(parent, inventory_type=kind, products=products, terms=terms)
        refusals = chain(refusals, room)
    if not may_have_ended:
        refusals = chain(refusals, already_ended(terms.finish_date))
    raise_all(refusals)
    if copied := order.renewal_of or parent:
        order.copy_code_settings(copied)
    order.parent = parent
    order.assigned_by_organization = assigned_by
    if not isinstance(teacher_code, TeacherCode):
        teacher_code = make_teacher_code(teacher_code or "")
    order.teacher_code = teacher_code
    save_checked(order)
    if parent is not None:
        assert order.reviewed_by is not None  # approved
        allocate(parent, order, by=order.reviewed_by)
    set_products(order, products)


def require_on_offer(products: Collection[Product]) -> None:
    """Raise DomainError if a product is retired, as it may stay on old orders only."""
    pks = {product.pk for product in products}
    if Product.objects.on_offer().filter(pk__in=pks).count() != len(pks):
        raise DomainError(_("One of these products is no longer offered."), field="products")


def set_terms(order: Order, terms: Terms) -> None:
    """Set terms on the order. The caller has checked them."""
    for field in TERM_FIELDS:
        setattr(order, field, getattr(terms, field))


def wrong_terms(order: Order, terms: Terms) -> Iterator[DomainError]:
    """Yield the errors of terms for any order of this inventory type."""
    yield from swapped_dates(terms.start_date, terms.finish_date)
    if order.is_codes:
        for field in ("number_of_codes", "users_per_code", "duration"):
            if getattr(terms, field) is None:
                yield DomainError(_("Enter a number for User Activation Codes."), field=field)


def _none_allocated(order: Order, terms: Terms, products: Collection[int]) -> Iterator[DomainError]:
    if not products:
        yield DomainError(_("Choose at least one product."), field="products")
    if 0 in (terms.students, terms.number_of_codes):
        field = "number_of_codes" if order.is_codes else "students"
        yield DomainError(_("At least 1."), field=field)


def save_checked(row: RequestFields) -> None:
    """Save a new or changed row; raise DomainError with the message of a broken constraint."""
    try:
        # The database checks foreign keys; checking them here would cost a query each.
        keys = {field.name for field in row._meta.fields if field.is_relation}
        row.clean_fields(exclude=keys)
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=field) from None
    except IntegrityError as error:
        # Checked by saving, as Django would need a query for each constraint.
        broken = broken_constraint(error)
        for constraint in row._meta.constraints:
            if constraint.name == broken:
                raise DomainError(str(constraint.get_violation_error_message())) from None
        raise


def set_products(order: Order, products: Collection[int]) -> None:
    """Replace the order's product mix."""
    held = product_ids(order)
    wanted = set(products)
    OrderProduct.objects.filter(order=order, product__in=held - wanted).delete()
    OrderProduct.objects.bulk_create(
        OrderProduct(order=order, product_id=pk) for pk in sorted(wanted - held)
    )
