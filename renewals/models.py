"""Requests to renew an order."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Role
from jasper_inventory.lib.audit import Subject, tracked
from jasper_inventory.lib.indexes import where_given
from licenses.models import Order, Outcome, RequestFields, RequestQuerySet
from licenses.models.branches import in_branch
from licenses.terms import LAST_DAY


class CodeChoice(models.TextChoices):
    """Whether the renewed license gets a new teacher code."""

    NEW = "new", _("Create New Code")
    EXISTING = "existing", _("Use Existing Code")


class RenewalRequestQuerySet(RequestQuerySet["RenewalRequest"]):
    order = "order__"
    sides = ("requested_by_organization", "requested_to")

    def visible_to(self, membership: Membership | None) -> Self:
        """Requests for orders in an administrator's scope.

        Only the license holder and CCI see requests that a former supplier made or received.
        """
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        reader = membership.organization
        return self.filter(self.terms_known_to(reader), in_branch(reader, self.order))

    def manageable_by(self, membership: Membership | None) -> Self:
        """Requests made by or for the administrator's own organization, which it may withdraw."""
        if membership is None:
            return self.none()
        return self.visible_to(membership).made_by_or_for(membership.organization_id)

    def made_by_or_for(self, organization: int | None) -> Self:
        """Requests made by an organization, or to renew one of its orders."""
        requests = self.model.objects.order_by().values("pk")
        # Each of the two has an index. A condition with OR would read all requests.
        either = requests.filter(requested_by_organization=organization).union(
            requests.filter(order__assigned_to=organization)
        )
        return self.filter(pk__in=either)

    def newest_of(self, order: Order) -> Self:
        """The newest request to renew the order, in a queryset of at most one row."""
        named = self.filter(order=order).select_related(
            "order__assigned_to",
            "requested_to",
            "requested_by",
            "requested_by_organization",
            "reviewed_by",
        )
        return named.order_by("-pk")[:1]

    def exists_for_order(self) -> Exists:
        """An annotation for orders: whether they have a pending renewal request."""
        return Exists(self.pending().filter(order=OuterRef("pk")))


@tracked()
class RenewalRequest(RequestFields):
    """A request to renew an order; approving it creates the new order."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="renewal_requests", verbose_name=_("order")
    )
    code_choice = models.CharField(
        _("code"), max_length=10, choices=CodeChoice.choices, default=CodeChoice.NEW
    )
    start_date = models.DateField(_("start date"))
    finish_date = models.DateField(_("finish date"))
    new_order = models.OneToOneField(
        Order,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewal_request",
        verbose_name=_("new order"),
    )

    objects = RenewalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("renewal request")
        verbose_name_plural = _("renewal requests")
        ordering = ["-pk"]
        constraints = [
            *RequestFields.Meta.constraints,
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(outcome=Outcome.PENDING),
                name="renewals_renewalrequest_one_pending",
                violation_error_message=_("A renewal of this order is already requested."),
            ),
            models.CheckConstraint(
                condition=Q(start_date__lte=F("finish_date")),
                name="renewals_renewalrequest_dates",
                violation_error_message=_("The finish date is before the start date."),
            ),
            models.CheckConstraint(
                condition=Q(finish_date__lte=LAST_DAY),
                name="renewals_renewalrequest_last_day",
                violation_error_message=_("The finish date is too far away."),
            ),
            # The shared constraint also requires who requested it, and from whom.
            models.CheckConstraint(
                condition=Q(requested_at__isnull=False),
                name="renewals_renewalrequest_was_requested",
            ),
            models.CheckConstraint(
                condition=Q(code_choice__in=CodeChoice.values),
                name="renewals_renewalrequest_code_choice",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.APPROVED, new_order__isnull=False)
                | ~Q(outcome=Outcome.APPROVED) & Q(new_order=None),
                name="renewals_renewalrequest_new_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_to"],
                condition=Q(outcome=Outcome.PENDING),
                name="renewals_request_pending",
            ),
            where_given("requested_to", name="renewals_request_to"),
            where_given("requested_by", name="renewals_request_by"),
            where_given("requested_by_organization", name="renewals_request_by_whom"),
            # For the admin: the latest reviews, outcomes that few requests have, and the search.
            models.Index(fields=["reviewed_at"], name="renewals_request_by_review"),
            models.Index(
                fields=["outcome", "reviewed_at"],
                condition=~Q(outcome=Outcome.APPROVED),
                name="renewals_request_not_approved",
            ),
            GinIndex(
                OpClass("compact_purchase_order", "gin_trgm_ops"),
                name="renewals_request_by_purchase",
            ),
        ]

    def get_review_url(self) -> str:
        return reverse("renewals:renewal_review", args=[self.order.number])

    def get_forward_url(self) -> str:
        return reverse("renewals:renewal_forward", args=[self.order.number])

    def get_withdraw_url(self) -> str:
        return reverse("renewals:renewal_withdraw", args=[self.order.number])

    @property
    def requested_facts(self) -> list[tuple[str, str]]:
        """What was requested, as (label, text), for the review, the admin, emails and downloads.

        The purchase order and the comments are those of any request.
        """
        students = self.requested_students
        return [
            (gettext("Start Date"), str(self.start_date)),
            (gettext("Finish Date"), str(self.finish_date)),
            (gettext("Students"), gettext("unlimited") if students is None else f"{students:,}"),
            (gettext("Teacher Code"), self.get_code_choice_display()),
        ]

    @property
    def asked_order(self) -> Order:
        return self.order

    @property
    def name_in_links(self) -> str:
        return gettext("the renewal request of order %(number)s") % {"number": self.order.number}

    def __str__(self) -> str:
        return str(_("Renewal of %(order)s") % {"order": self.order})

    @property
    def subject(self) -> Subject:
        """How the activity log names the request."""
        return Subject("renewal request", self.pk, str(self.order), self.order.assigned_to_id)
