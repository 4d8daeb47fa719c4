"""The style guide: its parts look as in the pictures kept, in light and dark."""

import pytest

from tests import factories
from tests.browser.pictures import FOLDER, differences, renew

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = ".styleguide > [id]"


def parts(page):
    """The names of the parts of the style guide."""
    return page.locator(PARTS).evaluate_all("parts => parts.map(part => part.id)")


def taken(page, scheme):
    """A picture of each part, {name: PNG}."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.fonts.ready")
    return {
        f"{name}-{scheme}": page.locator(f"#{name}").screenshot(animations="disabled", caret="hide")
        for name in parts(page)
    }


@pytest.fixture
def styleguide(open_site):
    page = open_site(factories.staff())
    page.goto("/styleguide/")
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_component_looks_as_in_its_picture(styleguide, browser, scheme):
    blank = browser.new_page()
    pictures = taken(styleguide, scheme)
    assert len(pictures) >= 9
    renew(pictures)
    assert differences(blank, pictures) == {}
    blank.close()


def test_the_pictures_are_of_the_parts_shown(styleguide):
    names = {f"{name}-{scheme}" for name in parts(styleguide) for scheme in ("light", "dark")}
    assert {path.stem for path in FOLDER.glob("*.png")} == names


def test_another_color_of_one_button_is_noticed(styleguide, browser):
    blank = browser.new_page()
    styleguide.locator("#buttons .btn-primary").nth(0).evaluate(
        "button => button.classList.replace('btn-primary', 'btn-outline-danger')"
    )
    assert "buttons-light" in differences(blank, taken(styleguide, "light"))
    blank.close()


def test_axe_finds_nothing_on_any_screen(styleguide, axe_anywhere):
    axe_anywhere(styleguide)
