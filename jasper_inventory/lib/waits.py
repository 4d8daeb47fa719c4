"""Waiting times in words."""

from datetime import timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(wait: timedelta) -> str:
    """Return a rounded-up duration: in seconds, minutes or hours."""
    seconds = max(1, ceil(wait.total_seconds()))
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = ceil(seconds / 60)
    if minutes <= 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = ceil(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


def try_again_in(wait: timedelta) -> str:
    """Return a sentence that says when to try again."""
    return _("Try again in %(wait)s.") % {"wait": in_words(wait)}
