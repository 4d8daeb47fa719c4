"""Find people of the organization by name, username, email, or a whole code, pasted or typed."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activation_codes.code_check import is_well_formed
from jasper_inventory.lib.code_format import (
    ALPHABET,
    CODE_LENGTHS,
    KEY_LENGTH,
    NEW_KEY_LENGTH,
    code_in,
    codes_in,
    explain_impossible_characters,
    is_key,
    normalize,
)
from jasper_inventory.lib.forms import TextField

# Shown of those who used one code.
MOST = 100
# From so many characters on without a vowel a text is no name, but a code or key, maybe mistyped.
_NO_NAME = KEY_LENGTH - 1


class FindPeopleForm(forms.Form):
    """Sent by POST: a code in an address would stand in the server's log."""

    typed = TextField(
        label=gettext_lazy("Name, email or code"),
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Part of a name, a username or an email address is enough; of an activation code, a "
            "teacher code or a group key all characters are needed, in any form."
        ),
    )


def looks_like_code(typed: str) -> bool:
    """Whether a text is a code or a group key, maybe mistyped, and so belongs in no address."""
    if any(is_well_formed(code) for code in codes_in(typed)):
        return True
    if any(is_key(key) for key in codes_in(typed, KEY_LENGTH)):
        return True
    signs = normalize(typed)
    if "@" in typed:
        return False
    # A mistyped key is told from a username, which has digits too, by its hyphen.
    as_long = len(signs) in (*CODE_LENGTHS, NEW_KEY_LENGTH)
    as_long = as_long or (len(signs) == KEY_LENGTH and "-" in typed)
    if as_long and any(sign.isdigit() for sign in signs):
        return True
    return len(signs) >= _NO_NAME and all(sign in ALPHABET for sign in signs)


def why_nobody(typed: str) -> str:
    """Why nobody was found by a code: a typing error, or nobody here used it."""
    if is_key(code_in(typed, KEY_LENGTH)):
        return _("Nobody at your organization has, or had, this group key.")
    if is_well_formed(code_in(typed)):
        return _("Nobody at your organization has used this activation code.")
    reason = explain_impossible_characters(normalize(typed))
    return reason or _("As an activation code this is a typing error. Check it and type it again.")
