"""Users: the people who sign in."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.address_trigger import ADDRESS_TRIGGER
from jasper_inventory.accounts.models.memberships import Membership
from jasper_inventory.accounts.models.organizations import Role
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
