"""Who teaches and who learns on an order."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.audit import tracked
from licenses.models.join_codes import GroupKey


class EnrollmentRole(models.IntegerChoices):
    TEACHER = 1, _("Teacher")
    STUDENT = 2, _("Student")


class EnrollmentQuerySet(models.QuerySet):
    def visible_to(self, membership):
        """The enrollments on orders that an administrator's own organization holds.

        People belong to their own organization: its suppliers see how many there are, no more.
        """
        if membership is None or not membership.is_administrator:
            return self.none()
        return self.filter(order__assigned_to=membership.organization_id)

    def current(self):
        """Those that weren't taken off the order. Ended ones are among them: they keep a place."""
        return self.filter(removed_at=None)

    def latest(self):
        """Those of them that no other of the same person followed: one per order and role."""
        return self.current().filter(followed_at=None)

    def not_ended(self, today):
        """Those of them that may learn and teach on that day."""
        return self.current().filter(Q(ends_on=None) | Q(ends_on__gte=today))

    def removed(self):
        """Those that were; what became of them is kept."""
        return self.exclude(removed_at=None)

    def teachers(self):
        """Not the students."""
        return self.filter(role=EnrollmentRole.TEACHER)

    def students(self):
        """Not the teachers."""
        return self.filter(role=EnrollmentRole.STUDENT)

    def led_to_by(self, key):
        """Those of teachers that a group key leads to, or did before it was replaced or erased."""
        # As a union: the planner would read all enrollments for an "or" of these.
        keys = GroupKey.objects.filter(Q(key=key) | Q(events__key=key)).values("pk")
        now = self.model.objects.filter(group_key__in=keys)
        before = self.model.objects.filter(events__group_key__in=keys)
        return self.filter(pk__in=now.values("pk").union(before.values("pk")))

    def counts(self):
        """How many teach, how many learn, and how many of the students are deactivated."""
        students = Q(role=EnrollmentRole.STUDENT)
        return self.current().aggregate(
            teachers=models.Count("pk", filter=Q(role=EnrollmentRole.TEACHER)),
            students=models.Count("pk", filter=students),
            deactivated=models.Count("pk", filter=students & Q(user__is_active=False)),
        )

    def taught_by(self, teacher):
        """The students on the order who are linked to this teacher's enrollment."""
        return self.current().students().filter(teacher=teacher)

    def by_name(self):
        """As a list of people reads, with the people."""
        return self.select_related("user", "order").order_by("user__folded", "pk")

    def with_linked(self):
        """Annotates `linked`, how many students are linked to each teacher."""
        students = (
            self.model.objects.current()
            .filter(teacher=models.OuterRef("pk"))
            .order_by()
            .values("teacher")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(linked=Coalesce(models.Subquery(students), 0))

    def as_listed(self):
        """Teachers first, then by name, with all that a list of people shows."""
        people = self.by_name().select_related("teacher__user").with_linked()
        return people.order_by("role", *people.query.order_by)


@tracked()
class Enrollment(models.Model):
    """A teacher or a student on an order. A student takes one of its places."""

    order = models.ForeignKey(
        "licenses.Order", models.PROTECT, related_name="enrollments", verbose_name=_("order")
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
        verbose_name=_("linked to teacher"),
    )
    # A teacher's only.
    group_key = models.ForeignKey(
        GroupKey,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="enrollments",
        verbose_name=_("group key"),
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), auto_now_add=True)
    # Of a student who came by an activation code: its duration after redemption. It may lie after
    # the order's end, which can still move: see `last_day`.
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)
    # It had ended when its student redeemed another code of the order. It keeps its place.
    followed_at = models.DateTimeField(
        _("followed by another at"), null=True, blank=True, editable=False
    )

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        indexes = [
            # The inventory page counts teachers; a site license has thousands of students.
            models.Index(
                fields=["order"],
                condition=Q(role=EnrollmentRole.TEACHER, removed_at=None),
                name="licenses_enrollment_teachers",
            ),
            # Students over time, and how many joined within the last hour.
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
                violation_error_message=_("This person is on the order already."),
            ),
            models.UniqueConstraint(
                fields=["order", "group_key"],
                condition=Q(removed_at=None),
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

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"

    @property
    def last_day(self):
        """The last day of a person's own time, or of the order, whichever is first."""
        finish = self.order.finish_date
        return min(self.ends_on or finish, finish)

    @property
    def is_teacher(self):
        return self.role == EnrollmentRole.TEACHER

    def on_renewals(self):
        """The same person's enrollments on other orders of the same teacher code."""
        others = type(self).objects.current().filter(user=self.user_id, role=self.role)
        same_code = others.filter(order__teacher_code=self.order.teacher_code_id)
        return same_code.exclude(order=self.order_id).order_by("order")
