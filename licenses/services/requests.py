"""Requests for a new license: made, approved, rejected, withdrawn, forwarded."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.tree_locks import hold_place
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses import emails
from licenses.models import InventoryType, Order, Outcome, Product, request_behind
from licenses.models.orders import MOST_CODES, MOST_STUDENTS
from licenses.services.allocations import product_ids
from licenses.services.decisions import (
    check_comments,
    decide,
    granted_changes,
    require_decider,
    require_pending,
    require_requester,
    require_withdrawer,
    sent_before,
    tell_withdrawn,
)
from licenses.services.orders import grant, require_on_offer, save_checked, set_products
from licenses.terms import Terms, codes_for, offered_dates


def request_order(
    *,
    organization: Organization,
    inventory_type: str,
    products: Collection[Product],
    by: User,
    requested_by_organization: Organization | None = None,
    students: int | None = None,
    users_per_code: int | None = None,
    purchase_order: str = "",
    comments: str = "",
    form_token: UUID | None = None,
) -> Order:
    """Ask the organization's supplier for a new license; a form sent twice makes one request.

    One above it may ask in its place, as `requested_by_organization`; the organization is told.
    `students` None means unlimited for a Center License, and is refused for User Activation Codes.
    """
    require_on_offer(products)
    try:
        with recorded("order.requested", by=by):
            return make_request(
                organization=organization,
                inventory_type=inventory_type,
                products=products,
                by=by,
                students=students,
                users_per_code=users_per_code,
                purchase_order=purchase_order,
                comments=comments,
                form_token=form_token,
                requested_by_organization=requested_by_organization,
            )
    except IntegrityError:
        first = sent_before(Order, form_token=form_token, by=by)
        if first is None:
            raise
        return first


def make_request(
    *,
    organization: Organization,
    inventory_type: str,
    products: Collection[Product],
    by: User,
    students: int | None,
    users_per_code: int | None,
    purchase_order: str,
    comments: str,
    form_token: UUID | None,
    requested_by_organization: Organization | None = None,
) -> Order:
    """Check, save and announce a request for a new license, in the caller's transaction."""
    asking = requested_by_organization or organization
    require_requester(organization, asking, by)
    users_per_code = check_places(inventory_type, students, users_per_code)
    if not products:
        raise DomainError(_("Choose at least one product."), field="products")
    order = Order(
        inventory_type=inventory_type,
        assigned_to=organization,
        requested_to=hold_place(organization).supplier,
        requested_by_organization=asking,
        requested_by=by,
        requested_at=timezone.now(),
        requested_students=students,
        users_per_code=users_per_code,
        purchase_order=purchase_order.strip(),
        requester_comments=check_comments(comments, field="requester_comments"),
        form_token=form_token,
    )
    save_checked(order)
    set_products(order, {product.pk for product in products})
    emails.notify_request_made.enqueue(order.pk)
    if order.is_by_proxy:
        emails.notify_requested_for.enqueue(order.pk)
    return order


def check_places(
    inventory_type: str, students: int | None, users_per_code: int | None
) -> int | None:
    """Check the places asked for; return users per code (1 if left empty; None elsewhere)."""
    if students is not None and students < 1:
        raise DomainError(_("At least 1 student."), field="students")
    if inventory_type != InventoryType.USER_ACTIVATION_CODES and (students or 0) > MOST_STUDENTS:
        raise DomainError(
            _("At most %(most)d students; left empty means unlimited.") % {"most": MOST_STUDENTS},
            field="students",
        )
    if inventory_type != InventoryType.USER_ACTIVATION_CODES:
        return None
    if students is None:
        raise DomainError(
            _("Say how many students: User Activation Codes can't be unlimited."), field="students"
        )
    users_per_code = users_per_code or 1
    if codes_for(students, users_per_code) > MOST_CODES:
        raise DomainError(
            _("That is more than %(most)d codes; raise the users per code.") % {"most": MOST_CODES},
            field="students",
        )
    return users_per_code


def offered_terms(order: Order) -> Terms:
    """Sensible terms for approving a request for a new license: what was asked, for a year."""
    start, finish = offered_dates(timezone.localdate())
    if not order.is_codes:
        return Terms(start_date=start, finish_date=finish, students=order.requested_students)
    users = order.users_per_code or 1
    return Terms(
        start_date=start,
        finish_date=finish,
        number_of_codes=codes_for(order.requested_students or 1, users),
        users_per_code=users,
        duration=(finish - start).days,
    )


def approve_order(
    *,
    order: Order,
    by: User,
    terms: Terms,
    comments: str = "",
    source: Order | None = None,
    teacher_code: str = "",
    products: Collection[Product] | None = None,
) -> Order:
    """Approve a request for a new license; the order becomes an approved one with these terms.

    CCI staff assign from nothing; another supplier out of its own `source`. `products` None keeps
    those asked for. Raises DomainError where the request isn't pending any more, or a rule breaks.
    """
    require_decider(order, by)
    if source is None and not by.is_cci_staff:
        raise DomainError(_("Choose the order to take the places from."), field="source")
    if source is not None and source.assigned_to_id != order.requested_to_id:
        raise DomainError(_("The source must be the supplier's own order."), field="source")
    with recorded("order.approved", by=by):
        hold_place(order.assigned_to)
        # Locked rather than claimed by an update: an approved order has its terms at once.
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        require_pending(order)
        order.outcome = Outcome.APPROVED
        order.decided_by, order.decided_at = by, timezone.now()
        order.approval_comments = check_comments(comments, field="approval_comments")
        asked = product_ids(order)
        pks = asked if products is None else {product.pk for product in products}
        order.changes = order_changes(order, terms=terms, asked_products=asked, products=pks)
        assigned_by = source.assigned_to if source else Organization.objects.vendor()
        grant(
            order,
            terms=terms,
            products=pks,
            assigned_by=assigned_by,
            source=source,
            teacher_code=teacher_code,
        )
        _tell_decided(order, by)
    return order


def order_changes(
    order: Order, *, terms: Terms, asked_products: Collection[int], products: Collection[int]
) -> list[dict[str, Any]]:
    """What approving a pending request with these terms and products would change of it."""
    asked: dict[str, Any] = {"students": order.requested_students}
    if order.is_codes:
        asked["users_per_code"] = order.users_per_code
    return granted_changes(
        asked, terms, is_codes=order.is_codes, asked_products=asked_products, products=products
    )


def reject_order(*, order: Order, by: User, comments: str) -> Order:
    """Reject a request for a new license; the comment says why."""
    require_decider(order, by)
    if not comments.strip():
        raise DomainError(_("Say why the request is rejected."), field="approval_comments")
    with recorded("order.rejected", by=by):
        decide(order, Outcome.REJECTED, by=by, comments=comments)
        _tell_decided(order, by)
    return order


def withdraw_order(*, order: Order, by: User) -> Order:
    """Take a pending request for a new license back: who made it, or for whom it was made."""
    require_withdrawer(order, order.assigned_to, by)
    with recorded("order.withdrawn", by=by):
        decide(order, Outcome.WITHDRAWN, by=by)
        tell_withdrawn(order)
        if order.is_by_proxy:
            emails.notify_withdrawn_for_other.enqueue(order.pk)
    return order


def _tell_decided(order: Order, by: User) -> None:
    emails.notify_request_decided.enqueue(order.pk)
    if request_behind(order) is not None:
        emails.notify_passed_on_decided.enqueue(order.pk)
    if by.is_cci_staff and order.requested_to != Organization.objects.vendor():
        emails.notify_decided_by_cci.enqueue(order.pk)


def pass_on_order(
    *,
    order: Order,
    by: User,
    purchase_order: str = "",
    comments: str = "",
    form_token: UUID | None = None,
) -> Order:
    """Pass a request for a new license on; return the supplier's own request."""
    with recorded("order.passed on", by=by):
        return make_passed_on(
            order,
            by=by,
            purchase_order=purchase_order,
            comments=comments,
            form_token=form_token,
        )


def make_passed_on(
    request: Any, *, by: User, purchase_order: str, comments: str, form_token: UUID | None
) -> Order:
    """Ask our own supplier for what a request (of either kind) asks of us, and link the two.

    In the caller's transaction; the first request stays pending. Nothing of who made it goes on
    but what is written here. Refused while, or after, it was passed on with success.
    """
    supplier = request.requested_to
    if not by.administers(supplier):
        raise NotAllowed(
            _("Only administrators of %(supplier)s may pass this request on.")
            % {"supplier": supplier}
        )
    hold_place(supplier)
    # Two who pass on, or decide, at the same moment wait here for each other.
    request = type(request).objects.select_for_update(of=("self",)).get(pk=request.pk)
    if first := sent_before(Order, form_token=form_token, by=by):
        return first
    require_pending(request)
    require_decider(request, by)
    if not request.may_be_passed_on:
        former = request.passed_on_as
        raise DomainError(
            _("%(person)s passed this request on already, to %(supplier)s: order %(order)s.")
            % {"person": former.requested_by, "supplier": former.requested_to, "order": former}
        )
    asked = request.asked_order
    request.passed_on_as = make_request(
        organization=supplier,
        inventory_type=asked.inventory_type,
        products=list(asked.products.all()),
        by=by,
        students=request.requested_students,
        users_per_code=asked.users_per_code,
        purchase_order=purchase_order,
        comments=comments,
        form_token=form_token,
    )
    request.save(update_fields=["passed_on_as"])
    return request.passed_on_as
