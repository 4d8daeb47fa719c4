"""Renewal requests: made, approved, rejected, withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.services.codes import copy_settings
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.tree_locks import hold_place
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError, raise_all, refusals_of
from licenses.models import EnrollmentRole, Order, OrderStatus, Outcome
from licenses.services.allocations import product_ids, swapped_dates
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
from licenses.services.enrollments import copy_enrollments, keeping_place, require_place_for
from licenses.services.fulfillment import Offer, Prospect, offer, prospect
from licenses.services.orders import grant, save_checked
from licenses.services.requests import check_places, make_passed_on
from licenses.terms import Terms, codes_for, offered_renewal_dates
from renewals import emails
from renewals.models import CodeChoice, RenewalRequest


def why_no_renewal(order: Order) -> str:
    """Why the order can't be renewed now; empty if it can."""
    if not order.is_approved:
        return _("Only an approved order can be renewed.")
    if order.is_suspended:
        return _("A suspended order can't be renewed.")
    if Order.objects.filter(renewal_of=order).exists():
        return _("This order was renewed already.")
    if RenewalRequest.objects.pending().filter(order=order).exists():
        return _("A renewal of this order is already requested.")
    return ""


def offered_dates(order: Order) -> tuple[date, date]:
    """Start and finish offered for a renewal of an approved order."""
    today = timezone.localdate()
    assert order.start_date and order.finish_date  # approved
    return offered_renewal_dates(
        start_date=order.start_date,
        finish_date=order.finish_date,
        today=today,
        is_depleted=order.status_on(today) == OrderStatus.DEPLETED,
    )


def request_renewal(
    *,
    order: Order,
    code_choice: str,
    start_date: date,
    finish_date: date,
    students: int | None,
    by: User,
    requested_by_organization: Organization | None = None,
    purchase_order: str = "",
    comments: str = "",
    form_token: UUID | None = None,
) -> RenewalRequest:
    """Ask the holder's supplier to renew an order; a form sent twice makes one request.

    One above the holder may ask in its place, as `requested_by_organization`; the holder is told.
    Type, product mix and users per code are the order's. `students` None means unlimited.
    """
    asking = requested_by_organization or order.assigned_to
    if first := sent_before(RenewalRequest, form_token=form_token, by=by):
        return first
    raise_all(wrong_request(order, start=start_date, finish=finish_date, students=students))
    renewal = RenewalRequest(
        order=order,
        code_choice=code_choice,
        start_date=start_date,
        finish_date=finish_date,
        requested_students=students,
        purchase_order=purchase_order.strip(),
        requester_comments=check_comments(comments, field="requester_comments"),
        requested_by_organization=asking,
        requested_by=by,
        requested_at=timezone.now(),
        form_token=form_token,
    )
    try:
        with recorded("renewal.requested", by=by):
            require_requester(order.assigned_to, asking, by)
            renewal.requested_to = hold_place(order.assigned_to).supplier
            order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
            if reason := why_no_renewal(order):
                raise DomainError(reason)
            save_checked(renewal)
            emails.notify_renewal_requested.enqueue(renewal.pk)
            if renewal.is_by_proxy:
                emails.notify_renewal_requested_for.enqueue(renewal.pk)
    except (IntegrityError, DomainError):
        # Sent twice at once: by now the first one's request stands.
        first = sent_before(RenewalRequest, form_token=form_token, by=by)
        if first is None:
            raise
        return first
    return renewal


def wrong_request(
    order: Order, *, start: date | None, finish: date | None, students: int | None
) -> Iterator[DomainError]:
    """What a request to renew the order may not ask; None isn't looked at among the dates."""
    today = timezone.localdate()
    for field, value in (("start_date", start), ("finish_date", finish)):
        if value and value < today:
            yield DomainError(
                _("This date is in the past; today is %(today)s.") % {"today": today}, field=field
            )
    yield from swapped_dates(start, finish)
    yield from refusals_of(check_places, order.inventory_type, students, order.users_per_code)


def offered_terms(renewal: RenewalRequest) -> Terms:
    """Sensible terms for approving a renewal: what was asked, with the order's own numbers.

    Where the asked-for start is past by now, today.
    """
    order = renewal.order
    students = renewal.requested_students
    start = max(renewal.start_date, timezone.localdate())
    finish = max(renewal.finish_date, start)
    if not order.is_codes:
        return Terms(start_date=start, finish_date=finish, students=students)
    return Terms(
        start_date=start,
        finish_date=finish,
        number_of_codes=codes_for(students or 1, order.users_per_code or 1),
        users_per_code=order.users_per_code,
        duration=order.duration,
    )


def approve_renewal(
    *,
    renewal: RenewalRequest,
    by: User,
    terms: Terms,
    comments: str = "",
    source: Order | None = None,
    teacher_code: str = "",
) -> Order:
    """Approve a renewal: make the new order and return it.

    With the existing code teachers keep their place, and students of a Center License too.
    Raises DomainError where the request isn't pending any more, or a rule breaks.
    """
    require_decider(renewal, by)
    if source is None and not by.is_cci_staff:
        raise DomainError(_("Choose the order to take the places from."), field="source")
    if source is not None and source.assigned_to_id != renewal.requested_to_id:
        raise DomainError(_("The source must be the supplier's own order."), field="source")
    with recorded("renewal.approved", by=by):
        holder = hold_place(renewal.order.assigned_to)
        # Sources are locked before what was carved from them, which the old order may be.
        if source is not None:
            source = Order.objects.select_for_update(of=("self",)).get(pk=source.pk)
        # Who joins the old order meanwhile waits, and is then put on both.
        old = Order.objects.select_for_update(of=("self",)).get(pk=renewal.order_id)
        if old.is_suspended:
            raise DomainError(_("A suspended order can't be renewed."))
        require_pending(renewal)
        keeps_code = renewal.code_choice == CodeChoice.EXISTING
        changes = renewal_changes(renewal, terms=terms)
        assigned_by = source.assigned_to if source else Organization.objects.vendor()
        new = _begun(renewal, old)
        new.assigned_to = holder
        new.approval_comments = check_comments(comments, field="approval_comments")
        new.changes = changes
        new.outcome, new.decided_by, new.decided_at = Outcome.APPROVED, by, timezone.now()
        grant(
            new,
            terms=terms,
            products=product_ids(old),
            assigned_by=assigned_by,
            source=source,
            teacher_code=old.teacher_code if keeps_code else teacher_code,
        )
        decide(renewal, Outcome.APPROVED, by=by, comments=comments, new_order=new, changes=changes)
        if old.is_codes:
            copy_settings(old=old, new=new)
        if keeps_code:
            copy_enrollments(old=old, new=new)
        _tell_decided(renewal, by)
    return new


def _begun(renewal: RenewalRequest, old: Order) -> Order:
    """The order that renews the old one, with all that comes from the old one and the request."""
    return Order(
        inventory_type=old.inventory_type,
        renewal_of=old,
        first_alert=old.first_alert,
        second_alert=old.second_alert,
        purchase_order=renewal.purchase_order,
        requester_comments=renewal.requester_comments,
        requested_to=renewal.requested_to,
        requested_by_organization=renewal.requested_by_organization,
        requested_by=renewal.requested_by,
        requested_at=renewal.requested_at,
        requested_students=renewal.requested_students,
    )


def renewal_changes(renewal: RenewalRequest, *, terms: Terms) -> list[dict[str, Any]]:
    """What approving a pending renewal with these terms would change of what was asked."""
    old = renewal.order
    asked: dict[str, Any] = {
        "students": renewal.requested_students,
        "start_date": renewal.start_date,
        "finish_date": renewal.finish_date,
    }
    if old.is_codes:
        asked |= {"users_per_code": old.users_per_code, "duration": old.duration}
    return granted_changes(asked, terms, is_codes=old.is_codes, asked_products=(), products=())


@dataclass
class Keepers:
    """Who keeps a place on a renewal, and how many places are missing for them."""

    teachers: int
    students: int
    short: int


def keepers(renewal: RenewalRequest, *, places: int | None) -> Keepers:
    """With the existing code: teachers, and the students of a Center License."""
    if renewal.code_choice != CodeChoice.EXISTING:
        return Keepers(0, 0, 0)
    people = keeping_place(renewal.order)
    teachers = people.filter(role=EnrollmentRole.TEACHER).count()
    students = people.filter(role=EnrollmentRole.STUDENT).count()
    short = 0 if places is None else max(0, students - places)
    return Keepers(teachers, students, short)


def offer_renewal(renewal: RenewalRequest) -> Offer:
    """What the supplier can grant a renewal with."""
    return offer(renewal, terms=offered_terms(renewal), all_products=True)


def prospect_renewal(renewal: RenewalRequest, *, source: Order, terms: Terms) -> Prospect:
    """What approving a pending renewal like this would do."""
    old = renewal.order
    done = prospect(
        old,
        source=source,
        terms=terms,
        products=product_ids(old),
        changes=renewal_changes(renewal, terms=terms),
    )
    try:
        if old.is_suspended:
            raise DomainError(_("A suspended order can't be renewed."))
        if not old.is_codes:
            require_place_for(keepers(renewal, places=None).students, terms.students)
    except DomainError as error:
        done.problem = str(error)
    return done


def pass_on_renewal(
    *,
    renewal: RenewalRequest,
    by: User,
    purchase_order: str = "",
    comments: str = "",
    form_token: UUID | None = None,
) -> Order:
    """Pass a renewal request on, as a request for a new license; return that."""
    with recorded("renewal.passed on", by=by):
        return make_passed_on(
            renewal,
            by=by,
            purchase_order=purchase_order,
            comments=comments,
            form_token=form_token,
        )


def reject_renewal(*, renewal: RenewalRequest, by: User, comments: str) -> RenewalRequest:
    """Reject a renewal request; the comment says why."""
    require_decider(renewal, by)
    if not comments.strip():
        raise DomainError(_("Say why the request is rejected."), field="approval_comments")
    with recorded("renewal.rejected", by=by):
        decide(renewal, Outcome.REJECTED, by=by, comments=comments)
        _tell_decided(renewal, by)
    return renewal


def withdraw_renewal(*, renewal: RenewalRequest, by: User) -> RenewalRequest:
    """Take a pending renewal request back: who made it, or for whom it was made."""
    require_withdrawer(renewal, renewal.order.assigned_to, by)
    with recorded("renewal.withdrawn", by=by):
        decide(renewal, Outcome.WITHDRAWN, by=by)
        tell_withdrawn(renewal)
        if renewal.is_by_proxy:
            emails.notify_withdrawn_for_other.enqueue(renewal.pk)
    return renewal


def _tell_decided(renewal: RenewalRequest, by: User) -> None:
    emails.notify_renewal_decided.enqueue(renewal.pk)
    if by.is_cci_staff and renewal.requested_to != Organization.objects.vendor():
        emails.notify_renewal_decided.enqueue(renewal.pk, by_cci=True)
