"""How long somebody has to wait, in words."""

from datetime import timedelta
from math import ceil

from django.utils.translation import ngettext


def try_again_in(wait: timedelta) -> str:
    """Say when to try again: rounded up, in seconds below a minute, in hours past two."""
    seconds = max(1, ceil(wait.total_seconds()))
    if seconds < 60:
        text = ngettext("Try again in %(n)d second.", "Try again in %(n)d seconds.", seconds)
        return text % {"n": seconds}
    minutes = ceil(seconds / 60)
    if minutes <= 120:
        text = ngettext("Try again in %(n)d minute.", "Try again in %(n)d minutes.", minutes)
        return text % {"n": minutes}
    hours = ceil(minutes / 60)
    return ngettext("Try again in %(n)d hour.", "Try again in %(n)d hours.", hours) % {"n": hours}
