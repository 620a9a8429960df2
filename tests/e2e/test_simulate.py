"""`shipledger simulate` as a process of its own, against a running service."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx

from service.simulation.plans import plan_varied_company
from service.simulation.simulator import simulate_company
from tests.e2e.conftest import Site

ENDS = "2026-11-20T15:00"


async def simulate(*arguments: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHIPLEDGER_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.cli.main", "simulate", "--weeks", "2", "--teams", "1", "--ends", ENDS),
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_what_is_sent_is_what_was_simulated_and_sending_again_adds_nothing(
    site: Site, drain: Callable[[], Awaitable[None]]
) -> None:
    company = simulate_company(
        plan_varied_company(seed=3, ends_at=datetime(2026, 11, 20, 15, tzinfo=UTC), weeks=2, teams=1)
    )
    for _ in range(2):
        code, output = await simulate("--seed", "3", "--url", site.url, "--key", site.organization.key)
        assert code == 0, output
        assert f"{company.tokens:,} tokens" in output
        await drain()
        async with httpx.AsyncClient(base_url=site.url, headers=site.organization.headers) as client:
            ledger = (await client.get("/api/v1/ledger")).json()
            rows = (await client.get("/api/v1/metrics/tokens-per-pr", params={"from": "2026-01-01"})).json()["items"]
        assert ledger["received"]["total"] == company.tokens
        assert ledger["pending"]["total"] == 0
        assert ledger["difference"]["total"] == 0
        assert sum(row["merged_pull_requests"] for row in rows) == company.merged_pull_requests > 0


async def test_a_dry_run_needs_no_service() -> None:
    code, output = await simulate("--dry-run", "--url", "http://127.0.0.1:1", "--key", "none")
    assert code == 0
    assert "nothing was sent" in output


async def test_a_key_that_is_not_known_is_one_clear_line(site: Site) -> None:
    code, output = await simulate("--url", site.url, "--key", "sl1_1_" + "a" * 43)
    assert code == 1
    assert output.strip().splitlines()[-1].startswith("error: ")
    assert "Traceback" not in output
