"""The Java that runs the HTML checker: found on this machine, or installed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OLDEST = 11
HINT = (
    f"No Java {OLDEST} or newer: install it (Debian: apt-get install default-jre-headless), "
    "or set JAVA to its path."
)


class NoJava(Exception):
    """The message, one line, names the next step."""


def find() -> str | None:
    """The path of a Java that is new enough, or None. JAVA, if set, is the only choice."""
    chosen = os.environ.get("JAVA")
    if chosen:
        if not _is_new_enough(chosen):
            raise NoJava(f"JAVA is set to {chosen}, which isn't a Java {OLDEST} or newer.")
        return chosen
    return next(filter(_is_new_enough, _candidates()), None)


def ensure() -> str:
    """The path of a Java that is new enough, installed if there is none."""
    found = find()
    if found is None and os.geteuid() == 0 and Path("/etc/debian_version").exists():
        packages = "default-jre-headless"
        apt = f"apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy {packages}"
        # stdout is for the path.
        subprocess.run(["sh", "-c", apt], stdout=sys.stderr)
        found = find()
    if found is None:
        raise NoJava(HINT)
    return found


def _candidates() -> Iterator[str]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield os.path.join(home, "bin", "java")
    on_path = shutil.which("java")
    if on_path:
        yield on_path


def _is_new_enough(path: str) -> bool:
    try:
        result = subprocess.run([path, "-version"], capture_output=True, text=True)
    except OSError:
        return False
    version = re.search(r'version "(\d+)', result.stderr)
    return result.returncode == 0 and version is not None and int(version[1]) >= OLDEST


if __name__ == "__main__":
    try:
        print(ensure())
    except NoJava as error:
        sys.exit(str(error))
