"""What `make demo` says once everything runs."""

from django.conf import settings

from jasper_inventory.accounts.models import User
from jasper_inventory.demo.people import ACCOUNTS, PASSWORD

OLDER = """\
The data in .data are of an older demo, which hadn't all of today's accounts. To load it anew (what
you changed is lost), press Ctrl-C, and then: make stop && rm -r .data && make demo"""

OTHER = """\
The database of DATABASE_URL holds an older demo, or other data: it hasn't all of the demo's
accounts. To load the demo, let DATABASE_URL name an empty database."""


def accounts_text() -> str:
    """The demo's accounts that are there, as lines; where one isn't, what to do about it."""
    names = [username for username, _who in ACCOUNTS]
    there = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    width = max(len(name) for name in names)
    lines = [f"  {name:{width}}  {who}" for name, who in ACCOUNTS if name in there]
    parts = ["\n".join(lines), f"Everyone's password is {PASSWORD}."] if lines else []
    if there != set(names):
        parts.append(OLDER if settings.EMBEDDED_DATABASE else OTHER)
    return "\n\n".join(parts)
