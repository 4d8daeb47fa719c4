"""Every page, window and error page of the site is valid HTML."""

import re

from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from jasper_inventory.lib import site as error_pages
from tests import factories, nu
from tests.access_table import (
    ANONYMOUS,
    CENTER,
    CODES,
    OPEN,
    PERSONAS,
    SIGNED_IN,
    STAFF,
    TABLE,
)
from tests.isolation import responses
from tests.isolation import world as worlds

LISTS = [
    *("/", "/inventory/", "/inventory/where/", "/people/", "/requests/", "/transfers/"),
    "/invitations/",
]
WINDOW = {"HX-Request": "true", "HX-Target": "dialog"}
SHELL = '<!DOCTYPE html><html lang="en"><head><title>Part</title></head><body>{}</body></html>'


class Pages:
    """Pages to check, `{name: HTML}`; each once, whatever their tokens and values are."""

    def __init__(self):
        self.html = {}
        self._seen = set()

    def add(self, name, response, around="{}"):
        """Keep a page; return whether it is the first of its kind."""
        if response.streaming:
            response.getvalue()
        elif response.content and response.get("Content-Type", "").startswith("text/html"):
            html = response.content.decode()
            if not html.lstrip().startswith("<!DOCTYPE"):
                html = SHELL.format(around.format(html))
            shape = re.sub(r'value="[^"]*"|\d+', "", html)
            if shape not in self._seen:
                self._seen.add(shape)
                self.html[f"{name} ({response.status_code})"] = html
                return True
        return False

    def open(self, client, name, address):
        """A page and, if it is a new one, the same as a window and the answer to an empty form."""
        if not self.add(name, client.get(address)):
            return
        window = client.get(address, headers=WINDOW)
        self.add(f"{name}, window", window, around="<dialog>{}</dialog>")
        self.add(f"{name}, sent empty", client.post(address))


def browser(who=None, **options):
    client = Client(**options)
    if who is not None:
        client.force_login(getattr(who, "user", who))
    return client


def test_every_page_is_valid_html(access_site, db, tmp_path):
    personas, address = access_site
    pages = Pages()
    _add_routes(pages, personas, address)
    _add_account_pages(pages, personas[CENTER])
    _add_error_pages(pages, personas[CENTER])
    _add_lists(pages)
    _add_admin(pages, personas[STAFF])
    assert len(pages.html) > 150

    assert nu.complaints(pages.html, tmp_path) == []


def _add_routes(pages, personas, address):
    """Pages that each persona may open, by the access table."""
    for route, method, *statuses in TABLE:
        for persona, status in zip(PERSONAS, statuses, strict=True):
            if (method, status) == ("get", 200) and route != "accounts:organization_find":
                pages.open(browser(personas[persona]), f"{route} of {persona}", address(route))
    for route, status in CODES.items():
        for persona in (ANONYMOUS, CENTER) if status == 200 else ():
            client = browser(personas.get(persona))
            pages.open(client, f"{route} of {persona}", reverse(route))
            pages.add(f"{route}, wrong code", client.post(reverse(route), {"code": "ABCD"}))
    found = browser(personas[CENTER]).get(reverse("accounts:organization_find"), {"q": "o"})
    pages.add("organization_find", found, around='<datalist id="found">{}</datalist>')


def _add_account_pages(pages, user):
    user.set_password(factories.PASSWORD)
    user.save()
    for route in sorted(OPEN | SIGNED_IN):
        for client in (browser(), browser(user)):
            try:
                pages.open(client, route, reverse(route))
            except NoReverseMatch:
                args = ["1", "wrong-key"] if "reset" in route else ["key"]
                pages.open(client, route, reverse(route, args=args))


def _add_error_pages(pages, user):
    request = RequestFactory().get("/")
    pages.add("400", error_pages.bad_request(request, SuspiciousOperation()))
    for name, client in (("nobody", browser()), ("someone", browser(user))):
        pages.add(f"404 for {name}", client.get("/nothing/at/all/"))
    pages.add("403", browser(user).get("/inventory/where/"))
    pages.add("405", browser(user).post("/"))
    pages.add("403 for a form", browser(user, enforce_csrf_checks=True).post("/accounts/logout/"))
    client = browser()
    request.user, request.session = user, client.session
    request.htmx = request.membership = None
    request.memberships = []
    pages.add("429", error_pages.too_many_requests(request))


def _add_lists(pages):
    """Lists with rows in every state, and lists that find nothing."""
    world = worlds.build()
    for persona in ("H1",):
        client = responses.session_of(world, persona)
        for address in LISTS:
            pages.add(f"{address} of {persona}", client.get(address))
            for query in ("number=9999999", "q=zzzz", "page=2"):
                pages.add(f"{address}?{query} of {persona}", client.get(f"{address}?{query}"))


def _add_admin(pages, staff):
    """Our own pages in the admin; pages with a form by Django are Django's."""
    client = browser(staff)
    for name in ("index", "find_code", "why_code"):
        pages.open(client, f"admin {name}", reverse(f"admin:{name}"))
    for model, model_admin in admin.site._registry.items():
        kind = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages.add(kind, client.get(reverse(f"{kind}_changelist")))
        row = model._default_manager.order_by("-pk").first()
        names = ["history", *getattr(model_admin, "pages", {}).values()] if row else []
        names += ["change"] if hasattr(model_admin, "review_template") else []
        for name in names:
            pages.add(f"{kind} {name}", client.get(reverse(f"{kind}_{name}", args=[row.pk])))
