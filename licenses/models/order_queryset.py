"""Selecting orders: which are in force, and who can see them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Organization, Role
from jasper_inventory.lib.columns import with_columns
from licenses.models.branches import in_branch
from licenses.models.enrollments import Enrollment, EnrollmentRole
from licenses.models.order_status import (
    SEAT_LEFT,
    USABLE,
    has_status,
    is_in_force,
    status_expression,
)
from licenses.models.requests import (
    Outcome,
    RequestFields,
    RequestQuerySet,
    progress_columns,
)

if TYPE_CHECKING:
    from licenses.models.orders import Order


class InventoryType(models.TextChoices):
    USER_ACTIVATION_CODES = "codes", _("User Activation Codes")
    CENTER_LICENSE = "center", _("Center License")


class OrderQuerySet(RequestQuerySet["Order"]):
    order = ""
    sides = ("requested_by_organization", "requested_to", "assigned_by_organization")

    def visible_to(self, membership: Membership | None) -> Self:
        """Return an administrator's scope, or the licenses that a teacher teaches on.

        An unsuccessful request by a former supplier is visible only to CCI and to the
        organization that it was made for.
        """
        if membership is None:
            return self.none()
        if membership.role == Role.ADMINISTRATOR:
            reader = membership.organization
            seen = self.filter(in_branch(reader))
            if reader.is_vendor or not reader.is_supplier:
                return seen
            return seen.filter(Q(is_left_behind=False) | Q(assigned_to=reader.pk))
        if membership.role == Role.TEACHER:
            return self.filter(
                Exists(
                    Enrollment.objects.current().filter(
                        order=OuterRef("pk"),
                        user=membership.user_id,
                        role=EnrollmentRole.TEACHER,
                    )
                ),
                assigned_to=membership.organization_id,
                outcome=Outcome.APPROVED,
            )
        return self.none()

    def manageable_by(self, membership: Membership | None) -> Self:
        """Return the orders that the administrator's own organization holds."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.filter(assigned_to=membership.organization_id)

    def assigned_by(self, membership: Membership | None) -> Self:
        """Return the orders in an administrator's scope that its own organization assigned."""
        if membership is None:
            return self.none()
        return self.visible_to(membership).filter(
            outcome=Outcome.APPROVED, assigned_by_organization=membership.organization_id
        )

    def held_by(self, organization: Organization) -> Self:
        """Return the organization's own orders, without those of sub-organizations."""
        return self.filter(assigned_to=organization)

    def in_scope_of(self, organization: Organization) -> Self:
        """Return the orders of the organization, including sub-organizations."""
        return self.filter(in_branch(organization))

    def approved(self) -> Self:
        """Return orders that were assigned, or requested and approved."""
        return self.filter(outcome=Outcome.APPROVED)

    def not_ended(self, today: date) -> Self:
        """Return approved orders that have not ended, whatever their status."""
        return self.approved().filter(finish_date__gte=today)

    def ending_within(self, days: int, today: date) -> Self:
        """Return those that end today or within the given number of days."""
        return self.not_ended(today).filter(finish_date__lte=today + timedelta(days=days))

    def in_force(self, today: date) -> Self:
        """Return orders that are approved, active, not suspended, started and not ended."""
        return self.approved().filter(is_in_force(today))

    def to_remind_of(self, today: date, days: int) -> Self:
        """Return orders in force that end within the given number of days and weren't renewed."""
        last = today + timedelta(days=days)
        return (
            self.in_force(today).with_was_renewed().filter(finish_date__lte=last, was_renewed=False)
        )

    def open_to_join(self, today: date) -> Self:
        """Return orders in force whose enrollment isn't paused."""
        return self.in_force(today).filter(joining_paused_at=None)

    def with_seat_left(self) -> Self:
        """Return orders with a seat for one more student.

        Seats of codes that aren't created yet can't be used.
        """
        of_codes = Q(
            inventory_type=InventoryType.USER_ACTIVATION_CODES,
            enrolled__lt=F("codes_created") * F("users_per_code"),
        )
        return self.filter(of_codes | Q(inventory_type=InventoryType.CENTER_LICENSE) & SEAT_LEFT)

    def with_status(self, today: date) -> Self:
        """Annotate `status`, the Order Status of the guide on that day."""
        return self.annotate(status=status_expression(today))

    def in_status(self, today: date, *statuses: str) -> Self:
        """Return the orders with one of these statuses on that day.

        The condition is on the columns themselves: the database knows how often their values
        occur. It can't estimate `status`, and would read a whole branch for a page.
        """
        return self.filter(has_status(today, statuses))

    def statuses(self, today: date) -> "models.QuerySet[Order, str]":
        """Return the status of each order on that day, instead of the orders."""
        annotated = self.with_status(today)
        # The plugin doesn't see annotations through methods.
        return annotated.values_list("status", flat=True)  # type: ignore[misc]

    def available(self, today: date) -> Self:
        """Return orders in force with a seat left."""
        return self.in_status(today, *USABLE)

    def with_remaining_days(self, today: date) -> Self:
        """Annotate `remaining_days`: finish - today, at least 0; None without a finish date."""
        left = Func(
            F("finish_date"),
            Value(today, output_field=models.DateField()),
            template="(%(expressions)s)",
            arg_joiner=" - ",
            output_field=models.IntegerField(),
        )
        return self.annotate(
            remaining_days=Case(When(finish_date__isnull=False, then=Greatest(left, 0)))
        )

    def with_teachers(self) -> Self:
        """Annotate `teachers`, the number of teachers on the order."""
        teachers = (
            Enrollment.objects.current()
            .filter(order=OuterRef("pk"), role=EnrollmentRole.TEACHER)
            .order_by()
            .values("order")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(
            teachers=models.functions.Coalesce(models.Subquery(teachers), 0),
        )

    def with_was_renewed(self) -> Self:
        """Annotate `was_renewed`: whether a renewal was approved."""
        return self.annotate(was_renewed=self.renewal_exists())

    def renewal_exists(self) -> Exists:
        """An annotation for orders: whether a renewal was approved."""
        return Exists(
            self.model.objects.filter(renewal_of=OuterRef("pk"), renewal_of__isnull=False)
        )

    def add_forwards(self, requests: Iterable[RequestFields]) -> None:
        """Read what shows the progress of requests of either kind, with one query at most.

        Few are forwarded. Joining the whole chain to each request takes longer than a page.
        """
        forwarded = [each for each in requests if each.is_pending and each.forwarded_as_id]
        if not forwarded:
            return
        orders = with_columns(self.all(), *progress_columns(""))
        found = orders.in_bulk([each.forwarded_as_id for each in forwarded])
        for each in forwarded:
            each.forwarded_as = found[each.forwarded_as_id]

    def with_people(self) -> Self:
        """Join the organizations and people that a window names."""
        return self.select_related(
            "assigned_to",
            "assigned_by_organization",
            "reviewed_by",
            "joining_paused_by",
            "requested_by",
            "requested_by_organization",
            "requested_to",
            "suspended_by",
            "suspended_by_organization",
            "teacher_code",
        )
