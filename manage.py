#!/usr/bin/env python
"""Run a management command; start the embedded database first if it is used."""

import errno
import io
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from jasper_inventory.devserver import postgres
from jasper_inventory.lib.time_limits import batch_work

# Errors of a full or broken output device.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
# Commands that run without a database, for example when an image is built.
WITHOUT_DATABASE = {"collectstatic", "compilemessages", "help", "makemessages", "version"}


def main() -> None:
    """Run the command named by the arguments."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "run_demo":
        os.environ.setdefault("DEMO", "1")
        # The demo's accounts sign in by their passwords alone.
        os.environ.setdefault("MFA_REQUIRED", "0")
    try:
        _run(command)
    except (ImproperlyConfigured, postgres.EmbeddedError) as error:
        sys.exit(f"Error: {error}")
    except OperationalError as error:
        sys.exit(f"Error: the database can't be used: {str(error).strip().splitlines()[0]}")
    except BrokenPipeError:
        # The reader of the output, such as head, has closed it.
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
    if isinstance(sys.stdout, io.TextIOWrapper) and {"--help", "-h"} & set(sys.argv):
        # Argparse ignores failed writes; buffered output is written by the flush below.
        sys.stdout.reconfigure(write_through=False)
    try:
        if settings.EMBEDDED_DATABASE and command.lstrip("-") not in WITHOUT_DATABASE:
            postgres.start(settings.BASE_DIR)
        with batch_work():
            execute_from_command_line(sys.argv)
    finally:
        # Flush now, so that errors can be reported, rather than when Python ends.
        if sys.stdout is not None:
            sys.stdout.flush()


def _drop_output() -> None:
    """Discard buffered output, so that there is nothing to flush when Python ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
