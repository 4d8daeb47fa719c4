"""Topics about which people don't want emails."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.audit import tracked


class Topic(models.TextChoices):
    """The topic of a notice, as chosen under Email Alerts."""

    REQUESTS = "requests", _("Requests for licenses and renewals, and their outcomes")
    LICENSES = "licenses", _("Licenses assigned, reclaimed, suspended and resumed")
    ENDING = "ending", _("Licenses that are about to expire")
    SEATS = "seats", _("Licenses with few or no seats left")
    STUDENTS = (
        "students",
        _("Unlimited licenses that reach a set number of students or grow quickly"),
    )


@tracked()
class MutedTopic(models.Model):
    """A topic about which a person doesn't want emails; emails are sent by default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="muted_topics",
        # The index of the constraint begins with it.
        db_index=False,
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

    def __str__(self) -> str:
        return f"{self.user}: {self.get_topic_display()}"
