"""People, who has which role where, and what is sent to them."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Lower, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.address_trigger import ADDRESS_TRIGGER
from jasper_inventory.accounts.models.organizations import Organization, Role
from jasper_inventory.accounts.models.sign_in import ADDRESS_CONSTRAINTS, NOT_IN_HISTORY, SignIn
from jasper_inventory.lib.audit import tracked
from jasper_inventory.lib.references import reference
from jasper_inventory.lib.text import UNREADABLE_DOMAIN, clean_address, clean_username
from jasper_inventory.lib.text_fields import (
    AddressField,
    Folded,
    IsPlain,
    LineField,
    UsernameField,
    folded_key,
    has_words,
)

# The group whose rights in the admin each migrate brings up to date.
STAFF_GROUP = "CCI staff"


class UserQuerySet(models.QuerySet):
    def named(self, typed):
        """People whose name, username, or email address has each typed word in it."""
        return self.filter(has_words(["folded"], typed))

    def called(self, username):
        """The account of this username, in upper or lower case, as the constraint compares it."""
        return self.filter(Exact(Lower("username"), Lower(Value(clean_username(username)))))

    def addressed(self, email):
        """The account that an email address belongs to, or is reserved for."""
        email = clean_address(email)
        return self.filter(models.Q(email=email) | models.Q(unconfirmed_email=email))

    def signing_in_as(self, typed):
        """The account that is meant by what was typed to sign in; None where there is none."""
        typed = typed.replace("\0", "")
        found = self.addressed(typed).first() if "@" in typed else None
        return found or self.called(typed).first()


class CaseInsensitiveUserManager(UserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username):
        """The user of this name, in upper or lower case."""
        return self.called(username).get()


@tracked(exclude=NOT_IN_HISTORY)
class User(SignIn, AbstractUser):
    """One person, who signs in with username or email. Pupils may have no email."""

    username = UsernameField(
        _("username"),
        max_length=150,
        unique=True,
        help_text=_("Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
        validators=[AbstractUser.username_validator],
        error_messages={"unique": _("A user with that username already exists.")},
    )
    first_name = LineField(_("first name"), max_length=150, blank=True)
    last_name = LineField(_("last name"), max_length=150, blank=True)
    email = AddressField(_("email address"), blank=True)
    # Two spaces between its parts: van Dyk's first names come after those of all Vans.
    folded = folded_key(
        Concat(
            *(Folded("last_name"), Value("  "), Folded("first_name")),
            *(Value("  "), Folded("username"), Value("  "), Folded("email")),
            output_field=models.TextField(),
        )
    )
    # The name is neutral since then, and nobody signs in with it.
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)

    objects = CaseInsensitiveUserManager()

    class Meta(AbstractUser.Meta):
        indexes = [
            # The search for people by parts of their names and addresses, and lists by name.
            GinIndex(OpClass("folded", "gin_trgm_ops"), name="accounts_user_by_part"),
            models.Index(fields=["folded"], name="accounts_user_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_username",
                violation_error_message=_("A user with that username already exists."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="accounts_user_email",
                violation_error_message=_("A user with that email address already exists."),
            ),
            # As sign-in by email looks it up.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower_case"
            ),
            *ADDRESS_CONSTRAINTS,
            # A domain has one spelling: never the one of mail servers.
            models.CheckConstraint(
                condition=~models.Q(email__regex=UNREADABLE_DOMAIN),
                name="accounts_user_email_readable",
            ),
            models.CheckConstraint(
                condition=IsPlain("username")
                & IsPlain("first_name")
                & IsPlain("last_name")
                & IsPlain("email"),
                name="accounts_user_plain_text",
            ),
        ]
        triggers = [ADDRESS_TRIGGER]

    def __str__(self):
        return reference(self.pk) or self.get_full_name() or self.username

    def clean(self):
        super().clean()
        # Django's own leaves the domain's case to itself.
        self.email = clean_address(self.email)

    @property
    def is_cci_staff(self):
        """Whether this person works at CCI Learning, and so in the admin."""
        return self.is_active and self.is_staff

    def administers(self, organization):
        """Whether this person is an administrator of just this organization."""
        return (
            self.is_active
            and organization is not None
            and Membership.objects.filter(
                user=self, organization=organization, role=Role.ADMINISTRATOR
            ).exists()
        )


class MembershipQuerySet(models.QuerySet):
    def ranked(self):
        """The role last used first, then the highest administrator's."""
        return self.order_by(
            models.F("last_used_at").desc(nulls_last=True),
            "role",
            "organization__level",
            "organization__folded",
            "pk",
        )

    def visible_to(self, membership):
        """The roles at an administrator's own organization. Suppliers don't see people."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.filter(organization=membership.organization_id)

    def manageable_by(self, membership):
        """The same: an administrator manages the roles that they see."""
        return self.visible_to(membership)

    def listed(self):
        """Administrators and teachers, as the list of an organization's people shows them."""
        listed = self.filter(role__in=[Role.ADMINISTRATOR, Role.TEACHER])
        joined = listed.select_related("user", "organization")
        return joined.order_by("role", "user__folded", "pk")

    def of_user(self, user):
        """A person's roles, as the Role menu needs them: one query."""
        return self.filter(user=user).select_related("organization").ranked()


@tracked(exclude=["last_used_at"])
class Membership(models.Model):
    """A person's role at an organization."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("organization"),
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                name="accounts_membership_once",
                violation_error_message=_("This person has this role already."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_membership_role"
            ),
        ]

    def __str__(self):
        return f"{self.role_name} – {self.organization}"

    @property
    def role_name(self):
        """The role as the Role menu names it: "Center Admin", "Teacher", …"""
        return self.organization.name_of_role(self.role)

    @property
    def full_name(self):
        """The role in a sentence: "Center Admin of Tolano Adventures"."""
        names = {"role": self.role_name, "organization": self.organization}
        return _("%(role)s of %(organization)s") % names

    @property
    def is_administrator(self):
        return self.role == Role.ADMINISTRATOR

    @property
    def is_teacher(self):
        return self.role == Role.TEACHER

    @property
    def is_student(self):
        return self.role == Role.STUDENT


class NoticeQuerySet(models.QuerySet):
    def unsent(self):
        """Waiting to be delivered, or failed so far."""
        return self.filter(sent_at=None)


class Notice(models.Model):
    """One email to one address: a record, so that silence can be told from failure."""

    kind = models.CharField(_("kind"), max_length=40)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="notices",
        verbose_name=_("recipient"),
    )
    address = models.EmailField(_("address"))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    # The keys of whom the texts name: by reference, see `lib/references.py`.
    people = ArrayField(models.BigIntegerField(), default=list, editable=False)
    # One event tells one person once, also when its task runs again. Null rather than empty: those
    # without an event may be many, of one address.
    event = models.CharField(_("event"), max_length=80, null=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["event", "address"], name="accounts_notice_once")
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at=None),
                name="accounts_notice_unsent",
            )
        ]

    def __str__(self):
        return f"{self.kind} → {self.address}"


class Tally(models.Model):
    """How often something happened of late, such as wrong codes from an address.

    Counted in the database, not in the cache: exactly, whatever happens at once, and nobody can
    push a row out by making others.
    """

    key = models.CharField(_("key"), max_length=120, primary_key=True)
    number = models.PositiveIntegerField(_("number"))
    since = models.DateTimeField(_("since"), db_default=Now())
    last_at = models.DateTimeField(_("last at"))
    forget_at = models.DateTimeField(_("forget at"), db_index=True)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")

    def __str__(self):
        return f"{self.key}: {self.number}"
