"""What differs between requests for a new license and those that apps above this one add."""

from collections.abc import Collection
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.lib.exceptions import DomainError
from licenses import emails
from licenses.models import Order, Outcome, Product, RequestFields, request_behind
from licenses.services.inputs import check_comments
from licenses.terms import Terms, codes_for, offered_dates

R = TypeVar("R", bound=RequestFields)
OfKind = TypeVar("OfKind", bound=RequestFields, contravariant=True)


class RequestKind(Protocol[OfKind]):
    """One kind of request: what it offers, what approving it makes, and whom that notifies.

    `licenses.services.requests` does the rest, the same way for all kinds.
    """

    # Names its acts in the history, as in "order.approved".
    noun: str
    # Whether it is granted with all of its products or not at all.
    keeps_products: bool

    def offered_terms(self, asked: OfKind) -> Terms:
        """Sensible terms for approving it: what was asked for, as far as that is possible today."""

    def asked_terms(self, asked: OfKind) -> dict[str, Any]:
        """What was asked for, by term, to compare with what is granted."""

    def check(self, asked: OfKind, terms: Terms) -> None:
        """Raise DomainError where it can't be approved with these terms, whatever the source."""

    def begin(self, asked: OfKind, source: Order | None) -> Order:
        """The order that is to be granted, once all is locked and the request is still pending."""

    def finish(self, asked: OfKind, order: Order, *, by: User, comments: str) -> None:
        """What follows once the order is granted."""

    def notify_reviewed(self, asked: OfKind, by: User) -> None:
        """Notify everyone concerned that it was approved or rejected."""

    def notify_withdrawn(self, asked: OfKind) -> None:
        """Notify the other side of a request by proxy that it was withdrawn."""


def kind_of(asked: R) -> RequestKind[R]:
    """The kind of a request; settings name those of all models."""
    model = asked._meta.concrete_model
    assert model is not None  # only abstract models have none
    kind: RequestKind[R] = import_string(settings.REQUEST_KINDS[model._meta.label])
    return kind


class NewLicense:
    """Requests for a new license. The order is the request, and becomes an approved one."""

    noun = "order"
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

    def begin(self, asked: Order, source: Order | None) -> Order:
        """The request itself."""
        # Locked rather than claimed by an update: an approved order has its terms at once.
        order = Order.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        require_pending(asked)
        return order

    def finish(self, asked: Order, order: Order, *, by: User, comments: str) -> None:
        """Nothing: the order is the request."""

    def notify_reviewed(self, asked: Order, by: User) -> None:
        """The requester; who forwarded a request as this one; its supplier, if CCI reviewed it."""
        emails.notify_request_decided.enqueue(asked.pk)
        if request_behind(asked) is not None:
            emails.notify_passed_on_decided.enqueue(asked.pk)
        if by.is_cci_staff and asked.requested_to != Organization.objects.vendor():
            emails.notify_decided_by_cci.enqueue(asked.pk)

    def notify_withdrawn(self, asked: Order) -> None:
        """Its own email."""
        emails.notify_withdrawn_for_other.enqueue(asked.pk)


NEW_LICENSE = NewLicense()


def require_pending(asked: RequestFields) -> None:
    """Raise DomainError, saying what became of it, unless the request still waits."""
    asked.refresh_from_db()
    if not asked.is_pending:
        raise DomainError(
            _("This request is no longer pending: it was %(outcome)s by %(who)s.")
            % {"outcome": asked.get_outcome_display().lower(), "who": asked.decided_by}
        )


def decide(
    asked: RequestFields, outcome: str, *, by: User, comments: str | None = None, **values: Any
) -> None:
    """Claim a pending request by one conditional update.

    Raises DomainError where it was decided or withdrawn meanwhile, or waits for another supplier
    now. The request is refreshed.
    """
    values |= {"outcome": outcome, "decided_by": by, "decided_at": timezone.now()}
    if comments is not None:
        values["approval_comments"] = check_comments(comments, field="approval_comments")
    pending = type(asked)._default_manager.filter(
        pk=asked.pk, outcome=Outcome.PENDING, requested_to=asked.requested_to_id
    )
    if pending.update(**values) != 1:
        require_pending(asked)
        raise DomainError(
            _("This request waits for %(supplier)s now.") % {"supplier": asked.requested_to}
        )
    asked.refresh_from_db()


def granted_changes(
    asked: RequestFields,
    terms: Terms,
    *,
    asked_products: Collection[int],
    products: Collection[int],
) -> list[dict[str, Any]]:
    """What these terms and products change of a pending request: {"term", "asked", "granted"} each.

    The one comparison, whoever decides. Students that fill the last code are no change. Products
    are told by their names, as they are on the day.
    """
    granted = {**vars(terms), "students": _students(terms, asked.asked_order.is_codes)}
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


def _students(terms: Terms, is_codes: bool) -> int | None:
    if not is_codes:
        return terms.students
    return (terms.number_of_codes or 0) * (terms.users_per_code or 1)


def _fills_codes(students: int | None, terms: Terms) -> bool:
    """Whether so many students need just the codes that are granted."""
    return (
        bool(students and terms.number_of_codes and terms.users_per_code)
        and codes_for(students or 0, terms.users_per_code or 1) == terms.number_of_codes
    )
