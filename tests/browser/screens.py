"""The screens that pages are checked on, and what must hold on each."""

from playwright.sync_api import expect

# The narrowest supported screen, and a common one.
WIDTHS = (320, 1280)
# Also the width at which tables become cards, the one at which an order takes one line, that of
# most laptops, and the greatest width of a page.
ALL_WIDTHS = (320, 768, 1201, 1280, 1360, 1366, 1440, 1920)

# For a box that is too wide: the element that reaches furthest to the right in it.
FURTHEST = """box => {
    const right = element => element.getBoundingClientRect().right;
    const furthest = [...box.querySelectorAll("*")].sort((a, b) => right(b) - right(a));
    return furthest.slice(0, 3).map(element => element.outerHTML.slice(0, 200));
}"""


def each_width(page, widths):
    """Yield each width with the page resized to it; restore the size at the end."""
    before = page.viewport_size
    for width in widths:
        page.set_viewport_size({**before, "width": width})
        yield width
    page.set_viewport_size(before)


def fits(page):
    """Nothing is wider than the screen, nor a table or window than its frame; the page is shown."""
    page.wait_for_load_state()
    for box in page.locator("html, .table-card, dialog[open]").all():
        over = box.evaluate("box => box.scrollWidth - box.clientWidth")
        assert over <= 0, (page.url, page.viewport_size["width"], box.evaluate(FURTHEST))


def window(page, js):
    """The guide's window: a dialog over the page, or a page of its own."""
    if js:
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        return dialog
    return page.get_by_role("main")


def tab(window, js, name):
    """The link that shows a tab; without script both parts are shown and it scrolls to the tab."""
    return window.get_by_role("tab" if js else "link", name=name).first


def choose(page, name):
    """Click a link of a page, which may be in the menu of an order's row."""
    option = page.get_by_role("link", name=name, include_hidden=True).first
    option.wait_for(state="attached")
    if not option.is_visible():
        option.locator("xpath=ancestor::details/summary").click()
    option.click()
