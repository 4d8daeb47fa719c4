"""Whatever is sent, no answer is an error page of ours: generated requests to every address.

HOSTILE_REQUESTS says how many are sent; HOSTILE_SEED makes another series.
"""

import os
import random
import re
from urllib.parse import quote, urlencode

import lxml.html
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch

from licenses.models import Enrollment
from tests import factories
from tests.access_table import (
    ANONYMOUS,
    CODES,
    OPEN,
    PERSONAS,
    SIGNED_IN,
    STAFF,
    TABLE,
    admin_addresses,
)

SUPERUSER = "superuser"
REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "400"))
SEED = os.environ.get("HOSTILE_SEED", "9")
VALUES = [
    *("", " ", "0", "-1", "1", "2", "1.5", "1,000", "1e400", "NaN", "inf", "٣", "²", "x", "None"),
    *(str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "999999999", "all", "last", "a.b"),
    *("\0", "a\0b", "\ud800", "\udcff", "\x1b[31m", "\u202e", "\ufeff", "é" * 300, "x" * 20_000),
    *("'", '"', "' OR 1=1 --", "%", "%s%n", "_", "\\", "{{ 7 }}", "<b>", "../../etc/passwd"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-01-01", "2026-01-01T25:61"),
    *("//evil.example", "/\\evil.example", "javascript:x", "http://[", "/inventory/", "id", "pk"),
    *("user", "order__assigned_to__name", "password", "-", "1,2,3", "[]", "{}", "true", "on"),
    *("00000000-0000-0000-0000-000000000000", "ABCD-EFGH-JKMN", "a@b.example", "@", "e=1"),
]
PARAMETERS = [
    *("_to_field", "_popup", "_changelist_filters", "_facets", "e", "o", "ot", "p", "all", "q"),
    *("next", "page", "sort", "term", "app_label", "model_name", "field_name", "before", "on"),
    *("id__exact", "pk__in", "id__isnull", "order__id__exact", "organization__id__exact"),
    *("user__password", "role", "level__exact", "is_staff__exact", "status"),
    *("start_date__year", "created_at__gte", "enrolled_at__month", "number", "children", "narrow"),
    *("purchase_order", "holder", "teacher", "product", "name", "role", "format", "state"),
]
FIELDS = [
    *("action", "_selected_action", "select_across", "index", "_save", "_popup", "_to_field"),
    *("order", "user", "teacher", "organization", "parent", "node", "target", "relation"),
    *("products", "families", "form_owner", "form_token", "membership", "next", "confirmed"),
    *("memberships-TOTAL_FORMS", "memberships-INITIAL_FORMS", "memberships-0-id"),
    *("memberships-0-organization", "form-TOTAL_FORMS", "form-0-id", "decision", "code"),
    *("number", "students", "login", "password", "email", "role", "reason", "csrfmiddlewaretoken"),
]
TYPES = [
    *("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary="),
    *("multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=nonsense"),
    "x",
]
BODIES = [
    *(
        b"",
        b"{}",
        b"\0\xff",
        b"%00=%ff&a=%80",
        b"--x\r\n\r\n",
        b"--x\r\nContent-Disposition: x\r\n",
    ),
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n--x--\r\n',
    b"&".join(b"a=1" for _ in range(1500)),
]
METHODS = ["get"] * 9 + ["post"] * 9 + ["put", "delete", "options", "head", "patch"]


class Sender:
    """Sends the choices of `draw`, a random generator, as all personas."""

    def __init__(self, made, choose):
        self.choose = choose
        personas, address = made
        self.clients = {ANONYMOUS: Client(raise_request_exception=False)}
        for persona, user in personas.items():
            self.clients[persona] = Client(raise_request_exception=False)
            self.clients[persona].force_login(user)
        self.clients[SUPERUSER] = Client(raise_request_exception=False)
        self.clients[SUPERUSER].force_login(
            factories.person("root", is_staff=True, is_superuser=True)
        )
        routes = {row[0] for row in TABLE} | set(CODES) | OPEN | SIGNED_IN
        self.site_addresses = sorted(filter(None, (_address(address, one) for one in routes)))
        keys = (*Enrollment.objects.values_list("pk", flat=True)[:2], 1)
        self.admin_addresses = sorted(
            {one.replace("/1/", f"/{key}/") for one in admin_addresses() for key in keys}
        )
        self.forms = {}

    def send(self):
        """Send one request; return it and the status of its answer."""
        choose = self.choose
        in_admin = choose.random() < 0.5
        # A superuser reaches the models that CCI staff have no rights to.
        known = choose.choices([SUPERUSER, STAFF, None], [6, 3, 1])[0] if in_admin else None
        persona = known or choose.choice(PERSONAS)
        address = choose.choice(self.admin_addresses if in_admin else self.site_addresses)
        method, client = choose.choice(METHODS), self.clients[persona]
        data = self._form(client, persona, address) if method == "post" else {}
        path = self._forged(address) + self._query()
        options = {}
        if method == "post" and choose.random() < 0.15:
            content_type, data = choose.choice(TYPES), choose.choice(BODIES)
            options["content_type"] = content_type
        elif method == "post":
            data = self._spoiled(data)
        if choose.random() < 0.2:
            options["headers"] = {"HX-Request": "true", "HX-Target": choose.choice(["dialog", "x"])}
        with transaction.atomic():
            if "content_type" in options:
                response = client.generic("POST", path, data, **options)
            elif method == "post":
                response = client.post(path, data, **options)
            else:
                response = getattr(client, method)(path, **options)
            if response.streaming:
                response.getvalue()
            transaction.set_rollback(True)
        return (persona, method, path[:300], str(data)[:600], options), response.status_code

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
        return "?" + urlencode(pairs, errors="surrogatepass")

    def _value(self):
        return self.choose.choice(VALUES)

    def _form(self, client, persona, address):
        """The data of the page's form, if there is one."""
        if (persona, address) not in self.forms:
            values = {}
            with transaction.atomic():
                response = client.get(address)
                is_page = response.status_code == 200 and not response.streaming
                if is_page and response.content.lstrip().startswith(b"<"):
                    for form in lxml.html.fromstring(response.content).forms:
                        for name, value in form.form_values():
                            values.setdefault(name, []).append(value or "")
                elif response.streaming:
                    response.getvalue()
                transaction.set_rollback(True)
            self.forms[persona, address] = values
        return dict(self.forms[persona, address])

    def _spoiled(self, values):
        """The form's values, some of them replaced, missing, repeated or added."""
        for _ in range(self.choose.randint(0, 3)):
            own = bool(values) and self.choose.random() < 0.7
            name = self.choose.choice(sorted(values) if own else FIELDS)
            act = self.choose.random()
            if act < 0.15:
                values.pop(name, None)
            else:
                values[name] = [self._value() for _ in range(1 if act < 0.8 else 3)]
        return {
            name: [value.encode("utf-8", "surrogatepass") for value in many]
            for name, many in values.items()
        }


def _address(address, route):
    try:
        return address(route)
    except NoReverseMatch:
        return None


def test_no_request_ends_in_a_server_error(access_site, db):
    sender = Sender(access_site, random.Random(SEED))
    failed = []
    for _ in range(REQUESTS):
        sent, status = sender.send()
        if status >= 500:
            failed.append(sent)

    assert failed == []
