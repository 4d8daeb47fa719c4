"""Finding people of the organization by name, username, email or a whole code."""

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

# People shown for one code.
MOST = 100
# A text of at least this length without vowels is no name, but a code or key, perhaps mistyped.
_NO_NAME = KEY_LENGTH - 1


class FindPeopleForm(forms.Form):
    """A search sent by POST, because a code in a URL would be in the server's log."""

    typed = TextField(
        label=gettext_lazy("Name, email or code"),
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Enter part of a name, username or email address, or a complete activation code, "
            "teacher code or group key."
        ),
    )


def looks_like_code(typed: str) -> bool:
    """Return whether a text may be a code or group key, which must not be in a URL."""
    if any(is_well_formed(code) for code in codes_in(typed)):
        return True
    if any(is_key(key) for key in codes_in(typed, KEY_LENGTH)):
        return True
    if "@" in typed:
        return False
    characters = normalize(typed)
    # The hyphen distinguishes a mistyped key from a username, which may also have digits.
    as_long = len(characters) in (*CODE_LENGTHS, NEW_KEY_LENGTH)
    as_long = as_long or (len(characters) == KEY_LENGTH and "-" in typed)
    if as_long and any(char.isdigit() for char in characters):
        return True
    return len(characters) >= _NO_NAME and all(char in ALPHABET for char in characters)


def why_nobody(typed: str) -> str:
    """Explain why no one was found by a code."""
    if is_key(code_in(typed, KEY_LENGTH)):
        return _("No one in your organization has or had this group key.")
    if is_well_formed(code_in(typed)):
        return _("No one in your organization has used this activation code.")
    reason = explain_impossible_characters(normalize(typed))
    return reason or _("This activation code has a typing error. Check it and type it again.")
