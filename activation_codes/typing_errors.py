"""What is wrong with a text that can't be a code of the kind a page asks for."""

from django.utils.translation import gettext as _

from jasper_inventory.lib.codes import CODE_LENGTHS, KEY_LENGTHS, LENGTH, why_impossible

ACTIVATION_CODE = "K7WQ9-4DFH2-M6RTX-8BCDZ"
GROUP_KEY = "K7WQ-9DFH-2M6R-TX4HB"
TEACHER_CODE = "U7DA7-NIFE-3017"


def no_activation_code(text: str) -> str:
    """Of a text that is no well-formed activation code."""
    if len(text) in KEY_LENGTHS:
        return _(
            "A typing error: an activation code has 20 letters and digits, such as %(example)s, "
            "older ones have 13, and this has %(number)d, as group keys have. For a group key "
            'choose "I have a teacher\'s group key" below.'
        ) % {"example": ACTIVATION_CODE, "number": len(text)}
    if len(text) not in CODE_LENGTHS:
        return _(
            "A typing error: an activation code has 20 letters and digits, such as %(example)s, "
            "older ones have 13, and this has %(number)d."
        ) % {"example": ACTIVATION_CODE, "number": len(text)}
    compare = _(
        "Compare each letter and digit with what you were given. For a teacher code choose "
        '"I have a teacher code" below.'
    )
    return f"{why_impossible(text) or _('A typing error.')} {compare}"


def no_group_key(text: str) -> str:
    """Of a text that is no well-formed group key."""
    if len(text) in CODE_LENGTHS:
        return _(
            "A typing error: a group key has 17 letters and digits, such as %(example)s, older "
            "ones have 8, and this has %(number)d, as activation codes and teacher codes have. "
            "Choose below which one you have."
        ) % {"example": GROUP_KEY, "number": len(text)}
    if len(text) not in KEY_LENGTHS:
        return _(
            "A typing error: a group key has 17 letters and digits, such as %(example)s, older "
            "ones have 8, and this has %(number)d."
        ) % {"example": GROUP_KEY, "number": len(text)}
    compare = _("Compare each letter and digit with what you were given.")
    return f"{why_impossible(text) or _('A typing error.')} {compare}"


def no_teacher_code(text: str) -> str:
    """Of a text that is no well-formed teacher code."""
    if len(text) in KEY_LENGTHS:
        return _(
            "A typing error: a teacher code has %(length)d letters and digits, such as "
            "%(example)s, and this has %(number)d, as group keys have. For a group key choose "
            '"I have a teacher\'s group key" below.'
        ) % {"length": LENGTH, "example": TEACHER_CODE, "number": len(text)}
    return _(
        "A typing error: a teacher code has %(length)d letters and digits, such as %(example)s, "
        "and this has %(number)d."
    ) % {"length": LENGTH, "example": TEACHER_CODE, "number": len(text)}
