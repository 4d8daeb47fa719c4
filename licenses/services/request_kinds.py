"""The differences between requests for new licenses and those that apps above this one add."""

from typing import Any, Protocol, TypeVar

from django.utils import timezone

from jasper_inventory.accounts.models import Organization, User
from licenses import emails
from licenses.models import ActivityKind, Order, RequestFields, request_behind
from licenses.terms import Terms, codes_for, offered_dates

R = TypeVar("R", bound=RequestFields, contravariant=True)


class RequestKind(Protocol[R]):
    """One kind of request: its suggested terms, its approval, and its notifications.

    `licenses.services.requests` does the rest in the same way for all kinds.
    """

    # The prefix of its acts in the history, as in "order.approved".
    noun: str
    # The kind of activity that records its approval.
    granted: ActivityKind
    # Whether it can only be approved with all of its products.
    keeps_products: bool

    def offered_terms(self, asked: R) -> Terms:
        """Return suggested terms: those requested, limited to what is possible today."""

    def asked_terms(self, asked: R) -> dict[str, Any]:
        """Return the requested terms, by name, to compare with the granted ones."""

    def check(self, asked: R, terms: Terms) -> None:
        """Raise DomainError if these terms are not possible with any parent order."""

    def lock(self, asked: R, parent: Order | None) -> Order:
        """Lock what the approval changes, in the documented order; return the requested order.

        Raises DomainError if that order can't be approved now.
        """

    def begin(self, asked: R, locked: Order) -> Order:
        """Return the order to grant, for a request that is still pending."""

    def finish(self, asked: R, order: Order, *, by: User, comments: str) -> None:
        """Do what follows once the order is granted."""

    def notify_made(self, asked: R) -> None:
        """Notify the supplier, and the license holder of a request by proxy."""

    def notify_reviewed(self, asked: R, by: User) -> None:
        """Notify everyone concerned that it was approved or rejected."""

    def notify_withdrawn(self, asked: R) -> None:
        """Notify the other side of a request by proxy that it was withdrawn."""


class NewLicense:
    """Requests for a new license. The order itself is the request, and becomes approved."""

    noun = "order"
    granted = ActivityKind.APPROVED
    keeps_products = False

    def offered_terms(self, asked: Order) -> Terms:
        """Return the requested seats, for a year."""
        start, finish = offered_dates(timezone.localdate())
        if not asked.is_codes:
            return Terms(start_date=start, finish_date=finish, students=asked.requested_students)
        users = asked.users_per_code or 1
        return Terms(
            start_date=start,
            finish_date=finish,
            number_of_codes=codes_for(asked.requested_students or 1, users),
            users_per_code=users,
            duration=(finish - start).days,
        )

    def asked_terms(self, asked: Order) -> dict[str, Any]:
        """Return the requested students and users per code."""
        terms: dict[str, Any] = {"students": asked.requested_students}
        return terms | ({"users_per_code": asked.users_per_code} if asked.is_codes else {})

    def check(self, asked: Order, terms: Terms) -> None:
        """Do nothing: only the rules of the parent order apply."""

    def lock(self, asked: Order, parent: Order | None) -> Order:
        """Lock and return the request itself; its parent order is locked when it is granted."""
        # Locked rather than claimed by an update, as an approved order must have its terms.
        return Order.objects.select_for_update(of=("self",)).get(pk=asked.pk)

    def begin(self, asked: Order, locked: Order) -> Order:
        """Return the request itself."""
        return locked

    def finish(self, asked: Order, order: Order, *, by: User, comments: str) -> None:
        """Do nothing: the order is the request."""

    def notify_made(self, asked: Order) -> None:
        """Notify the supplier, and the license holder of a request by proxy."""
        emails.notify_request_made.enqueue(asked.pk)
        if asked.is_by_proxy:
            emails.notify_requested_for.enqueue(asked.pk)

    def notify_reviewed(self, asked: Order, by: User) -> None:
        """Notify the requester, a forwarding supplier, and its supplier if CCI reviewed it."""
        emails.notify_request_reviewed.enqueue(asked.pk)
        if request_behind(asked) is not None:
            emails.notify_forwarded_reviewed.enqueue(asked.pk)
        if by.is_cci_staff and asked.requested_to != Organization.objects.vendor():
            emails.notify_reviewed_by_cci.enqueue(asked.pk)

    def notify_withdrawn(self, asked: Order) -> None:
        """Notify the other side by email."""
        emails.notify_withdrawn_for_other.enqueue(asked.pk)


NEW_LICENSE = NewLicense()
