"""`shipledger resettle` on settled days, as an administrator runs it."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schema.database import Database
from schema.settings import Settings
from tests.harness.organization import Organization
from tests.harness.shipledger_up import environment_with, run
from tests.integration.workers.stored_facts import StoredFacts
from workers.attribution.methods import ACTIVITY, CHOSEN

Shipledger = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]
Drain = Callable[[], Awaitable[None]]


@pytest.fixture
def shipledger(settings: Settings, tmp_path: Path) -> Shipledger:
    environment = environment_with(settings)

    async def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, tmp_path, "resettle", *arguments, **environment)

    return command


@pytest.fixture
async def stored(
    database: Database, organization: Organization, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> StoredFacts:
    """Two days of two pull requests, settled by the first method that there was."""
    stored = StoredFacts(database, organization, datetime(2026, 3, 2, tzinfo=UTC))
    await stored.pull_request(1, opened=9, ended=40)
    await stored.pull_request(2, opened=11)
    for hour in (8, 10, 33, 34):
        await stored.event(f"pooled {hour}", hour, 100_000)
    with monkeypatch.context() as patched:
        patched.setattr("workers.jobs.settle_days.CURRENT", ACTIVITY)
        await drain()
    return stored


async def methods(stored: StoredFacts) -> dict[str, str]:
    rows = await stored.fetch("SELECT day, method FROM settlement WHERE organization_id = $1 ORDER BY day")
    return {str(row["day"]): str(row["method"]) for row in rows}


def said(finished: subprocess.CompletedProcess[str]) -> Any:
    assert (finished.returncode, finished.stderr) == (0, "")
    return json.loads(finished.stdout)


async def test_a_dry_run_shows_how_far_totals_would_move_and_changes_nothing(
    stored: StoredFacts, shipledger: Shipledger
) -> None:
    before = await stored.ledger()
    shown = said(await shipledger("--dry-run", "--json"))
    (item,) = shown["items"]
    assert (shown["method"], item["team"], item["days"]) == (CHOSEN.name, "default", 2)
    assert sum(item["before"].values()) == sum(item["after"].values()) == 400_000
    assert item["moved"] > 0
    assert await stored.ledger() == before
    assert set((await methods(stored)).values()) == {ACTIVITY.name}


async def test_the_period_is_written_as_it_was_shown_and_keeps_its_method(
    stored: StoredFacts, shipledger: Shipledger, drain: Drain
) -> None:
    (shown,) = said(await shipledger("--to=2026-03-02", "--dry-run", "--json"))["items"]
    finished = await shipledger("--to=2026-03-02", "--yes", "--json")
    assert finished.returncode == 0
    assert json.loads(finished.stdout)["items"] == [shown]
    assert await methods(stored) == {"2026-03-02": CHOSEN.name, "2026-03-03": ACTIVITY.name}
    (again,) = said(await shipledger("--to=2026-03-02", "--dry-run", "--json"))["items"]
    assert again["before"] == again["after"] == shown["after"]
    await stored.event("late", 33, 1)
    await drain()
    assert (await methods(stored))["2026-03-03"] == ACTIVITY.name, "a day keeps the method that settled it"


async def test_it_may_be_taken_back(stored: StoredFacts, shipledger: Shipledger) -> None:
    before = await stored.ledger()
    await shipledger("--yes")
    assert await stored.ledger() != before
    await shipledger("--yes", f"--method={ACTIVITY.name}")
    assert await stored.ledger() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--method=guess"],
            "error: --method: must be one of activity-kernel-1, fitted-activity-2, fitted-activity-3\n",
        ),
        (["--team=nobody"], "error: team: there are no settled days in this period\n"),
        (["--to=2020-01-01"], "error: from: there are no settled days in this period\n"),
    ],
)
async def test_what_cannot_be_done_is_one_clear_line(
    stored: StoredFacts, shipledger: Shipledger, arguments: list[str], message: str
) -> None:
    finished = await shipledger(*arguments, "--yes")
    assert (finished.returncode, finished.stderr) == (1, message)
    assert set((await methods(stored)).values()) == {ACTIVITY.name}
