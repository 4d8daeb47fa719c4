"""Of which topics people want no emails."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.audit import tracked


class Topic(models.TextChoices):
    """What a notice is about, as people choose it under Email Alerts."""

    REQUESTS = "requests", _("Requests for licenses and renewals, and what was decided")
    LICENSES = "licenses", _("Licenses assigned, taken back, suspended and resumed")
    ENDING = "ending", _("A license is about to end: 90, 60, 30, 7 and 1 days before")
    PLACES = "places", _("The places of a license are nearly used: 80 % and all of them")
    STUDENTS = "students", _("An unlimited license reached so many students, or many in an hour")


@tracked()
class MutedTopic(models.Model):
    """A topic of which a person wants no emails; without such a row they are sent."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="muted_topics",
        verbose_name=_("user"),
    )
    topic = models.CharField(_("topic"), max_length=20, choices=Topic.choices)

    class Meta:
        verbose_name = _("muted topic")
        verbose_name_plural = _("muted topics")
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="accounts_mutedtopic_once"),
            models.CheckConstraint(
                condition=models.Q(topic__in=Topic.values), name="accounts_mutedtopic_topic"
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_topic_display()}"
