"""Count the clicks, keys and page loads of everyday tasks on a running demo, from the Panel on.

Start the demo first, with fresh data: `make demo`. Then, with its address:
`python -m benchmarks.clicks http://127.0.0.1:8000`. A task that takes more clicks than it should
fails. Texts that are typed, such as an address, count as one entry and not by their characters.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from jasper_inventory.demo.dataset import PASSWORD
from tests.browser import chromium

# The account of the demo's center, and of its distributor.
CENTER, SUPPLIER = "center", "distributor"
# The purchase order of an order of this center with 38 unused codes.
ENOUGH_CODES = "MR-345"


@dataclass
class Person:
    """Someone in front of the Panel, whose clicks, keys and page loads are counted."""

    page: Page
    clicks: int = 0
    keys: int = 0
    entries: int = 0
    loads: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", lambda _page: self._loaded())

    def _loaded(self) -> None:
        self.loads += 1

    def click(self, locator: Locator) -> None:
        """Click a link or a button."""
        self.clicks += 1
        locator.click()

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def enter(self, text: str) -> None:
        """Type or paste a text into the field with the focus."""
        self.entries += 1
        self.page.keyboard.insert_text(text)


@dataclass(frozen=True)
class Task:
    """A task, the account that does it, and the most clicks that it should take."""

    name: str
    account: str
    most_clicks: int
    do: Callable[[Person], None]


def _to_field(person: Person) -> None:
    """Press Tab until the focus is in a field."""
    focused = "document.activeElement.matches('input:not([type]), [type=text], textarea')"
    for _press in range(10):
        if person.page.evaluate(focused):
            return
        person.press("Tab")


def _link(person: Person, name: str) -> Locator:
    return person.page.get_by_role("link", name=name).first


def _find_purchase_order(person: Person) -> None:
    person.press("/")
    person.enter("UAC")
    person.press("Enter")
    expect(person.page.get_by_role("heading", name="Search Results")).to_be_visible()


def _free_codes(person: Person) -> None:
    person.click(_link(person, "Orders with free codes"))
    expect(person.page.locator("table.inventory")).to_be_visible()


def _ending(person: Person) -> None:
    person.click(_link(person, "within 90 days"))
    expect(person.page.locator("table.inventory")).to_be_visible()


def _renew(person: Person) -> None:
    person.click(_link(person, "within 90 days"))
    rows = person.page.locator("table.inventory tbody")
    person.click(rows.get_by_role("link", name="Renew").first)
    person.click(person.page.get_by_role("button", name="Request License Renewal"))
    expect(person.page.locator("main .notification")).to_be_visible()
    expect(person.page.locator("tr:target")).to_be_visible()


def _list_of_codes(person: Person) -> None:
    """Open the list of the codes of an order with at least 30 unused ones."""
    person.press("g", "i")
    person.page.wait_for_url("**/inventory/")
    row = person.page.locator("table.inventory tbody tr").filter(has_text=ENOUGH_CODES)
    person.click(row.get_by_role("link", name="User Activation Codes"))
    person.click(person.page.get_by_role("dialog").get_by_role("link", name="List of Codes"))
    expect(person.page.get_by_role("heading", name="Codes of Order")).to_be_visible()


def _hand_out(person: Person) -> None:
    _list_of_codes(person)
    person.click(person.page.get_by_role("textbox", name="Next unused codes"))
    person.enter("30")
    person.press("Enter")
    window = person.page.get_by_role("dialog")
    expect(window.get_by_role("heading", name="Hand Out Codes")).to_be_visible()
    _to_field(person)
    person.enter("Class 7b")
    person.click(window.get_by_role("button", name="Hand Out 30 Codes"))
    expect(person.page.locator("main .notification")).to_contain_text("30 codes")


def _print(person: Person) -> None:
    """Print the codes of the class: the page of cards opens the browser's print dialog."""
    person.page.add_init_script("window.print = () => { document.body.dataset.printed = true }")
    _list_of_codes(person)
    person.click(_link(person, "Class 7b"))
    person.click(person.page.get_by_role("button", name="Print Cards").last)
    expect(person.page.locator("body[data-printed]")).to_be_visible()


def _email_teacher_code(person: Person) -> None:
    person.press("g", "i")
    person.page.wait_for_url("**/inventory/")
    rows = person.page.locator("table.inventory tbody tr").filter(has_text="Available")
    person.click(rows.get_by_role("link", name="Edit").first)
    window = person.page.get_by_role("dialog")
    person.click(window.get_by_role("link", name="Email"))
    expect(window.get_by_role("heading", name="Email Teacher Code")).to_be_visible()
    _to_field(person)
    person.enter("kim@example.com")
    person.click(window.get_by_role("button", name="Send Teacher Code"))
    expect(person.page.locator("main .notification")).to_be_visible()
    expect(person.page.locator("tr:target")).to_be_visible()


TASKS = [
    Task("find an order by its purchase order", CENTER, 0, _find_purchase_order),
    Task("who has free codes, over all orders", SUPPLIER, 1, _free_codes),
    Task("what ends this term", SUPPLIER, 1, _ending),
    # One click for the list, two for each license.
    Task("renew a license, and be back at its row", CENTER, 3, _renew),
    Task("email a teacher code", CENTER, 3, _email_teacher_code),
    Task("hand 30 codes to a class", CENTER, 5, _hand_out),
    Task("print the cards of this class", CENTER, 4, _print),
]


def main(address: str) -> int:
    """Do all tasks and print what they took; return 1 if one failed."""
    failed = False
    print(f"{'task':45} clicks  keys  texts  pages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        for task in TASKS:
            person = _at_panel(browser, address, task.account)
            problem = ""
            try:
                task.do(person)
            except Exception as error:
                problem = str(error).splitlines()[0]
            if person.clicks > task.most_clicks:
                problem = problem or f"more than {task.most_clicks} clicks"
            failed = failed or bool(problem)
            numbers = f"{person.clicks:6} {person.keys:5} {person.entries:6} {person.loads:6}"
            print(f"{task.name:45} {numbers}  {problem}".rstrip(), flush=True)
            person.page.context.close()
    return int(failed)


def _at_panel(browser: Browser, address: str, account: str) -> Person:
    """Sign in; the page load that shows the Panel isn't counted."""
    page = browser.new_context(base_url=address, viewport={"width": 1366, "height": 657}).new_page()
    page.set_default_timeout(10_000)
    page.goto("/accounts/login/")
    page.fill("[name=login]", account)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.get_by_role("heading", name="Needs Attention").wait_for()
    return Person(page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
