"""Generated inputs: every address, every persona, and what attackers type.

`make fuzz INPUTS=20000` sends that many, through tests/test_hostile_input.py. They are sent to the
world of tests/isolation, which has secrets everywhere. Whatever an input changed is undone.
"""

import re
from urllib.parse import quote, urlencode, urlsplit

import lxml.html
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve

from activation_codes.models import ActivationCode
from activation_codes.selections import encoded
from jasper_inventory.accounts.models import Membership, Organization
from licenses.models import Enrollment
from tests import factories
from tests.access_table import ANONYMOUS, STAFF, admin_addresses, all_addresses
from tests.isolation.responses import addresses, revealed, session_of
from tests.isolation.world import PERSONAS

SUPERUSER = "superuser"
METHODS = ["get"] * 9 + ["post"] * 12 + ["put", "delete", "options", "head", "patch"]
VALUES = [
    *("", " ", "0", "-1", "1", "2", "1.5", "1,000", "1e400", "NaN", "inf", "٣", "²", "x", "None"),
    *(str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "999999999", "all", "last", "a.b"),
    *("\0", "a\0b", "\ud800", "\udcff", "\x1b[31m", "\u202e", "\ufeff", "é" * 300, "x" * 20_000),
    *("'", '"', "' OR 1=1 --", "%", "%s%n", "_", "\\", "{{ 7 }}", "<b>", "../../etc/passwd"),
    *("';SELECT pg_sleep(9)--", "${7*7}", "=1+1", "\r\nSet-Cookie: a=b", "😀", "ﬃ", "İ", "a" * 65),
    *("2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-01-01", "2026-01-01T25:61"),
    *("//evil.example", "/\\evil.example", "javascript:x", "http://[", "/inventory/", "id", "pk"),
    *("user", "order__assigned_to__name", "password", "-", "1,2,3", "[]", "{}", "true", "on"),
    *("00000000-0000-0000-0000-000000000000", "ABCD-EFGH-JKMN", "a@b.example", "@", "e=1"),
]
PARAMETERS = [
    *("_to_field", "_popup", "_changelist_filters", "_facets", "e", "o", "ot", "p", "all", "q"),
    *("next", "page", "sort", "term", "app_label", "model_name", "field_name", "before", "on"),
    *("id__exact", "pk__in", "id__isnull", "order__id__exact", "organization__id__exact"),
    *("user__password", "role", "level__exact", "is_staff__exact", "status", "selected", "view"),
    *("start_date__year", "created_at__gte", "enrolled_at__month", "number", "children", "narrow"),
    *("purchase_order", "holder", "teacher", "product", "name", "role", "format", "state", "file"),
    *("typed", "action", "kind", "since", "until", "organization", "person", "state", "code"),
]
FIELDS = [
    *("action", "_selected_action", "select_across", "index", "_save", "_popup", "_to_field"),
    *("order", "user", "teacher", "organization", "parent", "node", "target", "relation"),
    *("products", "families", "form_owner", "form_token", "membership", "next", "confirmed"),
    *("memberships-TOTAL_FORMS", "memberships-INITIAL_FORMS", "memberships-0-id"),
    *("memberships-0-organization", "form-TOTAL_FORMS", "form-0-id", "decision", "code"),
    *("number", "students", "login", "password", "email", "role", "reason", "csrfmiddlewaretoken"),
    *("required", "confirm", "typed", "session", "credential", "columns", "selected", "query"),
]
TYPES = [
    *("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary="),
    *("multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=nonsense"),
    *("application/xml", "x", ""),
]
BODIES = [
    *(b"", b"{}", b'{"a": ', b"\0\xff", b"%00=%ff&a=%80", b"--x\r\n\r\n"),
    b"--x\r\nContent-Disposition: x\r\n",
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n--x--\r\n',
    b"&".join(b"a=1" for _ in range(1500)),
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b"a=" + b"x" * 3_000_000,
]
HEADERS = {
    "Referer": ["http://evil.example/", "x", "http://[", "http://testserver/inventory/?page=0"],
    "User-Agent": ["", "x" * 9_000, "<b>\x1b[31m", "\xff"],
    "Accept-Language": ["xx", "*;q=9", ",;", "x" * 5_000],
    "X-Forwarded-For": ["1.2.3.4", "::::", "x" * 300, "\x00", "1.2.3.4, " * 90],
    "If-Modified-Since": ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "Range": ["bytes=0-", "bytes=9-1", "x"],
    "HX-Current-URL": ["http://[", "javascript:x", "http://testserver/inventory/"],
    "X-Request-ID": ["\r\nx: y", "x" * 999],
    "Host": ["evil.example", "testserver:99999", "[", "a b"],
}
# What a refused request may write: the log, throttling, and the person's own session.
_WRITTEN_ANYWAY = re.compile(
    r"accounts_(logentry|tally|session|anonymoussession|submission)$|django_(session|admin_log)$"
)


class Inputs:
    """Sends what `choose`, a random generator, chooses, as each persona to each address."""

    def __init__(self, world, choose, *, skip=0):
        self.world, self.choose = world, choose
        root = factories.person("root", is_staff=True, is_superuser=True)
        self.clients = {ANONYMOUS: Client(), STAFF: _signed_in(factories.staff())}
        self.clients[SUPERUSER] = _signed_in(root)
        self.clients |= {persona: session_of(world, persona) for persona in PERSONAS}
        for client in self.clients.values():
            client.raise_request_exception = False
        self.routes = _addresses_by_route(world, choose)
        self.pairs = [(route, persona) for route in self.routes for persona in self._who(route)]
        self.pairs.sort()
        choose.shuffle(self.pairs)
        self.at = skip
        self.foreign = self._foreign_values()
        self.forms = {}
        self.unchanged = _digests()

    def send(self):
        """Send one input; return what was sent, and what is wrong with its answer or None."""
        route, persona = self.pairs[self.at % len(self.pairs)]
        self.at += 1
        client, address = self.clients[persona], self.choose.choice(self.routes[route])
        method = self.choose.choice(METHODS)
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        with transaction.atomic():
            sent = self._sent(client, persona, method, address)
            response = client.generic(**sent)
            wrong = self._wrong(persona, sent, response)
            transaction.set_rollback(True)
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies[name] = value
        return (persona, route, str(sent)[:900]), wrong

    def _who(self, route):
        if not route.startswith("/admin/"):
            return self.clients
        # Only a superuser reaches some models. For others, all of the admin is alike.
        return (SUPERUSER, STAFF, self.choose.choice(PERSONAS))

    def _foreign_values(self):
        """Keys and numbers of rows of all organizations."""
        models = (Organization, Membership, get_user_model(), Enrollment, ActivationCode)
        keys = {pk for model in models for pk in model.objects.values_list("pk", flat=True)[:30]}
        numbers = {one for kinds in self.world.numbers.values() for one in kinds.values()}
        codes = ActivationCode.objects.values_list("pk", flat=True)
        return [*map(str, sorted(keys | numbers)), encoded(codes), *map(encoded, zip(codes))]

    # What is wrong with an answer

    def _wrong(self, persona, sent, response):
        if response.status_code >= 500:
            return f"status {response.status_code}"
        text = "" if sent["method"] == "HEAD" else revealed(response)
        if leaked := self._leaked(persona, sent, text):
            return f"reveals {leaked}"
        is_refused = response.status_code >= 400 or 'aria-invalid="true"' in text
        if sent["method"] == "POST" and is_refused and (changed := self._changed()):
            return f"refused with {response.status_code}, but changed {changed}"
        return None

    def _leaked(self, persona, sent, text):
        """The secrets in a text that its reader neither may know nor has sent."""
        if persona in (STAFF, SUPERUSER):
            return []
        found = self.world.leaks(persona, text)
        typed = f"{sent['path']} {sent['data']}" if found else ""
        # People still see the organization where they acted, after they lost its role.
        own = self.world.organizations["H1"].name if persona == "removed" else None
        return [secret for secret in found if secret not in typed and secret != own]

    def _changed(self):
        now = _digests()
        return sorted(table for table in now if now[table] != self.unchanged[table])

    # What is sent

    def _sent(self, client, persona, method, address):
        """The arguments of a request."""
        options = {"headers": self._headers()}
        data, kind = b"", "application/x-www-form-urlencoded"
        if method == "post":
            address, values = self._form(client, persona, address)
            data = urlencode(self._spoiled(values), doseq=True).encode()
            if self.choose.random() < 0.15:
                kind, data = self.choose.choice(TYPES), self.choose.choice(BODIES)
        if self.choose.random() < 0.03:
            name = self.choose.choice(["sessionid", "csrftoken", "browser", "messages"])
            client.cookies[name] = self.choose.choice(["", "x", "x" * 5_000, "a:b:c", "0"])
        query = self._query()
        joined = "&" if "?" in address else "?"
        path = self._forged(address) + (joined + query if query else "")
        return {
            "method": method.upper(),
            "path": path,
            "data": data,
            "content_type": kind,
            **options,
        }

    def _headers(self):
        sent = {}
        if self.choose.random() < 0.2:
            sent |= {"HX-Request": "true", "HX-Target": self.choose.choice(["dialog", "x"])}
        if self.choose.random() < 0.1:
            name = self.choose.choice(sorted(HEADERS))
            sent[name] = self.choose.choice(HEADERS[name])
        return sent

    def _forged(self, address):
        """The address, sometimes with another value in place of a number."""
        if self.choose.random() < 0.25:
            value = quote(self._value(), safe="", errors="surrogatepass")
            if self.choose.random() < 0.2:
                value = "%ff%fe%80"
            return re.sub(r"\d+", lambda _match: value, address, count=1)
        return address

    def _query(self):
        if self.choose.random() < 0.5:
            return ""
        pairs = [
            (self.choose.choice(PARAMETERS), self._value())
            for _ in range(self.choose.randint(1, 3))
        ]
        return urlencode(pairs, errors="surrogatepass")

    def _value(self):
        return self.choose.choice(self.foreign if self.choose.random() < 0.2 else VALUES)

    def _form(self, client, persona, address):
        """One of the forms of a page, with its address; none if the page has none."""
        if (persona, address) not in self.forms:
            with transaction.atomic():
                self.forms[persona, address] = _forms_of(client.get(address), address)
                transaction.set_rollback(True)
        forms = self.forms[persona, address]
        at, values = self.choose.choice(forms) if forms else (address, {})
        return at, dict(values)

    def _spoiled(self, values):
        """The form's values, some of them replaced, tampered with, missing, repeated or added."""
        for _ in range(self.choose.randint(0, 3)):
            own = bool(values) and self.choose.random() < 0.7
            name = self.choose.choice(sorted(values) if own else FIELDS)
            act = self.choose.random()
            if act < 0.15:
                values.pop(name, None)
            elif act < 0.3 and values.get(name, [""])[0]:
                # Such as a signed value.
                text = values[name][0]
                at = self.choose.randrange(len(text))
                values[name] = [text[:at] + self.choose.choice("aZ0-:.") + text[at + 1 :]]
            else:
                values[name] = [self._value() for _ in range(1 if act < 0.8 else 3)]
        return {
            name: [value.encode("utf-8", "surrogatepass") for value in many]
            for name, many in values.items()
        }


def _signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def _addresses_by_route(world, choose):
    """Some addresses of each route of the site and the admin."""
    found = {}
    numbers = [one for kinds in world.numbers.values() for one in kinds.values()]
    for address in addresses(numbers):
        found.setdefault(resolve(address).view_name, []).append(address)
    for address, _name in all_addresses():
        if not address.startswith("/admin/"):
            found.setdefault(resolve(address).view_name, [address])
    keys = (*Enrollment.objects.values_list("pk", flat=True)[:2], 1)
    for address in admin_addresses():
        found[address] = [address.replace("/1/", f"/{key}/") for key in keys]
    # Pages have to be read before their forms are sent. Other keys are sent in place of these.
    return {
        route: choose.sample(sorted(every), min(6, len(every))) for route, every in found.items()
    }


def _forms_of(response, address):
    """The forms of a page: where each is sent, and its values."""
    if response.streaming:
        response.getvalue()
    if response.status_code != 200 or response.streaming:
        return []
    if not response.content.lstrip().startswith(b"<"):
        return []
    found = []
    for form in lxml.html.fromstring(response.content.decode()).forms:
        values = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value or "")
        at = form.action or address
        if form.method == "POST" and urlsplit(at).netloc == "":
            found.append((at if at.startswith("/") else address, values))
    return found


def _digests():
    """How many rows each table has, and a sum of their contents."""
    tables = [
        table
        for table in connection.introspection.django_table_names(only_existing=True)
        if not _WRITTEN_ANYWAY.search(table)
    ]
    parts = " UNION ALL ".join(
        f"SELECT '{table}', count(*), sum(hashtext(one::text)::bigint) FROM {table} one"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return {table: (number, digest) for table, number, digest in cursor.fetchall()}
