"""The activity log of commands that show people or codes, and have no actor of the site."""

import getpass
from collections.abc import Collection

from jasper_inventory.accounts.services.log_entries import record


def record_lookup(people: Collection[int]) -> None:
    """Record that a command looked up codes and showed these people.

    Its person is known only to the system.
    """
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    record("code.looked up", people=people, after={"system user": name})
