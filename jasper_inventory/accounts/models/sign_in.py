"""Sign-in fields of a user besides username, confirmed email address and password."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.text import UNREADABLE_DOMAIN
from jasper_inventory.lib.text_fields import AddressField, IsPlain

# Fields that concern only the person and must not outlast the account.
NOT_IN_HISTORY = [
    *("password", "last_login"),
    *("unconfirmed_email", "lost_email", "is_username_noted", "reset_link_at"),
    *("hidden_columns", "uses_shortcuts"),
]


class SignIn(models.Model):
    """The sign-in fields of `accounts.models.users.User`."""

    # The history shows that a teacher set a password, but not the password.
    password_set_at = models.DateTimeField(
        _("password set by a teacher or administrator at"), null=True, editable=False
    )
    # Someone else knows the password: a new one must be chosen before anything else.
    must_change_password = models.BooleanField(
        _("must choose a new password"), default=False, editable=False
    )
    # When the newest link for a new password was made; older ones don't work.
    reset_link_at = models.DateTimeField(
        _("newest password link made at"), null=True, editable=False
    )
    # Typed at sign-up and reserved for this account, which can sign in with it, until someone
    # proves that the mailbox is theirs.
    unconfirmed_email = AddressField(
        _("unconfirmed email address"), blank=True, default="", editable=False
    )
    # Was reserved for this account until another one proved it; the person's pages show that.
    lost_email = AddressField(
        _("email address that another account confirmed"), blank=True, default="", editable=False
    )
    is_username_noted = models.BooleanField(
        _("has noted the username"), default=True, editable=False
    )

    class Meta:
        abstract = True


ADDRESS_CONSTRAINTS = [
    models.UniqueConstraint(
        fields=["unconfirmed_email"],
        condition=~models.Q(unconfirmed_email=""),
        name="accounts_user_unconfirmed_email",
        violation_error_message=_("This email address is reserved for another account."),
    ),
    models.CheckConstraint(
        condition=models.Q(unconfirmed_email=Lower("unconfirmed_email")),
        name="accounts_user_unconfirmed_email_lower_case",
    ),
    models.CheckConstraint(
        condition=IsPlain("unconfirmed_email")
        & ~models.Q(unconfirmed_email__regex=UNREADABLE_DOMAIN),
        name="accounts_user_unconfirmed_email_plain_text",
    ),
    models.CheckConstraint(
        condition=models.Q(email="") | models.Q(unconfirmed_email=""),
        name="accounts_user_confirmed_or_not",
    ),
]
