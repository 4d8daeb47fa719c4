"""Activation codes, their batches and downloads, and who redeemed them."""

from typing import TYPE_CHECKING, Self, TypedDict

import pgtrigger
from django.conf import settings
from django.contrib.postgres.aggregates import StringAgg
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from activation_codes.models import workbook_triggers as triggers
from activation_codes.models.handouts import Handout
from jasper_inventory.accounts.models import Membership, Role
from jasper_inventory.lib.audit import Subject, tracked
from jasper_inventory.lib.code_format import NEW_LENGTH, formatted
from jasper_inventory.lib.indexes import where_given
from licenses.models import Enrollment, Order, Product

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


@tracked()
class CodeBatch(models.Model):
    """One use of Create Codes. The codes themselves have no history."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="code_batches", verbose_name=_("order")
    )
    number_of_codes = models.PositiveIntegerField(_("number of codes"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("code batch")
        verbose_name_plural = _("code batches")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number_of_codes__gte=1), name="activation_codes_codebatch_not_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.number_of_codes}"


class PendingBatch(models.Model):
    """A large batch of codes that a worker is creating in the background, or will.

    One for each order. It is deleted with the same commit that makes its codes visible; deleting
    it earlier cancels it.
    """

    order = models.OneToOneField(
        Order, models.CASCADE, related_name="pending_batch", verbose_name=_("order")
    )
    number_of_codes = models.PositiveIntegerField(_("number of codes"))
    created = models.PositiveIntegerField(_("created so far"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # Why it couldn't be finished, such as a license that was suspended in the meantime.
    problem = models.TextField(_("problem"), blank=True, default="")

    class Meta:
        verbose_name = _("pending code batch")
        verbose_name_plural = _("pending code batches")
        constraints = [
            models.CheckConstraint(
                condition=Q(number_of_codes__gte=1), name="activation_codes_pendingbatch_not_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.number_of_codes}"

    @property
    def is_waiting(self) -> bool:
        """Whether it isn't finished yet, and can be."""
        return not self.problem

    @property
    def described(self) -> str:
        """How far it is, or why it couldn't be finished."""
        if self.problem:
            return _("The codes were not created. %(problem)s") % {"problem": self.problem}
        text = _("Creating codes: %(created)s of %(number)s so far")
        return text % {"created": f"{self.created:,}", "number": f"{self.number_of_codes:,}"}


class DownloadKind(models.TextChoices):
    WORKBOOK = "workbook", _("Workbook")
    CARDS = "cards", _("Printed cards")


class CodeDownload(models.Model):
    """A download or a print of codes of an order; never changed."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="code_downloads", verbose_name=_("order")
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=DownloadKind, db_default=DownloadKind.WORKBOOK
    )
    number_of_codes = models.PositiveIntegerField(_("number of codes"))
    # Empty if a command wrote the codes without naming a user.
    downloaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("downloaded by"),
    )
    downloaded_at = models.DateTimeField(_("downloaded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("download of codes")
        verbose_name_plural = _("downloads of codes")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DownloadKind.values),
                name="activation_codes_codedownload_kind",
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.order}: {self.number_of_codes}"


class CodeState(models.IntegerChoices):
    """What became of a code; each code is in one state."""

    UNUSED = 1, _("Unused")
    # And not used yet.
    HANDED_OUT = 2, _("Handed out")
    PARTLY_USED = 3, _("Partly used")
    USED = 4, _("Used")
    REPLACED = 5, _("Replaced")


class ActivationCodeQuerySet(models.QuerySet["ActivationCode"]):
    def visible_to(self, membership: Membership | None) -> Self:
        """Codes of the orders that an administrator may see; none for other roles."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.filter(order__in=Order.objects.visible_to(membership))

    def manageable_by(self, membership: Membership | None) -> Self:
        """Codes of the orders that the administrator's own organization holds."""
        return self.filter(order__in=Order.objects.manageable_by(membership))

    def downloaded(self) -> Self:
        """Codes of a workbook: without those that were replaced before anyone used them."""
        return self.exclude(replacement__isnull=False, used=0)

    def usable(self) -> Self:
        """Codes that can be handed out and printed: not replaced, and with a use left."""
        return self.exclude(state__in=(CodeState.USED, CodeState.REPLACED))

    def to_hand_out(self) -> Self:
        """Usable codes that no one has."""
        return self.usable().filter(handout=None)

    def with_use_left(self) -> Self:
        """Codes that one more student can use, if their order allows it."""
        return self.filter(used__lt=F("users"))

    def with_redeemers(self) -> "models.QuerySet[WithRedeemers]":
        """Annotate the `first_names`, `last_names` and `emails` of its people, joined by "; ".

        Those of a code that no one has redeemed yet are of whom it was handed out to.
        """

        def joined(field: str) -> Case:
            people = (
                Redemption.objects.current()
                .filter(code=OuterRef("pk"))
                .order_by()
                .values("code")
                .annotate(
                    joined=StringAgg(f"enrollment__user__{field}", "; ", order_by="enrollment_id")
                )
            )
            # Skip the lookup for codes that no one redeemed yet, which are most.
            return Case(When(used__gt=0, then=Subquery(people.values("joined"))))

        codes: models.QuerySet[ActivationCode] = self
        return codes.annotate(
            first_names=Coalesce(
                joined("first_name"), F("handout__name"), output_field=models.TextField()
            ),
            last_names=joined("last_name"),
            emails=Coalesce(
                joined("email"),
                NullIf(F("handout__email"), Value("")),
                output_field=models.TextField(),
            ),
        )


class Redeemers(TypedDict):
    """What `ActivationCodeQuerySet.with_redeemers` annotates."""

    first_names: str | None
    last_names: str | None
    emails: str | None


class ActivationCode(models.Model):
    """A random code that a number of students can redeem, each once."""

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="activation_codes",
        # The index of an order's codes by state begins with it.
        db_index=False,
        verbose_name=_("order"),
    )
    code = models.CharField(_("code"), max_length=NEW_LENGTH)
    # Copied from the order, so that a constraint can check it.
    users = models.PositiveIntegerField(_("users (per code)"))
    used = models.PositiveIntegerField(_("used"), db_default=0)
    # For a leaked code: the new code, which has its remaining uses.
    replacement = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,
        related_name="replaces",
        verbose_name=_("replaced by the code"),
    )
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("replaced by"),
    )
    replaced_at = models.DateTimeField(_("replaced at"), null=True, editable=False)
    handout = models.ForeignKey(
        Handout,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="codes",
        db_index=False,
        verbose_name=_("handed out with"),
    )
    state = models.GeneratedField(
        verbose_name=_("state"),
        expression=Case(
            When(replacement__isnull=False, then=CodeState.REPLACED),
            When(used__gte=F("users"), then=CodeState.USED),
            When(used__gt=0, then=CodeState.PARTLY_USED),
            When(handout__isnull=False, then=CodeState.HANDED_OUT),
            default=CodeState.UNUSED,
        ),
        output_field=models.SmallIntegerField(choices=CodeState),
        db_persist=True,
    )

    objects = ActivationCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("activation code")
        verbose_name_plural = _("activation codes")
        ordering = ["pk"]
        indexes = [
            # A list of the codes of one state is a part of it, and that of all codes merges those.
            models.Index(fields=["order", "state", "id"], name="activation_codes_by_state"),
            # Few codes are replaced or handed out: the others pay for no index of it.
            where_given("replaced_by", name="activation_codes_replaced_by"),
            where_given("handout", name="activation_codes_handed_out"),
        ]
        constraints = [
            # Not `unique=True`, which adds an index for searches by a part.
            models.UniqueConstraint(
                fields=["code"], name="activation_codes_activationcode_code_key"
            ),
            models.UniqueConstraint(
                fields=["replacement"],
                condition=Q(replacement__isnull=False),
                name="activation_codes_activationcode_replacement",
            ),
            models.CheckConstraint(
                condition=Q(
                    code__regex=r"^[2-9B-DF-HJKMNP-TV-Z]{12}([2-9B-DF-HJKMNP-TV-Z]{7})?[B-DF-HJKMNP-TV-Z]$"
                ),
                name="activation_codes_activationcode_format",
            ),
            models.CheckConstraint(
                condition=Q(used__lte=F("users")), name="activation_codes_activationcode_used"
            ),
            models.CheckConstraint(
                condition=Q(replacement=None, replaced_by=None, replaced_at=None)
                | Q(
                    replacement__isnull=False,
                    replaced_by__isnull=False,
                    replaced_at__isnull=False,
                    used=F("users"),
                ),
                name="activation_codes_activationcode_replaced",
            ),
        ]
        triggers = [triggers.CODES_CREATED, triggers.CODE_CHANGED]

    def __str__(self) -> str:
        return formatted(self.code)

    @property
    def subject(self) -> Subject:
        """How the activity log names the code: by its order and key, as codes are secret."""
        return self.order.subject.part("activation code", self.pk)

    @property
    def is_handed_out(self) -> bool:
        """Whether someone has it who can still use it, or used it in part."""
        has_use = self.state not in (CodeState.USED, CodeState.REPLACED)
        return has_use and self.handout_id is not None


if TYPE_CHECKING:
    WithRedeemers = WithAnnotations[ActivationCode, Redeemers]


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def current(self) -> Self:
        """Redemptions whose student is still on the order."""
        return self.filter(enrollment__removed_at=None)

    def by_person(self, person: int | None) -> Self:
        """A person's own current redemptions."""
        return self.current().filter(enrollment__user=person)


@tracked()
class Redemption(models.Model):
    """A person's use of a code, with their seat on the order."""

    code = models.ForeignKey(
        ActivationCode, models.PROTECT, related_name="redemptions", verbose_name=_("code")
    )
    enrollment = models.OneToOneField(
        Enrollment, models.PROTECT, related_name="redemption", verbose_name=_("enrollment")
    )
    redeemed_at = models.DateTimeField(_("redeemed at"), auto_now_add=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        triggers = [triggers.REDEMPTION_CHANGED]

    def __str__(self) -> str:
        return str(self.enrollment)


class CourseStart(models.Model):
    """A course that a student started: a product of their order."""

    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        related_name="course_starts",
        # The index of the constraint begins with it.
        db_index=False,
        verbose_name=_("enrollment"),
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product")
    )
    started_at = models.DateTimeField(_("first started at"), auto_now_add=True)
    last_started_at = models.DateTimeField(_("last started at"), auto_now=True)

    class Meta:
        verbose_name = _("start of a course")
        verbose_name_plural = _("starts of courses")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "product"], name="activation_codes_coursestart_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrollment}: {self.product}"
