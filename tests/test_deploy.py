"""The files in deploy/ fit the site: its settings, commands, programs and measurements."""

import configparser
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from jasper_inventory.support.metrics import GAUGES
from tests.texts import settings_code

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*"))
RUNBOOK = (ROOT / "docs" / "operators.md").read_text()
MEASURED = {"jasper_request_seconds", "jasper_answers", *(f"jasper_{name}" for name in GAUGES)}


def names_of_settings():
    """The environment variables that the settings read."""
    named = re.findall(r'(?:env\.\w+\(\s*|_url\(\s*|for name in \()"([A-Z_]+)"', settings_code())
    return set(named) | {
        "DATABASE_URL",
        "EMAIL_URL",
        "PROMETHEUS_MULTIPROC_DIR",
    }


def sections(path):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


def commands_in(text):
    return set(re.findall(r"manage\.py[\"', ]+(\w+)", text))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_what_exists_with_settings_that_exist(unit):
    text = unit.read_text()
    variables = set(re.findall(r"\b([A-Z_]{4,})=%", text))

    assert sections(unit).sections()
    assert commands_in(text) <= set(get_commands())
    assert {name.removesuffix("_FILE") for name in variables} <= names_of_settings()
    for file in re.findall(r"--config (\S+)", text):
        assert (ROOT / file).exists()
    assert unit.name.endswith(".timer") or "NoNewPrivileges=yes" in text


def test_the_example_of_an_environment_names_settings():
    lines = (DEPLOY / "environment.example").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if not line.startswith("#")}

    assert "ALLOWED_HOSTS" in names
    assert names <= names_of_settings()


def test_the_containers_run_commands_that_exist_with_settings_that_exist():
    file = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    site = file["services"]["web"]
    names = {name.removesuffix("_FILE") for name in site["environment"]}
    commands = {
        service["command"][2] for service in file["services"].values() if "command" in service
    }

    assert names <= names_of_settings()
    assert {"migrate", "db_worker"} == commands <= set(get_commands())
    used = {name for service in file["services"].values() for name in service.get("secrets", [])}
    assert used == set(file["secrets"])
    image = (DEPLOY / "Containerfile").read_text()
    assert "--require-hashes -r requirements.txt" in image and "USER 10001" in image


def measurements_in(text):
    names = set(re.findall(r"\bjasper_\w+", text))
    return {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in names}


def test_alarms_and_dashboard_use_measurements_that_exist():
    alarms = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
    rules = alarms["groups"][0]["rules"]
    used = measurements_in(json.dumps(dashboard["panels"])) | measurements_in(
        " ".join(rule["expr"] for rule in rules)
    )

    assert len(rules) >= 4 and len(dashboard["panels"]) >= 6
    assert used <= MEASURED
    assert {rule["alert"] for rule in rules if f"| {rule['alert']} |" not in RUNBOOK} == set()


def test_pgbouncer_sets_what_the_sites_own_connections_set():
    pooled = sections(DEPLOY / "pgbouncer.ini")
    wanted = {f"SET {name} = {value}" for name, value in settings.SET_AT_CONNECT.items()}
    connect_query = pooled["databases"]["inventory"].partition("connect_query='")[2]

    assert pooled["pgbouncer"]["pool_mode"] == "transaction"
    assert set(connect_query.strip("'").split("; ")) == wanted and len(wanted) >= 4


def test_the_runbook_names_files_and_commands_that_exist():
    named = set(re.findall(r"\bdeploy/[\w./-]*[\w]", RUNBOOK))
    commands = set(re.findall(r"^\s*jasper-inventory (?:--owner )?(\w+)", RUNBOOK, flags=re.M))

    assert len(named) > 5 and len(commands) >= 5
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert commands <= set(get_commands())


def test_the_program_that_runs_commands_is_a_valid_script():
    subprocess.run(["sh", "-n", DEPLOY / "jasper-inventory"], check=True)
