"""Settings for students of activation codes: the four boxes of the codes window."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

CODE_SETTINGS = ("enable_benchmark", "enable_exercises", "enable_badges", "teacher_required")


class CodeSettingsFields(models.Model):
    """The four boxes, copied from the parent order or from the order that is renewed.

    A Center License has them too, but doesn't use them.
    """

    enable_benchmark = models.BooleanField(_("Enable Benchmark"), default=True)
    enable_exercises = models.BooleanField(
        _("Enable Creative and Validation Exercises"), default=True
    )
    enable_badges = models.BooleanField(_("Enable Badges Assignment"), default=True)
    teacher_required = models.BooleanField(
        _("The student must be linked to a teacher before starting the course"), default=False
    )

    class Meta:
        abstract = True

    def copy_code_settings(self, other: Self) -> None:
        """Copy the other order's boxes; the caller saves."""
        for name in CODE_SETTINGS:
            setattr(self, name, getattr(other, name))
