"""Every address of the site, requested as a persona, and everything that its answer reveals.

The addresses are those of the table in access_table.py, so a new one is covered as soon as it is
there.
"""

import io
import re

import openpyxl
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import (
    Invitation,
    ListExport,
    Membership,
    Role,
    SavedView,
    User,
)
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib.returning import answers_get
from licenses.models import Enrollment
from tests import factories
from tests.access_table import TABLE

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Headers that change with the clock, or with other differences.
VARYING = ("Content-Length", "Expires", "X-Request-ID")
# A suggested new password, which differs each time.
# The time of sums that are kept for a moment.
COUNTED_AT = r"Counted at \d\d:\d\d"
OFFERED = r'<input[^>]* id="id_password"[^>]*>'


# The model of the number in an address, if it isn't an order's.
KEYS = {
    "accounts:role_switch": Membership,
    "accounts:role_revoke": Membership,
    "accounts:sso_unlink": SocialAccount,
    "accounts:invitation_resend": Invitation,
    "accounts:invitation_revoke": Invitation,
    "accounts:export_download": ListExport,
    "accounts:export_delete": ListExport,
    "people:person": User,
    "people:student_erase": User,
    "people:student_keep": User,
    "inventory:view_edit": SavedView,
    "inventory:view_delete": SavedView,
    "licenses:student_password": User,
    "activation_codes:code_replace": ActivationCode,
}


def addresses(numbers, *, opened=False):
    """Every address of the table, with these orders' numbers, and with every row's key.

    Those to be opened are fewer: one of each kind that only accepts forms, as it refuses before
    it looks anything up.
    """
    names = {row[0] for row in TABLE}
    enrollments = Enrollment.objects.order_by("pk")
    # Matching pairs, and the reader's own order with another order's enrollment.
    within = [(one.order.number, one.pk) for one in enrollments.select_related("order")]
    within += [(numbers[0], one.pk) for one in enrollments]
    for name, arguments in _routes(get_resolver("jasper_inventory.urls"), ""):
        if name not in names:
            continue
        if not arguments:
            values = [()]
        elif arguments == ("number",):
            values = [(number,) for number in numbers]
        elif arguments[0] == "number":
            values = within
        elif arguments == ("enrollment", "product"):
            values = enrollments.values_list("pk", "order__products")
        elif arguments == ("provider_id",):
            values = [("none",)]
        elif arguments == ("token",):
            values = [(str(code),) for code in ActivationCode.objects.order_by("pk")[:1]]
        else:
            values = KEYS[name].objects.order_by("pk").values_list("pk")
        for one in values:
            address = reverse(name, args=one)
            yield address
            if opened and not answers_get(address):
                break


def _routes(resolver, namespace):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield namespace + pattern.name, tuple(pattern.pattern.converters)
        elif pattern.namespace != "admin":
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern, inner)


def session_of(world, persona):
    """A browser in which the persona is signed in; the removed one's role was revoked later."""
    client = Client()
    who = world.people[persona]
    client.force_login(getattr(who, "user", who))
    if persona == "removed":
        assert client.get("/inventory/").status_code == 200
        staff = factories.staff()
        organization = world.organizations["H1"]
        revoke_role(user=who.user, organization=organization, role=Role.ADMINISTRATOR, by=staff)
    return client


def revealed(response):
    """Everything an answer reveals: its text, or its workbook's cells, and its headers."""
    headers = "\n".join(
        f"{name}: {value}" for name, value in response.headers.items() if name not in VARYING
    )
    content = response.getvalue() if response.streaming else response.content
    if response.headers.get("Content-Type", "").startswith(SHEET):
        book = openpyxl.load_workbook(io.BytesIO(content))
        rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
        return headers + "\n".join(str(cell) for row in rows for cell in row)
    varying = rf'<input type="hidden"[^>]*>|{OFFERED}|{COUNTED_AT}'
    return headers + re.sub(varying, "", content.decode())


def opened(client, address):
    """The answer, read to its end if it is a file."""
    response = client.get(address)
    if response.streaming:
        response.getvalue()
    return response


def get(client, address):
    return revealed(client.get(address))


def without(text, *typed):
    """The text without what the reader typed themselves, as it is echoed.

    A number only where it stands by itself, not within a longer one.
    """
    for one in map(str, typed):
        is_number = one.isdecimal()
        pattern = rf"(?<!\d){one}(?!\d)" if is_number else re.escape(one)
        text = re.sub(pattern, "…", text)
    return text
