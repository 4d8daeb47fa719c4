"""Who teaches and who learns on an order."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.history import tracked


class EnrolmentRole(models.IntegerChoices):
    TEACHER = 1, _("Teacher")
    STUDENT = 2, _("Student")


class EnrolmentQuerySet(models.QuerySet):
    def current(self):
        """Those that weren't taken off the order. Ended ones are among them: they keep a place."""
        return self.filter(removed_at=None)

    def not_ended(self, today):
        """Those of them that may learn and teach on that day."""
        return self.current().filter(Q(ends_on=None) | Q(ends_on__gte=today))


@tracked()
class Enrolment(models.Model):
    """A teacher or a student on an order. A student takes one of its places."""

    order = models.ForeignKey(
        "licenses.Order", models.PROTECT, related_name="enrolments", verbose_name=_("order")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="enrolments",
        verbose_name=_("person"),
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=EnrolmentRole.choices)
    teacher = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="linked_students",
        verbose_name=_("linked to teacher"),
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), auto_now_add=True)
    # Of a student who came by an activation code: its duration after redemption.
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        indexes = [
            # The inventory page counts teachers; a site license has thousands of students.
            models.Index(
                fields=["order"],
                condition=Q(role=EnrolmentRole.TEACHER, removed_at=None),
                name="licenses_enrolment_teachers",
            ),
            # Students over time, and how many joined within the last hour.
            models.Index(
                fields=["order", "enrolled_at"],
                condition=Q(role=EnrolmentRole.STUDENT),
                name="licenses_enrolment_joined",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "user", "role"],
                condition=Q(removed_at=None),
                name="licenses_enrolment_once",
                violation_error_message=_("This person is on the order already."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=EnrolmentRole.values), name="licenses_enrolment_role"
            ),
            models.CheckConstraint(
                condition=Q(teacher=None) | Q(role=EnrolmentRole.STUDENT),
                name="licenses_enrolment_teacher_of_student",
                violation_error_message=_("Only a student can be linked to a teacher."),
            ),
        ]

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"
