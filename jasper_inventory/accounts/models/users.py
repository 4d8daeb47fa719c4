"""Users: the people who sign in."""

from typing import Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import memberships
from jasper_inventory.accounts.models.address_trigger import ADDRESS_TRIGGER
from jasper_inventory.accounts.models.memberships import Membership
from jasper_inventory.accounts.models.organizations import Organization, Role
from jasper_inventory.accounts.models.person_copies import rows_follow
from jasper_inventory.accounts.models.sign_in import ADDRESS_CONSTRAINTS, NOT_IN_HISTORY, SignIn
from jasper_inventory.lib.audit import Subject, tracked
from jasper_inventory.lib.references import reference
from jasper_inventory.lib.text import UNREADABLE_DOMAIN, clean_address, clean_username
from jasper_inventory.lib.text_fields import (
    AddressField,
    Folded,
    IsPlain,
    LineField,
    UsernameField,
    folded_key,
)

# The group whose admin permissions each `migrate` updates.
STAFF_GROUP = "CCI staff"


class UserQuerySet(models.QuerySet["User"]):
    def called(self, username: str) -> Self:
        """The user with this username in any case, as the constraint compares it."""
        return self.filter(Exact(Lower("username"), Lower(Value(clean_username(username)))))

    def addressed(self, email: str) -> Self:
        """The user that an email address belongs to or is reserved for."""
        email = clean_address(email)
        return self.filter(models.Q(email=email) | models.Q(unconfirmed_email=email))

    def signing_in_as(self, typed: str) -> "User | None":
        """Return the user with the username or email address typed at sign-in, or None."""
        typed = typed.replace("\0", "")
        found = self.addressed(typed).first() if "@" in typed else None
        return found or self.called(typed).first()


class CaseInsensitiveUserManager(UserManager["User"]):
    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this username, in any case."""
        return User.objects.called(username or "").get()


@tracked(exclude=NOT_IN_HISTORY)
class User(SignIn, AbstractUser):
    """A person who signs in with a username or email address. Students may have no email."""

    username = UsernameField(
        _("username"),
        max_length=150,
        help_text=_("Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
        validators=[AbstractUser.username_validator],
        error_messages={"unique": _("A user with that username already exists.")},
    )
    first_name = LineField(_("first name"), max_length=150, blank=True)
    last_name = LineField(_("last name"), max_length=150, blank=True)
    email = AddressField(_("email address"), blank=True)
    # Two spaces between the parts sort every first name of "Van" before "van Dyk".
    folded = folded_key(
        Concat(
            *(Folded("last_name"), Value("  "), Folded("first_name")),
            *(Value("  "), Folded("username"), Value("  "), Folded("email")),
            output_field=models.TextField(),
        )
    )
    # Since then the name is neutral and no one can sign in.
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)
    # The columns of the License Inventory that this person hides, such as "start,teachers".
    hidden_columns = models.CharField(
        _("hidden columns"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    uses_shortcuts = models.BooleanField(
        _("uses keyboard shortcuts"), default=True, db_default=True, editable=False
    )

    # The stubs declare a ClassVar, which can't be repeated: only mypy's plugin knows this type.
    objects = CaseInsensitiveUserManager.from_queryset(UserQuerySet)()  # type: ignore[misc]

    class Meta(AbstractUser.Meta):
        indexes = [
            # For searches by parts of names and addresses, and for lists by name.
            GinIndex(OpClass("folded", "gin_trgm_ops"), name="accounts_user_by_part"),
            models.Index(fields=["folded"], name="accounts_user_by_name"),
            GinIndex(
                OpClass(Folded("unconfirmed_email"), "gin_trgm_ops"),
                name="accounts_user_by_unconfirmed",
            ),
            # The few that the admin lists apart.
            models.Index(
                fields=["folded"], condition=models.Q(is_staff=True), name="accounts_user_staff"
            ),
            models.Index(
                fields=["folded"],
                condition=models.Q(is_active=False),
                name="accounts_user_inactive",
            ),
        ]
        constraints = [
            # Django requires it. `unique=True` would add an index for searches by the beginning.
            models.UniqueConstraint(fields=["username"], name="accounts_user_username_key"),
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
            # Sign-in by email searches in lower case.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower_case"
            ),
            *ADDRESS_CONSTRAINTS,
            # A domain has one spelling, which is never that of email servers.
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
        triggers = [
            ADDRESS_TRIGGER,
            rows_follow("accounts_membership", *memberships.COPIES.values()),
        ]

    def __str__(self) -> str:
        return reference(self.pk) or self.get_full_name() or self.username

    @property
    def subject(self) -> Subject:
        """How the activity log names the person: by the key."""
        return Subject("person", self.pk, people=(self.pk,))

    def clean(self) -> None:
        super().clean()
        # Django's own method changes only the domain's case.
        self.email = clean_address(self.email)

    @property
    def is_cci_staff(self) -> bool:
        """Whether this person works at CCI Learning and may use the admin."""
        return self.is_active and self.is_staff

    def administers(self, organization: Organization | None) -> bool:
        """Return whether this person is an administrator of exactly this organization."""
        return (
            self.is_active
            and organization is not None
            and Membership.objects.filter(
                user=self, organization=organization, role=Role.ADMINISTRATOR
            ).exists()
        )


def name_columns(*people: str) -> list[str]:
    """Return the columns of joined people that name them, and show who is CCI staff."""
    columns = ("username", "first_name", "last_name", "is_staff")
    return [f"{person}__{column}" for person in people for column in columns]
