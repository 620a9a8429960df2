"""Cursor's usage events, pulled through the job from an API with state."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import httpx
import pytest

from tests.harness.cursor import KEY, Cursor, cursor_api
from tests.integration.workers.providers.accounts import Accounts, Drain
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext

TODAY = datetime.now(UTC).date()
SINCE = TODAY - timedelta(days=6)
TEAMS = {"canary.ann@example.com": "checkout", "bob@example.com": "mobile"}
ANN = "CANARY.Ann@Example.com"
TOKENS = {"inputTokens": 126, "outputTokens": 450, "cacheWriteTokens": 6112, "cacheReadTokens": 11964}


@pytest.fixture
def cursor() -> Iterator[Cursor]:
    with cursor_api() as running:
        yield running


@pytest.fixture
async def accounts(client: httpx.AsyncClient, stored: StoredFacts, worker_context: WorkerContext) -> Accounts:
    accounts = Accounts(client, stored, worker_context, allow_private_hosts=True)
    await accounts.team("checkout")
    await accounts.team("mobile")
    return accounts


def at(days: int, hour: float = 9) -> datetime:
    return datetime.combine(SINCE + timedelta(days=days), time(), UTC) + timedelta(hours=hour)


def hour(days: int, hour_of_day: int = 9) -> str:
    return f"{SINCE + timedelta(days=days):%m-%d} {hour_of_day:02}"


def happened(cursor: Cursor) -> None:
    cursor.happen(at(0), ANN, TOKENS)
    cursor.happen(at(0, 9.9), ANN, TOKENS)
    cursor.happen(at(0, 9.5), "bob@example.com", {"inputTokens": 5, "outputTokens": 1})
    cursor.happen(at(0, 9.6), "CANARY.stranger@example.com", {"inputTokens": 3}, model="CANARY composer")
    cursor.happen(at(0, 9.7), ANN, None)
    cursor.happen(at(3, 23.999), None, {"outputTokens": 7}, model="claude-4.5-sonnet-thinking")


LAID = [
    ("checkout", hour(0), "cursor", "gpt-5", "derived", 2, 37304),
    ("default", hour(0), "cursor", "canary-composer", "derived", 1, 3),
    ("mobile", hour(0), "cursor", "gpt-5", "derived", 1, 6),
    ("default", hour(3, 23), "cursor", "claude-4.5-sonnet-thinking", "derived", 1, 7),
]


async def add(accounts: Accounts, cursor: Cursor, key: str = KEY) -> dict[str, object]:
    return await accounts.add("cursor", key, base_url=cursor.url, since=str(SINCE), teams=TEAMS)


async def test_events_count_for_the_team_of_their_mail_once_however_often_they_are_pulled(
    accounts: Accounts, cursor: Cursor, drain: Drain
) -> None:
    happened(cursor)
    shown = await add(accounts, cursor)
    assert (shown["members"], shown["team"]) == (2, None)
    await accounts.pull()
    assert await accounts.windows() == LAID
    await accounts.again(str(SINCE))
    await drain()
    assert await accounts.windows() == LAID
    usage = await accounts.stored.fetch(
        "SELECT day, sum(input_uncached)::bigint AS input, sum(output)::bigint AS output FROM provider_usage"
        " WHERE organization_id = $1 GROUP BY day ORDER BY day"
    )
    assert [(row["input"], row["output"]) for row in usage] == [(260, 901), (0, 7)]


async def test_no_e_mail_address_is_stored_in_any_case(accounts: Accounts, cursor: Cursor) -> None:
    happened(cursor)
    await add(accounts, cursor)
    await accounts.pull()
    members = await accounts.stored.fetch("SELECT member FROM account_member WHERE organization_id = $1")
    assert {len(bytes(row["member"])) for row in members} == {32}  # type: ignore[call-overload] # bytes


async def test_days_are_requested_one_by_one_and_page_by_page(accounts: Accounts, cursor: Cursor) -> None:
    happened(cursor)
    await add(accounts, cursor)
    await accounts.pull()
    first = [body for body in cursor.requests if body["startDate"] == cursor.requests[0]["startDate"]]
    assert [body["page"] for body in first] == [1, 2, 3]
    days = [(body["endDate"] + 1 - body["startDate"]) / 86_400_000 for body in cursor.requests if body["page"] == 1]
    assert days == [1, 1, 1, 1, 3], "and those that may be corrected together"
    account = await accounts.account()
    assert date.fromisoformat(account["next_day"]) == TODAY - timedelta(days=2)
    assert not await accounts.is_due()


async def test_corrections_and_new_mappings_replace_earlier_usage(
    accounts: Accounts, cursor: Cursor, drain: Drain
) -> None:
    happened(cursor)
    account = await add(accounts, cursor)
    await accounts.pull()
    await drain()
    del cursor.events[1]
    path = f"provider-accounts/{account['id']}/teams"
    await accounts.call("PUT", path, 204, {"teams": {ANN: "mobile"}})
    await accounts.again(str(SINCE))
    await drain()
    assert await accounts.windows() == [
        ("default", hour(0), "cursor", "canary-composer", "derived", 1, 3),
        ("default", hour(0), "cursor", "gpt-5", "derived", 1, 6),
        ("mobile", hour(0), "cursor", "gpt-5", "derived", 1, 18652),
        LAID[3],
    ]


async def test_a_limit_by_the_minute_is_waited_for_and_a_longer_one_puts_the_day_off(
    accounts: Accounts, cursor: Cursor
) -> None:
    happened(cursor)
    cursor.first_answers = [(429, {"Retry-After": "1"}, b"CANARY")]
    await add(accounts, cursor)
    await accounts.pull()
    assert await accounts.windows() == LAID
    cursor.first_answers = [(429, {"Retry-After": "3000"}, b"CANARY")]
    await accounts.again(str(SINCE))
    account = await accounts.account()
    assert (account["failure"], account["state"], account["next_day"]) == ("provider_limited", "waiting", str(SINCE))
    assert "Wait" in account["reason"]
    assert await accounts.windows() == LAID


async def test_a_pull_that_fails_half_way_goes_on_where_it_stood(accounts: Accounts, cursor: Cursor) -> None:
    happened(cursor)
    await add(accounts, cursor)
    cursor.page_limit = 1
    first = cursor.answer("/teams/filtered-usage-events", "", {"startDate": 0, "endDate": 0, "page": 1, "pageSize": 1})
    assert first[0] == 401
    page = {"usageEvents": cursor.events[:1], "pagination": {"hasNextPage": True}}
    cursor.first_answers = [(200, {}, json.dumps(page).encode()), (500, {}, b"CANARY")]
    await accounts.pull()
    assert await accounts.windows() == []
    account = await accounts.account()
    assert (account["failure"], account["next_day"]) == ("provider_not_understood", str(SINCE))
    await accounts.again(str(SINCE))
    assert await accounts.windows() == LAID


@pytest.mark.parametrize(
    "event",
    [
        {"timestamp": "CANARY", "tokenUsage": TOKENS},
        {"timestamp": "-1"},
        {"timestamp": "9" * 15},
        {"timestamp": "1", "tokenUsage": {"inputTokens": -1}},
        {"timestamp": "1", "tokenUsage": {"inputTokens": 10**13}},
        {"model": "gpt-5"},
    ],
)
async def test_an_invalid_event_is_left_out_and_the_others_of_its_page_count(
    accounts: Accounts, cursor: Cursor, event: dict[str, object]
) -> None:
    happened(cursor)
    await add(accounts, cursor)
    page = {"usageEvents": [event, *cursor.events[:5]], "pagination": {"hasNextPage": False}}
    cursor.first_answers = [(200, {}, json.dumps(page).encode())]
    await accounts.pull()
    account = await accounts.account()
    assert (account["state"], account["failure"]) == ("waiting", "report_rows_left_out")
    assert "the other rows count" in account["reason"]
    assert date.fromisoformat(account["next_day"]) == TODAY - timedelta(days=2)
    assert await accounts.windows() == LAID
    await accounts.again(str(SINCE))
    assert (await accounts.account())["failure"] is None
    dropped = (await accounts.call("GET", "coverage", 200))["dropped"]
    assert [(each["source"], each["signal"], each["records"]) for each in dropped] == (
        [("cursor", "report", 1)] if "inputTokens" in json.dumps(event) else []
    )


async def test_a_page_with_no_readable_event_has_another_form_and_is_retried(
    accounts: Accounts, cursor: Cursor
) -> None:
    await add(accounts, cursor)
    page = {"usageEvents": [{"time": "CANARY"}] * 20, "pagination": {"hasNextPage": False}}
    cursor.first_answers = [(200, {}, json.dumps(page).encode())]
    await accounts.pull()
    account = await accounts.account()
    assert (account["failure"], account["next_day"]) == ("provider_not_understood", str(SINCE))


async def test_a_refused_key_is_reported_and_not_retried(accounts: Accounts, cursor: Cursor) -> None:
    await add(accounts, cursor, "CANARY-wrong-key")
    await accounts.pull()
    account = await accounts.account()
    assert (account["state"], account["failure"]) == ("dead", "key_refused")
    assert "refuses the key" in account["reason"]
    assert not await accounts.is_due()


async def test_a_dead_account_is_renewed_and_its_tokens_count_once(accounts: Accounts, cursor: Cursor) -> None:
    happened(cursor)
    account = await add(accounts, cursor)
    await accounts.pull()
    cursor.first_answers = [(403, {}, b"CANARY")]
    await accounts.again(str(SINCE))
    assert (await accounts.account())["state"] == "dead"
    path = f"provider-accounts/{account['id']}/key"
    await accounts.call("PUT", path, 200, {"key": KEY, "since": str(SINCE)})
    renewed = await accounts.account()
    assert (renewed["state"], renewed["reason"], renewed["next_day"]) == ("waiting", None, str(SINCE))
    await accounts.pull()
    assert await accounts.windows() == LAID
    assert (await accounts.call("PUT", path, 400, {"key": KEY, "since": "2000-01-01"}))["field"] == "since"
    await accounts.call("DELETE", f"provider-accounts/{account['id']}", 204)
    await accounts.call("PUT", path, 404, {"key": KEY})


async def test_a_private_address_is_contacted_only_if_the_operator_allows_it(
    client: httpx.AsyncClient, stored: StoredFacts, worker_context: WorkerContext, cursor: Cursor
) -> None:
    accounts = Accounts(client, stored, worker_context, allow_private_hosts=False)
    await accounts.add("cursor", KEY, base_url=cursor.url.replace("127.0.0.1", "localhost"), since=str(SINCE))
    await accounts.pull()
    account = await accounts.account()
    assert (account["state"], account["failure"]) == ("dead", "private_provider")
    assert "SHIPLEDGER_ALLOW_PRIVATE_HOSTS" in account["reason"]
    assert cursor.requests == []


@pytest.mark.parametrize(
    ("reported", "field"),
    [
        ({"base_url": "file:///etc/passwd"}, "base_url"),
        ({"base_url": "https://someone:CANARY@example.com"}, "base_url"),
        ({"base_url": "https://example.com:notaport"}, "base_url"),
        ({"teams": {"bob@example.com": "no such team"}}, "teams"),
    ],
)
async def test_what_cannot_be_an_account_is_refused(
    accounts: Accounts, reported: dict[str, object], field: str
) -> None:
    problem = await accounts.add("cursor", KEY, 400, **reported)
    assert problem["field"] == field
    assert (await accounts.call("GET", "provider-accounts", 200))["items"] == []


async def test_e_mail_mappings_need_reports_with_addresses(accounts: Accounts) -> None:
    assert (await accounts.add("anthropic", "a-long-key", 400, teams=TEAMS))["field"] == "teams"
    problem = await accounts.add("cursor", KEY, 400, teams={"CANARY no mail": "mobile"})
    assert "CANARY" not in json.dumps(problem)


async def test_a_closed_account_forgets_its_mails(accounts: Accounts, cursor: Cursor) -> None:
    account = await add(accounts, cursor)
    await accounts.call("DELETE", f"provider-accounts/{account['id']}", 204)
    assert await accounts.stored.fetch("SELECT member FROM account_member WHERE organization_id = $1") == []
    await accounts.call("PUT", f"provider-accounts/{account['id']}/teams", 404, {"teams": {}})
