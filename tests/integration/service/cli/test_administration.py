"""doctor, key, dead-letters and migrate against a database of the environment, as an administrator runs them."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from service.administration.migrations import MigrationState
from service.auth.key_text import parse_key
from tests.harness.organization import Organization
from tests.harness.shipledger_up import environment_with, run
from tests.integration.workers.stored_facts import StoredFacts

Shipledger = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]
Drain = Callable[[], Awaitable[None]]
PULL_REQUEST = {
    "forge": "github",
    "repository": "github.com/octo-org/shop",
    "number": 1,
    "state": "merged",
    "opened_at": "2026-03-02T08:00:00Z",
    "merged_at": "2026-03-02T15:00:00Z",
}


@pytest.fixture
def shipledger(settings: Settings, tmp_path: Path) -> Shipledger:
    environment = environment_with(settings)
    # Where a test names another database, that is the only one.
    one = {"SHIPLEDGER_WORKER_DATABASE_URL": "", "SHIPLEDGER_OWNER_DATABASE_URL": ""}

    async def command(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            run, tmp_path, *arguments, **{**environment, **(one if "DATABASE_URL" in more else {}), **more}
        )

    return command


@pytest.fixture
def stored(database: Database, organization: Organization) -> StoredFacts:
    return StoredFacts(database, organization, datetime(2026, 3, 2, tzinfo=UTC))


async def states(shipledger: Shipledger, *arguments: str, **more: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    finished = await shipledger("doctor", "--json", *arguments, **more)
    said = json.loads(finished.stdout)
    return finished.returncode, said, {check["check"]: check["state"] for check in said["checks"]}


async def test_doctor_names_first_what_everything_else_needs(shipledger: Shipledger) -> None:
    status, said, seen = await states(shipledger, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert status == 1
    assert "PostgreSQL" in said["next"]
    assert (seen["postgresql"], seen["migrations"], seen["worker"]) == ("missing", "skipped", "skipped")


async def test_doctor_finds_a_good_database_and_says_that_the_service_is_not_running(
    shipledger: Shipledger, organization: Organization
) -> None:
    status, said, seen = await states(shipledger, "--url", "http://127.0.0.1:1")
    assert organization.organization_id
    assert status == 1
    assert said["next"] == "start it with: shipledger up, or shipledger service; or correct --url"
    for check in ("postgresql", "row-level security", "migrations", "secret key fits", "clock", "redis", "worker"):
        assert seen[check] == "ok", check
    assert seen["model requests"] == "warning"


async def test_doctor_never_proposes_a_new_secret_over_existing_data(
    shipledger: Shipledger, organization: Organization
) -> None:
    assert organization.organization_id
    finished = await shipledger("doctor", "--json", SHIPLEDGER_SECRET_KEY="")
    checks = {check["check"]: check for check in json.loads(finished.stdout)["checks"]}
    assert checks["secret key"]["state"] == "missing"
    assert "openssl" not in finished.stdout


async def test_doctor_counts_ever_and_lately_apart_and_says_when_it_last_heard(
    shipledger: Shipledger, drain: Drain, client: httpx.AsyncClient, organization: Organization
) -> None:
    event = {
        "event_id": "one",
        "occurred_at": datetime.now(UTC).isoformat(),
        "source": "test",
        "model": "claude-sonnet-4-5",
        "tokens": {"input_uncached": 1200},
    }
    body = {"items": [{**event, "repository": "alias.example.com/octo-org/shop"}]}
    pulls = {"items": [PULL_REQUEST]}
    for path, items in (("pull-requests", pulls), ("token-events", body)):
        sent = await client.post(f"/api/v1/{path}", json=items, headers=organization.headers)
        assert sent.is_success, sent.text
    await drain()
    finished = await shipledger("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(finished.stdout)["checks"]}
    assert checks["pull requests"]["detail"] == "1, 0 merged in the last 7 days"
    assert checks["model requests"]["detail"] == ("1, 1 received in the last 7 days; last heard less than a minute ago")
    assert checks["webhooks"]["detail"] == "no forge is connected; pull requests come from imports only"
    assert checks["repositories"]["detail"] == (
        "telemetry of the last 28 days names a repository that no pull request knows (1,200 tokens)"
    )


async def test_doctor_calls_a_connection_that_never_delivered_by_its_name(
    shipledger: Shipledger, client: httpx.AsyncClient, organization: Organization
) -> None:
    await client.post("/api/v1/connections", json={"forge": "github"}, headers=organization.headers)
    finished = await shipledger("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(finished.stdout)["checks"]}
    assert (checks["webhooks"]["state"], checks["webhooks"]["detail"]) == (
        "warning",
        "never heard from 1 of 1, for example github.com",
    )


async def test_a_key_creates_its_team_so_that_agent_config_can_be_followed_in_order(
    shipledger: Shipledger, organization: Organization
) -> None:
    assert organization.organization_id
    first = await shipledger("key", "create", "--scope", "intake", "--name", "codex", "--team", "platform")
    assert parse_key(first.stdout.strip())
    assert first.stderr == (
        "Its scope is intake. It is shown only now.\n"
        "Created the team platform. Set its size with: shipledger teams set platform --size 8\n"
    )
    again = json.loads((await shipledger("key", "create", "--team", "platform", "--json")).stdout)
    assert (again["team"], again["is_new_team"]) == ("platform", False)
    keys = json.loads((await shipledger("key", "list", "--json")).stdout)["items"]
    assert [key["team"] for key in keys if key["team"]] == ["platform", "platform"]


async def test_a_mail_address_is_no_team(shipledger: Shipledger, organization: Organization) -> None:
    assert organization.organization_id
    refused = await shipledger("key", "create", "--team", "somebody@example.com")
    assert refused.returncode == 1
    assert refused.stderr == "error: --team: must be a team name of at most 100 characters, not a mail address\n"


async def test_doctor_says_that_workers_poll_without_redis(shipledger: Shipledger) -> None:
    finished = await shipledger("doctor", "--json", REDIS_URL="")
    (found,) = [check for check in json.loads(finished.stdout)["checks"] if check["check"] == "redis"]
    assert (found["state"], found["detail"]) == (
        "ok",
        (
            "not used: workers poll every 0.5 s."
            " For faster processing, set REDIS_URL, or install Redis on the machine of `shipledger up`"
        ),
    )


async def test_doctor_reports_rows_that_no_worker_claims(shipledger: Shipledger, stored: StoredFacts) -> None:
    await stored.event("one", 0)
    late = "UPDATE intake_batch SET next_attempt_at = now() - interval '2 minutes' WHERE organization_id = $1"
    await stored.execute(late)
    _, _, seen = await states(shipledger)
    assert seen["worker"] == "missing"
    assert seen["model requests"] == "ok"


async def test_doctor_says_why_an_account_is_not_pulled(shipledger: Shipledger, stored: StoredFacts) -> None:
    await stored.execute(
        "INSERT INTO provider_account (organization_id, account_id, provider, sealed_key, next_day, state, failure)"
        " VALUES ($1, gen_random_uuid(), 'cursor', '', '2026-11-18', 'dead', 'key_refused'),"
        "        ($1, gen_random_uuid(), 'openai', '', '2026-11-18', 'waiting', NULL)"
    )
    _, said, _ = await states(shipledger)
    (found,) = [check for check in said["checks"] if check["check"] == "provider accounts"]
    assert found["detail"] == "not fetched completely: 1 of 2, for example cursor"
    assert "refuses the key" in found["remedy"]


async def test_doctor_warns_of_a_role_that_no_rule_binds(shipledger: Shipledger, settings: Settings) -> None:
    superuser = settings.owner_url.replace("shipledger@", "postgres@")
    _, _, seen = await states(shipledger, DATABASE_URL=superuser)
    assert seen["row-level security"] == "warning"


async def test_doctor_reports_a_changed_secret_key(shipledger: Shipledger, organization: Organization) -> None:
    assert organization.organization_id
    _, _, seen = await states(shipledger, SHIPLEDGER_SECRET_KEY="another secret, that nothing was stored under")
    assert seen["secret key fits"] == "missing"


async def test_organizations_are_created_listed_and_erased_by_name(
    shipledger: Shipledger, organization: Organization
) -> None:
    made = json.loads((await shipledger("organization", "create", "acme", "--json")).stdout)
    listed = json.loads((await shipledger("organization", "list", "--json")).stdout)["items"]
    assert [(each["id"], each["name"]) for each in listed] == [
        (organization.organization_id, "example"),
        (made["id"], "acme"),
    ]
    await shipledger("key", "create", "--organization", str(made["id"]), "--expires", "90d")
    dry = json.loads((await shipledger("organization", "erase", str(made["id"]), "--dry-run", "--json")).stdout)
    assert (dry["rows"]["organization"], dry["rows"]["api_key"], dry["rows"]["audit_entry"]) == (1, 1, 2)
    unsure = await shipledger("organization", "erase", str(made["id"]))
    assert unsure.returncode != 0
    erased = await shipledger("organization", "erase", str(made["id"]), "--yes")
    assert f"erased organization {made['id']}" in erased.stdout, erased.stderr
    listed = json.loads((await shipledger("organization", "list", "--json")).stdout)["items"]
    assert [each["name"] for each in listed] == ["example"]
    mail = await shipledger("organization", "create", "somebody@example.com")
    assert "not a mail address" in mail.stderr


async def test_off_loopback_the_service_does_not_start_without_its_public_address(shipledger: Shipledger) -> None:
    refused = await shipledger("service", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: SHIPLEDGER_PUBLIC_URL is not set")


async def test_the_first_key_comes_with_the_first_organization_and_a_revoked_one_is_listed_as_such(
    shipledger: Shipledger, database: Database
) -> None:
    made = await shipledger("key", "create", "--scope", "read", "--name", "for the dashboard")
    key = parse_key(made.stdout.strip())
    async with database.organization(key.organization_id) as tenant:
        stored = await tenant.fetchrow("SELECT digest, scopes FROM api_key WHERE organization_id = $1")
    assert (stored["digest"], stored["scopes"]) == (key.digest, ["read"])
    listed = json.loads((await shipledger("key", "list", "--json")).stdout)["items"]
    assert [(one["name"], one["revoked_at"]) for one in listed] == [("for the dashboard", None)]
    assert (await shipledger("key", "revoke", listed[0]["id"])).returncode == 0
    listed = json.loads((await shipledger("key", "list", "--json")).stdout)["items"]
    assert listed[0]["revoked_at"] is not None


async def test_of_several_organizations_one_must_be_named(
    shipledger: Shipledger, organization: Organization, other_organization: Organization
) -> None:
    refused = await shipledger("key", "create")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: there are several organizations; choose one with --organization")
    named = await shipledger("key", "create", "--organization", str(other_organization.organization_id))
    assert parse_key(named.stdout.strip()).organization_id == other_organization.organization_id
    assert organization.organization_id != other_organization.organization_id


async def test_dead_letters_are_listed_and_replayed(shipledger: Shipledger, stored: StoredFacts, drain: Drain) -> None:
    for event in ("one", "two"):
        await stored.event(event, 0)
    await stored.execute(
        "UPDATE intake_batch SET state = 'dead', attempts = 6, failure = 'ValueError' WHERE organization_id = $1"
    )
    await drain()
    letters = json.loads((await shipledger("dead-letters", "list", "--json")).stdout)["items"]
    assert {(one["kind"], one["what"], one["attempts"], one["failure"]) for one in letters} == {
        ("token-event", "test", 6, "unexpected")
    }
    assert letters[0]["letter_id"] in (await shipledger("dead-letters", "list")).stdout
    assert (
        await shipledger("dead-letters", "replay", letters[0]["letter_id"])
    ).stdout == "queued 1 for another attempt\n"
    again = await shipledger("dead-letters", "replay", letters[0]["letter_id"])
    assert (again.returncode, again.stderr.startswith("error: no dead letter has this id")) == (1, True)
    assert (await shipledger("dead-letters", "replay", "--all")).stdout == "queued 1 for another attempt\n"
    await drain()
    assert json.loads((await shipledger("dead-letters", "list", "--json")).stdout)["items"] == []
    assert await stored.windows() == [(2, 2000)]


async def test_replay_wants_one_or_all(shipledger: Shipledger) -> None:
    assert (await shipledger("dead-letters", "replay")).returncode == 2
    wrong = await shipledger("dead-letters", "replay", "nonsense")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)


async def test_a_migrated_database_has_nothing_to_migrate(shipledger: Shipledger) -> None:
    for arguments in (("migrate", "--dry-run"), ("migrate",)):
        finished = await shipledger(*arguments)
        assert finished.returncode == 0
        assert finished.stdout.startswith("up to date at ")


async def test_a_database_of_before_the_first_release_is_refused_in_one_line(
    shipledger: Shipledger, database: Database
) -> None:
    async with database.operator() as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '0035'")
    for arguments in (("migrate", "--dry-run"), ("migrate",)):
        finished = await shipledger(*arguments)
        assert (finished.returncode, finished.stdout) == (1, "")
        assert finished.stderr == f"error: {MigrationState.UNSUPPORTED}\n"
    _, said, seen = await states(shipledger)
    assert (seen["migrations"], said["next"]) == ("missing", MigrationState.UNSUPPORTED)


async def test_commands_say_in_one_line_that_the_database_is_away(shipledger: Shipledger) -> None:
    for arguments in (("migrate",), ("key", "list"), ("dead-letters", "list")):
        finished = await shipledger(*arguments, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
        assert finished.returncode == 1
        assert finished.stderr.startswith("error: ")
        assert finished.stderr.count("\n") == 1
