"""Large workbooks of codes, kept until a code changes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activation_codes.models import workbook_triggers as triggers
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.models.file_parts import FilePart
from licenses.models import Enrollment, Order, Product, ProductFamily


class WorkbookState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    READY = "ready", _("Ready")
    # A code changed, so its parts were deleted.
    OUTDATED = "outdated", _("Outdated")
    FAILED = "failed", _("Failed")


class CodeWorkbook(models.Model):
    """A large workbook of an order's codes, which a worker is writing, will write, or wrote.

    One for each order. Deleting it cancels the writing. Triggers outdate it when a code changes.
    """

    order = models.OneToOneField(
        Order, models.CASCADE, related_name="workbook", verbose_name=_("order")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=WorkbookState.choices, default=WorkbookState.WAITING
    )
    number_of_codes = models.PositiveIntegerField(_("number of codes"))
    written = models.PositiveIntegerField(_("written so far"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    # How often a code changed since it was requested; counted by triggers.
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    downloaded_at = models.DateTimeField(_("last downloaded at"), null=True, editable=False)

    class Meta:
        verbose_name = _("workbook of codes")
        verbose_name_plural = _("workbooks of codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WorkbookState.values),
                name="activation_codes_codeworkbook_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.number_of_codes}"

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is writing it, or will."""
        return self.state == WorkbookState.WAITING

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded now."""
        return self.state == WorkbookState.READY

    @property
    def was_missed(self) -> bool:
        """Whether it became outdated before anyone downloaded it."""
        return self.state == WorkbookState.OUTDATED and self.downloaded_at is None

    @property
    def described(self) -> str:
        """How far it is, or why it can't be downloaded; empty if there is nothing to say."""
        if self.is_waiting:
            return _("Writing the workbook: %(written)s of %(number)s codes so far") % {
                "written": f"{self.written:,}",
                "number": f"{self.number_of_codes:,}",
            }
        if self.state == WorkbookState.FAILED:
            return str(_("The workbook could not be written. Choose Download Codes to try again."))
        if self.downloaded_at is not None:
            return ""
        if self.is_ready:
            return str(_("The workbook is ready."))
        return str(
            _(
                "Codes changed in the meantime, so the workbook was deleted. Choose Download "
                "Codes to write it again while you wait."
            )
        )


class WorkbookPart(FilePart):
    """A piece of the file of a workbook that is ready."""

    # The constraint's index finds it.
    workbook = models.ForeignKey(
        CodeWorkbook,
        models.CASCADE,
        related_name="parts",
        verbose_name=_("workbook of codes"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("part of a workbook")
        verbose_name_plural = _("parts of workbooks")
        constraints = [
            models.UniqueConstraint(
                fields=["workbook", "number"], name="activation_codes_workbookpart_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.workbook}, {self.number}"


class EnrollmentWithRedemption(Enrollment):
    """Enrollments, for the trigger that outdates the workbook that shows them."""

    class Meta:
        proxy = True
        triggers = [triggers.ENROLLMENT_CHANGED]


class UserWithRedemptions(User):
    """People, for the trigger that outdates the workbooks that show them."""

    class Meta:
        proxy = True
        triggers = [triggers.PERSON_CHANGED]


class OrderWithWorkbook(Order):
    """Orders, for the trigger that outdates the workbook with their facts."""

    class Meta:
        proxy = True
        triggers = [triggers.ORDER_CHANGED]


class OrganizationWithWorkbooks(Organization):
    """Organizations, for the trigger that outdates the workbooks with their name."""

    class Meta:
        proxy = True
        triggers = [triggers.ORGANIZATION_CHANGED]


class ProductWithWorkbooks(Product):
    """Products, for the trigger that outdates the workbooks with their name."""

    class Meta:
        proxy = True
        triggers = [triggers.PRODUCT_RENAMED]


class ProductFamilyWithWorkbooks(ProductFamily):
    """Product families, for the trigger that outdates the workbooks with their name."""

    class Meta:
        proxy = True
        triggers = [triggers.FAMILY_RENAMED]
