"""The right page for a code that was typed on the page of another kind.

People who have a code may know that it exists. docs/decisions/0004-throttling.md calculates why
strangers can't find one by chance. A text is looked up as at most one code of each kind.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from activation_codes.code_check import is_well_formed
from activation_codes.code_lookup import NeedsActivation, group_key_offer
from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.code_format import KEY_LENGTH, LENGTH, code_in, formatted, is_key
from licenses.models import GroupKey, TeacherCode


@dataclass(frozen=True)
class NextStep:
    """The page to continue on, with the typed code, or with the group key to keep for later."""

    kind: str
    text: str
    code: str = ""
    key_for_later: str = ""


def may_be_another_kind(typed: str, kind: str) -> bool:
    """Whether `next_step` would look anything up."""
    return any(_of_other_kinds(typed, kind))


def next_step(typed: str, kind: str, user: User | None) -> NextStep | None:
    """Return the right page for a text that isn't a code of this kind, or None.

    Raise Refused for a current or former group key that no one can join by.
    """
    code, key, teacher_code = _of_other_kinds(typed, kind)
    if code and ActivationCode.objects.filter(code=code).exists():
        return NextStep("activate", _("This is an activation code."), code=formatted(code))
    if key and GroupKey.objects.filter(Q(key=key) | Q(events__key=key)).exists():
        try:
            group_key_offer(key, user)
        except NeedsActivation as refusal:
            return activate_first(refusal, key)
        return NextStep("link", _("This is a teacher's group key."), code=formatted(key))
    if teacher_code and (found := TeacherCode.objects.typed(teacher_code).first()):
        return NextStep("teach", _("This is a teacher code."), code=formatted(found.code))
    return None


def activate_first(refusal: NeedsActivation, typed: str) -> NextStep:
    """Return the step to activate a code first; the key is kept until then."""
    return NextStep("activate", str(refusal), key_for_later=code_in(typed, KEY_LENGTH))


def _of_other_kinds(typed: str, kind: str) -> tuple[str, str, str]:
    """Return the text as an activation code, a group key and a teacher code, or "" for each."""
    code, key = code_in(typed), code_in(typed, KEY_LENGTH)
    return (
        code if kind != "activate" and is_well_formed(code) else "",
        key if kind != "link" and is_key(key) else "",
        code if kind != "teach" and len(code) == LENGTH else "",
    )
