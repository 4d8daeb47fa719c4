"""What a password needs; and ones that a pupil can remember and a teacher can say aloud."""

import secrets

from django.utils.translation import gettext_lazy as _

# Beside every field where somebody chooses a password.
PASSWORD_HELP = _("At least 8 characters, not all digits.")

# Of 64 words each adds 6 bits; three of them and two digits are over 20 million passwords, and
# sign-in lets nobody try many.
_WORDS = """
    apple arrow autumn badger bamboo basket beach berry bridge bucket butter button camel candle
    canoe carrot castle cedar cherry circle cloud clover copper coral cotton desert dolphin eagle
    engine falcon feather field finger flower forest garden ginger guitar hammer harbour hazel
    honey island jacket jungle kettle ladder lantern lemon maple marble meadow melon mirror
    mountain music noodle orange otter paper pepper pillow planet rabbit
"""
WORDS = tuple(_WORDS.split())


def easy_password() -> str:
    """Such as "maple-otter-canoe-42"."""
    words = (secrets.choice(WORDS) for _one in range(3))
    return f"{'-'.join(words)}-{secrets.randbelow(90) + 10}"
