"""The teachers and students on an order."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.accounts.models.person_copies import copies_person, name_key, rows_follow
from jasper_inventory.lib.audit import Subject, tracked
from jasper_inventory.lib.indexes import where_given
from licenses.models.join_codes import GroupKey


class EnrollmentRole(models.IntegerChoices):
    TEACHER = 1, _("Teacher")
    STUDENT = 2, _("Student")


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def visible_to(self, membership: Membership | None) -> Self:
        """Return the enrollments on orders that an administrator's own organization holds.

        Suppliers see only the number of people of their sub-organizations.
        """
        if membership is None or not membership.is_administrator:
            return self.none()
        return self.filter(order__assigned_to=membership.organization_id)

    def current(self) -> Self:
        """Return those not removed from the order, including ended ones, which keep a seat."""
        return self.filter(removed_at=None)

    def not_followed(self) -> Self:
        """Return the current enrollments not followed by another: one per order and role."""
        return self.current().filter(followed_at=None)

    def not_ended(self, today: date) -> Self:
        """Current enrollments whose own end date has not passed."""
        return self.current().filter(Q(ends_on=None) | Q(ends_on__gte=today))

    def removed(self) -> Self:
        """Return those removed from their order, which are kept as a record."""
        return self.exclude(removed_at=None)

    def teachers(self) -> Self:
        """Return the enrollments of teachers."""
        return self.filter(role=EnrollmentRole.TEACHER)

    def students(self) -> Self:
        """Return the enrollments of students."""
        return self.filter(role=EnrollmentRole.STUDENT)

    def led_to_by(self, key: str) -> Self:
        """Return the teachers' enrollments of a group key, including replaced and erased keys."""
        # Unions, as the planner would scan all keys and all enrollments for an "or".
        keys = GroupKey.objects.filter(key=key).values("pk")
        keys = keys.union(GroupKey.objects.filter(events__key=key).values("pk"))
        now = self.model.objects.filter(group_key__in=keys)
        before = self.model.objects.filter(events__group_key__in=keys)
        return self.filter(pk__in=now.values("pk").union(before.values("pk")))

    def counts(self) -> dict[str, int]:
        """Return the numbers of teachers, of students, and of deactivated students."""
        students = Q(role=EnrollmentRole.STUDENT)
        return self.current().aggregate(
            teachers=models.Count("pk", filter=Q(role=EnrollmentRole.TEACHER)),
            students=models.Count("pk", filter=students),
            deactivated=models.Count("pk", filter=students & Q(user_is_active=False)),
        )

    def taught_by(self, teacher: "Enrollment") -> Self:
        """Return the students on the order who are linked to this teacher's enrollment."""
        return self.current().students().filter(teacher=teacher)

    def by_name(self) -> Self:
        """Order by name, and join the people."""
        return self.select_related("user", "order").order_by("user_folded", "pk")

    def with_linked(self) -> Self:
        """Annotate `linked`, the number of students linked to each teacher."""
        students = (
            self.model.objects.current()
            .filter(teacher=models.OuterRef("pk"))
            .order_by()
            .values("teacher")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(linked=Coalesce(models.Subquery(students), 0))

    def teachers_first(self) -> Self:
        """Order teachers first, then by name."""
        return self.order_by("role", "user_folded", "pk")

    def as_listed(self) -> Self:
        """Order as above, with everything that a list of people shows."""
        return self.by_name().select_related("teacher__user").with_linked().teachers_first()


# Columns of the person, by the column that has a copy.
COPIES = {"user_folded": "folded", "user_is_active": "is_active"}


@tracked(exclude=COPIES)
class Enrollment(models.Model):
    """A teacher or a student on an order. A student uses one of its seats."""

    order = models.ForeignKey(
        "licenses.Order",
        models.PROTECT,
        related_name="enrollments",
        # The index of people by name begins with it.
        db_index=False,
        verbose_name=_("order"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="enrollments",
        verbose_name=_("person"),
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=EnrollmentRole.choices)
    teacher = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="linked_students",
        db_index=False,
        verbose_name=_("linked to teacher"),
    )
    # Teachers only.
    group_key = models.ForeignKey(
        GroupKey,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="enrollments",
        db_index=False,
        verbose_name=_("group key"),
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), auto_now_add=True)
    # Only for students of activation codes: the code's duration after redemption. It may be after
    # the order's finish date, which can still change: see `last_day`.
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)
    # Set when its student redeemed another code of the order after it ended. It keeps its seat.
    followed_at = models.DateTimeField(
        _("followed by another at"), null=True, blank=True, editable=False
    )
    user_folded = name_key()
    # As `user_folded`.
    user_is_active = models.BooleanField(default=True, editable=False)

    # Annotated by `with_linked`.
    linked: int

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        indexes = [
            # The people of an order by name, and their numbers, without reading other rows.
            models.Index(
                fields=["order", "role", "user_folded", "id"],
                include=["user", "removed_at", "user_is_active"],
                name="licenses_enrollment_by_name",
            ),
            # The inventory page counts teachers; a site license has thousands of students.
            models.Index(
                fields=["order"],
                condition=Q(role=EnrollmentRole.TEACHER, removed_at=None),
                name="licenses_enrollment_teachers",
            ),
            models.Index(
                fields=["id"],
                condition=Q(removed_at__isnull=False),
                name="licenses_enrollment_removed",
            ),
            where_given("teacher", name="licenses_enrollment_teacher"),
            where_given("group_key", name="licenses_enrollment_group_key"),
            # Students over time, and the number who joined within the last hour.
            models.Index(
                fields=["order", "enrolled_at"],
                condition=Q(role=EnrollmentRole.STUDENT),
                name="licenses_enrollment_joined",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "user", "role"],
                condition=Q(removed_at=None, followed_at=None),
                name="licenses_enrollment_once",
                violation_error_message=_("This person is already on the order."),
            ),
            models.UniqueConstraint(
                fields=["order", "group_key"],
                # Students, who are nearly all, have none.
                condition=Q(removed_at=None, group_key__isnull=False),
                name="licenses_enrollment_own_group_key",
            ),
            models.CheckConstraint(
                condition=Q(group_key=None) | Q(role=EnrollmentRole.TEACHER),
                name="licenses_enrollment_group_key_of_teacher",
            ),
            models.CheckConstraint(
                condition=Q(role__in=EnrollmentRole.values), name="licenses_enrollment_role"
            ),
            models.CheckConstraint(
                condition=Q(teacher=None) | Q(role=EnrollmentRole.STUDENT),
                name="licenses_enrollment_teacher_of_student",
                violation_error_message=_("Only a student can be linked to a teacher."),
            ),
            models.CheckConstraint(
                condition=Q(followed_at=None)
                | Q(role=EnrollmentRole.STUDENT, ends_on__isnull=False),
                name="licenses_enrollment_followed_had_an_end",
            ),
        ]
        triggers = [copies_person(COPIES)]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def subject(self) -> Subject:
        """How the activity log names the enrollment: by its order, and the person's key."""
        return self.order.subject.part("enrollment", self.pk, self.user_id)

    @property
    def last_day(self) -> date:
        """The last day of the person's own time or of the order, whichever comes first."""
        finish = self.order.last_day
        return min(self.ends_on or finish, finish)

    @property
    def is_teacher(self) -> bool:
        return self.role == EnrollmentRole.TEACHER

    def on_renewals(self) -> EnrollmentQuerySet:
        """Return the person's enrollments on other orders of the same teacher code."""
        others = type(self).objects.current().filter(user=self.user_id, role=self.role)
        same_code = others.filter(order__teacher_code=self.order.teacher_code_id)
        return same_code.exclude(order=self.order_id).order_by("order")


class UserWithEnrollments(User):
    """People, for the trigger that lets their enrollments follow a change of name or access."""

    class Meta:
        proxy = True
        triggers = [rows_follow("licenses_enrollment", *COPIES.values())]
