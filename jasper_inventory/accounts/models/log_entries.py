"""The activity log: each act with its person, time, origin and reason. It is never changed."""

from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.organizations import Organization

if TYPE_CHECKING:
    from jasper_inventory.accounts.models.memberships import Membership
    from jasper_inventory.accounts.models.users import User

# A session setting that only the functions of erasure and retention set: see accounts/functions.py.
MAINTENANCE = "accounts.log_maintenance"

REFUSES_CHANGES = pgtrigger.Trigger(
    name="append_only",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
    func=f"""
        IF current_setting('{MAINTENANCE}', true) IS DISTINCT FROM 'on' THEN
            RAISE EXCEPTION 'The activity log can only grow.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
    """,
)


class LogKind(models.TextChoices):
    """What kind of act an entry is about; each is kept for its own time: settings.LOG_DAYS."""

    ACCESS = "access", _("Sign-ins and sessions")
    VIEW = "view", _("Views, searches and downloads")
    CHANGE = "change", _("Changes")


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    def visible_to(self, membership: "Membership | None") -> Self:
        """The entries of an administrator's organization and its sub-organizations."""
        if membership is None or not membership.is_administrator:
            return self.none()
        scope = Organization.objects.filter(path__startswith=membership.organization.path)
        return self.filter(organization__in=scope.order_by().values("pk"))

    def manageable_by(self, membership: "Membership | None") -> Self:
        """None: nobody changes the log."""
        return self.none()

    def concerning(self, user: "User") -> Self:
        """The entries of others' acts that concern a person."""
        return self.filter(people__contains=[user.pk]).exclude(people=[])


class LogEntry(models.Model):
    """One act, written in its transaction; people are named by their keys.

    Keys have no constraints in the database: checking them would lock rows of people and
    organizations in every act, and none of these rows is ever deleted.
    """

    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=10, choices=LogKind)
    # Noun.verb: see accounts/log_actions.py.
    action = models.CharField(_("action"), max_length=60)
    # Empty if nobody is signed in.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("who"),
    )
    role = models.CharField(_("role"), max_length=20, blank=True)
    acted_for = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("acted for"),
    )
    # Its administrators read the entry: the license holder's, or those of the active role.
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("organization"),
    )
    # The people whom it concerns, besides the actor.
    people = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("people"))
    object_kind = models.CharField(_("kind"), max_length=40, blank=True)
    object_key = models.BigIntegerField(_("key"), null=True)
    # Survives the row; has no person's name and no code.
    object_text = models.CharField(_("on what"), max_length=200, blank=True)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(_("reason"), blank=True)
    address = models.GenericIPAddressField(_("network address"), null=True)
    browser = models.CharField(_("browser"), max_length=32, blank=True)
    # The route of a request, or the name of a command.
    source = models.CharField(_("page or command"), max_length=120, blank=True)
    request_id = models.CharField(_("request ID"), max_length=64, blank=True)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("activity log")
        ordering = ["-pk"]
        indexes = [
            # Rows are stored in the sequence of their times.
            BrinIndex(fields=["at"], autosummarize=True, name="accounts_logentry_by_time"),
            models.Index(fields=["organization", "id"], name="accounts_logentry_by_scope"),
            models.Index(fields=["actor", "id"], name="accounts_logentry_by_actor"),
            models.Index(fields=["action", "id"], name="accounts_logentry_by_action"),
            # Most acts concern only their actor.
            GinIndex(
                fields=["people"],
                condition=~models.Q(people=[]),
                name="accounts_logentry_by_people",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=LogKind.values), name="accounts_logentry_kind"
            )
        ]
        triggers = [REFUSES_CHANGES]

    def __str__(self) -> str:
        return f"{self.action} {self.object_text}".strip()
