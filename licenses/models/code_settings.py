"""Settings for students of activation codes: the boxes of the codes window."""

from typing import Self

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class CodeSettingsFields(models.Model):
    """The boxes, copied from the parent order or from the order that is renewed.

    The form, the window and the services read them from here. A Center License has them too, but
    doesn't use them.
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

    @property
    def course_parts(self) -> list[str]:
        """The parts of courses that the order includes, as students read them."""
        offered = (
            (self.enable_benchmark, gettext("Benchmark")),
            (self.enable_exercises, gettext("Creative and Validation Exercises")),
            (self.enable_badges, gettext("Badges")),
        )
        return [part for is_on, part in offered if is_on]


CODE_SETTINGS = tuple(field.name for field in CodeSettingsFields._meta.fields)
