"""Errors that services raise when a business rule forbids an action."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import IntegrityError
from django.db.models import Model
from django.utils.functional import Promise
from psycopg2 import Error as DriverError


class DomainError(Exception):
    """A refusal with a translatable message for the user.

    `field` names the form field that the message belongs to, if any. `about` is the conflicting
    row, which the message never names because not every user may see it.
    """

    def __init__(
        self, message: str | Promise, *, field: str | None = None, about: Model | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.about = about

    def __str__(self) -> str:
        return str(self.message)

    @property
    def named(self) -> str:
        """The message with the conflicting row, for users who may see every row."""
        if self.about is None:
            return str(self)
        return f"{self} ({self.about._meta.verbose_name} {self.about})"


class Refusals(DomainError):
    """Several refusals, each for its own field."""

    def __init__(self, refusals: list[DomainError]) -> None:
        first = refusals[0]
        text = " ".join(str(refusal) for refusal in refusals)
        super().__init__(text, field=first.field, about=first.about)
        self.refusals = refusals

    @property
    def named(self) -> str:
        return " ".join(refusal.named for refusal in self.refusals)


def raise_all(refusals: Iterable[DomainError]) -> None:
    """Raise the first refusal of each field, all in one error; do nothing if there are none."""
    found: dict[str | None, DomainError] = {}
    for refusal in refusals:
        found.setdefault(refusal.field, refusal)
    if len(found) == 1:
        raise next(iter(found.values()))
    if found:
        raise Refusals(list(found.values()))


def refusals_of(check: Callable[..., Any], *args: Any, **kwargs: Any) -> list[DomainError]:
    """Call a check and return its refusals, or an empty list if it passes."""
    try:
        check(*args, **kwargs)
    except Refusals as error:
        return error.refusals
    except DomainError as error:
        return [error]
    return []


class NotAllowed(DomainError):
    """The actor isn't allowed to do this."""


class ChangedMeanwhile(DomainError):
    """A field was changed by someone else since the form showed it; `now` is its value."""

    def __init__(self, message: str | Promise, *, field: str, now: Any) -> None:
        super().__init__(message, field=field)
        self.now = now


class UnknownCode(DomainError):
    """An unknown or replaced code or key; strangers must not learn which."""


def broken_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that the database refused, or "" if there is none.

    Django raises its error from the driver's, which names the constraint.
    """
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, DriverError) else ""
