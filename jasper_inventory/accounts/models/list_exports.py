"""Large exports of lists, which a worker writes and the database keeps for a short time."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.file_parts import FilePart
from jasper_inventory.accounts.models.memberships import Membership
from jasper_inventory.accounts.models.organizations import Organization, Role


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class ListExportQuerySet(models.QuerySet["ListExport"]):
    def of_role(self, membership: Membership) -> Self:
        """Those that a person requested in a role."""
        return self.filter(
            requested_by=membership.user_id,
            organization=membership.organization_id,
            role=membership.role,
        )

    def visible_to(self, membership: Membership | None) -> Self:
        """Those that the person requested in this role, and that are still kept."""
        if membership is None:
            return self.none()
        return self.of_role(membership).exclude(pk__in=self.outdated().values("pk"))

    def manageable_by(self, membership: Membership | None) -> Self:
        """The same: the person cancels and deletes all that they see."""
        return self.visible_to(membership)

    def outdated(self) -> Self:
        """Those that are older than they may be kept."""
        since = timezone.now() - timedelta(hours=settings.EXPORT_HOURS)
        return self.alias(since=Coalesce("as_of", "requested_at")).filter(since__lt=since)

    def waiting(self) -> Self:
        """Those that a worker is writing, or will."""
        return self.filter(state=ExportState.WAITING)


class ListExport(models.Model):
    """A large export of a list, which a worker is writing, will write, or wrote.

    Only the person who requested it gets it, and only in the same role. Deleting it cancels it.
    """

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("requested by")
    )
    # The role, which the person may lose before the file is written or downloaded.
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    # Of the view that lists the rows, with its search, and the text that no address contains.
    address = models.TextField(_("address"))
    typed = models.CharField(_("search text"), max_length=200, blank=True)
    kind = models.CharField(_("kind of file"), max_length=4)
    title = models.CharField(_("list"), max_length=80)
    file_name = models.CharField(_("file name"), max_length=80)
    state = models.CharField(
        _("state"), max_length=10, choices=ExportState.choices, default=ExportState.WAITING
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    # The worker counts the rows first.
    number_of_rows = models.PositiveIntegerField(_("number of rows"), null=True)
    written = models.PositiveIntegerField(_("written so far"), default=0)
    # When the rows of a file that is ready were read.
    as_of = models.DateTimeField(_("as of"), null=True)

    objects = ListExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export of a list")
        verbose_name_plural = _("exports of lists")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="accounts_listexport_state"
            ),
            models.CheckConstraint(
                condition=Q(state=ExportState.READY, as_of__isnull=False)
                | (~Q(state=ExportState.READY) & Q(as_of=None)),
                name="accounts_listexport_as_of",
            ),
        ]

    def __str__(self) -> str:
        made = f"-{timezone.localtime(self.as_of):%Y-%m-%d-%H%M}" if self.as_of else ""
        return f"{self.file_name}{made}.{self.kind}"

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is writing it, or will."""
        return self.state == ExportState.WAITING

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded now."""
        return self.state == ExportState.READY

    @property
    def described(self) -> str:
        """How far it is, what its file has, or why there is none."""
        if self.as_of is not None:
            text = _("%(number)s rows as of %(made)s. Kept until %(until)s.")
            until = self.as_of + timedelta(hours=settings.EXPORT_HOURS)
            return text % {
                "number": f"{self.number_of_rows or 0:,}",
                "made": _shown(self.as_of),
                "until": _shown(until),
            }
        if self.is_waiting:
            return _("%(written)s of %(number)s rows so far") % {
                "written": f"{self.written:,}",
                "number": f"{self.number_of_rows or 0:,}",
            }
        return str(_("The file could not be written. Export the list again."))


def _shown(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


class ListExportPart(FilePart):
    """A piece of the file of an export that is ready."""

    # The constraint's index finds it.
    export = models.ForeignKey(
        ListExport,
        models.CASCADE,
        related_name="parts",
        verbose_name=_("export of a list"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of exports")
        constraints = [
            models.UniqueConstraint(
                fields=["export", "number"], name="accounts_listexportpart_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.export}, {self.number}"
