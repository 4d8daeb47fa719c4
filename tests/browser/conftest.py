"""A real browser on a live server; a missing browser is a failure with a hint."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.screens import WIDTHS, each_width, fits

expect.set_options(timeout=8_000)

# The messages of the browser and htmx about provoked answers: refusals, a lost connection.
EXPECTED = ("Failed to load resource", "Response Status Error", "htmx:")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = chromium.find()
    if path is None:
        pytest.fail("No browser: install chromium, or set CHROMIUM to one.", pytrace=False)
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": ["--no-sandbox", "--disable-background-networking"],
    }


@pytest.fixture(scope="session")
def browser(browser):
    """The browser; where it ends, Django's connection of that time ends with it.

    While Playwright's event loop runs in this thread, Django keeps a second connection here, out
    of reach once the loop has stopped: the test database could not be dropped.
    """
    yield browser
    connections.close_all()


@pytest.fixture
def complaints():
    """The errors that browsers report during the test."""
    return []


@pytest.fixture
def open_site(browser, live_server, complaints):
    """A function: a page where this person is signed in; `js`, `width` as wanted.

    What the browser complains of (a script's error, the content policy) fails the test.
    """
    contexts = []

    def hear(message):
        if message.type == "error" and not message.text.startswith(EXPECTED):
            complaints.append(message.text)

    def opened(who=None, *, js=True, width=1280):
        context = browser.new_context(
            base_url=live_server.url,
            java_script_enabled=js,
            viewport={"width": width, "height": 900},
            color_scheme="light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(8_000)
        if who is not None:
            client = Client()
            client.force_login(getattr(who, "user", who))
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", hear)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def axe(complaints):
    """A function: axe finds nothing on the page as it is now; only these rules, if named."""

    def clean(page, *rules, without=()):
        heard = len(complaints)
        page.wait_for_load_state()
        if not page.evaluate("'axe' in window"):
            page.evaluate(Axe().axe_script)
        # Resources that axe would load first are for rules that are off, and for sounds.
        options = {"resultTypes": ["violations"], "preload": False}
        if rules:
            options["runOnly"] = list(rules)
        options["rules"] = {rule: {"enabled": False} for rule in without}
        # Only the violations: transferring all of axe's results takes longer than its checks.
        found = page.evaluate(
            "options => axe.run(options).then(({violations}) => violations.map("
            "({id, nodes}) => [id, nodes.map(({target}) => target)]))",
            options,
        )
        # Some of axe's own checks violate the content policy.
        del complaints[heard:]
        assert found == [], page.url

    return clean


@pytest.fixture
def axe_anywhere(axe):
    """A function: on narrow and wide screens, in light and dark, axe finds nothing; all fits.

    The page is not loaded again: another screen changes its styles only. In the dark nothing
    differs but colors, and these differ nowhere else: they take axe longest.
    """
    colors = ("color-contrast", "link-in-text-block")

    def clean(page, widths=WIDTHS):
        for width in each_width(page, widths):
            fits(page)
            axe(page, without=() if width == max(widths) else colors)
        page.emulate_media(color_scheme="dark")
        axe(page, *colors)
        page.emulate_media(color_scheme="light")

    return clean


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def js(request):
    """Each walk of the guide works with and without JavaScript."""
    return request.param
