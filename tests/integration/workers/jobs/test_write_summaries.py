"""What pull requests cost, written to them at the forge: from the switch to the check run, or the note."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from schema.database import Database
from tests.harness.bodies import Delivery
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_apps import App, Installation
from tests.harness.forges.github_state import PullRequest, Repository, sha
from tests.harness.forges.gitlab import TOKEN, FakeGitlab
from tests.harness.forges.gitlab_state import deliveries as gitlab_deliveries
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired
from workers.jobs.process_deliveries import process_deliveries
from workers.jobs.write_summaries import write_summaries
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]
Table = Callable[[str], Awaitable[list[asyncpg.Record]]]

TOKENS = 100_000


@dataclass
class Shop:
    """An organization whose one repository has one pull request, and what is done about it."""

    client: httpx.AsyncClient
    organization: Organization
    database: Database
    context: WorkerContext
    drain: Drain
    repository: Repository
    connection: str = ""
    sent: list[str] = field(default_factory=list)

    @property
    def pull_request(self) -> PullRequest:
        return self.repository.pull_requests[0]

    @property
    def head(self) -> str:
        return sha(self.pull_request.commits[-1][0])

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.client.request(method, f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def switch(self, enabled: bool = True, status: int = 204) -> Any:
        return await self.ask("PUT", f"connections/{self.connection}/summaries", {"enabled": enabled}, status)

    async def people(self, size: int | None) -> None:
        [team] = (await self.ask("GET", "teams"))["items"]
        await self.ask("POST", "teams", {"name": team["name"], "size": size})

    async def spend(self, tokens: int, word: str | None = None) -> None:
        """Tokens that went into a commit, or that nobody knows the place of."""
        at = self.pull_request.opened_at
        event = {"event_id": f"event-{len(self.sent)}", "occurred_at": at.isoformat(), "source": "test"}
        event |= {"provider": "anthropic", "model": "claude-sonnet-4-5", "tokens": {"input_uncached": tokens}}
        self.sent.append(event["event_id"])
        await self.ask("POST", "token-events", {"items": [event | ({"commit": sha(word)} if word else {})]})
        await self.drain()

    async def write(self) -> None:
        """Let the time pass that is between two writes, and write what is due."""
        async with self.database.organization(self.organization.organization_id) as tenant:
            await tenant.execute(
                "UPDATE summary SET next_attempt_at = now(), written_at = written_at - interval '10 minutes'"
                " WHERE organization_id = $1"
            )
        await self.write_now()

    async def write_now(self) -> None:
        await write_summaries(self.context, self.organization.organization_id)

    async def shown(self) -> dict[str, Any]:
        [connection] = (await self.ask("GET", "connections"))["items"]
        return connection


@pytest.fixture
def repository(clock: QuickClock) -> Repository:
    opened_at = (clock.now() - timedelta(days=2)).replace(microsecond=0)
    return Repository(1, "octo/shop", opened_at, [PullRequest(1, "fix", opened_at, [("one", opened_at)])])


@pytest.fixture
def shop(app_set_up: AppSetUp, database: Database, drain: Drain, repository: Repository) -> Shop:
    app_set_up.fake.repositories = {repository.path: repository}
    return Shop(app_set_up.client, app_set_up.organization, database, app_set_up.context, drain, repository)


@dataclass
class Installed:
    """The shop, with an App installed on it that GitHub's webhooks come from."""

    shop: Shop
    set_up: AppSetUp
    app: App
    installation: Installation
    sent: int = 0

    async def send(self, delivery: Delivery) -> None:
        payload = {**delivery.payload, "installation": {"id": self.installation.number}}
        # The same meaning in another body: a repeated body would not count.
        self.sent += 1
        await self.set_up.send(self.app, delivery.event, {**payload, "sent": self.sent})
        await process_deliveries(self.set_up.context, self.shop.organization.organization_id)

    async def send_all(self) -> None:
        for delivery in self.shop.repository.deliveries():
            await self.send(delivery)

    def runs(self) -> list[dict[str, Any]]:
        return self.set_up.fake.checks.runs

    def writes(self) -> list[str]:
        return self.set_up.fake.checks.writes


async def install(shop: Shop, app_set_up: AppSetUp, *, writes_checks: bool = True) -> Installed:
    app, _ = await app_set_up.registered(summaries=writes_checks)
    installation = app_set_up.fake.apps.install(app, [shop.repository])
    await app_set_up.send_installation(app, installation, "created")
    shop.connection = (await shop.shown())["id"]
    return Installed(shop, app_set_up, app, installation)


@pytest.fixture
async def installed(shop: Shop, app_set_up: AppSetUp) -> Installed:
    return await install(shop, app_set_up)


@pytest.fixture
async def shown(installed: Installed) -> Installed:
    """With summaries switched on, a team of eight, and the pull request reported."""
    await installed.shop.people(8)
    await installed.shop.switch()
    await installed.send_all()
    return installed


async def test_nothing_is_written_unless_it_is_switched_on(installed: Installed, table: Table) -> None:
    await installed.shop.people(8)
    await installed.send_all()
    await installed.shop.spend(TOKENS, "one")
    await installed.shop.write()
    assert installed.writes() == []
    assert await table("summary") == []
    assert (await installed.shop.shown())["summaries"] is False


async def test_a_check_run_shows_what_the_pull_request_cost_and_is_edited_in_place(shown: Installed) -> None:
    shop = shown.shop
    await shop.write()
    assert shown.writes() == []
    await shop.spend(TOKENS, "one")
    await shop.write()
    [run] = shown.runs()
    assert (run["name"], run["head_sha"], run["conclusion"]) == ("Shipledger", shop.head, "neutral")
    assert run["output"]["title"] == "100 thousand tokens, $0.30"
    assert "| Input, uncached | 100,000 |" in run["output"]["summary"]
    assert "Evidence: 100% commit." in run["output"]["summary"]
    await shop.spend(TOKENS, "one")
    await shop.write()
    assert len(shown.runs()) == 1
    assert run["output"]["title"] == "200 thousand tokens, $0.60"
    assert shown.writes() == ["made", "changed"]


async def test_the_same_text_is_not_written_again(shown: Installed) -> None:
    await shown.shop.spend(TOKENS, "one")
    await shown.shop.write()
    requests = len(shown.set_up.fake.requests)
    await shown.send_all()
    await shown.shop.write()
    assert len(shown.set_up.fake.requests) == requests


async def test_between_two_writes_some_minutes_pass(shown: Installed, database: Database) -> None:
    await shown.shop.spend(TOKENS, "one")
    await shown.shop.write_now()
    await shown.shop.spend(TOKENS, "one")
    await shown.shop.write_now()
    assert shown.writes() == ["made"]
    # The sweep finds it in its time, and not before.
    async with database.operator() as connection:
        assert "write_summaries" not in {job for job, _ in await find_due(connection, timedelta())}
        await connection.execute("UPDATE summary SET next_attempt_at = now()")
        assert "write_summaries" in {job for job, _ in await find_due(connection, timedelta())}


async def test_the_next_head_gets_the_check_run(shown: Installed) -> None:
    shop = shown.shop
    await shop.spend(TOKENS, "one")
    await shop.write()
    shop.pull_request.commits.append(("two", shop.pull_request.opened_at + timedelta(hours=1)))
    await shown.send_all()
    await shop.write()
    assert [run["head_sha"] for run in shown.runs()] == [sha("one"), sha("two")]
    assert shown.runs()[0]["external_id"] == shown.runs()[1]["external_id"]


async def test_one_whose_answer_was_lost_is_found_and_not_made_twice(shown: Installed, table: Table) -> None:
    shown.set_up.fake.checks.break_off = 1
    await shown.shop.spend(TOKENS, "one")
    await shown.shop.write()
    [summary] = await table("summary")
    assert (summary["sealed_remote"], summary["failure"]) == (None, "forge_away: 502")
    shown.set_up.fake.clock.sleep(3600)
    await shown.shop.write()
    assert len(shown.runs()) == 1
    assert shown.writes() == ["made", "changed"]


async def test_no_figure_of_a_small_team_is_shown(shown: Installed) -> None:
    await shown.shop.people(4)
    await shown.shop.spend(TOKENS, "one")
    await shown.shop.write()
    [run] = shown.runs()
    assert run["output"]["title"] == "Figures are withheld"
    assert "fewer than 5 people" in run["output"]["summary"]
    assert "thousand" not in run["output"]["summary"]


async def test_where_the_evidence_is_weak_no_figure_is_shown(shown: Installed) -> None:
    await shown.shop.spend(TOKENS)
    await shown.shop.write()
    [run] = shown.runs()
    assert run["output"]["title"] == "Figures are withheld"
    assert "0% of the tokens are linked" in run["output"]["summary"]
    assert "Too few of the tokens are linked. Link sessions" in run["output"]["summary"]


async def test_an_app_without_permission_for_checks_is_reported_and_left_alone(
    shop: Shop, app_set_up: AppSetUp
) -> None:
    installed = await install(shop, app_set_up, writes_checks=False)
    await shop.people(8)
    await shop.switch()
    await installed.send_all()
    await shop.spend(TOKENS, "one")
    await shop.write_now()
    assert "Checks: read and write" in (await shop.shown())["summaries_failure"]
    requests = len(app_set_up.fake.requests)
    await shop.write_now()
    assert len(app_set_up.fake.requests) == requests
    # The permission is given at GitHub, and the switch pressed again asks at once.
    installed.app.manifest["default_permissions"]["checks"] = "write"
    app_set_up.fake.clock.sleep(120)
    await shop.switch()
    await shop.write_now()
    assert len(installed.runs()) == 1
    assert (await shop.shown())["summaries_failure"] is None


async def test_without_an_app_github_takes_no_check_runs_and_the_switch_says_so(shop: Shop) -> None:
    forge = await Forge.connect(shop.client, shop.organization, "github")
    shop.connection = forge.made["id"]
    refused = await shop.switch(status=400)
    assert refused["field"] == "enabled"
    assert "create-app --summaries" in refused["detail"]


async def test_names_are_forgotten_a_day_after_the_merge_and_when_it_is_switched_off(
    shown: Installed, table: Table, database: Database
) -> None:
    await shown.shop.spend(TOKENS, "one")
    await shown.shop.write()
    [summary] = await table("summary")
    assert b"octo" not in summary["sealed_place"]
    assert summary["ends_at"] is None
    shown.shop.pull_request.merged_at = shown.set_up.fake.clock.now()
    await shown.send_all()
    assert (await table("summary"))[0]["ends_at"] is not None
    await shown.shop.write()
    assert len(await table("summary")) == 1
    async with database.operator() as connection:
        await connection.execute("UPDATE summary SET ends_at = now()")
    await delete_expired(shown.set_up.context)
    assert await table("summary") == []
    assert len(shown.runs()) == 1
    await shown.send_all()
    assert len(await table("summary")) == 1
    await shown.shop.switch(False)
    assert await table("summary") == []


@dataclass
class Noted:
    """The shop at a GitLab."""

    shop: Shop
    forge: Forge
    fake: FakeGitlab

    async def send_all(self) -> None:
        for delivery in gitlab_deliveries(self.shop.repository):
            await self.forge.deliver_payload(delivery.event, delivery.payload)
        await process_deliveries(self.shop.context, self.shop.organization.organization_id)

    def notes(self) -> list[dict[str, Any]]:
        return self.fake.notes.of(1, 1)


@pytest.fixture
def gitlab_server(clock: QuickClock) -> Iterator[tuple[FakeGitlab, str]]:
    fake = FakeGitlab(clock)
    with fake.serve() as url:
        yield fake, url


@pytest.fixture
async def noted(shop: Shop, gitlab_server: tuple[FakeGitlab, str]) -> Noted:
    fake, url = gitlab_server
    fake.repositories = {shop.repository.path: shop.repository}
    made = await shop.ask("POST", "connections", {"forge": "gitlab", "base_url": url}, 201)
    shop.connection = made["id"]
    await shop.people(8)
    refused = await shop.switch(status=400)
    assert "scope api" in refused["detail"]
    await shop.ask("PUT", f"connections/{shop.connection}/token", {"token": TOKEN}, 200)
    await shop.switch()
    found = Noted(shop, Forge(shop.client, "gitlab", made), fake)
    await found.send_all()
    return found


async def test_a_note_shows_what_the_merge_request_cost_and_is_edited_in_place(noted: Noted) -> None:
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    [note] = noted.notes()
    assert note["body"].startswith("<!-- shipledger a1_")
    assert "**Shipledger: 100 thousand tokens, $0.30**" in note["body"]
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    assert len(noted.notes()) == 1
    assert "200 thousand tokens" in note["body"]
    assert noted.fake.notes.writes == ["made", "changed"]


async def test_a_note_whose_answer_was_lost_is_found_and_not_made_twice(noted: Noted) -> None:
    noted.fake.notes.break_off = 1
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    noted.fake.clock.sleep(3600)
    await noted.shop.write()
    assert noted.fake.notes.writes == ["made", "changed"]
    assert len(noted.notes()) == 1


async def test_a_deleted_note_is_recreated_when_its_text_changes(noted: Noted) -> None:
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    noted.fake.notes.written.clear()
    await noted.shop.write()
    assert noted.notes() == []
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    assert len(noted.notes()) == 1


async def test_our_own_note_is_no_review(noted: Noted, table: Table) -> None:
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    [note] = noted.notes()
    event = gitlab_deliveries(noted.shop.repository)[0]
    attributes = {**note, "noteable_type": "MergeRequest", "note": note["body"]}
    attributes = {key: value for key, value in attributes.items() if key not in {"body", "author"}}
    reported = {**event.payload, "object_kind": "note", "object_attributes": attributes}
    reported["merge_request"] = event.payload["object_attributes"]
    await noted.forge.deliver_payload("note", reported)
    await process_deliveries(noted.shop.context, noted.shop.organization.organization_id)
    assert "review" not in {row["kind"] for row in await table("activity")}
    assert (await table("delivery ORDER BY delivery_id"))[-1]["reason"] == "This comment is a summary by Shipledger."


async def test_a_read_only_token_is_reported(noted: Noted) -> None:
    noted.fake.notes.may_write = False
    await noted.shop.spend(TOKENS, "one")
    await noted.shop.write()
    assert "scope api" in (await noted.shop.shown())["summaries_failure"]
