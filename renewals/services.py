"""Services for renewal requests: making one, and the effects of approving one.

`licenses.services.requests` approves, rejects, withdraws and forwards them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.tree_locks import hold_position
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError, raise_all, refusals_of
from licenses.models import ActivityKind, EnrollmentRole, Order, OrderStatus, Outcome
from licenses.permissions import can_request
from licenses.services.allocations import swapped_dates
from licenses.services.enrollments import copy_enrollments, keeping_seat, require_seat_for
from licenses.services.inputs import check_comments
from licenses.services.orders import save_checked
from licenses.services.requests import check_seats, review
from licenses.terms import Terms, codes_for, offered_renewal_dates
from renewals import emails
from renewals.models import CodeChoice, RenewalRequest


def why_no_renewal(order: Order) -> str:
    """Return why the order can't be renewed now, or "" if it can."""
    if not order.is_approved:
        return _("Only an approved order can be renewed.")
    if order.is_suspended:
        return _("A suspended order can't be renewed.")
    if Order.objects.filter(renewal_of=order).exists():
        return _("This order was already renewed.")
    if RenewalRequest.objects.pending().filter(order=order).exists():
        return _("A renewal of this order is already requested.")
    return ""


def offered_dates(order: Order) -> tuple[date, date]:
    """Return the start and finish dates offered for the renewal of an approved order."""
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
) -> RenewalRequest:
    """Request the renewal of an order from the license holder's supplier.

    An organization above the license holder may request it by proxy, as
    `requested_by_organization`; the license holder is notified. Type, product mix and users per
    code are the order's. `students` is None for unlimited.
    """
    asking = requested_by_organization or order.assigned_to
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
    )
    with audited("renewal.requested", by=by) as act:
        # Hold the positions of both in the tree until the transaction ends.
        can_request.require(order.assigned_to, hold_position(asking), by)
        renewal.requested_to = hold_position(order.assigned_to).supplier
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if reason := why_no_renewal(order):
            raise DomainError(reason)
        save_checked(renewal)
        act.on(renewal)
        act.acted_for = asking.pk
        RENEWAL.notify_made(renewal)
    return renewal


def wrong_request(
    order: Order, *, start: date | None, finish: date | None, students: int | None
) -> Iterator[DomainError]:
    """Yield what is wrong with a request to renew the order; dates that are None are skipped."""
    today = timezone.localdate()
    for field, value in (("start_date", start), ("finish_date", finish)):
        if value and value < today:
            yield DomainError(
                _("This date is in the past; today is %(today)s.") % {"today": today}, field=field
            )
    yield from swapped_dates(start, finish)
    yield from refusals_of(check_seats, order.inventory_type, students, order.users_per_code)


@dataclass
class Keepers:
    """The number of people who keep their seats on a renewal, and of seats that are missing."""

    teachers: int
    students: int
    short: int


def keepers(renewal: RenewalRequest, *, seats: int | None) -> Keepers:
    """Count who keeps their seats: with the existing code, teachers and Center License students."""
    if renewal.code_choice != CodeChoice.EXISTING:
        return Keepers(0, 0, 0)
    people = keeping_seat(renewal.order)
    teachers = people.filter(role=EnrollmentRole.TEACHER).count()
    students = people.filter(role=EnrollmentRole.STUDENT).count()
    short = 0 if seats is None else max(0, students - seats)
    return Keepers(teachers, students, short)


class RenewalKind:
    """Requests to renew an order. Approving one creates the new order.

    With the existing code, teachers keep their seats, and so do students of a Center License.
    """

    noun = "renewal"
    granted = ActivityKind.RENEWED
    keeps_products = True

    def offered_terms(self, asked: RenewalRequest) -> Terms:
        """Return the requested terms with the order's own numbers, starting today or later."""
        order = asked.order
        students = asked.requested_students
        start = max(asked.start_date, timezone.localdate())
        finish = max(asked.finish_date, start)
        if not order.is_codes:
            return Terms(start_date=start, finish_date=finish, students=students)
        return Terms(
            start_date=start,
            finish_date=finish,
            number_of_codes=codes_for(students or 1, order.users_per_code or 1),
            users_per_code=order.users_per_code,
            duration=order.duration,
        )

    def asked_terms(self, asked: RenewalRequest) -> dict[str, Any]:
        """Return the requested students and dates, and the order's own terms of codes."""
        old = asked.order
        terms: dict[str, Any] = {
            "students": asked.requested_students,
            "start_date": asked.start_date,
            "finish_date": asked.finish_date,
        }
        if old.is_codes:
            terms |= {"users_per_code": old.users_per_code, "duration": old.duration}
        return terms

    def check(self, asked: RenewalRequest, terms: Terms) -> None:
        """Raise DomainError for a suspended order, or too few seats for those who keep theirs."""
        _require_not_suspended(asked.order)
        if not asked.order.is_codes:
            require_seat_for(keepers(asked, seats=None).students, terms.students)

    def lock(self, asked: RenewalRequest, parent: Order | None) -> Order:
        """Lock and return the order to renew, which must not be suspended."""
        # Parent orders are locked first; the old order may be allocated from this one.
        if parent is not None:
            Order.objects.select_for_update(of=("self",)).get(pk=parent.pk)
        # People joining the old order wait for this lock, and are then added to both orders.
        old = Order.objects.select_for_update(of=("self",)).get(pk=asked.order_id)
        _require_not_suspended(old)
        return old

    def begin(self, asked: RenewalRequest, locked: Order) -> Order:
        """Return a new order with everything it gets from the old one and the request."""
        return Order(
            inventory_type=locked.inventory_type,
            renewal_of=locked,
            teacher_code=locked.teacher_code if asked.code_choice == CodeChoice.EXISTING else None,
            first_alert=locked.first_alert,
            second_alert=locked.second_alert,
            purchase_order=asked.purchase_order,
            requester_comments=asked.requester_comments,
            requested_to=asked.requested_to,
            requested_by_organization=asked.requested_by_organization,
            requested_by=asked.requested_by,
            requested_at=asked.requested_at,
            requested_students=asked.requested_students,
        )

    def finish(self, asked: RenewalRequest, order: Order, *, by: User, comments: str) -> None:
        """Close the request, and carry over people if the code is kept."""
        old = order.renewal_of
        assert old is not None  # `begin` set it
        granted = {"new_order": order, "changes": order.changes}
        review(asked, Outcome.APPROVED, by=by, comments=comments, **granted)
        if asked.code_choice == CodeChoice.EXISTING:
            copy_enrollments(old=old, new=order)

    def notify_made(self, asked: RenewalRequest) -> None:
        """Notify the supplier, and the license holder of a request by proxy."""
        emails.notify_renewal_requested.enqueue(asked.pk)
        if asked.is_by_proxy:
            emails.notify_renewal_requested_for.enqueue(asked.pk)

    def notify_reviewed(self, asked: RenewalRequest, by: User) -> None:
        """Notify the requester and the license holder, and the supplier if CCI reviewed it."""
        emails.notify_renewal_reviewed.enqueue(asked.pk)
        if by.is_cci_staff and asked.requested_to != Organization.objects.vendor():
            emails.notify_renewal_reviewed.enqueue(asked.pk, by_cci=True)

    def notify_withdrawn(self, asked: RenewalRequest) -> None:
        """Notify the other side of the withdrawn request."""
        emails.notify_withdrawn_for_other.enqueue(asked.pk)


RENEWAL = RenewalKind()


def _require_not_suspended(order: Order) -> None:
    if order.is_suspended:
        raise DomainError(_("A suspended order can't be renewed."))
