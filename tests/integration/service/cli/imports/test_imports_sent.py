"""The import commands against a listening service, and what is in the database afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.repository import START, ScriptedRepository
from tests.unit.service.imports.transcripts.test_claude_code import line
from tests.unit.service.imports.transcripts.test_shell import ScriptedTranscript


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has imported nothing yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedRepository:
    """A merge of two commits, a squash, and two tags."""
    repository = ScriptedRepository(tmp_path / "CANARY-clone")
    repository.commit("begin")
    repository.pull_request(1, "feature/one", commits=2)
    repository.tag("v1.0")
    repository.commit("CANARY two (#2)")
    repository.tag("v1.1", annotated=True)
    return repository


@pytest.fixture(autouse=True)
async def worker(
    organization: Organization, record_deliveries: Callable[[int], Awaitable[None]]
) -> AsyncIterator[None]:
    """Records what arrives while a command waits for it."""
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            await record_deliveries(organization.organization_id)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield
    stop.set()
    await working


async def run(url: str, key: str, *arguments: str | Path) -> Result:
    command = ["import", *(str(argument) for argument in arguments), "--url", url, "--key", key]
    return await asyncio.to_thread(CliRunner().invoke, main, command)


async def summary(url: str, key: str, *arguments: str | Path) -> dict[str, Any]:
    result = await run(url, key, *arguments, "--json")
    assert result.exit_code == 0, result.output
    answered: dict[str, Any] = json.loads(result.stdout)
    return answered


async def rows(database: Database, organization: Organization, query: str) -> list[tuple[Any, ...]]:
    async with database.organization(organization.organization_id) as tenant:
        return [tuple(row) for row in await tenant.fetch(query)]


async def test_a_clones_pull_requests_and_releases_arrive(
    service_url: str, organization: Organization, database: Database, scripted: ScriptedRepository
) -> None:
    reported = await summary(service_url, organization.key, "git", scripted.path)
    assert reported["sent"] == {
        "pull_requests": {"received": 2, "changed": 2},
        "releases": {"received": 2, "changed": 2},
    }
    found = await rows(
        database,
        organization,
        "SELECT number, head_branch, state, opened_at, merged_at FROM pull_request "
        "WHERE organization_id = $1 ORDER BY merged_at",
    )
    hasher = organization.hasher
    merged_at, squashed_at = START + timedelta(hours=4), START + timedelta(hours=6)
    assert found == [
        (hasher.number(1), hasher.branch("feature/one"), "merged", START + timedelta(hours=2), merged_at),
        (hasher.number(2), None, "merged", squashed_at, squashed_at),
    ]
    shipped = await rows(
        database,
        organization,
        "SELECT release.released_at, pull_request.number FROM release_pull_request AS shipped "
        "JOIN release ON release.organization_id = $1 AND release.artifact_id = shipped.release_id "
        "JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = shipped.pull_request_id "
        "WHERE shipped.organization_id = $1 ORDER BY release.released_at",
    )
    assert shipped == [
        (START + timedelta(hours=4), hasher.number(1)),
        (START + timedelta(hours=7), hasher.number(2)),
    ]


async def test_a_second_import_of_a_clone_adds_nothing(
    service_url: str, organization: Organization, database: Database, scripted: ScriptedRepository
) -> None:
    tables = ("repository", "artifact_alias", "pull_request", "activity", "release", "release_pull_request")

    async def counts() -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: await rows(database, organization, f"SELECT count(*) FROM {table} WHERE organization_id = $1")
            for table in tables
        }

    await summary(service_url, organization.key, "git", scripted.path)
    first = await counts()
    again = await summary(service_url, organization.key, "git", scripted.path)
    assert all(first[table] != [(0,)] for table in tables)
    assert await counts() == first
    assert {what: receipt["changed"] for what, receipt in again["sent"].items()} == {"pull_requests": 0, "releases": 0}


@pytest.fixture
def transcripts(tmp_path: Path, scripted: ScriptedRepository) -> Path:
    """Two answers on the branch of pull request 1 while it lived, one of them written twice."""
    folder = tmp_path / "transcripts"
    folder.mkdir()
    during = (START + timedelta(hours=2, minutes=30)).isoformat()
    context = {
        "cwd": str(scripted.path),
        "gitBranch": "feature/one",
        "timestamp": during,
        "sessionId": "CANARY-session",
    }
    lines = [line(**context), line(**context), line({"id": "msg_2"}, **context), line({"id": "msg_3"})[:90]]
    (folder / "session.jsonl").write_bytes(b"\n".join(lines))
    return folder


async def test_transcripts_arrive_once_and_reach_the_pull_request_of_their_branch(
    service_url: str,
    organization: Organization,
    database: Database,
    scripted: ScriptedRepository,
    transcripts: Path,
    drain: Callable[[], Awaitable[None]],
) -> None:
    await summary(service_url, organization.key, "git", scripted.path)
    first = await summary(service_url, organization.key, "claude-code", transcripts)
    again = await summary(service_url, organization.key, "claude-code", transcripts, "--all")
    assert first["sent"] == {"received": 2, "added": 2, "duplicates": 0}
    assert again["sent"] == {"received": 2, "added": 0, "duplicates": 2}
    await drain()
    ledger = await rows(
        database,
        organization,
        "SELECT pull_request.number, ledger.evidence, "
        "sum(input_uncached + cache_read + cache_write + output_visible + output_reasoning)::bigint "
        "FROM attribution AS ledger JOIN pull_request ON pull_request.organization_id = $1 "
        "AND pull_request.artifact_id = ledger.artifact_id WHERE ledger.organization_id = $1 GROUP BY 1, 2",
    )
    assert ledger == [(organization.hasher.number(1), "branch", first["tokens"]["total"])]


async def test_a_second_import_reads_only_the_transcripts_that_changed(
    service_url: str, organization: Organization, transcripts: Path
) -> None:
    await summary(service_url, organization.key, "claude-code", transcripts)
    again = await summary(service_url, organization.key, "claude-code", transcripts)
    assert (again["files"], again["unchanged_files"]) == (0, 1)
    assert again["sent"] == {"received": 0, "added": 0, "duplicates": 0}
    (transcripts / "more.jsonl").write_bytes(line({"id": "msg_9"}))
    more = await summary(service_url, organization.key, "claude-code", transcripts)
    assert (more["files"], more["unchanged_files"]) == (1, 1)
    assert more["sent"] == {"received": 1, "added": 1, "duplicates": 0}


async def test_another_team_is_sent_every_transcript_again(
    service_url: str, organization: Organization, transcripts: Path
) -> None:
    await summary(service_url, organization.key, "claude-code", transcripts)
    again = await summary(service_url, organization.key, "claude-code", transcripts, "--team", "platform")
    assert again["sent"] == {"received": 2, "added": 0, "duplicates": 2}


async def test_a_wrong_key_is_one_clear_line(
    service_url: str, organization: Organization, scripted: ScriptedRepository
) -> None:
    wrong = organization.key[:-1] + ("A" if organization.key[-1] != "A" else "B")
    result = await run(service_url, wrong, "git", scripted.path)
    assert result.exit_code == 1
    assert "does not know this API key" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


async def test_an_unreachable_service_is_one_clear_line(scripted: ScriptedRepository) -> None:
    result = await run("http://127.0.0.1:9", "sl1_1_key", "git", scripted.path)
    assert result.exit_code == 1
    assert "no service answers" in result.stderr


async def test_with_code_owners_pull_requests_go_to_the_teams_whose_paths_they_changed(
    service_url: str, organization: Organization, database: Database, tmp_path: Path
) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    folder = repository.path / ".github"
    folder.mkdir()
    (folder / "CODEOWNERS").write_text("* @CANARY-login\n/CANARY-web/ @acme/web @CANARY-login\n")
    for number, name in ((1, "CANARY-web"), (2, "CANARY-server")):
        (repository.path / name).mkdir()
        (repository.path / name / "CANARY-file").write_text("work")
        repository.git("add", "--all")
        repository.commit(f"work (#{number})")
    reported = await summary(service_url, organization.key, "git", repository.path, "--code-owners")
    assert (reported["pull_requests"], reported["owned_pull_requests"]) == (2, 1)
    query = "SELECT number, owner FROM pull_request WHERE organization_id = $1 AND owner IS NOT NULL"
    hasher = organization.hasher
    assert await rows(database, organization, query) == [
        (hasher.number(1), hasher.reference("code_owner", "@acme/web"))
    ]


async def test_code_owners_without_their_file_are_one_clear_line(
    service_url: str, organization: Organization, scripted: ScriptedRepository
) -> None:
    result = await run(service_url, organization.key, "git", scripted.path, "--code-owners")
    assert result.exit_code == 1
    assert "there is no CODEOWNERS file" in result.output


async def test_what_a_session_did_with_git_is_sent_as_evidence_and_once(
    service_url: str, organization: Organization, database: Database, scripted: ScriptedRepository, tmp_path: Path
) -> None:
    script = ScriptedTranscript()
    script.cwd = str(scripted.path)
    script.run("git checkout -b CANARY-branch", "Switched to a new branch 'CANARY-branch'")
    script.run("git commit -m CANARY", "[CANARY-branch 1a2b3c4] CANARY message")
    script.run("gh pr create --fill", "https://github.com/octo-org/octo-repo/pull/12")
    transcript = tmp_path / "transcripts" / "session.jsonl"
    transcript.parent.mkdir()
    transcript.write_bytes(b"".join(script.lines))
    command = "claude-code", transcript.parent, "--all"

    first = await summary(service_url, organization.key, *command)
    again = await summary(service_url, organization.key, *command)

    assert first["session_evidence"] == {"received": 3, "added": 3, "duplicates": 0}
    assert again["session_evidence"] == {"received": 3, "added": 0, "duplicates": 3}
    query = (
        "SELECT source, number IS NOT NULL, commit IS NOT NULL FROM session_evidence"
        " WHERE organization_id = $1 AND NOT is_start"
    )
    assert sorted(await rows(database, organization, query)) == [
        ("transcript", False, False),
        ("transcript", False, True),
        ("transcript", True, False),
    ]
