"""The programs that tests start, such as the proxy: found on this machine, or installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The Debian package of each.
PACKAGES = {"nginx": "nginx-light", "pgbouncer": "pgbouncer", "age": "age", "gpg": "gnupg"}


class NoProgram(Exception):
    """The message, one line, names the next step."""


def find(name: str) -> str | None:
    """The path of a program, or None. The variable of its name, such as NGINX, names another."""
    chosen = os.environ.get(name.upper())
    return chosen or shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def required(name: str) -> str:
    """The path of a program; raise NoProgram if there is none."""
    found = find(name)
    if found is None:
        raise NoProgram(
            f"No {name}: install it (Debian: apt-get install {PACKAGES[name]}), "
            f"or set {name.upper()} to its path."
        )
    return found


def ensure(name: str) -> str:
    """The path of a program, installed if there is none."""
    if find(name) is None and os.geteuid() == 0 and Path("/etc/debian_version").exists():
        # Without the service that the package would start.
        install = f"RUNLEVEL=1 apt-get install -qy --no-install-recommends {PACKAGES[name]}"
        apt = f"apt-get update -q && DEBIAN_FRONTEND=noninteractive {install}"
        # stdout is for the path.
        subprocess.run(["sh", "-c", apt], stdout=sys.stderr)
    return required(name)


if __name__ == "__main__":
    try:
        print("\n".join(map(ensure, PACKAGES)))
    except NoProgram as error:
        sys.exit(str(error))
