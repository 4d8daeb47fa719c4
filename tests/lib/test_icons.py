"""The icons of the site: what a template draws, and the file it draws from."""

import lxml.html
from django.template import engines

from tests import icons


def drawn(text):
    return lxml.html.fromstring(engines["django"].from_string(text).render())


def test_an_icon_is_drawn_from_the_sprite_and_skipped_by_screen_readers():
    svg = drawn('{% icon "clock" %}')
    assert svg.get("aria-hidden") == "true"
    assert svg[0].get("href") == "/static/icons.svg#clock"


def test_the_sprite_has_exactly_the_icons_in_use_as_the_package_has_them():
    names = icons.used()
    assert len(names) > 10
    # If this fails, run: python -m tests.icons
    assert icons.SPRITE.read_text(encoding="utf-8") == icons.sprite(names)
