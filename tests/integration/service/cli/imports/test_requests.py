"""`shipledger import litellm` and `import bedrock` against a listening service."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.cli.imports import litellm
from service.cli.main import main
from service.imports import litellm_database, litellm_gateway
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.litellm import KEY, LiteLLM, spend_log, write_table
from tests.harness.litellm import litellm_gateway as running_gateway
from tests.harness.organization import Organization

BEDROCK = Path(__file__).resolve().parents[4] / "payloads" / "bedrock" / "invocations__claude.json"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
SINCE = TODAY - timedelta(days=2)


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def gateway() -> Iterator[LiteLLM]:
    with running_gateway() as running:
        yield running


class Importer:
    """Runs imports, and reads what they left."""

    def __init__(self, url: str, organization: Organization, database: Database) -> None:
        self.url = url
        self.address = ("--url", url, "--key", organization.key)
        self.organization, self.database = organization, database

    async def run(self, *arguments: str | Path, environment: dict[str, str | None] | None = None) -> Result:
        runner = CliRunner(env={"SHIPLEDGER_LITELLM_KEY": KEY, **(environment or {})})
        return await asyncio.to_thread(runner.invoke, main, ["import", *map(str, arguments), *self.address])

    async def summary(self, *arguments: str | Path, environment: dict[str, str | None] | None = None) -> dict[str, Any]:
        result = await self.run(*arguments, "--json", environment=environment)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    async def dropped(self) -> list[tuple[Any, ...]]:
        async with httpx.AsyncClient(base_url=self.url, headers=self.organization.headers) as client:
            shown = (await client.get("/api/v1/coverage")).json()["dropped"]
        return [tuple(each[name] for name in ("source", "signal", "reason", "records", "tokens")) for each in shown]

    async def tokens(self) -> list[tuple[str, int]]:
        async with self.database.organization(self.organization.organization_id) as tenant:
            rows = await tenant.fetch(
                "SELECT name,"
                " sum(input_uncached + cache_read + cache_write + output_visible + output_reasoning)::bigint"
                " FROM intake_total JOIN team USING (organization_id, team_id)"
                " WHERE organization_id = $1 GROUP BY name ORDER BY name"
            )
        return [tuple(row) for row in rows]


@pytest.fixture
def importer(service_url: str, organization: Organization, database: Database) -> Importer:
    return Importer(service_url, organization, database)


def rows() -> list[dict[str, Any]]:
    return [
        *(spend_log(f"chatcmpl-{number}", SINCE + timedelta(hours=number)) for number in range(5)),
        spend_log("chatcmpl-alone", SINCE + timedelta(hours=30), team_id=""),
        spend_log("chatcmpl-0_cache_hit1", SINCE + timedelta(hours=31), cache_hit="True"),
    ]


ALL = [("default", 1050), ("payments", 5250)]
REPORTED = ("--since", f"{SINCE:%Y-%m-%d}")


async def test_bedrocks_logs_arrive_once_without_identities(importer: Importer) -> None:
    first = await importer.summary("bedrock", BEDROCK, "--team-key", "team", "--team", "search")
    assert (first["token_events"], first["tokens"]["total"], first["without_tokens"]) == (2, 14_088, 1)
    assert first["sent"] == {"received": 2, "added": 2, "duplicates": 0}
    again = await importer.summary("bedrock", BEDROCK.parent, "--team-key", "team", "--team", "search")
    assert again["sent"] == {"received": 2, "added": 0, "duplicates": 2}
    assert await importer.tokens() == [("payments", 13_981), ("search", 107)]


async def test_a_gateways_logs_arrive_once_page_by_page(importer: Importer, gateway: LiteLLM) -> None:
    gateway.rows = rows()
    first = await importer.summary("litellm", gateway.url, *REPORTED)
    assert (first["token_events"], first["from_cache"], first["sent"]["added"]) == (6, 1, 6)
    assert await importer.tokens() == ALL
    again = await importer.summary("litellm", gateway.url, *REPORTED)
    assert again["sent"]["added"] == 0


async def test_a_version_without_pages_is_asked_by_the_day(importer: Importer, gateway: LiteLLM) -> None:
    gateway.rows, gateway.has_pages = rows(), False
    await importer.summary("litellm", gateway.url, *REPORTED)
    assert await importer.tokens() == ALL


async def test_more_rows_than_a_gateway_counts_are_asked_for_in_parts(importer: Importer, gateway: LiteLLM) -> None:
    gateway.rows, gateway.counts_at_most = rows(), 2
    await importer.summary("litellm", gateway.url, *REPORTED)
    assert await importer.tokens() == ALL
    gateway.rows = [spend_log(f"chatcmpl-at-once-{number}", SINCE) for number in range(3)]
    result = await importer.run("litellm", gateway.url, *REPORTED)
    assert "import from its database instead" in result.output


async def test_a_limit_is_waited_for(importer: Importer, gateway: LiteLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litellm_gateway, "LONGEST_WAIT_SECONDS", 0.2)
    gateway.rows = rows()
    gateway.first_answers = [(429, {"Retry-After": "7"}, b"CANARY"), (503, {}, b"CANARY")]
    await importer.summary("litellm", gateway.url, *REPORTED)
    assert await importer.tokens() == ALL


async def test_an_import_goes_on_where_it_stopped(importer: Importer, gateway: LiteLLM, tmp_path: Path) -> None:
    cursor = tmp_path / "cursor.json"
    gateway.rows = rows()
    await importer.summary("litellm", gateway.url, *REPORTED, "--cursor", cursor)
    gateway.requests.clear()
    gateway.rows.append(spend_log("chatcmpl-new", datetime.now(UTC) - timedelta(minutes=10)))
    await importer.summary("litellm", gateway.url, "--cursor", cursor)
    begins = datetime.strptime(gateway.requests[0][1]["start_date"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert datetime.now(UTC) - begins < litellm.LATE + timedelta(minutes=2)
    assert await importer.tokens() == [("default", 1050), ("payments", 6300)]


@pytest.mark.parametrize("has_pages", [True, False])
async def test_a_row_that_makes_no_sense_is_reported_and_stops_neither_rows_nor_cursor(
    importer: Importer, gateway: LiteLLM, tmp_path: Path, has_pages: bool
) -> None:
    gateway.rows, gateway.has_pages = rows(), has_pages
    gateway.rows[1]["prompt_tokens"] = -1
    gateway.rows[2]["request_id"] = ""
    cursor = tmp_path / "cursor.json"
    found = await importer.summary("litellm", gateway.url, *REPORTED, "--cursor", cursor)
    assert (found["token_events"], found["without_request_id"], found["unusable"]) == (5, 1, 1)
    (place,) = found["unusable_places"]
    assert place.endswith(": unexpected prompt_tokens")
    assert await importer.tokens() == [("default", 1050), ("payments", 4200)]
    assert cursor.exists()
    # Counted once, however often the import is repeated.
    assert await importer.dropped() == [("litellm", "import", "counts", 1, 50)]
    result = await importer.run("litellm", gateway.url, *REPORTED)
    assert "1 could not be used and were skipped" in result.output
    assert "1 of them have no request id" in result.output
    assert "CANARY" not in result.output
    assert (await importer.summary("litellm", gateway.url, *REPORTED))["sent"]["added"] == 0
    assert await importer.dropped() == [("litellm", "import", "counts", 1, 50)]


async def test_an_import_that_is_repeated_outlives_a_gateway_that_is_away(
    importer: Importer, gateway: LiteLLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class EndError(Exception):
        pass

    rounds: list[float] = []

    def pass_time(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 1:
            gateway.first_answers = [(500, {}, b"CANARY")]
        elif len(rounds) == 2:
            gateway.rows.append(spend_log("chatcmpl-new", datetime.now(UTC) - timedelta(minutes=30)))
        else:
            raise EndError

    monkeypatch.setattr(litellm.time, "sleep", pass_time)
    gateway.rows = rows()
    result = await importer.run("litellm", gateway.url, *REPORTED, "--cursor", tmp_path / "cursor", "--every", "5")
    assert isinstance(result.exception, EndError)
    assert rounds == [300, 300, 300]
    assert "answered 500" in result.output
    assert "CANARY" not in result.output
    assert await importer.tokens() == [("default", 1050), ("payments", 6300)]


async def test_repeating_needs_a_cursor(importer: Importer, gateway: LiteLLM) -> None:
    result = await importer.run("litellm", gateway.url, "--every", "5")
    assert result.exit_code == 1
    assert "--cursor" in result.output


async def test_a_refused_key_is_one_clear_line(importer: Importer, gateway: LiteLLM) -> None:
    result = await importer.run("litellm", gateway.url, environment={"SHIPLEDGER_LITELLM_KEY": "CANARY-key"})
    assert result.exit_code == 1
    assert "admin's key" in result.output
    assert "CANARY" not in result.output


async def test_an_invalid_cursor_is_reported(importer: Importer, gateway: LiteLLM, tmp_path: Path) -> None:
    cursor = tmp_path / "cursor.json"
    cursor.write_text("CANARY")
    result = await importer.run("litellm", gateway.url, "--cursor", cursor)
    assert result.exit_code == 1
    assert "--since" in result.output


async def test_the_table_counts_the_same_requests(
    importer: Importer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litellm_database, "ROWS_A_PAGE", 2)
    table = rows()
    table[1]["metadata"] = json.dumps(table[1]["metadata"])
    connection = await asyncpg.connect(settings.owner_url)
    await write_table(connection, table)
    await connection.execute(
        'UPDATE "LiteLLM_SpendLogs" SET metadata = to_jsonb(metadata::text) WHERE request_id = $1', "chatcmpl-2"
    )
    await connection.close()
    environment: dict[str, str | None] = {"SHIPLEDGER_LITELLM_DATABASE_URL": settings.owner_url}
    first = await importer.summary("litellm", *REPORTED, environment=environment)
    assert (first["token_events"], first["tokens"]["cache_read"]) == (6, 3000)
    assert await importer.tokens() == ALL
    assert (await importer.summary("litellm", *REPORTED, environment=environment))["sent"]["added"] == 0


async def test_rows_of_the_table_without_an_id_or_with_half_a_text_stop_no_other(
    importer: Importer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litellm_database, "ROWS_A_PAGE", 2)
    table = rows()
    table[0]["request_id"] = ""
    connection = await asyncpg.connect(settings.owner_url)
    await write_table(connection, table)
    await connection.execute(
        """UPDATE "LiteLLM_SpendLogs" SET metadata = to_jsonb('{"usage_object": {"cache_re'::text)
            WHERE request_id = 'chatcmpl-2'"""
    )
    await connection.close()
    environment: dict[str, str | None] = {"SHIPLEDGER_LITELLM_DATABASE_URL": settings.owner_url}
    first = await importer.summary("litellm", *REPORTED, environment=environment)
    assert (first["token_events"], first["without_request_id"], first["tokens"]["cache_read"]) == (6, 1, 2500)
    assert await importer.tokens() == ALL


async def test_a_database_without_the_table_is_one_clear_line(importer: Importer, settings: Settings) -> None:
    for url in (settings.database_url, "postgresql://CANARY:CANARY@127.0.0.1:1/x", "mysql://x"):
        result = await importer.run("litellm", environment={"SHIPLEDGER_LITELLM_DATABASE_URL": url})
        assert result.exit_code == 1
        assert result.output.startswith("error: database: ")
        assert "CANARY" not in result.output


async def test_neither_gateway_nor_table_is_one_clear_line(importer: Importer) -> None:
    result = await importer.run("litellm", environment={"SHIPLEDGER_LITELLM_DATABASE_URL": None})
    assert result.exit_code == 1
    assert "SHIPLEDGER_LITELLM_DATABASE_URL" in result.output


async def test_a_dry_run_sends_nothing(importer: Importer, gateway: LiteLLM) -> None:
    gateway.rows = rows()
    assert (await importer.summary("litellm", gateway.url, *REPORTED, "--dry-run"))["token_events"] == 6
    assert await importer.tokens() == []
