"""The pages that are measured: a name, a persona and an address each."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.core.cache import cache

from benchmarks.floors import BARE_LIST, sum_of_scope
from benchmarks.measuring import Case, Floor
from benchmarks.world import World

# Names and addresses of the inventory page; those in braces are a persona's own facts.
FOR_ALL = {
    "first page": "",
    "page 2,000 or last": "page={deep_page}",
    "last page": "page={last_page}",
    "search: order number": "number={number}",
    "search: purchase order": "purchase_order={purchase_order}",
    "search: part of many purchase orders": "purchase_order=PO-20",
    "search: license code": "license_code={license_code}",
    "search: part of a license code": "license_code={part_of_code}",
    "status: available": "status=available",
    "status: expired": "status=expired",
    "status: requested": "status=requested",
    "status: with renewal request": "status=renewal",
    "type: codes": "type=codes",
    "type: center": "type=center",
    "sort: number, oldest first": "sort=number",
    "sort: start": "sort=start",
    "sort: start, latest first": "sort=-start",
    "sort: finish": "sort=finish",
    "sort: finish, latest first": "sort=-finish",
    "sort: remaining days": "sort=remaining",
    "sort: remaining days, most first": "sort=-remaining",
}
FOR_SUPPLIERS = {
    "scope: my organization only": "scope=ours",
    "scope: sub-organizations only": "scope=below",
    "one organization": "holder=%23{holder}",
    "one organization with sub-organizations": "holder=%23{branch}&branch=on",
    "drill-down: branch": "below={branch}",
    "drill-down: seats counted": "seats=counted",
    "drill-down: seats allocated": "seats=allocated",
    "drill-down: seats used": "seats=used",
    "drill-down: seats free": "seats=free",
    "drill-down: seats resting": "seats=resting",
    "drill-down: unlimited": "seats=unlimited",
    "drill-down: ending within 30 days": "ending=30",
    "drill-down: ending within 90 days": "ending=90",
    "drill-down: product mix": "mix={mix}",
    "available, codes, by finish date": "status=available&type=codes&sort=finish",
}


def page(group: str, name: str, persona: str, address: str, floor: Floor = BARE_LIST) -> Case:
    """Return the case of a page: its whole answer, from address to HTML."""

    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        client, target = world.client(persona), address.format(**world.facts(persona))

        def work() -> Any:
            answer = client.get(target)
            assert answer.status_code == 200, (target, answer.status_code)
            return answer

        yield work

    return Case(f"{name} ({persona})" if persona else name, group, prepare, floor)


def uncached_page(group: str, name: str, persona: str, address: str, floor: Floor) -> Case:
    """Return the case of a page whose sums are kept for a moment: each time counted anew."""
    kept = page(group, name, persona, address, floor)

    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        with kept.prepare(world) as work:

            def counted() -> Any:
                cache.clear()
                return work()

            yield counted

    return replace(kept, prepare=prepare)


def searched(group: str, title: str, persona: str, address: str, /, **typed: str) -> Case:
    """Return the case of a search that is typed once by POST: the page of its results."""

    @contextmanager
    def prepare(world: World) -> Iterator[Callable[[], Any]]:
        client, facts = world.client(persona), world.facts(persona)
        target = address.format(**facts)
        values = {field: text.format(**facts) for field, text in typed.items()}
        answer = client.post(target, values)
        if answer.status_code == 200:
            # Codes are answered immediately.
            yield lambda: client.post(target, values)
            return
        assert answer.status_code == 302, (target, answer.status_code)
        found = answer.headers["Location"]

        def work() -> Any:
            answer = client.get(found)
            assert answer.status_code == 200, (found, answer.status_code)
            return answer

        yield work

    return Case(f"{title} ({persona})", group, prepare, BARE_LIST)


def inventory() -> Iterable[Case]:
    """Return the License Inventory of a center and of two distributors."""
    for persona in ("center", "medium", "large"):
        queries = FOR_ALL if persona == "center" else FOR_ALL | FOR_SUPPLIERS
        for name, query in queries.items():
            yield page("License Inventory", name, persona, f"/inventory/?{query}")


def panel_and_distribution() -> Iterable[Case]:
    """Return the pages of counts and sums."""
    for persona in ("center", "medium", "large"):
        yield page("Panel", "Panel", persona, "/")
        yield uncached_page("Panel", "overview", persona, "/overview/", sum_of_scope(persona))
    for persona in ("medium", "large"):
        floor = sum_of_scope(persona)
        for name, query in {
            "all": "",
            "one branch": "at={branch}",
            "by product mix": "by=mix",
            "codes only": "type=codes",
            "one product mix": "mix={mix}",
        }.items():
            address = f"/inventory/where/?{query}"
            yield page("License Distribution", name, persona, address, floor)


def transfers() -> Iterable[Case]:
    """Return the Transfers page and its searches."""
    for persona in ("center", "medium", "large"):
        for name, query in {
            "list": "",
            "one organization": "organization=%23{holder}",
            "one branch": "organization=%23{branch}&branch=on",
            "purchase order": "purchase_order={purchase_order}",
            "part of many purchase orders": "purchase_order=PO-20",
            "order number": "order={number}",
            "last page": "page=9999999",
        }.items():
            yield page("Transfers", name, persona, f"/transfers/?{query}")


def people() -> Iterable[Case]:
    """Return the searches for people, and the people of an order."""
    for persona in ("center", "campus", "large"):
        yield searched("People", "a surname of 5 % of all", persona, "/people/", typed="nguyen")
        yield searched("People", "one username", persona, "/people/", typed="{student}")
        yield searched("People", "two words", persona, "/people/", typed="olivia nguyen")
        yield searched("People", "an activation code", persona, "/people/", typed="{code}")
    address = "/inventory/{campus_order}/people/"
    group = "People of an order with 5,000 students"
    yield page(group, "first page", "campus", address)
    yield page(group, "last page", "campus", f"{address}?page=9999999")
    yield page(group, "students", "campus", f"{address}?role=students")
    yield page(group, "removed", "campus", f"{address}?on=off")
    yield searched(group, "by a surname", "campus", address, name="nguyen")
    yield searched(group, "by a first name", "campus", address, name="olivia")


def orders() -> Iterable[Case]:
    """Return the windows of one order."""
    yield page("Edit Order", "own order", "center", "/inventory/{own_order}/edit/")
    yield page("Edit Order", "assigned order", "hub", "/inventory/{given_order}/edit/")
    yield page("Requests", "to review", "large", "/requests/")
    yield page("Requests", "to review", "hub", "/requests/")


def admin() -> Iterable[Case]:
    """Return the admin's lists and searches; those for people are sent by POST."""
    for name, address, find, words in (
        ("orders", "licenses/order", found, ("{campus_order}", "PO-2026-0")),
        (
            "enrollments",
            "licenses/enrollment",
            searched,
            ("nguyen", "nguyen academy", "{campus_order}"),
        ),
        ("redemptions", "activation_codes/redemption", searched, ("nguyen", "{campus_order}")),
        ("codes", "activation_codes/activationcode", found, ()),
        ("users", "accounts/user", searched, ("nguyen", "{student}")),
        ("roles", "accounts/membership", searched, ("nguyen",)),
        ("organizations", "accounts/organization", found, ("academy",)),
        ("license requests", "licenses/licenserequest", found, ("academy",)),
        ("renewal requests", "renewals/renewalrequest", found, ("academy",)),
    ):
        yield page("Admin", f"{name}: list", "staff", f"/admin/{address}/")
        for word in words:
            title = f"{name}: search {NAMES.get(word, word)}"
            yield find("Admin", title, "staff", f"/admin/{address}/", q=word)
    codes, orders = "activation_codes/activationcode", "licenses/order"
    for name, address in (
        ("codes: of one order", f"{codes}/?order__id__exact={{order_of_codes}}"),
        ("codes: used", f"{codes}/?used=yes"),
        ("orders: depleted", f"{orders}/?status=depleted"),
        ("orders: sorted by finish date", f"{orders}/?o=5"),
        ("orders: page 200", f"{orders}/?p=200"),
        ("enrollments: sorted by person", "licenses/enrollment/?o=1"),
        ("enrollments: removed", "licenses/enrollment/?on=removed"),
        ("redemptions: sorted by student", "activation_codes/redemption/?o=1"),
        ("redemptions: removed", "activation_codes/redemption/?state=removed"),
        ("users: administrators", "accounts/user/?role=1"),
        ("users: sorted by last name", "accounts/user/?o=2"),
    ):
        yield page("Admin", name, "staff", f"/admin/{address}")


def found(group: str, title: str, persona: str, address: str, *, q: str) -> Case:
    """Return the case of a search whose words are in the address."""
    return page(group, title, persona, f"{address}?q={q}")


# How facts that are searched for are named.
NAMES = {"{campus_order}": "order number", "{student}": "username"}


def all_pages() -> list[Case]:
    """Return the cases of all pages."""
    groups = (inventory, panel_and_distribution, transfers, people, orders, admin)
    return [case for group in groups for case in group()]
