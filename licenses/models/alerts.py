"""Alert numbers and the enrollment pause of an order, and the alerts that were raised."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Role
from licenses.models.branches import in_branch
from licenses.models.requests import REASON_LENGTH

# Jasperactive's own rule: the code of such a site license may have leaked.
FIRST_ALERT, SECOND_ALERT = 400, 500


class AlertFields(models.Model):
    """The numbers of students that raise an alert, and the enrollment pause."""

    first_alert = models.PositiveIntegerField(_("first alert at"), default=FIRST_ALERT)
    second_alert = models.PositiveIntegerField(_("second alert at"), default=SECOND_ALERT)
    joining_paused_at = models.DateTimeField(
        _("enrollment paused at"), null=True, blank=True, editable=False
    )
    joining_paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("enrollment paused by"),
    )
    joining_pause_reason = models.CharField(max_length=REASON_LENGTH, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(first_alert__gte=1, first_alert__lt=F("second_alert")),
                name="%(app_label)s_%(class)s_alert_numbers",
                violation_error_message=_("The second number must be greater than the first."),
            ),
            models.CheckConstraint(
                condition=Q(joining_paused_at=None, joining_paused_by=None, joining_pause_reason="")
                | Q(joining_paused_at__isnull=False, joining_paused_by__isnull=False),
                name="%(app_label)s_%(class)s_joining_paused_by_and_at",
            ),
        ]


class AlertKind(models.TextChoices):
    STUDENTS = "students", _("Number of students")
    BURST = "burst", _("Many new students in an hour")
    SEATS = "seats", _("Seats nearly used up")
    ENDING = "ending", _("Expiring soon")


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, membership: Membership | None) -> Self:
        """Return the alerts of the orders in an administrator's scope."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.filter(in_branch(membership.organization, "order__"))

    def manageable_by(self, membership: Membership | None) -> Self:
        """Return none: a raised alert is permanent."""
        return self.none()


class Alert(models.Model):
    """An alert that an order raised: once per `mark`, even in races and repeated runs."""

    order = models.ForeignKey(
        "licenses.Order",
        models.PROTECT,
        related_name="alerts",
        # The index of the constraint begins with it.
        db_index=False,
        verbose_name=_("order"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=AlertKind.choices)
    # What it is about: the number reached, a day, or the days before a finish date.
    mark = models.CharField(_("mark"), max_length=24)
    # Students at that time, or seats taken; for a burst, those who joined within the hour.
    students = models.PositiveIntegerField(_("students"))
    raised_at = models.DateTimeField(_("raised at"), auto_now_add=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "id"], name="licenses_alert_by_kind")]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "mark"], name="licenses_alert_once"),
            models.CheckConstraint(
                condition=Q(kind__in=AlertKind.values), name="licenses_alert_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_kind_display()} {self.mark}"

    @property
    def is_burst(self) -> bool:
        return self.kind == AlertKind.BURST

    @property
    def is_of_seats(self) -> bool:
        return self.kind == AlertKind.SEATS

    @property
    def is_of_ending(self) -> bool:
        return self.kind == AlertKind.ENDING


class AlertRun(models.Model):
    """One run of `send_alerts`. A run without a finish time failed."""

    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True, editable=False)
    orders = models.PositiveIntegerField(_("orders expiring soon"), default=0, editable=False)
    alerts = models.PositiveIntegerField(_("alerts raised"), default=0, editable=False)

    class Meta:
        verbose_name = _("alert run")
        verbose_name_plural = _("alert runs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
