"""Settings may be in files, as containers and systemd hand over secrets."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

KEY = "k" * 60
SHOW = "from jasper_inventory import settings as s; print(s.SECRET_KEY, s.SECRET_FILES)"


def settings_with(**variables):
    """Start Python with the settings of these variables; return what it did."""
    environment = {
        **os.environ,
        "DEMO": "0",
        "DEBUG": "0",
        "DATABASE_URL": "postgres://127.0.0.1/x",
    }
    environment.pop("SECRET_KEY", None)
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=settings.BASE_DIR,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_the_file_that_its_variable_names(tmp_path, end):
    file = tmp_path / "key"
    file.write_bytes(f"{KEY}{end}".encode())

    assert settings_with(SECRET_KEY_FILE=str(file)).stdout.strip() == f"{KEY} ['{file}']"


def test_the_file_wins_over_the_variable(tmp_path):
    (tmp_path / "key").write_text(KEY)

    shown = settings_with(SECRET_KEY_FILE=str(tmp_path / "key"), SECRET_KEY="other" * 20)

    assert shown.stdout.startswith(KEY)


def test_a_file_that_is_missing_is_named(tmp_path):
    shown = settings_with(SECRET_KEY_FILE=str(tmp_path / "none"))

    assert shown.returncode != 0
    assert (
        f"SECRET_KEY_FILE can't be read: [Errno 2] No such file or directory: '{tmp_path}/none'"
        in (shown.stderr)
    )
