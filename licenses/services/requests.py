"""Making, approving, rejecting, withdrawing and forwarding requests of all kinds."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.tree_locks import hold_position, hold_tree
from jasper_inventory.lib.audit import audited, running_act
from jasper_inventory.lib.exceptions import DomainError
from licenses import emails
from licenses.models import (
    ActivityKind,
    InventoryType,
    Order,
    Outcome,
    Product,
    RequestFields,
    RequestQuerySet,
)
from licenses.models.orders import MOST_CODES, MOST_STUDENTS
from licenses.permissions import can_forward, can_request, can_review, can_withdraw
from licenses.services.activity import write_activity
from licenses.services.allocations import product_ids
from licenses.services.inputs import check_comments
from licenses.services.orders import grant, require_on_offer, save_checked, set_products
from licenses.services.request_kinds import RequestKind
from licenses.terms import Terms, codes_for

R = TypeVar("R", bound=RequestFields)


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
) -> Order:
    """Request a new license from the organization's supplier.

    An organization above it may request in its place, as `requested_by_organization`; the
    organization is notified. `students` None means unlimited for a Center License, and is refused
    for User Activation Codes.
    """
    require_on_offer(products)
    with audited("order.requested", by=by):
        return make_request(
            organization=organization,
            inventory_type=inventory_type,
            products=products,
            by=by,
            students=students,
            users_per_code=users_per_code,
            purchase_order=purchase_order,
            comments=comments,
            requested_by_organization=requested_by_organization,
        )


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
    requested_by_organization: Organization | None = None,
) -> Order:
    """Check, save and announce a request for a new license, in the caller's transaction."""
    asking = requested_by_organization or organization
    # Current positions in the tree, which can't change until the transaction ends.
    can_request.require(organization, hold_position(asking), by)
    users_per_code = check_seats(inventory_type, students, users_per_code)
    if not products:
        raise DomainError(_("Choose at least one product."), field="products")
    order = Order(
        inventory_type=inventory_type,
        assigned_to=organization,
        requested_to=hold_position(organization).supplier,
        requested_by_organization=asking,
        requested_by=by,
        requested_at=timezone.now(),
        requested_students=students,
        users_per_code=users_per_code,
        purchase_order=purchase_order.strip(),
        requester_comments=check_comments(comments, field="requester_comments"),
    )
    save_checked(order)
    set_products(order, {product.pk for product in products})
    write_activity(ActivityKind.REQUESTED, order, asking, by=by)
    kind_of(order).notify_made(order)
    return order


def check_seats(
    inventory_type: str, students: int | None, users_per_code: int | None
) -> int | None:
    """Check the requested seats; return users per code (1 if empty; None for other types)."""
    if students is not None and students < 1:
        raise DomainError(_("At least 1 student."), field="students")
    if inventory_type != InventoryType.USER_ACTIVATION_CODES and (students or 0) > MOST_STUDENTS:
        raise DomainError(
            _("Enter at most %(most)s students, or leave it empty for unlimited.")
            % {"most": f"{MOST_STUDENTS:,}"},
            field="students",
        )
    if inventory_type != InventoryType.USER_ACTIVATION_CODES:
        return None
    if students is None:
        raise DomainError(
            _("Enter the number of students. User Activation Codes can't be unlimited."),
            field="students",
        )
    users_per_code = users_per_code or 1
    if codes_for(students, users_per_code) > MOST_CODES:
        raise DomainError(
            _("This needs more than %(most)s codes. Increase the users per code.")
            % {"most": f"{MOST_CODES:,}"},
            field="students",
        )
    return users_per_code


def kind_of(asked: R) -> RequestKind[R]:
    """Return the kind of a request; settings name the kind of each model."""
    model = asked._meta.concrete_model
    assert model is not None  # only abstract models have none
    kind: RequestKind[R] = import_string(settings.REQUEST_KINDS[model._meta.label])
    return kind


def offered_terms(request: RequestFields) -> Terms:
    """Return suggested terms for approving a request: those requested, limited if necessary."""
    return kind_of(request).offered_terms(request)


def approve_request(
    *,
    request: RequestFields,
    by: User,
    terms: Terms,
    comments: str = "",
    parent: Order | None = None,
    teacher_code: str = "",
    products: Collection[Product] | None = None,
) -> Order:
    """Approve a request and return the order that now has these terms.

    CCI staff need no parent order; other suppliers allocate from their own `parent`. `products`
    None keeps the requested ones. Raises DomainError if the request is no longer pending, or if a
    rule is broken.
    """
    can_review.require(request, by)
    if parent is None and not by.is_cci_staff:
        raise DomainError(_("Choose the order to allocate from."), field="parent")
    if parent is not None and parent.assigned_to_id != request.requested_to_id:
        raise DomainError(_("The parent order must be the supplier's own."), field="parent")
    kind = kind_of(request)
    with audited(f"{kind.noun}.approved", by=by):
        holder = hold_position(request.asked_order.assigned_to)
        locked = kind.lock(request, parent)
        require_pending(request)
        order = kind.begin(request, locked)
        order.assigned_to = holder
        order.outcome = Outcome.APPROVED
        order.reviewed_by, order.reviewed_at = by, timezone.now()
        order.approval_comments = check_comments(comments, field="approval_comments")
        asked = product_ids(request.asked_order)
        pks = asked if products is None else {product.pk for product in products}
        order.changes = granted_changes(request, terms, asked_products=asked, products=pks)
        grant(
            order,
            terms=terms,
            products=pks,
            assigned_by=parent.assigned_to if parent else Organization.objects.vendor(),
            parent=parent,
            teacher_code=order.teacher_code or teacher_code,
        )
        write_activity(kind.granted, order, order.assigned_by_organization, by=by)
        kind.finish(request, order, by=by, comments=comments)
        kind.notify_reviewed(request, by)
    return order


def require_pending(asked: RequestFields) -> None:
    """Raise DomainError with the outcome unless the request is still pending."""
    asked.refresh_from_db()
    if not asked.is_pending:
        raise DomainError(
            _("This request is no longer pending: it was %(outcome)s by %(who)s.")
            % {"outcome": asked.get_outcome_display().lower(), "who": asked.reviewed_by}
        )


def review(
    asked: RequestFields, outcome: str, *, by: User, comments: str | None = None, **values: Any
) -> None:
    """Claim a pending request by one conditional update, and refresh it.

    Raises DomainError if it is no longer pending, or is now addressed to another supplier.
    """
    values |= {"outcome": outcome, "reviewed_by": by, "reviewed_at": timezone.now()}
    if comments is not None:
        values["approval_comments"] = check_comments(comments, field="approval_comments")
    pending = type(asked)._default_manager.filter(
        pk=asked.pk, outcome=Outcome.PENDING, requested_to=asked.requested_to_id
    )
    if pending.update(**values) != 1:
        require_pending(asked)
        raise DomainError(
            _("This request is now addressed to %(supplier)s.") % {"supplier": asked.requested_to}
        )
    asked.refresh_from_db()


def granted_changes(
    asked: RequestFields,
    terms: Terms,
    *,
    asked_products: Collection[int],
    products: Collection[int],
) -> list[dict[str, Any]]:
    """Return the changes to a pending request, each as {"term", "asked", "granted"}.

    The only such comparison, regardless of who reviews. Rounding students up to fill the last
    code is not a change. Products are given by their current names.
    """
    students = terms.students
    if asked.asked_order.is_codes:
        students = (terms.number_of_codes or 0) * (terms.users_per_code or 1)
    granted = {**vars(terms), "students": students}
    changes = [
        {"term": term, "asked": value, "granted": granted[term]}
        for term, value in kind_of(asked).asked_terms(asked).items()
        if value != granted[term] and not (term == "students" and _fills_codes(value, terms))
    ]
    off = Product.objects.filter(pk__in=set(asked_products) - set(products))
    for product in off.select_related("family"):
        changes.append({"term": "product", "asked": str(product), "granted": None})
    added = Product.objects.filter(pk__in=set(products) - set(asked_products))
    for product in added.select_related("family"):
        changes.append({"term": "product", "asked": None, "granted": str(product)})
    return changes


def _fills_codes(students: int | None, terms: Terms) -> bool:
    """Return whether this number of students needs exactly the granted codes."""
    return (
        bool(students and terms.number_of_codes and terms.users_per_code)
        and codes_for(students or 0, terms.users_per_code or 1) == terms.number_of_codes
    )


def reject_request(*, request: R, by: User, comments: str) -> R:
    """Reject a request; the comment is required."""
    can_review.require(request, by)
    if not comments.strip():
        raise DomainError(
            _("Enter the reason for rejecting the request."), field="approval_comments"
        )
    kind = kind_of(request)
    with audited(f"{kind.noun}.rejected", by=by):
        hold_tree()
        review(request, Outcome.REJECTED, by=by, comments=comments)
        reason = request.approval_comments
        _write_activity(ActivityKind.REJECTED, request, request.requested_to, by=by, reason=reason)
        kind.notify_reviewed(request, by)
    return request


def withdraw_request(*, request: R, by: User) -> R:
    """Withdraw a pending request, as the requester or the license holder."""
    can_withdraw.require(request, by)
    kind = kind_of(request)
    with audited(f"{kind.noun}.withdrawn", by=by):
        hold_tree()
        _withdraw(request, by)
        _notify_forwarder(request)
        if request.is_by_proxy:
            kind.notify_withdrawn(request)
    return request


def _withdraw(request: RequestFields, by: User) -> None:
    review(request, Outcome.WITHDRAWN, by=by)
    sides = (request.requested_by_organization, request.asked_order.assigned_to)
    _write_activity(ActivityKind.WITHDRAWN, request, *sides, by=by)


def _write_activity(
    kind: ActivityKind,
    request: RequestFields,
    *sides: Organization | None,
    by: User,
    reason: str = "",
) -> None:
    """Record the activity of a request that is an order; others keep it on their own rows."""
    if act := running_act():
        act.on(request.asked_order)
    if isinstance(request, Order):
        write_activity(kind, request, *sides, by=by, reason=reason)


def _notify_forwarder(request: RequestFields, *, by_move: bool = False) -> None:
    """Notify a supplier who forwarded a request that it was withdrawn: its own request stays."""
    if request.forwarded_as_id is not None:
        emails.notify_first_withdrawn.enqueue(request.forwarded_as_id, by_move=by_move)


def forward_request(
    *,
    request: RequestFields,
    by: User,
    purchase_order: str = "",
    comments: str = "",
) -> Order:
    """Forward a request to our own supplier; return our request for a new license.

    The first request stays pending. Only what is entered here is forwarded, nothing about the
    requester. Refused if the request was already forwarded, unless that was unsuccessful.
    """
    with audited(f"{kind_of(request).noun}.forwarded", by=by):
        can_forward.require(request, by)
        supplier = request.requested_to
        assert supplier is not None  # a request, as its supplier forwards it
        hold_position(supplier)
        # Concurrent forwards and reviews wait for each other here.
        requests = type(request)._default_manager.select_for_update(of=("self",))
        request = requests.get(pk=request.pk)
        require_pending(request)
        can_review.require(request, by)
        former = request.forwarded_as
        if former and not request.may_be_forwarded:
            raise DomainError(
                _("%(person)s already forwarded this request to %(supplier)s as order %(order)s.")
                % {"person": former.requested_by, "supplier": former.requested_to, "order": former}
            )
        asked = request.asked_order
        request.forwarded_as = make_request(
            organization=supplier,
            inventory_type=asked.inventory_type,
            products=list(asked.products.all()),
            by=by,
            students=request.requested_students,
            users_per_code=asked.users_per_code,
            purchase_order=purchase_order,
            comments=comments,
        )
        request.save(update_fields=["forwarded_as"])
        _write_activity(ActivityKind.FORWARDED, request, supplier, by=by)
    return request.forwarded_as


def withdraw_former_proxies(
    requests: RequestQuerySet[R], *, moved: Organization, old: Organization, by: User
) -> list[R]:
    """Withdraw and return the pending requests of former suppliers for a moved branch.

    A supplier that forwarded one keeps its own request. `old` is notified of the move; a supplier
    that moved along is notified here. Runs in the caller's transaction, which moves the branch.
    """
    former = requests.of_former_proxies(moved).order_by("pk")
    withdrawn = list(former.select_for_update(of=("self",)))
    for request in withdrawn:
        _withdraw(request, by)
        if request.requested_to_id != old.pk:
            _notify_forwarder(request, by_move=True)
    return withdrawn


def readdress(requests: RequestQuerySet[R], *, old: Organization, new: Organization) -> list[R]:
    """Address the requests pending with `old` to `new`; return them as they were.

    What `old` requested to fill them stays with `old`. The new supplier may not see it, and can
    forward the requests again. Runs in the caller's transaction, which moves the organization.
    """
    pending = requests.pending().filter(requested_to=old).order_by("pk")
    waiting = list(pending.select_for_update(of=("self",)))
    pks = [request.pk for request in waiting]
    requests.model._default_manager.filter(pk__in=pks).update(requested_to=new, forwarded_as=None)
    return waiting
