"""An installation of a registered App: connected by webhook or browser, fetched by itself, suspended, uninstalled."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from schema.database import Database
from schema.failures import Failure
from schema.queue import Job
from schema.settings import Settings
from service.app import create_app
from service.failures import EXPLANATIONS, failure_sentence
from tests.harness.bodies import Delivery
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.github_apps import App, Installation
from tests.harness.forges.github_state import Repository, written
from tests.harness.forges.histories import make_repository
from tests.harness.organization import Organization
from tests.harness.service import serve
from tests.harness.signing_in import sign_in
from workers.jobs.process_deliveries import process_deliveries
from workers.stores.forge.backfills import begin_missing
from workers.stores.upkeep.due_work import find_due

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]


@pytest.fixture
def shop(app_set_up: AppSetUp) -> Repository:
    repository = make_repository(1, "octo/shop", pull_requests=12)
    app_set_up.fake.repositories = {
        each.path: each for each in (repository, make_repository(2, "octo/site", pull_requests=5, seed=2))
    }
    return repository


@pytest.fixture
def backfills(app_set_up: AppSetUp, database: Database) -> Backfills:
    return Backfills(app_set_up.client, app_set_up.organization, database, app_set_up.context, app_set_up.fake.clock)


async def newest(app_set_up: AppSetUp) -> dict[str, Any]:
    async with app_set_up.context.database.organization(app_set_up.organization.organization_id) as tenant:
        await begin_missing(tenant)
    answer = await app_set_up.client.get("/api/v1/backfills", headers=app_set_up.organization.headers)
    return answer.json()["items"][0]


async def age_backfills(app_set_up: AppSetUp) -> None:
    """Let the last backfills have ended more than an hour ago, so that a repository that is added is fetched again."""
    async with app_set_up.context.database.organization(app_set_up.organization.organization_id) as tenant:
        aged = "UPDATE backfill_step SET finished_at = finished_at - interval '61 minutes' WHERE organization_id = $1"
        await tenant.execute(aged)


def installed(app: App, installation: Installation, delivery: Delivery) -> dict[str, Any]:
    assert installation.number in app.installations
    return {**delivery.payload, "installation": {"id": installation.number}}


async def test_an_installation_reported_by_webhook_is_connected_and_its_history_fetched(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table, database: Database
) -> None:
    app, shown = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    async with database.operator() as operator:
        assert (Job.BACKFILL, app_set_up.organization.organization_id) in await find_due(operator, timedelta())
    [connection] = await table("connection")
    assert (connection["installation_id"], connection["state"]) == (installation.number, "active")
    assert (await app_set_up.show(shown))["connections"] == [(await newest(app_set_up))["connection"]]
    done = await backfills.finish(await newest(app_set_up))
    # The installation was given one of two repositories, and no personal token is stored anywhere.
    assert (done["state"], done["repositories"], done["pull_requests"]) == ("done", 1, 12)
    assert connection["sealed_token"] is None
    assert app_set_up.fake.apps.sent == ["conversion", "app", "token"]
    # Told again, it begins nothing anew.
    await app_set_up.send_installation(app, installation, "created")
    assert len(await table("backfill")) == 1


async def test_an_installation_reported_by_a_browser_is_verified_and_connected(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table
) -> None:
    app, shown = await app_set_up.registered(public_url="http://localhost:8787")
    installation = app_set_up.fake.apps.install(app, [shop])
    for _ in range(2):
        answer = await app_set_up.come_back(shown, installation)
        assert (answer.status_code, "The App is installed" in answer.text) == (200, True)
    assert await table("connection") == []
    await app_set_up.work()
    assert app_set_up.fake.apps.sent == ["conversion", "app", "installation", "token"]
    assert [row["state"] for row in await table("installation_claim")] == ["processed"]
    assert len(await table("connection")) == 1
    assert (await backfills.finish(await newest(app_set_up)))["pull_requests"] == 12


async def test_an_installation_that_gives_no_token_says_what_github_answered(
    app_set_up: AppSetUp, shop: Repository, table: Table
) -> None:
    app, shown = await app_set_up.registered(public_url="http://localhost:8787")
    installation = app_set_up.fake.apps.install(app, [shop])
    installation.refuses_tokens = True
    assert (await app_set_up.come_back(shown, installation)).status_code == 200
    await app_set_up.work()
    assert [row["state"] for row in await table("installation_claim")] == ["dead"]
    trial = (await app_set_up.show(shown))["trial"]
    assert (trial["state"], "It answered: 403 Resource not accessible by integration." in trial["reason"]) == (
        "refused",
        True,
    )
    installation.refuses_tokens = False
    assert (await app_set_up.come_back(shown, installation)).status_code == 200
    await app_set_up.work()
    assert (await app_set_up.show(shown))["trial"] == {"state": "works", "reason": None}


async def test_neither_key_nor_token_nor_code_is_ever_logged(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, caplog: pytest.LogCaptureFixture
) -> None:
    # The requests that a browser makes bear codes and states, and are not ours to log.
    caplog.set_level("DEBUG")
    for name in ("httpx", "httpcore", "uvicorn.access"):
        caplog.set_level("CRITICAL", logger=name)
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    await backfills.finish(await newest(app_set_up))
    assert app.webhook_secret is not None
    for secret in ("PRIVATE KEY", app.webhook_secret, "CANARY-client-secret", *installation.tokens):
        assert secret not in caplog.text


async def test_an_installation_suspended_from_the_start_gets_no_requests(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table
) -> None:
    app, shown = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    installation.is_suspended = True
    assert (await app_set_up.come_back(shown, installation)).status_code == 200
    await app_set_up.work()
    assert [row["state"] for row in await table("connection")] == ["suspended"]
    await backfills.work()
    assert app_set_up.fake.apps.sent == ["conversion", "app", "installation"]


async def test_a_connection_shows_the_app_that_it_is_an_installation_of(app_set_up: AppSetUp, shop: Repository) -> None:
    app, shown = await app_set_up.registered()
    await app_set_up.send_installation(app, app_set_up.fake.apps.install(app, [shop]), "created")
    answer = await app_set_up.client.get("/api/v1/connections", headers=app_set_up.organization.headers)
    [connection] = answer.json()["items"]
    assert (connection["github_app"], connection["has_token"]) == (shown["id"], False)


async def test_two_servers_may_give_their_apps_the_same_number(
    app_set_up: AppSetUp, shop: Repository, table: Table
) -> None:
    first, _ = await app_set_up.registered()
    other_fake = FakeGithub(app_set_up.fake.clock)
    with other_fake.serve() as url:
        other = replace(app_set_up, fake=other_fake, url=url)
        second, _ = await other.registered()
        assert first.number == second.number
        installations = [
            each.apps.install(app, [shop]) for each, app in ((app_set_up.fake, first), (other_fake, second))
        ]
        installations[1].number += 1
        for set_up, app, installation in (
            (app_set_up, first, installations[0]),
            (other, second, installations[1]),
        ):
            reported = await set_up.send(app, "push", {"installation": {"id": installation.number}})
            assert reported.json() == {"delivery": "stored"}
        rows = await table("connection ORDER BY installation_id")
    assert [row["base_url"] for row in rows] == [app_set_up.url, url]


async def test_an_installation_of_another_app_is_never_connected(
    app_set_up: AppSetUp, shop: Repository, table: Table
) -> None:
    _, shown = await app_set_up.registered()
    other, _ = await app_set_up.registered()
    stranger = app_set_up.fake.apps.install(other, [shop])
    assert (await app_set_up.come_back(shown, stranger)).status_code == 200
    await app_set_up.work()
    [claim] = await table("installation_claim")
    assert (claim["state"], claim["failure"]) == ("dead", "not_found: 404 Not Found")
    assert await table("connection") == []


async def test_an_installation_returns_with_our_state_or_to_the_signed_in_user(
    app_set_up: AppSetUp, shop: Repository, table: Table, database: Database, organization: Organization
) -> None:
    app, shown = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    answer = await app_set_up.come_back(shown, installation, state="1999999999." + "0" * 64)
    assert (answer.status_code, "installation was not started here" in answer.text) == (403, True)
    assert (await app_set_up.come_back(shown, installation, installation_id="x")).status_code == 400
    assert await table("installation_claim") == []
    await sign_in(app_set_up.client, database, organization)
    answer = await app_set_up.come_back(shown, installation, state="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/github")
    assert len(await table("installation_claim")) == 1


async def test_deliveries_are_verified_with_the_apps_secret_and_given_to_its_organization(
    app_set_up: AppSetUp, shop: Repository, other_organization: Organization, table: Table, deliveries: Any
) -> None:
    assert other_organization.organization_id
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    [reported, *_] = shop.deliveries()
    payload = installed(app, installation, reported)
    assert (await app_set_up.send(app, reported.event, payload, secret="another")).status_code == 401
    assert await deliveries() == []
    # Whatever comes first connects it.
    assert (await app_set_up.send(app, reported.event, payload)).json() == {"delivery": "stored"}
    await process_deliveries(app_set_up.context, app_set_up.organization.organization_id)
    assert len(await table("pull_request")) == 1
    assert [row["installation_id"] for row in await table("connection")] == [installation.number]


async def test_an_app_cannot_speak_for_an_installation_of_another(
    app_set_up: AppSetUp, shop: Repository, deliveries: Any
) -> None:
    mine, _ = await app_set_up.registered()
    other, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(mine, [shop])
    await app_set_up.send_installation(mine, installation, "created")
    [reported, *_] = shop.deliveries()
    answer = await app_set_up.send(other, reported.event, installed(mine, installation, reported))
    # It gets no connection of its own either: an organization knows an installation once.
    assert answer.json() == {"delivery": "dropped"}
    assert len(await deliveries()) == 1


async def test_the_operators_app_works_beside_a_registered_one(
    app_set_up: AppSetUp, shop: Repository, settings: Settings, table: Table
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    with_app = settings.model_copy(update={"github_webhook_secret": SecretStr("the operator's")})
    operators = App(7, "operators", {}, "the operator's")
    async with serve(create_app(with_app)) as client:
        for sender, number in ((app, installation.number), (operators, 5)):
            headers, body = app_set_up.fake.apps.signed(sender, "push", {"installation": {"id": number}})
            answer = await client.post("/webhooks/github", content=body, headers=headers)
            assert answer.json() == {"delivery": "stored"}, answer.text
    rows = await table("connection")
    assert {(row["installation_id"], row["registration_id"] is None) for row in rows} == {
        (installation.number, False),
        (5, True),
    }


async def test_a_suspended_installation_gets_no_requests_and_no_processing(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table, database: Database
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    installation.is_suspended = True
    await app_set_up.send_installation(app, installation, "suspend")
    assert [row["state"] for row in await table("connection")] == ["suspended"]
    await backfills.work()
    assert app_set_up.fake.apps.sent == ["conversion", "app"]
    assert (await newest(app_set_up))["state"] == "running"
    # What was under way when it was suspended is kept, and waits.
    [reported, *_] = shop.deliveries()
    assert (await app_set_up.send(app, reported.event, installed(app, installation, reported))).status_code == 202
    await process_deliveries(app_set_up.context, app_set_up.organization.organization_id)
    assert await table("pull_request") == []
    async with database.operator() as connection:
        assert await find_due(connection, timedelta()) == []

    installation.is_suspended = False
    await app_set_up.send_installation(app, installation, "unsuspend")
    assert len(await table("pull_request")) == 1
    assert (await backfills.finish(await newest(app_set_up)))["pull_requests"] == 12


async def test_the_latest_suspension_event_counts_in_any_order(
    app_set_up: AppSetUp, shop: Repository, table: Table
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    payloads = []
    for action in ("suspend", "unsuspend"):
        app_set_up.fake.clock.sleep(60)
        payloads.append(app_set_up.fake.apps.payload(app, installation, action))
    for payload in reversed(payloads):
        assert (await app_set_up.send(app, "installation", payload)).status_code == 202
        await process_deliveries(app_set_up.context, app_set_up.organization.organization_id)
    assert [row["state"] for row in await table("connection")] == ["active"]


async def test_the_end_of_a_suspension_counts_though_github_sends_the_time_of_its_start(
    app_set_up: AppSetUp, shop: Repository, table: Table
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    app_set_up.fake.clock.sleep(60)
    suspended = app_set_up.fake.apps.payload(app, installation, "suspend")
    for actions in (("suspend", "unsuspend"), ("unsuspend", "suspend")):
        for action in actions:
            assert (await app_set_up.send(app, "installation", {**suspended, "action": action})).status_code == 202
            await process_deliveries(app_set_up.context, app_set_up.organization.organization_id)
        assert [row["state"] for row in await table("connection")] == ["active"]


async def test_an_uninstalled_app_stops_intake_and_keeps_the_ledger(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table, deliveries: Any
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    [reported, *_] = shop.deliveries()
    assert (await app_set_up.send(app, reported.event, installed(app, installation, reported))).status_code == 202
    assert (await newest(app_set_up))["state"] == "running"
    installation.is_gone = True
    await app_set_up.send_installation(app, installation, "deleted")
    before = len(await deliveries())
    assert (await app_set_up.send(app, "push", {"installation": {"id": installation.number}})).json() == {
        "delivery": "dropped"
    }
    assert len(await deliveries()) == before
    await backfills.work()
    ended = await newest(app_set_up)
    assert (ended["state"], ended["failures"]) == ("failed", {EXPLANATIONS[Failure.APP_UNINSTALLED].sentence: 1})
    assert app_set_up.fake.apps.sent == ["conversion", "app"]
    assert len(await table("pull_request")) == 1
    # A late word of the time before does not bring it back.
    late = app_set_up.fake.apps.payload(app, installation, "created")
    assert (await app_set_up.send(app, "installation", late)).json() == {"delivery": "dropped"}
    assert [row["state"] for row in await table("connection")] == ["deleted"]


async def test_repositories_that_are_added_are_fetched_and_those_taken_away_no_further(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    await backfills.finish(await newest(app_set_up))
    site = app_set_up.fake.repositories["octo/site"]
    given = [{"id": site.number, "full_name": site.path, "name": "site", "private": True}]
    installation.repositories.append(site.path)
    await app_set_up.send_installation(app, installation, "added", repositories_added=given, repositories_removed=[])
    added = await newest(app_set_up)
    assert (added["repositories"], added["state"]) == (1, "running")
    assert all(row["sealed_name"] is None or b"site" not in row["sealed_name"] for row in await table("backfill_step"))
    assert (await backfills.finish(added))["pull_requests"] == 5

    await age_backfills(app_set_up)
    await app_set_up.send_installation(app, installation, "added", repositories_added=given, repositories_removed=[])
    installation.repositories.remove(site.path)
    requests = len(app_set_up.fake.requests)
    await app_set_up.send_installation(app, installation, "removed", repositories_added=[], repositories_removed=given)
    await backfills.work()
    ended = await newest(app_set_up)
    assert ended["failures"] == {EXPLANATIONS[Failure.REPOSITORY_REMOVED].sentence: 1}
    assert len(app_set_up.fake.requests) == requests
    assert len(await table("pull_request")) == 17


async def test_new_permissions_renew_the_token_and_begin_what_was_refused_again(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills, table: Table
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    app_set_up.fake.fail(403, body="Resource not accessible by integration")
    refused = await backfills.finish(await newest(app_set_up))
    answer = "403 Resource not accessible by integration"
    assert refused["failures"] == {failure_sentence(f"{Failure.ACCESS_FORBIDDEN}: {answer}"): 1}
    app_set_up.fake.clock.sleep(60)
    await app_set_up.send_installation(app, installation, "new_permissions_accepted")
    assert (await backfills.finish(await newest(app_set_up)))["pull_requests"] == 12
    assert app_set_up.fake.apps.sent == ["conversion", "app", "token", "token"]
    app_set_up.fake.clock.sleep(60)
    await app_set_up.send_installation(app, installation, "new_permissions_accepted")
    assert len(await table("backfill")) == 2


async def test_a_renamed_account_changes_nothing(app_set_up: AppSetUp, shop: Repository, deliveries: Any) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    renamed = app_set_up.fake.apps.payload(
        app, installation, "renamed", changes={"login": {"from": "CANARY-before"}}, target_type="Organization"
    )
    assert (await app_set_up.send(app, "installation_target", renamed)).status_code == 202
    for event in ("deployment", "deployment_status"):
        reported = {"installation": {"id": installation.number}, event: {"creator": {"login": "CANARY-login"}}}
        assert (await app_set_up.send(app, event, reported)).status_code == 202
    await process_deliveries(app_set_up.context, app_set_up.organization.organization_id)
    assert [(row["state"], row["reason"]) for row in await deliveries()] == [
        ("processed", None),
        ("ignored", "Nothing is stored about an account or its name."),
        ("ignored", "Deployments are not used; releases and tags say what ships."),
        ("ignored", "Deployments are not used; releases and tags say what ships."),
    ]


async def test_a_token_is_renewed_before_it_ends_and_when_github_took_it_back(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    await backfills.finish(await newest(app_set_up))
    assert (await backfills.run())["pull_requests"] == 12
    assert app_set_up.fake.apps.sent.count("token") == 1
    app_set_up.fake.clock.sleep(timedelta(minutes=56).total_seconds())
    assert (await backfills.run())["state"] == "done"
    assert app_set_up.fake.apps.sent.count("token") == 2
    installation.tokens.clear()
    app_set_up.fake.clock.sleep(timedelta(minutes=2).total_seconds())
    assert (await backfills.run())["state"] == "done"
    assert app_set_up.fake.apps.sent.count("token") == 3


async def test_a_suspension_without_a_webhook_ends_a_backfill_with_the_reason(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    installation.is_suspended = True
    shown = await backfills.finish(await newest(app_set_up))
    reason = failure_sentence(f"{Failure.ACCESS_FORBIDDEN}: 403 This installation has been suspended")
    assert (shown["state"], shown["failures"]) == ("failed", {reason: 1})
    assert app_set_up.fake.requests == []


async def test_a_key_that_is_not_the_apps_opens_nothing(
    app_set_up: AppSetUp, shop: Repository, backfills: Backfills
) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    # GitHub's owner deleted the key that is stored here, and made another.
    app.key_number = 99
    shown = await backfills.finish(await newest(app_set_up))
    answer = "401 A JSON web token could not be decoded"
    assert shown["failures"] == {failure_sentence(f"{Failure.TOKEN_REFUSED}: {answer}"): 1}


async def test_an_installation_reported_concurrently_is_connected_once(
    app_set_up: AppSetUp, shop: Repository, table: Table, client: httpx.AsyncClient
) -> None:
    app, shown = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [shop])
    reported = {"installation": {"id": installation.number, "updated_at": written(app_set_up.fake.clock.now())}}
    signed = [app_set_up.fake.apps.signed(app, "push", reported) for _ in range(6)]
    await asyncio.gather(
        *(client.post("/webhooks/github", content=body, headers=headers) for headers, body in signed),
        app_set_up.come_back(shown, installation),
    )
    await app_set_up.work()
    assert len(await table("connection")) == 1
    await asyncio.gather(newest(app_set_up), newest(app_set_up))
    assert len(await table("backfill")) == 1
