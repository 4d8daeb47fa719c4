"""What students of user activation codes get and need: the four boxes of the codes window."""

from django.db import models
from django.utils.translation import gettext_lazy as _

CODE_SETTINGS = ("enable_benchmark", "enable_exercises", "enable_badges", "teacher_required")


class CodeSettingsFields(models.Model):
    """The four boxes. An order starts with a copy of its parent order's, or of the order it renews.

    A Center License has them as well, unused.
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

    def copy_code_settings(self, other):
        """Take over the other order's boxes; the caller saves."""
        for name in CODE_SETTINGS:
            setattr(self, name, getattr(other, name))
