"""The Chromium that the browser tests drive: found on this machine, or installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# The first is the same browser without its own windows, and takes less than half of the time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
HINT = "No Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM to its path."
# A process of its own: Playwright's sync API can't be nested, and tests may be using it.
PLAYWRIGHTS_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as p: print(p.chromium.executable_path)"
)


class NoChromium(Exception):
    """The message, one line, names the next step."""


def find() -> str | None:
    """The path of a Chromium that starts, or None. CHROMIUM, if set, is the only choice."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if not _starts(chosen):
            raise NoChromium(f"CHROMIUM is set to {chosen}, which can't be started.")
        return chosen
    return next(filter(_starts, _candidates()), None)


def ensure() -> str:
    """The path of a Chromium that starts, installed if there is none."""
    found = find()
    if found is None:
        _install()
        found = find()
    if found is None:
        raise NoChromium(HINT)
    return found


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    own = subprocess.run([sys.executable, "-c", PLAYWRIGHTS_OWN], capture_output=True, text=True)
    yield own.stdout.strip()


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser, for example, may only print that a snap is needed.
    try:
        return subprocess.run([path, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def _install() -> None:
    # The installers' output is redirected to stderr: stdout is for the path.
    root = os.geteuid() == 0
    if root and Path("/etc/debian_version").exists():
        for package in NAMES[:2]:
            apt = (
                f"apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy {package}"
            )
            subprocess.run(["sh", "-c", apt], stdout=sys.stderr)
            if find() is not None:
                return
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run([*playwright, *(["--with-deps"] if root else [])], stdout=sys.stderr)


if __name__ == "__main__":
    try:
        print(ensure())
    except NoChromium as error:
        sys.exit(str(error))
