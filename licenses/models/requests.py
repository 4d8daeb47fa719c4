"""What requests for new licenses and renewals have in common."""

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Level, Membership, Organization
from jasper_inventory.lib.text_fields import Compact, IsPlain, LineField, folded_key
from licenses.models.branches import above_holder, in_branch

if TYPE_CHECKING:
    from licenses.models.orders import Order

R = TypeVar("R", bound="RequestFields")

COMMENTS_LENGTH = 4_000
REASON_LENGTH = 500
# The largest value of the column for the requested students. For codes, it is codes x users per
# code.
MOST_ASKED = 2_147_483_647


class Outcome(models.TextChoices):
    """The outcome of a request. An order assigned without a request is approved from the start."""

    PENDING = "pending", _("Requested")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# The terms that a supplier may grant differently, as the requester reads them.
CHANGED_TERMS = {
    "students": _("Students"),
    "users_per_code": _("Users per code"),
    "duration": _("Duration (days)"),
    "start_date": _("Start date"),
    "finish_date": _("Finish date"),
}
# Between the levels of a chain: the lowest makes the request, and the vendor can't forward it.
MOST_FORWARDS = len(Level) - 2


class RequestQuerySet(models.QuerySet[R]):
    """Selects requests of either kind."""

    # What leads to the order, such as "order__", and the fields of the organizations that dealt
    # with the request.
    order: str
    sides: tuple[str, ...]

    def visible_to(self, membership: Membership | None) -> Self:
        """Return the requests that a role may see."""
        raise NotImplementedError

    def terms_known_to(self, organization: Organization) -> Q:
        """Return the condition for a reader to see who asked, reviewed, assigned, and their words.

        The only rule for everything that a former supplier left on a row: names, people, purchase
        order, comments and reasons stay between it, the license holder and CCI. The new supplier
        sees none of it. Use it on rows of `visible_to` only.
        """
        if organization.is_vendor or not organization.is_supplier:
            # A center sees only its own orders.
            return Q(pk__isnull=False)
        is_own = Q(**{f"{self.order}assigned_to": organization.pk})
        return is_own | above_holder(self.sides, self.order)

    def with_terms_shown(self, organization: Organization) -> Self:
        """Annotate `shows_terms`: see `terms_known_to`."""
        shown = Case(
            When(self.terms_known_to(organization), then=Value(True)), default=Value(False)
        )
        return self.annotate(shows_terms=ExpressionWrapper(shown, models.BooleanField()))

    def of_former_proxies(self, organization: Organization) -> Self:
        """Return pending requests for a branch, made by organizations no longer above it."""
        asker = F("requested_by_organization__path")
        is_above = Q(**{f"{self.order}assigned_to__path__startswith": asker})
        return self.pending().filter(in_branch(organization, self.order), ~is_above)

    def pending(self) -> Self:
        """Return pending requests."""
        return self.filter(outcome=Outcome.PENDING)

    def addressed_to(self, organization: Organization | int) -> Self:
        """Return the requests that the organization reviews."""
        return self.filter(requested_to=organization)

    def made_by_or_for(self, organization: int | None) -> Self:
        """Return the requests that the organization made, or that were made in its place."""
        holder = {f"{self.order}assigned_to": organization}
        return self.filter(Q(requested_by_organization=organization) | Q(**holder))


class RequestFields(models.Model):
    """A request of either kind: requester, supplier and review.

    The base of both kinds: new licenses (`Order`), and those that apps above this one add. The
    methods below declare what each kind provides. Its
    `licenses.services.request_kinds.RequestKind` defines what approving it does.
    """

    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.PENDING
    )
    purchase_order = LineField(_("purchase order"), max_length=64, blank=True)
    # For searches without hyphens and spaces.
    compact_purchase_order = folded_key(Compact("purchase_order"))
    requested_to = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("requested to"),
    )
    requested_by_organization = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("requested by organization"),
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"), null=True, blank=True)
    # The requested number; empty = unlimited. The order's own fields have the granted terms.
    requested_students = models.PositiveIntegerField(_("requested students"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    requester_comments = models.TextField(
        _("requester comments"), blank=True, max_length=COMMENTS_LENGTH
    )
    approval_comments = models.TextField(
        _("approval comments"), blank=True, max_length=COMMENTS_LENGTH
    )
    # What was granted differently: see `changes_described`.
    changes = models.JSONField(
        _("changes"), default=list, blank=True, editable=False, encoder=DjangoJSONEncoder
    )
    # The supplier's own request for a new license to fill this one.
    forwarded_as = models.OneToOneField(
        "licenses.Order",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("forwarded as"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="%(app_label)s_%(class)s_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.PENDING, reviewed_by=None, reviewed_at=None)
                | ~Q(outcome=Outcome.PENDING)
                & Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="%(app_label)s_%(class)s_reviewed_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(
                    requested_to=None,
                    requested_by=None,
                    requested_by_organization=None,
                    requested_at=None,
                )
                | Q(
                    requested_to__isnull=False,
                    requested_by__isnull=False,
                    requested_by_organization__isnull=False,
                    requested_at__isnull=False,
                ),
                name="%(app_label)s_%(class)s_requested_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(requested_students=None) | Q(requested_students__gte=1),
                name="%(app_label)s_%(class)s_requested_students",
            ),
            models.CheckConstraint(
                condition=models.lookups.LessThanOrEqual(
                    Length("requester_comments"), COMMENTS_LENGTH
                )
                & models.lookups.LessThanOrEqual(Length("approval_comments"), COMMENTS_LENGTH),
                name="%(app_label)s_%(class)s_comments_length",
            ),
            models.CheckConstraint(
                condition=IsPlain("purchase_order"), name="%(app_label)s_%(class)s_plain_text"
            ),
        ]

    @property
    def is_pending(self) -> bool:
        return self.outcome == Outcome.PENDING

    @property
    def is_withdrawn(self) -> bool:
        return self.outcome == Outcome.WITHDRAWN

    @property
    def asked_order(self) -> "Order":
        """The order that has the requested inventory type and product mix."""
        raise NotImplementedError

    @property
    def name_in_links(self) -> str:
        """The request's name, read out after a link's label: "Withdraw request 10054"."""
        raise NotImplementedError

    def get_review_url(self) -> str:
        """Return the address where its supplier reviews it."""
        raise NotImplementedError

    def get_forward_url(self) -> str:
        """Return the address where its supplier forwards it."""
        raise NotImplementedError

    def get_withdraw_url(self) -> str:
        """Return the address where its requester or license holder withdraws it."""
        raise NotImplementedError

    @property
    def is_by_proxy(self) -> bool:
        """Whether an organization above the license holder requested it in its place."""
        return self.requested_by_organization_id not in (None, self.asked_order.assigned_to_id)

    @property
    def forwards(self) -> "list[Order]":
        """The requests that it was forwarded as, from supplier to supplier.

        The chain ends at a request to a former supplier, after a move.
        """
        forwards, forwarded = [], self.forwarded_as
        while forwarded is not None and forwarded.has_above(forwarded.requested_to):
            forwards.append(forwarded)
            forwarded = forwarded.forwarded_as
        return forwards

    @property
    def pending_with(self) -> Organization | None:
        """The organization that currently has to review a pending request."""
        waiting: RequestFields = self
        while waiting.forwarded_as is not None and waiting.forwarded_as.is_pending:
            waiting = waiting.forwarded_as
        return waiting.requested_to

    @property
    def may_be_forwarded(self) -> bool:
        """Whether the supplier can forward it now: once, or again after an unsuccessful attempt."""
        forwarded = self.forwarded_as
        return self.is_pending and (
            forwarded is None or forwarded.outcome in (Outcome.REJECTED, Outcome.WITHDRAWN)
        )

    @property
    def changes_described(self) -> list[str]:
        """The differences between granted and requested terms, one sentence each."""
        return [describe_change(change) for change in self.changes]


def describe_change(change: dict[str, Any]) -> str:
    """Return a change {"term", "asked", "granted"} in words; products are names or None."""
    if change["term"] == "product" and change["granted"] is None:
        return gettext("%(product)s was removed") % {"product": change["asked"]}
    if change["term"] == "product":
        return gettext("%(product)s was added") % {"product": change["granted"]}
    unlimited = gettext("unlimited")
    return gettext("%(term)s: %(granted)s instead of %(asked)s") % {
        "term": CHANGED_TERMS[change["term"]],
        "asked": unlimited if change["asked"] is None else change["asked"],
        "granted": unlimited if change["granted"] is None else change["granted"],
    }


def progress_columns(request: str) -> list[str]:
    """Return the columns that show how far a forwarded request got, from supplier to supplier.

    `request` leads to the first request that it was forwarded as, such as "forwarded_as__".
    """
    organizations = ("requested_to", "assigned_to")
    columns = (
        *("outcome", "requested_at", "reviewed_at", "forwarded_as"),
        *(f"{each}__{column}" for each in organizations for column in ("name", "path")),
    )
    chain = [request + "forwarded_as__" * forwards for forwards in range(MOST_FORWARDS)]
    return [each + column for each in chain for column in columns]


def request_models() -> "list[type[RequestFields]]":
    """Return the models of requests: orders, and those that apps above this one add."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, RequestFields) and not model._meta.proxy
    ]


def request_behind(order: "Order") -> "RequestFields | None":
    """Return the request (of either kind) that was forwarded as this order, or None."""
    for model in request_models():
        if first := model._default_manager.filter(forwarded_as=order).first():
            return first
    return None
