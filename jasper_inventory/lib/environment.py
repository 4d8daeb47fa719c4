"""Settings from environment variables, or from files that they name."""

import os

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    """The environment; the value of NAME may be in the file that NAME_FILE names.

    Secrets of containers and systemd are such files. The file wins over a variable.
    """

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{key}_FILE can't be read: {error}") from None


class Environment(environ.Env):
    """django-environ's reader of variables and files."""

    ENVIRON = _Variables()


def files_of(*names: str) -> list[str]:
    """Return the files that hold the values of these variables, of those that are in files."""
    return [os.environ[f"{name}_FILE"] for name in names if f"{name}_FILE" in os.environ]
