"""Look for known vulnerabilities: bandit in our code, pip-audit in the pinned libraries.

`python -m tests.advisories` fails on anything new. If the advisories can't be reached, pip-audit
compares nothing; that is said and doesn't fail, because developers also work offline.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("jasper_inventory", "licenses", "activation_codes", "renewals", "manage.py")
# Kinds that say nothing here: asserts narrow types and check nothing that is typed (B101), names
# and defaults look like passwords (B105, B106), the demo's data are random (B311; codes come from
# `secrets`), the embedded server starts programs with fixed arguments (B404, B603, B607).
SILENT = ("B101", "B105", "B106", "B311", "B404", "B603", "B607")
# Files that were read for a kind. SQL made of texts (B608, B611) contains names of tables and
# columns from our models and constants, never what was typed; values are parameters. HTML that is
# marked as safe (B308, B703) is made of escaped parts.
READ = {
    "B108": {"jasper_inventory/devserver/postgres.py"},
    # `requests` is a module of ours here, not the library.
    "B113": {"licenses/services/requests.py"},
    "B308": {
        "jasper_inventory/inventory/templatetags/distribution_rows.py",
        "jasper_inventory/lib/admin_lists.py",
        "jasper_inventory/lib/components.py",
        "jasper_inventory/lib/qr.py",
        "jasper_inventory/support/admin/organizations.py",
    },
    "B608": {
        "activation_codes/functions.py",
        "activation_codes/models/workbook_triggers.py",
        "jasper_inventory/accounts/emails.py",
        "jasper_inventory/accounts/functions.py",
        "jasper_inventory/accounts/models/address_trigger.py",
        "jasper_inventory/accounts/models/person_copies.py",
        "jasper_inventory/accounts/throttling.py",
        "jasper_inventory/demo/large/history.py",
        "jasper_inventory/demo/large/loader.py",
        "jasper_inventory/demo/large/tables.py",
        "jasper_inventory/inventory/overview.py",
        "jasper_inventory/lib/admin_lists.py",
        "jasper_inventory/lib/background.py",
        "jasper_inventory/lib/functions.py",
        "jasper_inventory/support/backups.py",
        "jasper_inventory/support/checks.py",
        "jasper_inventory/support/integrity.py",
        "licenses/functions.py",
        "licenses/models/allocations.py",
        "licenses/models/branches.py",
        "licenses/models/mixes.py",
        "licenses/models/totals.py",
        "licenses/models/triggers.py",
        "licenses/services/alerts.py",
    },
    "B611": {"jasper_inventory/lib/functions.py"},
    "B703": {
        "jasper_inventory/inventory/templatetags/distribution_rows.py",
        "jasper_inventory/lib/components.py",
        "jasper_inventory/lib/markup.py",
        "jasper_inventory/lib/qr.py",
        "jasper_inventory/support/admin/organizations.py",
    },
}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this Python in the project's folder."""
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True
    )


def new_findings() -> Iterator[str]:
    """Yield what bandit finds in files that weren't read for it."""
    done = python(
        "bandit",
        *("--quiet", "--format", "json", "--skip", ",".join(SILENT)),
        *("--exclude", "*/migrations/*", "--recursive", *PACKAGES),
    )
    for found in json.loads(done.stdout)["results"]:
        if found["filename"] not in READ.get(found["test_id"], set()):
            line = f"{found['filename']}:{found['line_number']}"
            yield f"{line}: {found['test_id']} {found['issue_text']}"


def libraries() -> list[dict[str, Any]] | None:
    """Return the pinned libraries with their advisories; None if these can't be reached."""
    lock = ROOT / "requirements.txt"
    done = python(
        "pip_audit",
        *("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"),
        *("--timeout", "5", "--requirement", str(lock)),
    )
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return None
    compared = [each for each in found if "skip_reason" not in each]
    return compared or None


def main() -> int:
    """Print what was found; return the exit code."""
    lines = list(new_findings())
    compared = libraries()
    if compared is None:
        print("The advisories can't be reached: the libraries were not compared with them.")
    for library in compared or []:
        for each in library["vulns"]:
            lines.append(f"{library['name']} {library['version']}: {each['id']}")
    print("\n".join(lines) or "No known vulnerability was found.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
