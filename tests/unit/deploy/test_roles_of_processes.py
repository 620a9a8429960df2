"""Each process of compose.yaml and of the systemd units has the role of the database that docs/security.md gives it."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from schema.settings import Settings
from tests.harness.servers import ROLES

DEPLOY = Path(__file__).parents[3] / "deploy"
URLS = ("DATABASE_URL", "SHIPLEDGER_WORKER_DATABASE_URL", "SHIPLEDGER_OWNER_DATABASE_URL")
# Who gets which URL, and as which role.
WANTED = {
    "migrate": {"DATABASE_URL": ROLES.application, "SHIPLEDGER_OWNER_DATABASE_URL": ROLES.owner},
    "service": {"DATABASE_URL": ROLES.application},
    "worker": {"DATABASE_URL": ROLES.application, "SHIPLEDGER_WORKER_DATABASE_URL": ROLES.sweep},
}


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def role_of(url: str) -> str:
    """Return the role in a URL, whose password is a variable of the shell."""
    return urlsplit(re.sub(r"\$\{.*?\}+", "secret", url)).username or ""


@pytest.mark.parametrize("process", WANTED)
def test_a_process_of_compose_connects_as_its_role_and_knows_no_other_password(process: str) -> None:
    environment = compose()[process]["environment"]
    assert {name: role_of(environment[name]) for name in URLS if name in environment} == WANTED[process]
    passwords = {name for value in environment.values() for name in re.findall(r"SHIPLEDGER_\w+_PASSWORD", str(value))}
    kinds = {ROLES.owner: "OWNER", ROLES.application: "APPLICATION", ROLES.sweep: "SWEEP"}
    assert passwords == {f"SHIPLEDGER_{kinds[role]}_PASSWORD" for role in WANTED[process].values()}


def test_the_variables_of_compose_are_settings() -> None:
    known = {f"SHIPLEDGER_{name.upper()}" for name in Settings.model_fields} | {"DATABASE_URL", "REDIS_URL"}
    assert {name for process in WANTED for name in compose()[process]["environment"]} <= known


def test_compose_gives_the_script_of_the_roles_each_of_its_variables() -> None:
    script = (DEPLOY / "roles.sql").read_text()
    statements = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    given = {part.partition("=")[2].partition("=")[0] for part in compose()["roles"]["command"] if "=" in part}
    assert given - {"1", "ON_ERROR_STOP", "/roles.sql"} == set(re.findall(r":'(\w+)'", statements))
    assert set(re.findall(r"ALTER ROLE (\w+) NOSUPERUSER NOBYPASSRLS NOCREATEROLE ", statements)) == {
        ROLES.owner,
        ROLES.application,
        ROLES.sweep,
    }


def test_migrations_of_compose_run_after_the_roles_and_before_the_processes() -> None:
    services = compose()
    finished = {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["roles"] == finished
    assert services["service"]["depends_on"]["migrate"] == services["worker"]["depends_on"]["migrate"] == finished


def test_a_unit_of_systemd_reads_the_urls_of_its_role_alone() -> None:
    read = {
        process: re.findall(
            r"^EnvironmentFile=-?(\S+)$", (DEPLOY / f"systemd/shipledger-{process}.service").read_text(), re.MULTILINE
        )
        for process in WANTED
    }
    every, worker, owner = (f"/etc/shipledger/{name}environment" for name in ("", "worker.", "owner."))
    assert read == {"migrate": [every, worker, owner], "service": [every], "worker": [every, worker]}
