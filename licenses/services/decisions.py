"""Reviewing a request: one way for both kinds, so that nothing is reviewed twice."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.permissions import require_administrator
from jasper_inventory.accounts.tree_locks import hold_place
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses import emails
from licenses.models import COMMENTS_LENGTH, Outcome, Product
from licenses.models.requests import REASON_LENGTH
from licenses.terms import Terms, codes_for


def check_comments(comments: str, *, field: str) -> str:
    """The comments, trimmed; raise DomainError where they are too long."""
    comments = comments.strip()
    if len(comments) > COMMENTS_LENGTH:
        raise DomainError(
            _("At most %(most)d characters; there are %(length)d.")
            % {"most": COMMENTS_LENGTH, "length": len(comments)},
            field=field,
        )
    return comments


def check_reason(reason: str) -> str:
    """The reason of a change, trimmed; raise DomainError where it is too long."""
    reason = " ".join(reason.split())
    if len(reason) > REASON_LENGTH:
        raise DomainError(
            _("At most %(most)d characters.") % {"most": REASON_LENGTH}, field="reason"
        )
    return reason


def sent_before(
    model: Any, *, form_token: UUID | None, by: User, sender: str = "requested_by"
) -> Any:
    """The row that the same form made already, or None. DomainError where another one sent it."""
    first = form_token and model.objects.filter(form_token=form_token).first()
    if not first:
        return None
    if getattr(first, sender) != by:
        raise DomainError(_("Someone else sent this form already: open it again."))
    return first


def require_requester(holder: Organization, asking: Organization, by: User) -> None:
    """Raise NotAllowed unless `by` administers `asking`: the holder itself, or one above it.

    As both stand in the tree now; nothing moves till the caller's transaction ends.
    """
    in_scope = Organization.objects.in_scope_of(hold_place(asking)).filter(pk=holder.pk)
    if not by.administers(asking) or not in_scope.exists():
        raise NotAllowed(
            _("Only an administrator of the organization, or of one above it, may request this.")
        )


def require_withdrawer(request: Any, holder: Organization, by: User) -> None:
    """Raise NotAllowed unless `by` administers who made the request, or for whom it was made."""
    asking = request.requested_by_organization
    if asking is None or not by.administers(asking) and not by.administers(holder):
        raise NotAllowed(_("Only the organization that made a request may withdraw it."))


def require_decider(request: Any, by: User) -> None:
    """Raise NotAllowed unless `by` is CCI staff or an administrator of whom the request asks."""
    require_administrator(
        request.requested_to,
        by,
        _("This request is decided by %(supplier)s.") % {"supplier": request.requested_to},
    )


def require_pending(request: Any) -> None:
    """Raise DomainError, saying what became of it, unless the request still waits."""
    request.refresh_from_db()
    if not request.is_pending:
        raise DomainError(
            _("This request is no longer pending: it was %(outcome)s by %(who)s.")
            % {"outcome": request.get_outcome_display().lower(), "who": request.decided_by}
        )


def decide(
    request: Any, outcome: str, *, by: User, comments: str | None = None, **values: Any
) -> None:
    """Claim a pending request (of either kind) by one conditional update.

    Raises DomainError where it was decided or withdrawn meanwhile, or waits for another supplier
    now. `request` is refreshed.
    """
    values |= {"outcome": outcome, "decided_by": by, "decided_at": timezone.now()}
    if comments is not None:
        values["approval_comments"] = check_comments(comments, field="approval_comments")
    pending = type(request).objects.filter(
        pk=request.pk, outcome=Outcome.PENDING, requested_to=request.requested_to_id
    )
    if pending.update(**values) != 1:
        require_pending(request)
        raise DomainError(
            _("This request waits for %(supplier)s now.") % {"supplier": request.requested_to}
        )
    request.refresh_from_db()


def tell_withdrawn(request: Any, *, by_move: bool = False) -> None:
    """Notify a supplier who forwarded a request that it was withdrawn: its own request stays."""
    if request.passed_on_as_id is not None:
        emails.notify_first_withdrawn.enqueue(request.passed_on_as_id, by_move=by_move)


def withdraw_former_proxies(
    requests: Any, *, moved: Organization, old: Organization, by: User
) -> list[Any]:
    """Withdraw the pending requests that former suppliers made for the branch that moved.

    Returns them. A supplier that forwarded one keeps its own request: `old` is notified with the
    move, a supplier that moved along is notified here. Runs in the caller's transaction, which
    moves the branch.
    """
    former = requests.of_former_proxies(moved).order_by("pk")
    withdrawn = list(former.select_for_update(of=("self",)))
    for request in withdrawn:
        decide(request, Outcome.WITHDRAWN, by=by)
        if request.requested_to_id != old.pk:
            tell_withdrawn(request, by_move=True)
    return withdrawn


def readdress(requests: Any, *, old: Organization, new: Organization) -> list[Any]:
    """Address the requests (of either kind) that wait at `old` to `new`; return them as they were.

    What `old` asked its own supplier for, to fill them, stays with `old`: the new supplier may
    not see it, and passes the requests on anew. In the caller's transaction, which moves the
    organization that they are for.
    """
    pending = requests.pending().filter(requested_to=old).order_by("pk")
    waiting = list(pending.select_for_update(of=("self",)))
    pks = [request.pk for request in waiting]
    requests.model.objects.filter(pk__in=pks).update(requested_to=new, passed_on_as=None)
    return waiting


def granted_changes(
    asked: dict[str, Any],
    terms: Terms,
    *,
    is_codes: bool,
    asked_products: Collection[int],
    products: Collection[int],
) -> list[dict[str, Any]]:
    """Each difference as {"term", "asked", "granted"}; `asked` says what was asked, by term.

    The one comparison for both kinds of requests, whoever decides. Students that fill the last
    code are no change. Products are told by their names, as they are on the day.
    """
    granted = {**vars(terms), "students": _students(terms, is_codes)}
    changes = [
        {"term": term, "asked": value, "granted": granted[term]}
        for term, value in asked.items()
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
