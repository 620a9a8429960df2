"""`shipledger import focus` against a listening service."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.cli.figures import tokens
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

PAYLOADS = Path(__file__).resolve().parents[4] / "payloads" / "focus"
MIXED, AZURE = PAYLOADS / "mixed__1_0.csv", PAYLOADS / "azure__1_2.csv"


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


async def run(*arguments: str | Path) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["import", "focus", *map(str, arguments)])


async def summary(*arguments: str | Path) -> dict[str, Any]:
    result = await run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


async def total(database: Database, organization: Organization) -> list[tuple[Any, ...]]:
    async with database.organization(organization.organization_id) as tenant:
        rows = await tenant.connection.fetch(
            "SELECT provider, sum(tokens)::bigint, sum(billed_nano)::bigint FROM billing_charge GROUP BY 1 ORDER BY 1"
        )
    return [tuple(row) for row in rows]


async def test_bills_are_imported_once_without_people(
    service_url: str, organization: Organization, database: Database
) -> None:
    address = ("--url", service_url, "--key", organization.key)
    first = await summary(MIXED, AZURE, *address)
    assert (first["bills"], first["charges"]) == (3, 8)
    assert first["sent"] == {"received": 3, "changed": 3, "charges": 8}
    assert first["billed"] == {"EUR": "14.26", "USD": "31.87026477"}
    expected = [
        ("anthropic", 3_500_000, 30_000_000_000),
        ("aws", 5_402_140, 1_870_264_770),
        ("azure", 4_900_000, 14_260_000_000),
    ]
    assert await total(database, organization) == expected
    again = await summary(AZURE, MIXED, *address)
    assert again["sent"] == {"received": 3, "changed": 0, "charges": 0}
    assert await total(database, organization) == expected


async def test_a_corrected_file_replaces_its_billing_period(
    service_url: str, organization: Organization, database: Database, tmp_path: Path
) -> None:
    address = ("--url", service_url, "--key", organization.key)
    await summary(MIXED, *address)
    corrected = tmp_path / "corrected.csv"
    corrected.write_text("".join(line for line in MIXED.read_text().splitlines(True) if "Output Tokens" not in line))
    await summary(corrected, *address)
    assert (await total(database, organization))[0] == ("anthropic", 1_500_000, 3_000_000_000)


async def test_a_bad_file_among_good_ones_sends_nothing(
    service_url: str, organization: Organization, database: Database, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(MIXED.read_text().replace("27,b-1", "CANARY,b-1"))
    result = await run(MIXED, bad, "--url", service_url, "--key", organization.key)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: bad.csv, line 4, column BilledCost: ")
    assert "CANARY" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert await total(database, organization) == []


async def test_a_dry_run_needs_no_service_and_a_rate_is_checked() -> None:
    found = await summary(MIXED, "--dry-run")
    assert (found["rows"], found["token_rows"], found["tokens"]) == (7, 5, 8_902_140)
    assert "sent" not in found
    result = await run(AZURE, "--dry-run", "--rate", "EUR=one")
    assert result.exit_code == 2
    assert "EUR=1.0825" in result.stderr


async def test_an_import_ends_with_the_money_and_the_next_step(service_url: str, organization: Organization) -> None:
    result = await run(MIXED, AZURE, "--url", service_url, "--key", organization.key)
    assert f"\nYou were billed 14.26 EUR and $31.87 for {tokens(13_802_140)} tokens.\n" in result.output
    assert "Next: import what your agents spent: shipledger import claude-code" in result.output
