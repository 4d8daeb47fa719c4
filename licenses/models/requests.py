"""What new-license requests and renewal requests have in common."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

COMMENTS_LENGTH = 4_000
REASON_LENGTH = 500


class Outcome(models.TextChoices):
    """What became of a request. An order assigned without a request is approved at once."""

    PENDING = "pending", _("Requested")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RequestFields(models.Model):
    """Who asked whom, what was decided, by whom and when; the comments of both sides."""

    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.PENDING
    )
    purchase_order = models.CharField(_("purchase order"), max_length=64, blank=True)
    requested_to = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested to"),
    )
    requested_by_organization = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by organization"),
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"), null=True, blank=True)
    # The number asked for, empty = unlimited; what was granted stands in the order's own fields.
    requested_students = models.PositiveIntegerField(_("students asked for"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    requester_comments = models.TextField(
        _("requester comments"), blank=True, max_length=COMMENTS_LENGTH
    )
    approval_comments = models.TextField(
        _("approval comments"), blank=True, max_length=COMMENTS_LENGTH
    )
    # Of the form that asked: a form sent twice makes one request.
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="%(app_label)s_%(class)s_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.PENDING, decided_by=None, decided_at=None)
                | ~Q(outcome=Outcome.PENDING)
                & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="%(app_label)s_%(class)s_decided_by_and_at",
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
        ]

    @property
    def is_pending(self):
        return self.outcome == Outcome.PENDING
