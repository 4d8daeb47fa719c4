"""Generated passwords that are easy to remember and say aloud."""

import secrets

# Each of the 64 words adds 6 bits. Three words and two digits give over 20 million passwords,
# which is enough because sign-in is throttled.
_WORDS = """
    apple arrow autumn badger bamboo basket beach berry bridge bucket butter button camel candle
    canoe carrot castle cedar cherry circle cloud clover copper coral cotton desert dolphin eagle
    engine falcon feather field finger flower forest garden ginger guitar hammer harbour hazel
    honey island jacket jungle kettle ladder lantern lemon maple marble meadow melon mirror
    mountain music noodle orange otter paper pepper pillow planet rabbit
"""
WORDS = tuple(_WORDS.split())


def easy_password() -> str:
    """Return a random password such as "maple-otter-canoe-42"."""
    words = (secrets.choice(WORDS) for _one in range(3))
    return f"{'-'.join(words)}-{secrets.randbelow(90) + 10}"
