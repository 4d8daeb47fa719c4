#!/usr/bin/env python
"""Django's command line; where the embedded database is used, it is started first."""

import errno
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from jasper_inventory.devserver import postgres

# The output's disk is full, its quota is used up, or it fails.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
# An image can be built with these where there is no database yet.
WITHOUT_DATABASE = {"collectstatic", "compilemessages", "help", "makemessages", "version"}


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "run_demo":
        os.environ.setdefault("DEMO", "1")
    try:
        _run(command)
    except (ImproperlyConfigured, postgres.EmbeddedError) as error:
        sys.exit(f"Error: {error}")
    except OperationalError as error:
        sys.exit(f"Error: the database can't be used: {str(error).strip().splitlines()[0]}")
    except BrokenPipeError:
        # The reader of the output, such as head, has enough of it.
        _drop_output()
        sys.exit(1)
    except OSError as error:
        if error.errno not in FULL:
            raise
        _drop_output()
        sys.exit(f"Error: the output can't be written: {error.strerror}")
    except KeyboardInterrupt:
        sys.exit(130)


def _run(command: str) -> None:
    if sys.stdout is not None and {"--help", "-h"} & set(sys.argv):
        # Argparse ignores a write that fails; what is buffered is written by our flush.
        sys.stdout.reconfigure(write_through=False)
    try:
        if settings.EMBEDDED_DATABASE and command.lstrip("-") not in WITHOUT_DATABASE:
            postgres.start(settings.BASE_DIR)
        execute_from_command_line(sys.argv)
    finally:
        # What is still buffered fails here, where it can be reported, not when Python ends.
        if sys.stdout is not None:
            sys.stdout.flush()


def _drop_output() -> None:
    """Leave nothing to flush when Python ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
