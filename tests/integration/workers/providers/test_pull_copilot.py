"""GitHub Copilot's usage metrics, pulled through the job from an API with state."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.copilot import TOKEN, Copilot, copilot_api
from tests.integration.workers.providers.accounts import Accounts, Drain
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext

REPORT = (Path(__file__).resolve().parents[3] / "payloads" / "providers" / "copilot_day.ndjson").read_bytes()
SINCE = "2026-11-16"
DAY = "2026-11-18"


@pytest.fixture
def copilot() -> Iterator[Copilot]:
    with copilot_api() as running:
        running.files[DAY] = [REPORT]
        yield running


@pytest.fixture
def accounts(client: httpx.AsyncClient, stored: StoredFacts, worker_context: WorkerContext) -> Accounts:
    return Accounts(client, stored, worker_context, allow_private_hosts=True)


async def add(accounts: Accounts, copilot: Copilot, token: str = TOKEN, **reported: Any) -> dict[str, Any]:
    return await accounts.add(
        "github-copilot", token, base_url=copilot.url, since=SINCE, scope="orgs/octo-org", **reported
    )


async def shown(accounts: Accounts, **query: str) -> list[tuple[Any, ...]]:
    path = httpx.URL("engagement", params={"from": SINCE, "to": "2026-11-20", **query})
    items = (await accounts.call("GET", str(path), 200))["items"]
    return [tuple(item.values()) for item in items]


def used(team: str | None = None) -> list[tuple[Any, ...]]:
    return [
        (DAY, "github-copilot", team, "", 20, 45, 38, 399, 15, 12),
        (DAY, "github-copilot", team, "claude-sonnet-4-5", 60, 35, 2, 101, 5, None),
        (DAY, "github-copilot", team, "gpt-4.1", 20, 0, 0, 0, 0, None),
    ]


async def test_usage_by_day_and_model_counts_once_however_often_it_is_pulled(
    accounts: Accounts, copilot: Copilot
) -> None:
    await add(accounts, copilot)
    await accounts.pull()
    assert await shown(accounts) == used()
    await accounts.again(SINCE)
    assert await shown(accounts) == used()
    assert await accounts.windows() == [], "the organization's tokens are no team's"
    usage = await accounts.stored.fetch(
        "SELECT model, input_uncached, output FROM provider_usage WHERE organization_id = $1"
    )
    assert usage == [{"model": "", "input_uncached": 24005, "output": 241}]


async def test_ai_credits_are_a_bill_by_day_and_model(accounts: Accounts, copilot: Copilot, drain: Drain) -> None:
    item = {"product": "Copilot", "sku": "Copilot AI Credits", "unitType": "ai-credits", "pricePerUnit": 0.01}
    copilot.credits = {
        DAY: [
            {**item, "model": "Auto: Claude Sonnet 4.5", "grossAmount": 8.687, "netAmount": 2.262},
            {**item, "model": "Claude Sonnet 4.5", "grossAmount": 1, "netAmount": 1},
            {**item, "model": "GPT-5.4", "grossAmount": 3, "netAmount": 0},
            {**item, "model": "GPT-5.4", "grossAmount": 3, "netAmount": "CANARY"},
        ]
    }
    await add(accounts, copilot)
    await accounts.pull()
    assert await shown(accounts) == used()
    assert (await accounts.account())["failure"] == "report_rows_left_out"
    charges = await accounts.stored.fetch(
        "SELECT model, kind, tokens, billed_nano FROM billing_charge WHERE organization_id = $1 ORDER BY model"
    )
    assert [tuple(row.values()) for row in charges] == [
        ("claude-sonnet-4-5", "other", 0, 3_262_000_000),
        ("gpt-5.4", "other", 0, 0),
    ]
    await drain()
    path = httpx.URL("reconciliation", params={"from": SINCE, "to": "2026-11-20"})
    assert (await accounts.call("GET", str(path), 200))["total"]["bill"]["other_cost_usd"] == "3.262"


async def test_a_token_that_may_not_read_billing_still_reads_usage(accounts: Accounts, copilot: Copilot) -> None:
    await add(accounts, copilot)
    await accounts.pull()
    account = await accounts.account()
    assert (account["state"], account["failure"]) == ("waiting", None)
    assert await shown(accounts) == used()
    asked = sum("ai_credit" in path for path in copilot.requests)
    assert 0 < asked < sum("organization-1-day" in path for path in copilot.requests), "once per report, not per day"


async def test_tokens_of_a_teams_command_line_are_spread_over_its_day(
    accounts: Accounts, copilot: Copilot, drain: Drain
) -> None:
    await accounts.team("payments")
    await add(accounts, copilot, team="payments")
    await accounts.pull()
    await drain()
    windows = await accounts.windows()
    assert len(windows) == 24
    assert {window[2:5] for window in windows} == {("github-copilot", "", "derived")}
    assert sum(window[-1] for window in windows) == 24005 + 241
    assert await shown(accounts, team="payments") == used("payments")


async def test_a_report_in_several_files_and_other_shapes_is_summed(accounts: Accounts, copilot: Copilot) -> None:
    other_day = REPORT.replace(DAY.encode(), b"2026-11-17")
    copilot.files[DAY] = [REPORT + b"\n" + other_day, b'{"day_totals": [' + REPORT + b"]}"]
    await add(accounts, copilot)
    await accounts.pull()
    doubled = [(*row[:4], *(2 * count if count is not None else None for count in row[4:])) for row in used()]
    assert await shown(accounts) == doubled


async def test_the_number_of_people_is_hidden_on_a_day_with_few(accounts: Accounts, copilot: Copilot) -> None:
    copilot.files[DAY] = [REPORT.replace(b'"daily_active_users": 12', b'"daily_active_users": 4')]
    await add(accounts, copilot)
    await accounts.pull()
    assert [row[-1] for row in await shown(accounts)] == [None, None, None]


async def test_a_limit_of_github_is_no_refusal(accounts: Accounts, copilot: Copilot) -> None:
    copilot.first_answers = [(403, {"X-RateLimit-Remaining": "0", "Retry-After": "120"}, b"CANARY")]
    await add(accounts, copilot)
    await accounts.pull()
    account = await accounts.account()
    assert (account["state"], account["failure"], account["next_day"]) == ("waiting", "provider_limited", SINCE)
    await accounts.again(SINCE)
    assert await shown(accounts) == used()


async def test_a_file_that_fails_leaves_nothing_behind(accounts: Accounts, copilot: Copilot) -> None:
    copilot.files[DAY] = [REPORT, REPORT.replace(b'"user_initiated_interaction_count": 100', b'"loc_added_sum": -1')]
    await add(accounts, copilot)
    await accounts.pull()
    assert (await accounts.account())["failure"] == "report_rows_left_out"
    assert await shown(accounts) == []
    copilot.files[DAY] = [REPORT]
    await accounts.again(SINCE)
    assert await shown(accounts) == used()


@pytest.mark.parametrize("link", ["file:///etc/passwd", "gopher://CANARY", "//", "https://["])
async def test_an_invalid_link_is_not_followed(accounts: Accounts, copilot: Copilot, link: str) -> None:
    copilot.first_answers = [(200, {}, b'{"download_links": ["%s"]}' % link.encode())]
    await add(accounts, copilot)
    await accounts.pull()
    assert (await accounts.account())["failure"] == "provider_not_understood"


async def test_a_refused_token_is_not_tried_again(accounts: Accounts, copilot: Copilot) -> None:
    await add(accounts, copilot, "CANARY-wrong-token")
    await accounts.pull()
    assert (await accounts.account())["state"] == "dead"


async def test_an_account_needs_to_say_of_what_it_is(accounts: Accounts) -> None:
    assert (await accounts.add("github-copilot", TOKEN, 400))["field"] == "scope"
    assert (await accounts.add("cursor", TOKEN, 400, scope="orgs/octo-org"))["field"] == "scope"
    await accounts.add("github-copilot", TOKEN, 400, scope="users/CANARY")
    assert (await accounts.call("GET", "provider-accounts", 200))["items"] == []


async def test_a_period_beyond_a_year_is_refused(accounts: Accounts) -> None:
    assert (await accounts.call("GET", "engagement?from=2020-01-01&to=2026-01-01", 400))["field"] == "from"
