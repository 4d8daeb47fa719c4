"""Teacher codes and group keys, which people use to join a license."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.audit import tracked
from jasper_inventory.lib.code_format import NEW_KEY_LENGTH, formatted, look_alikes


class TeacherCodeQuerySet(models.QuerySet["TeacherCode"]):
    def typed(self, code: str) -> Self:
        """Return the code of this text and those easily mistaken for it, the exact one first."""
        variants = look_alikes(code)
        exact = models.Case(models.When(code=code, then=0), default=1)
        return self.filter(code__in=variants).order_by(exact, "code")


class TeacherCode(models.Model):
    """The code that teachers enter to join a license. Renewals may share it."""

    code = models.CharField(_("code"), max_length=13)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = TeacherCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("teacher code")
        verbose_name_plural = _("teacher codes")
        constraints = [
            # Not `unique=True`, which adds an index for searches by the beginning.
            models.UniqueConstraint(fields=["code"], name="licenses_teachercode_code_key"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-Z]{13}$"), name="licenses_teachercode_format"
            ),
        ]
        indexes = [
            # For the search by part of a license code.
            GinIndex(OpClass("code", "gin_trgm_ops"), name="licenses_teachercode_by_part")
        ]

    def __str__(self) -> str:
        return formatted(self.code)


@tracked()
class GroupKey(models.Model):
    """The key that students enter to link to a teacher: one for each teacher and license.

    The teacher's enrollments on renewals of the same teacher code share it. Replacing it changes
    this row, so the old key stops working everywhere immediately.
    """

    key = models.CharField(_("key"), max_length=NEW_KEY_LENGTH)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("group key")
        verbose_name_plural = _("group keys")
        constraints = [
            # As for teacher codes.
            models.UniqueConstraint(fields=["key"], name="licenses_groupkey_key_key"),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[2-9B-DF-HJKMNP-TV-Z]{8}([2-9B-DF-HJKMNP-TV-Z]{9})?$"),
                name="licenses_groupkey_format",
            ),
        ]

    def __str__(self) -> str:
        return formatted(self.key)
