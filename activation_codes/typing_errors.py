"""Messages about texts that can't be codes of the kind that a page asks for."""

from collections.abc import Callable, Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jasper_inventory.lib.code_format import (
    CODE_LENGTHS,
    KEY_LENGTHS,
    LENGTH,
    explain_impossible_characters,
)

ACTIVATION_CODE = "K7WQ9-4DFH2-M6RTX-8BCDZ"
GROUP_KEY = "K7WQ-9DFH-2M6R-TX4HB"
TEACHER_CODE = "U7DA7-NIFE-3017"


def no_activation_code(text: str) -> str:
    """Return the message about a text that isn't a well-formed activation code."""
    if len(text) in CODE_LENGTHS:
        compare = _(
            'Check each letter and digit. For a teacher code, choose "I have a teacher code" below.'
        )
        error = explain_impossible_characters(text) or _("The code has a typing error.")
        return f"{error} {compare}"
    expected = _(
        "The code has a typing error. An activation code has 20 letters and digits, such as "
        "%(example)s. Older codes have 13."
    ) % {"example": ACTIVATION_CODE}
    return f"{expected} {_length_of(text, likes=KEY_LENGTHS, like=_like_a_group_key)}"


def no_group_key(text: str) -> str:
    """Return the message about a text that isn't a well-formed group key."""
    if len(text) in KEY_LENGTHS:
        compare = _("Check each letter and digit.")
        error = explain_impossible_characters(text) or _("The key has a typing error.")
        return f"{error} {compare}"
    expected = _(
        "The key has a typing error. A group key has 17 letters and digits, such as "
        "%(example)s. Older keys have 8."
    ) % {"example": GROUP_KEY}
    return f"{expected} {_length_of(text, likes=CODE_LENGTHS, like=_like_a_code)}"


def no_teacher_code(text: str) -> str:
    """Return the message about a text that isn't a well-formed teacher code."""
    expected = _(
        "The code has a typing error. A teacher code has %(length)d letters and digits, such as "
        "%(example)s."
    ) % {"length": LENGTH, "example": TEACHER_CODE}
    return f"{expected} {_length_of(text, likes=KEY_LENGTHS, like=_like_a_group_key)}"


def _length_of(text: str, *, likes: Collection[int], like: Callable[[], str]) -> str:
    number = len(text)
    if number in likes:
        return like() % {"number": number}
    typed = ngettext("This has %(number)d character.", "This has %(number)d characters.", number)
    return typed % {"number": number}


def _like_a_group_key() -> str:
    return _(
        "This has %(number)d characters, like a group key. For a group key, choose "
        '"I have a teacher\'s group key" below.'
    )


def _like_a_code() -> str:
    return _(
        "This has %(number)d characters, like an activation code or a teacher code. Choose below "
        "which one you have."
    )
