#!/usr/bin/env python
"""Django's command line; where the embedded database is used, it is started first."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from jasper_inventory.lib import embedded

# An image can be built with these where there is no database yet.
WITHOUT_DATABASE = {"collectstatic", "compilemessages", "help", "makemessages", "version"}


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if settings.EMBEDDED_DATABASE and command.lstrip("-") not in WITHOUT_DATABASE:
            embedded.start(settings.BASE_DIR)
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, embedded.EmbeddedError) as error:
        sys.exit(f"Error: {error}")
    except OperationalError as error:
        sys.exit(f"Error: the database can't be used: {str(error).strip().splitlines()[0]}")
    except BrokenPipeError:
        # Who read the output, such as head, has enough of it; nothing is left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
