"""What a service raises when a rule of the domain forbids what was asked."""

from typing import Any


class DomainError(Exception):
    """A refusal, worded for the person who asked (translatable).

    `field` names the form field that the message belongs to, where there is one.
    """

    def __init__(self, message: Any, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The actor has no right to do this."""


class UnknownCode(DomainError):
    """No such code or key, or one that was replaced: to a stranger every refusal reads alike."""
