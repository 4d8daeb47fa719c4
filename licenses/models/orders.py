"""Orders, the lines of the inventory: their facts, counters and constraints."""

from datetime import date, timedelta

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.audit import Subject, tracked
from licenses.models.alerts import AlertFields
from licenses.models.branches import ABOVE, FIND_BRANCH, TRANSFERS_FOLLOW, BranchFields
from licenses.models.code_settings import CodeSettingsFields
from licenses.models.join_codes import TeacherCode
from licenses.models.mixes import FIND_MIX, MixFields
from licenses.models.order_indexes import OF_EVERYONE, OF_FEW
from licenses.models.order_queryset import InventoryType, OrderQuerySet
from licenses.models.order_status import OrderStatus, StatusFields
from licenses.models.products import Product
from licenses.models.requests import Outcome, RequestFields
from licenses.models.seats import SeatFields
from licenses.models.suspensions import SuspensionFields
from licenses.models.totals import COUNT_APPROVED
from licenses.models.triggers import INSIDE_PARENT
from licenses.terms import LAST_DAY, terms_facts

MOST_STUDENTS = 1_000_000
MOST_CODES = 1_000_000
MOST_USERS_PER_CODE = 10_000
MOST_DAYS = 3_650


def _range(field: str, most: int, *, least: int = 1) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": least, f"{field}__lte": most})


# The branch follows from the holder, and the mix from the products, whose changes are recorded.
@tracked(exclude=[*ABOVE.values(), "is_left_behind", "mix"])
class Order(
    SeatFields,
    StatusFields,
    BranchFields,
    MixFields,
    CodeSettingsFields,
    RequestFields,
    AlertFields,
    SuspensionFields,
):
    """One line of the inventory: a license that an organization holds or requested."""

    number = models.BigIntegerField(
        _("order number"),
        unique=True,
        editable=False,
        db_default=models.Func(Value("licenses_order_number"), function="nextval"),
    )
    inventory_type = models.CharField(
        _("inventory type"), max_length=10, choices=InventoryType.choices
    )
    assigned_to = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        related_name="orders",
        # The index licenses_order_inventory begins with it.
        db_index=False,
        verbose_name=_("assigned to"),
    )
    # Empty until approved. The person is `reviewed_by`.
    assigned_by_organization = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_orders",
        verbose_name=_("assigned by"),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent order"),
        help_text=_("The supplier's order that this one was allocated from."),
    )
    renewal_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewal",
        verbose_name=_("renewal of"),
    )
    teacher_code = models.ForeignKey(
        TeacherCode,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("teacher code"),
    )
    start_date = models.DateField(_("start date"), null=True, blank=True)
    finish_date = models.DateField(_("finish date"), null=True, blank=True)
    students = models.PositiveIntegerField(
        _("students"),
        null=True,
        blank=True,
        help_text=_("The maximum number of students. Empty means unlimited."),
    )
    number_of_codes = models.PositiveBigIntegerField(_("number of codes"), null=True, blank=True)
    users_per_code = models.PositiveIntegerField(_("users per code"), null=True, blank=True)
    duration = models.PositiveIntegerField(_("duration (days)"), null=True, blank=True)
    is_active = models.BooleanField(_("active license"), default=True)
    # Counters: seats and codes used by people, and allocated to child orders.
    enrolled = models.PositiveBigIntegerField(_("enrolled students"), default=0, editable=False)
    allocated = models.PositiveBigIntegerField(_("seats allocated"), default=0, editable=False)
    codes_created = models.PositiveBigIntegerField(_("codes created"), default=0, editable=False)
    codes_allocated = models.PositiveBigIntegerField(
        _("codes allocated"), default=0, editable=False
    )
    products = models.ManyToManyField(
        Product, through="licenses.OrderProduct", verbose_name=_("products")
    )

    # Annotated by `with_remaining_days`, `with_teachers`, `with_was_renewed` and
    # `with_terms_shown`.
    remaining_days: int | None
    teachers: int
    was_renewed: bool
    shows_terms: bool

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-number"]
        indexes = [
            *BranchFields.Meta.indexes,
            *OF_EVERYONE,
            *OF_FEW,
            models.Index(fields=["assigned_to", "-number"], name="licenses_order_inventory"),
            models.Index(
                fields=["requested_to"],
                condition=Q(outcome=Outcome.PENDING),
                name="licenses_order_pending",
            ),
            # For the search by part of a purchase order.
            GinIndex(
                OpClass("compact_purchase_order", "gin_trgm_ops"),
                name="licenses_order_by_purchase",
            ),
        ]
        constraints = [
            *RequestFields.Meta.constraints,
            *AlertFields.Meta.constraints,
            *SuspensionFields.Meta.constraints,
            models.CheckConstraint(
                condition=Q(inventory_type__in=InventoryType.values),
                name="licenses_order_inventory_type",
            ),
            models.CheckConstraint(
                condition=Q(start_date=None)
                | Q(finish_date=None)
                | Q(start_date__lte=F("finish_date")),
                name="licenses_order_dates",
                violation_error_message=_("The finish date is before the start date."),
            ),
            models.CheckConstraint(
                condition=Q(finish_date=None) | Q(finish_date__lte=LAST_DAY),
                name="licenses_order_last_day",
                violation_error_message=_("The finish date is too far away."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.APPROVED)
                | Q(
                    requested_at__isnull=False,
                    is_active=True,
                    suspended_at=None,
                    enrolled=0,
                    allocated=0,
                    codes_created=0,
                    codes_allocated=0,
                ),
                name="licenses_order_only_approved_is_used",
            ),
            models.CheckConstraint(
                condition=~Q(inventory_type=InventoryType.USER_ACTIVATION_CODES)
                | Q(requested_at=None)
                | Q(requested_students__isnull=False),
                name="licenses_order_codes_asked_for",
                violation_error_message=_("User Activation Codes can't be unlimited."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.APPROVED)
                | Q(
                    start_date__isnull=False,
                    finish_date__isnull=False,
                    assigned_by_organization__isnull=False,
                    teacher_code__isnull=False,
                ),
                name="licenses_order_approved_is_complete",
                violation_error_message=_("An approved order needs its dates and a teacher code."),
            ),
            models.CheckConstraint(
                condition=Q(
                    inventory_type=InventoryType.CENTER_LICENSE,
                    number_of_codes=None,
                    users_per_code=None,
                    duration=None,
                    codes_created=0,
                    codes_allocated=0,
                )
                | Q(inventory_type=InventoryType.USER_ACTIVATION_CODES, students=None, allocated=0)
                & (
                    ~Q(outcome=Outcome.APPROVED)
                    | Q(
                        number_of_codes__isnull=False,
                        users_per_code__isnull=False,
                        duration__isnull=False,
                    )
                ),
                name="licenses_order_fields_of_type",
                violation_error_message=_(
                    "Number of codes, users per code and duration are only for User Activation "
                    "Codes. Students is only for a Center License."
                ),
            ),
            models.CheckConstraint(
                # 0 if the supplier reclaimed all seats.
                condition=_range("students", MOST_STUDENTS, least=0),
                name="licenses_order_students",
                violation_error_message=_("Students must be between 1 and 1,000,000, or empty."),
            ),
            models.CheckConstraint(
                condition=_range("number_of_codes", MOST_CODES, least=0),
                name="licenses_order_number_of_codes",
                violation_error_message=_("The number of codes must be between 1 and 1,000,000."),
            ),
            models.CheckConstraint(
                condition=_range("users_per_code", MOST_USERS_PER_CODE),
                name="licenses_order_users_per_code",
                violation_error_message=_("Users per code must be between 1 and 10,000."),
            ),
            models.CheckConstraint(
                condition=_range("duration", MOST_DAYS),
                name="licenses_order_duration",
                violation_error_message=_("The duration must be between 1 and 3,650 days."),
            ),
            models.CheckConstraint(
                condition=Q(seats_available=None) | Q(seats_available__gte=0),
                name="licenses_order_seats",
                violation_error_message=_("There can't be fewer seats than are taken."),
            ),
            models.CheckConstraint(
                condition=Q(number_of_codes=None)
                | Q(number_of_codes__gte=F("codes_created") + F("codes_allocated"))
                & Q(enrolled__lte=F("codes_created") * F("users_per_code")),
                name="licenses_order_codes",
                violation_error_message=_(
                    "There can't be fewer codes than were created and allocated."
                ),
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="licenses_order_parent"
            ),
        ]
        triggers = [FIND_BRANCH, FIND_MIX, INSIDE_PARENT, TRANSFERS_FOLLOW, *COUNT_APPROVED]

    def __str__(self) -> str:
        return str(self.number) if self.number else str(_("new order"))

    @property
    def subject(self) -> Subject:
        """How the activity log names the order."""
        return Subject("order", self.pk, str(self), self.assigned_to_id)

    def get_absolute_url(self) -> str:
        return reverse("licenses:order_edit", args=[self.number])

    def get_review_url(self) -> str:
        return reverse("licenses:order_review", args=[self.number])

    def get_forward_url(self) -> str:
        return reverse("licenses:order_forward", args=[self.number])

    def get_withdraw_url(self) -> str:
        return reverse("licenses:order_withdraw", args=[self.number])

    @property
    def asked_order(self) -> "Order":
        return self

    @property
    def name_in_links(self) -> str:
        return gettext("request %(number)s") % {"number": self.number}

    @property
    def is_codes(self) -> bool:
        """Whether this is an order of User Activation Codes."""
        return self.inventory_type == InventoryType.USER_ACTIVATION_CODES

    @property
    def is_unlimited(self) -> bool:
        """Whether this is an approved "site" license."""
        return self.is_approved and not self.is_codes and self.students is None

    @property
    def is_approved(self) -> bool:
        return self.outcome == Outcome.APPROVED

    @property
    def terms_facts(self) -> list[tuple[str, str]]:
        """The granted terms, as (label, text)."""
        return terms_facts(self, teacher_code=str(self.teacher_code))

    @property
    def seats_allocated(self) -> int:
        """Seats that were allocated to other orders."""
        return self.seats_taken - self.enrolled

    @property
    def students_described(self) -> str:
        """The enrolled students and the seats, or the students that a request asks for."""
        if not self.is_approved:
            asked = self.requested_students
            return gettext("unlimited") if asked is None else str(asked)
        if self.seats is None:
            return gettext("%(enrolled)s (unlimited)") % {"enrolled": self.enrolled}
        return gettext("%(enrolled)s of %(most)s") % {"enrolled": self.enrolled, "most": self.seats}

    @property
    def allocated_described(self) -> str:
        """The seats that were allocated to other orders, and those left; "" if none were."""
        allocated, free = self.seats_allocated, self.seats_available
        if not allocated:
            return ""
        if free is None:
            return gettext("%(allocated)s allocated") % {"allocated": allocated}
        words = {"allocated": allocated, "free": free}
        return gettext("%(allocated)s allocated, %(free)s left") % words

    @property
    def codes_left(self) -> int:
        """Codes that are neither created nor allocated."""
        return (self.number_of_codes or 0) - self.codes_created - self.codes_allocated

    @property
    def assigner(self) -> Organization | None:
        """The organization that assigned the order; None if it no longer supplies the holder."""
        assigner = self.assigned_by_organization
        return assigner if self.has_above(assigner) else None

    def has_above(self, organization: Organization | None) -> bool:
        """Return whether the organization is the license holder's own, or above it now."""
        return organization is not None and self.assigned_to.path.startswith(organization.path)

    @property
    def last_day(self) -> date:
        """The finish date of an approved order, which always has one."""
        assert self.finish_date
        return self.finish_date

    def own_last_day(self, today: date) -> date | None:
        """Return the last day of access by a code redeemed today, unless the order ends first.

        None for a Center License, whose students stay until it ends.
        """
        return None if self.duration is None else today + timedelta(days=self.duration)

    @property
    def unused(self) -> int | None:
        """Seats, or codes not created, that can be allocated or reclaimed; None = unlimited."""
        return self.codes_left if self.is_codes else self.seats_available

    @property
    def is_allocatable(self) -> bool:
        """Whether seats or codes can be allocated from it, by the annotated status."""
        return self.is_usable and self.unused != 0

    def status_on(self, today: date) -> OrderStatus:
        """Return the status on a day, from the database, which has its only definition."""
        return OrderStatus(type(self).objects.statuses(today).get(pk=self.pk))


class LicenseRequest(Order):
    """The admin's view of orders that began as a request."""

    class Meta:
        proxy = True
        verbose_name = _("new license request")
        verbose_name_plural = _("new license requests")
