"""What differs between requests for a new license and those that apps above this one add."""

from typing import Any, Protocol, TypeVar

from django.utils import timezone

from jasper_inventory.accounts.models import Organization, User
from licenses import emails
from licenses.models import ActivityKind, Order, RequestFields, request_behind
from licenses.terms import Terms, codes_for, offered_dates

R = TypeVar("R", bound=RequestFields, contravariant=True)


class RequestKind(Protocol[R]):
    """One kind of request: what it offers, what approving it makes, and whom that notifies.

    `licenses.services.requests` does the rest, the same way for all kinds.
    """

    # Names its acts in the history, as in "order.approved".
    noun: str
    # The activity of an order that it was granted with.
    granted: ActivityKind
    # Whether it is granted with all of its products or not at all.
    keeps_products: bool

    def offered_terms(self, asked: R) -> Terms:
        """Sensible terms for approving it: what was asked for, as far as that is possible today."""

    def asked_terms(self, asked: R) -> dict[str, Any]:
        """What was asked for, by term, to compare with what is granted."""

    def check(self, asked: R, terms: Terms) -> None:
        """Raise DomainError where it can't be approved with these terms, whatever the source."""

    def lock(self, asked: R, parent: Order | None) -> Order:
        """Lock what approving changes, in the written order; return the order asked about.

        Raises DomainError where it can't be approved as that order is now.
        """

    def begin(self, asked: R, locked: Order) -> Order:
        """The order that is to be granted, of a request that is still pending."""

    def finish(self, asked: R, order: Order, *, by: User, comments: str) -> None:
        """What follows once the order is granted."""

    def notify_reviewed(self, asked: R, by: User) -> None:
        """Notify everyone concerned that it was approved or rejected."""

    def notify_withdrawn(self, asked: R) -> None:
        """Notify the other side of a request by proxy that it was withdrawn."""


class NewLicense:
    """Requests for a new license. The order is the request, and becomes an approved one."""

    noun = "order"
    granted = ActivityKind.APPROVED
    keeps_products = False

    def offered_terms(self, asked: Order) -> Terms:
        """What was asked, for a year."""
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
        """Students, and the users per code."""
        terms: dict[str, Any] = {"students": asked.requested_students}
        return terms | ({"users_per_code": asked.users_per_code} if asked.is_codes else {})

    def check(self, asked: Order, terms: Terms) -> None:
        """Nothing: the rules of the source are all."""

    def lock(self, asked: Order, parent: Order | None) -> Order:
        """The request itself; its source is locked as it is granted."""
        # Locked rather than claimed by an update: an approved order has its terms at once.
        return Order.objects.select_for_update(of=("self",)).get(pk=asked.pk)

    def begin(self, asked: Order, locked: Order) -> Order:
        """The request itself."""
        return locked

    def finish(self, asked: Order, order: Order, *, by: User, comments: str) -> None:
        """Nothing: the order is the request."""

    def notify_reviewed(self, asked: Order, by: User) -> None:
        """The requester; who forwarded a request as this one; its supplier, if CCI reviewed it."""
        emails.notify_request_reviewed.enqueue(asked.pk)
        if request_behind(asked) is not None:
            emails.notify_forwarded_reviewed.enqueue(asked.pk)
        if by.is_cci_staff and asked.requested_to != Organization.objects.vendor():
            emails.notify_reviewed_by_cci.enqueue(asked.pk)

    def notify_withdrawn(self, asked: Order) -> None:
        """Its own email."""
        emails.notify_withdrawn_for_other.enqueue(asked.pk)


NEW_LICENSE = NewLicense()
