"""Rules for new passwords, and how they are stored. Django asks each rule wherever one is set."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from jasper_inventory.accounts.models import Membership, Role, User

STUDENT_LENGTH, OTHER_LENGTH = 8, 12
# Shown beside every field for a new password.
PASSWORD_HELP = gettext_lazy(
    "At least 8 characters for students, 12 for everyone else. Three or four unrelated words are "
    "easy to remember and hard to guess."
)
# Words that no password may contain; a person's own names are added.
CONTEXT_WORDS = ("jasperactive",)
# Shorter names are part of too many words.
_SHORTEST_NAME = 4
# Guesses that throttled sign-in makes hopeless.
_LEAST_GUESSES = 10**6
# Only the beginning is judged, because the time grows fast with the length.
_JUDGED = 32


class SmallArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's lower memory: a class that signs in together fits in 1 GB."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class LengthRule:
    """At least 8 characters for students and 12 for everyone else."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError if the password is too short for this person."""
        least = STUDENT_LENGTH if _is_student(user) else OTHER_LENGTH
        if len(password) < least:
            text = _("This password is too short. Use at least %(least)d characters.")
            raise ValidationError(text % {"least": least}, code="password_too_short")


class KnownPasswordRule(CommonPasswordValidator):
    """Not one of the 40,000 most frequent passwords of data breaches, in any case.

    They are Django's list and that of zxcvbn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.passwords = {*self.passwords, *FREQUENCY_LISTS["passwords"]}

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError if attackers have this password on their lists."""
        if password.lower().strip() in self.passwords:
            text = _("This password is known from data breaches. Choose one that nobody else uses.")
            raise ValidationError(text, code="password_breached")


class NamesRule(UserAttributeSimilarityValidator):
    """Without the person's own names, those of their organizations, or the product's.

    Nor similar to their own.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError if the password contains a name that others would try."""
        letters = _letters(password)
        is_similar = False
        try:
            super().validate(password, user if isinstance(user, User) else None)
        except ValidationError:
            is_similar = True
        if is_similar or any(name in letters for name in _names(user)):
            text = _(
                "This password contains your name, your organization's name or “Jasperactive”, or "
                "something similar. Leave it out."
            )
            raise ValidationError(text, code="password_has_name")


class GuessesRule:
    """Not a date, sequence, row of keys or repetition, nor a common password in disguise."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError if few guesses find the password."""
        if password and zxcvbn(password[:_JUDGED])["guesses"] < _LEAST_GUESSES:
            text = _(
                "This password is easy to guess. Use three or four unrelated words, not dates, "
                "rows of keys or repetitions."
            )
            raise ValidationError(text, code="password_guessable")


class PasswordRules:
    """All rules, with one help text for every form."""

    def __init__(self) -> None:
        self.rules = (LengthRule(), NamesRule(), KnownPasswordRule(), GuessesRule())

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError with what is wrong with the password."""
        wrong: list[ValidationError] = []
        for rule in self.rules:
            try:
                rule.validate(password, user)
            except ValidationError as error:
                wrong.append(error)
        if wrong:
            raise ValidationError(wrong)

    def get_help_text(self) -> str:
        """Return the text shown beside fields for new passwords."""
        return str(PASSWORD_HELP)


def _is_student(user: AbstractBaseUser | None) -> bool:
    """Return whether a stored user has no role but that of a student."""
    if not isinstance(user, User) or user.pk is None or user.is_staff or user.is_superuser:
        return False
    return not Membership.objects.filter(user=user).exclude(role=Role.STUDENT).exists()


def _names(user: AbstractBaseUser | None) -> set[str]:
    names = [*CONTEXT_WORDS]
    if isinstance(user, User):
        mailboxes = (user.email.partition("@")[0], user.unconfirmed_email.partition("@")[0])
        names += [user.username.partition("@")[0], user.first_name, user.last_name, *mailboxes]
        if user.pk is not None:
            roles = Membership.objects.filter(user=user)
            names += roles.values_list("organization__name", flat=True)
    squeezed = {_letters(name) for name in names}
    return {name for name in squeezed if len(name) >= _SHORTEST_NAME}


def _letters(text: str) -> str:
    """Return the letters and digits of a text in one case, so that separators hide nothing."""
    return "".join(char for char in text.casefold() if char.isalnum())
