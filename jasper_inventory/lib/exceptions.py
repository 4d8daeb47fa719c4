"""What a service raises when a rule of the domain forbids what was asked."""

from collections.abc import Callable, Iterable
from typing import Any


class DomainError(Exception):
    """A refusal, worded for the person who asked (translatable).

    `field` names the form field that the message belongs to, where there is one; `about` is the
    row that stands in the way. The message never names that row: not everyone may see it.
    """

    def __init__(self, message: Any, *, field: str | None = None, about: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.about = about

    def __str__(self) -> str:
        return str(self.message)

    @property
    def named(self) -> str:
        """The message with the row that stands in the way, for who may see everything."""
        if self.about is None:
            return str(self)
        return f"{self} ({self.about._meta.verbose_name} {self.about})"


class Refusals(DomainError):
    """Several refusals at once, each for its own field."""

    def __init__(self, refusals: list[DomainError]) -> None:
        first = refusals[0]
        text = " ".join(str(refusal) for refusal in refusals)
        super().__init__(text, field=first.field, about=first.about)
        self.refusals = refusals

    @property
    def named(self) -> str:
        return " ".join(refusal.named for refusal in self.refusals)


def raise_all(refusals: Iterable[DomainError]) -> None:
    """Raise what a check found, all in one round; of each field the first refusal only."""
    found: dict[Any, DomainError] = {}
    for refusal in refusals:
        found.setdefault(refusal.field, refusal)
    if len(found) == 1:
        raise next(iter(found.values()))
    if found:
        raise Refusals(list(found.values()))


def refusals_of(check: Callable[..., Any], *args: Any, **kwargs: Any) -> list[DomainError]:
    """What a check refuses; empty where it passes."""
    try:
        check(*args, **kwargs)
    except Refusals as error:
        return error.refusals
    except DomainError as error:
        return [error]
    return []


class NotAllowed(DomainError):
    """The actor has no right to do this."""


class ChangedMeanwhile(DomainError):
    """Someone else changed the same field since the form showed it; `now` is its value."""

    def __init__(self, message: Any, *, field: str, now: Any) -> None:
        super().__init__(message, field=field)
        self.now = now


class UnknownCode(DomainError):
    """No such code or key, or one that was replaced: to a stranger every refusal reads alike."""
