"""dashboard-link and what follows: one command, one click; members, shared links and the audit log in the terminal."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.shipledger_up import environment_with, run


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as address:
        yield address


@pytest.fixture
def database_environment(settings: Settings, url: str) -> dict[str, str]:
    return {
        **environment_with(settings),
        "SHIPLEDGER_PORT": str(urlsplit(url).port),
    }


def test_on_an_empty_database_one_command_and_one_click_show_the_dashboard(
    database_environment: dict[str, str], url: str, tmp_path: Path
) -> None:
    link = run(tmp_path, "dashboard-link", **database_environment).stdout.strip()
    assert link.startswith(f"{url}/sign-in/")
    with httpx.Client(follow_redirects=True, trust_env=False) as browser:
        assert browser.get(link).status_code == 200
        assert browser.get(f"{url}/github").status_code == 200
        assert browser.get(link).status_code == 410


def test_with_a_key_the_link_comes_from_the_service_and_has_the_role(
    url: str, organization: Organization, tmp_path: Path
) -> None:
    of_service = {"SHIPLEDGER_URL": url, "SHIPLEDGER_API_KEY": organization.key}
    finished = run(tmp_path, "dashboard-link", "--role", "viewer", "--json", **of_service)
    said = json.loads(finished.stdout)
    assert said["role"] == "viewer"
    with httpx.Client(follow_redirects=True, trust_env=False) as browser:
        assert [browser.get(each).status_code for each in (said["url"], f"{url}/", f"{url}/github")] == [200, 200, 403]
    run(tmp_path, "members", "allow", "--provider", "oidc", "--domain", "example.com", **of_service)
    run(tmp_path, "shared-link", "create", "/?period=4w", **of_service)
    rules = json.loads(run(tmp_path, "members", "rules", "--json", **of_service).stdout)["items"]
    shared = json.loads(run(tmp_path, "shared-link", "list", "--json", **of_service).stdout)["items"]
    assert [(rule["value"], rule["role"]) for rule in rules] == [("example.com", "viewer")]
    assert [link["view"] for link in shared] == ["/?period=4w"]
    run(tmp_path, "members", "disallow", str(rules[0]["id"]), **of_service)
    run(tmp_path, "shared-link", "revoke", shared[0]["id"], **of_service)
    log = json.loads(run(tmp_path, "audit", "--json", **of_service).stdout)["items"]
    assert [entry["action"] for entry in log if entry["action"].startswith(("POST", "DELETE"))] == [
        "DELETE /api/v1/shared-links/{link_id}",
        "DELETE /api/v1/sign-in-rules/{rule_id}",
        "POST /api/v1/shared-links",
        "POST /api/v1/sign-in-rules",
        "POST /api/v1/dashboard-links",
    ]
    run(tmp_path, "audit", "--output", tmp_path / "audit.csv", **of_service)
    assert (tmp_path / "audit.csv").read_text().startswith("id,acted_at,actor,action,subject")
