"""A fake forge on this machine, an organization connected to it with a token, and workers that may reach it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.tables import TENANT_TABLES
from tests.harness.forges.acme import Acme
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.enrichments import Enrichments
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.team_syncs import TeamSyncs
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients

SET_UP = {"organization", "team", "api_key", "connection", "github_app", "installation_claim", "hook_registration"}


@pytest.fixture
def backfills(
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    clock: QuickClock,
) -> Backfills:
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    return Backfills(client, organization, database, context, clock)


@pytest.fixture
def enrichments(backfills: Backfills) -> Enrichments:
    return Enrichments(backfills.organization, backfills.database, backfills.context, backfills.clock)


@pytest.fixture
def gitlab_server(clock: QuickClock) -> Iterator[tuple[FakeGitlab, str]]:
    fake = FakeGitlab(clock)
    with fake.serve() as url:
        yield fake, url


@pytest.fixture
def tables(database: Database, organization: Organization) -> Callable[[], Awaitable[dict[str, list[Any]]]]:
    """What the ledger knows of the forge, without the times at which we heard of it."""
    sources = {
        "pull_request": "artifact_id, repository_id, head_repository_id, head_branch, base_branch, state, draft,"
        " opened_at, merged_at, closed_at, changed_lines, changed_files, sized_at, forge_updated_at",
        "activity": "artifact_id, kind, reference, occurred_at",
        # The first report decides since when a repository has a name, also with webhooks alone.
        "artifact_alias": "kind, alias, artifact_id, CASE WHEN kind LIKE '%commit' THEN first_seen_at END",
        "release": "artifact_id, state, released_at, commit, forge_updated_at, family, version,"
        " target_branch, tagged_at",
        "release_pull_request": "release_id, pull_request_id",
        "pull_request_title": "artifact_id, title",
        "pull_request_labels": "artifact_id, labels",
        "outcome": "artifact_id, pushes_after_opening, review_rounds, reverted_at, fix_released_at",
        "repository": "artifact_id, forge, default_branch, named_at",
    }

    async def read() -> dict[str, list[Any]]:
        found = {}
        async with database.organization(organization.organization_id) as tenant:
            for table, columns in sources.items():
                rows = await tenant.fetch(f"SELECT {columns} FROM {table} WHERE organization_id = $1")
                found[table] = sorted((tuple(row) for row in rows), key=repr)
        return found

    return read


@pytest.fixture
def forget(database: Database) -> Callable[[], Awaitable[None]]:
    """All facts are deleted; the connection and its organization stay."""

    async def run() -> None:
        async with database.operator() as connection:
            await connection.execute(f"TRUNCATE {', '.join(set(TENANT_TABLES) - SET_UP)}")

    return run


@pytest.fixture
def team_syncs(backfills: Backfills) -> TeamSyncs:
    return TeamSyncs(backfills.client, backfills.organization, backfills.database, backfills.context)


@pytest.fixture
async def acme(github_server: tuple[FakeGithub, str], backfills: Backfills) -> Acme:
    """Backfilled, so that its repositories are known."""
    acme = Acme(*github_server)
    acme.connection = (await backfills.connect("github", acme.url, TOKEN))["id"]
    await backfills.run()
    return acme
