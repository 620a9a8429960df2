"""/api/v1/dead-letters: what workers gave up on, listed and handed back."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from schema.database import Database
from schema.failures import Failure
from service.failures import EXPLANATIONS
from tests.integration.service.api.conftest import Api, token_event

Drain = Callable[[], Awaitable[None]]


async def give_up(api: Api, database: Database, failure: str = "value_refused") -> None:
    async with database.organization(api.organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE intake_batch SET state = 'dead', attempts = 6, failure = $2, next_attempt_at = now()"
            " WHERE organization_id = $1",
            failure,
        )


async def send(api: Api, *names: str) -> None:
    for name in names:
        await api.post("token-events", {"items": [token_event(name, None, 10)]}, 200)


async def test_each_has_its_reason_and_what_to_do_and_is_listed_page_by_page(
    api: Api, other_api: Api, database: Database
) -> None:
    await send(api, "one", "two", "three")
    await give_up(api, database)
    page = await api.get("dead-letters", limit=2)
    rest = await api.get("dead-letters", limit=2, cursor=page["next_cursor"])
    letters = [*page["items"], *rest["items"]]
    assert (len(page["items"]), len({each["id"] for each in letters}), rest["next_cursor"]) == (2, 3, None)
    for each in letters:
        assert (each["kind"], each["what"], each["attempts"], each["can_replay"]) == (
            *("token-event", "claude-code"),
            *(6, True),
        )
        assert (each["failure"], each["explanation"], each["remedy"]) == (
            "value_refused",
            EXPLANATIONS[Failure.VALUE_REFUSED].happened,
            EXPLANATIONS[Failure.VALUE_REFUSED].remedy,
        )
    assert (await other_api.get("dead-letters"))["items"] == []


async def test_one_is_handed_back_by_its_id_and_all_without(api: Api, database: Database, drain: Drain) -> None:
    await send(api, "one", "two")
    await give_up(api, database)
    first = (await api.get("dead-letters"))["items"][0]["id"]
    assert await api.post("dead-letters/replay", {"id": first}, 202) == {"replayed": 1}
    assert (
        "No dead letter with this id can be replayed"
        in (await api.post("dead-letters/replay", {"id": first}, 404))["detail"]
    )
    assert await api.post("dead-letters/replay", {"id": None}, 202) == {"replayed": 1}
    await drain()
    assert (await api.get("dead-letters"))["items"] == []
    async with database.organization(api.organization.organization_id) as tenant:
        assert await tenant.fetchval("SELECT sum(requests)::int FROM token_window WHERE organization_id = $1") == 2


DEAD_ROWS = """
INSERT INTO connection (organization_id, connection_id, forge, host) SELECT $1, $2, 'gitlab', 'git.example'
;
INSERT INTO delivery (organization_id, connection_id, deduplication_key, event, state)
SELECT $1, $2, 'one', 'push', 'dead'
;
INSERT INTO settlement (organization_id, team_id, day, state)
SELECT $1, team_id, '2026-03-02', 'dead' FROM team WHERE organization_id = $1 AND $2::uuid IS NOT NULL
;
INSERT INTO backfill (organization_id, backfill_id, connection_id, since) SELECT $1, $2, $2, now()
;
INSERT INTO backfill_step (organization_id, backfill_id, repository, state, failure)
SELECT $1, $2, '\\x01', 'dead', 'RefusedError 401'
;
INSERT INTO enrichment (organization_id, artifact_id, subject, repository_id, connection_id, state)
SELECT $1, '\\x02', 'release', '\\x01', $2, 'dead'
;
INSERT INTO provider_account (organization_id, account_id, provider, sealed_key, next_day, state)
SELECT $1, $2, 'openai', '\\x', '2026-03-02', 'dead'
;
INSERT INTO team_change (organization_id, kind, since, state)
SELECT $1, 'repository', now(), 'dead' WHERE $2::uuid IS NOT NULL
;
INSERT INTO summary (organization_id, artifact_id, connection_id, sealed_place, reported_at, state)
SELECT $1, '\\x03', $2, '\\x', now(), 'dead'
;
INSERT INTO github_app (organization_id, registration_id, host, base_url, state_digest, expires_at, state)
SELECT $1, $2, 'git.example', 'https://git.example', '\\x', now(), 'registered'
;
INSERT INTO installation_claim (organization_id, registration_id, installation_id, state) SELECT $1, $2, 77, 'dead'
"""


async def test_every_kind_of_row_that_is_given_up_is_listed(api: Api, database: Database) -> None:
    async with database.organization(api.organization.organization_id) as tenant:
        for statement in DEAD_ROWS.split(";"):
            await tenant.execute(statement, UUID(int=1))
    letters = (await api.get("dead-letters"))["items"]
    assert {(each["kind"], each["what"], each["can_replay"]) for each in letters} == {
        ("delivery", "push", False),
        ("settlement", "2026-03-02", True),
        ("backfill", "list", False),
        ("enrichment", "release", False),
        ("provider-account", "openai", True),
        ("team-change", "repository", True),
        ("summary", "pull_request", True),
        ("installation", "77", True),
    }
    assert {each["failure"] for each in letters} == {"unexpected"}


async def test_an_id_of_another_kind_is_refused_with_the_kinds_there_are(api: Api) -> None:
    refused = await api.post("dead-letters/replay", {"id": "nonsense"}, 400)
    assert refused["field"] == "id"
    assert "token-event:" in refused["detail"]
