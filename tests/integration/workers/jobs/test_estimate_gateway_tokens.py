"""Bytes of gateways, from the endpoint to the ledger: calibrated, estimated, estimated anew, never counted twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.queue import Job, Queue
from schema.settings import Settings
from service.diagnosis.data import check_data
from tests.harness.organization import Organization
from tests.harness.otlp import JSON, MOMENT, as_json, claude_logs, claude_request
from workers.context import WorkerContext
from workers.jobs.estimate_gateway_tokens import estimate_gateway_tokens
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]

START = datetime(2026, 11, 16, tzinfo=UTC)
INPUT, OUTPUT = 1000, 200


def request(name: str, at: datetime, **values: Any) -> dict[str, Any]:
    return {
        "event_id": name,
        "occurred_at": at.isoformat(),
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "route": "/v1/messages",
        "request_bytes": 800 + 4 * INPUT,
        "response_bytes": 400 + 4 * OUTPUT,
        **values,
    }


def reported(
    count: int, at: datetime, bytes_a_token: float = 4.0, name: str = "reported", **values: Any
) -> list[dict[str, Any]]:
    """Requests a minute apart that tell their tokens; texts differ a little in their bytes a token."""
    items = []
    for number in range(count):
        tokens = (400 + 37 * (number % 50), 80 + 11 * (number % 30))
        ratio = bytes_a_token * (1 + 0.02 * (number % 7 - 3))
        items.append(
            request(
                f"{name}-{number}",
                at + timedelta(minutes=number),
                **{
                    "request_bytes": round(800 + ratio * tokens[0]),
                    "response_bytes": round(400 + ratio * tokens[1]),
                    "input_tokens": tokens[0],
                    "output_tokens": tokens[1],
                    **values,
                },
            )
        )
    return items


def unreported(count: int, at: datetime, name: str = "unreported", **values: Any) -> list[dict[str, Any]]:
    """Requests of INPUT and OUTPUT tokens, of which only the bytes are reported, a minute apart."""
    return [request(f"{name}-{number}", at + timedelta(minutes=number), **values) for number in range(count)]


class Gateway:
    """Sends gateway usage to the service and reads the results."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization, database: Database) -> None:
        self.client = client
        self.organization = organization
        self.database = database

    async def send(self, *items: list[dict[str, Any]]) -> dict[str, int]:
        body = {"items": [each for some in items for each in some]}
        answer = await self.client.post("/api/v1/gateway-usage", json=body, headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        receipt: dict[str, int] = answer.json()
        return receipt

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", params=query, headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rows(self, query: str) -> list[Any]:
        async with self.database.organization(self.organization.organization_id) as tenant:
            return await tenant.fetch(query)

    async def windows(self, basis: str) -> tuple[int, int, int, int]:
        """Requests, input, output and nano-USD of all windows of that basis."""
        (row,) = await self.rows(
            "SELECT coalesce(sum(requests), 0)::bigint, coalesce(sum(input_uncached), 0)::bigint,"
            " coalesce(sum(output_visible), 0)::bigint, coalesce(sum(cost_nano_usd), 0)::bigint"
            f" FROM token_window WHERE organization_id = $1 AND basis = '{basis}'"
        )
        return tuple(row)

    async def settled_at_by_team(self) -> dict[str, datetime]:
        rows = await self.rows(
            "SELECT name, settled_at FROM settlement JOIN team USING (organization_id, team_id)"
            " WHERE organization_id = $1"
        )
        return {row["name"]: row["settled_at"] for row in rows}

    async def settled_at(self) -> dict[date, datetime]:
        rows = await self.rows("SELECT day, settled_at FROM settlement WHERE organization_id = $1")
        return {row["day"]: row["settled_at"] for row in rows}


@pytest.fixture
def gateway(client: httpx.AsyncClient, organization: Organization, database: Database) -> Gateway:
    return Gateway(client, organization, database)


async def test_bytes_become_estimated_tokens_near_the_truth_and_within_their_interval(
    gateway: Gateway, drain: Drain
) -> None:
    await gateway.send(reported(120, START), unreported(50, START + timedelta(hours=12)))
    await drain()
    requests, inputs, outputs, cost = await gateway.windows("estimated")
    assert requests == 50
    assert inputs == pytest.approx(50 * INPUT, rel=0.03)
    assert outputs == pytest.approx(50 * OUTPUT, rel=0.03)
    assert cost == 3000 * inputs + 15_000 * outputs
    (estimate,) = (await gateway.get("gateway-estimates"))["items"]
    assert (estimate["day"], estimate["model"], estimate["requests"]) == ("2026-11-16", "claude-sonnet-4-5", 50)
    assert (estimate["input_tokens"], estimate["output_tokens"]) == (inputs, outputs)
    assert estimate["interval"]["low"] <= 50 * (INPUT + OUTPUT) <= estimate["interval"]["high"]
    assert estimate["interval"]["high"] < 1.15 * estimate["interval"]["low"]
    assert estimate["interval"]["coverage"] == 0.8
    assert (estimate["unestimated_requests"], estimate["unestimated_bytes"]) == (0, 0)
    ledger = await gateway.get("ledger")
    assert ledger["difference"]["total"] == 0
    assert ledger["received"]["total"] == inputs + outputs + sum((await gateway.windows("measured"))[1:3])


async def test_requests_with_token_counts_are_measured_and_not_estimated(gateway: Gateway, drain: Drain) -> None:
    items = reported(60, START)
    await gateway.send(items, unreported(5, START))
    await drain()
    truth = (60, sum(item["input_tokens"] for item in items), sum(item["output_tokens"] for item in items))
    assert (await gateway.windows("measured"))[:3] == truth
    assert (await gateway.windows("estimated"))[0] == 5
    # Told again without tokens, or the others with some, they stay what they were.
    bare = [{key: value for key, value in item.items() if not key.endswith("_tokens")} for item in items]
    later = [{**item, "input_tokens": 1, "output_tokens": 1} for item in unreported(5, START)]
    assert (await gateway.send(bare, later))["duplicates"] == 65
    await drain()
    assert (await gateway.windows("measured"))[:3] == truth
    assert (await gateway.windows("estimated"))[0] == 5


async def test_calibrations_are_shown_with_their_held_out_errors(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(reported(120, START))
    await drain()
    shown = (await gateway.get("gateway-calibrations"))["items"]
    assert [(each["provider"], each["model"], each["part"]) for each in shown] == [
        ("anthropic", "claude-sonnet-4-5", "input"),
        ("anthropic", "claude-sonnet-4-5", "output"),
    ]
    for each in shown:
        assert each["rows"] == 120
        assert each["tokens_per_byte"] == pytest.approx(1 / 4, rel=0.05)
        assert each["tokens_per_request"] < 0, "the envelope is no tokens"
        assert 0 < each["held_out_error"] < 0.06
        assert each["held_out_sum_error"] < 0.02
        assert 0.85 < each["interval"]["low"] < 1 < each["interval"]["high"] < 1.15
        assert (each["drift"], each["drifted_at"], each["begins_at"], each["replaced"]) == ("steady", None, None, False)


async def test_without_a_calibration_nothing_is_invented(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(reported(49, START), unreported(7, START))
    await drain()
    assert await gateway.windows("estimated") == (0, 0, 0, 0)
    (estimate,) = (await gateway.get("gateway-estimates"))["items"]
    assert (estimate["requests"], estimate["unestimated_requests"], estimate["input_tokens"]) == (7, 7, 0)
    assert estimate["unestimated_bytes"] == 7 * (800 + 4 * INPUT + 400 + 4 * OUTPUT)
    coverage = await gateway.get("coverage")
    assert coverage["estimated"] == {"share": 0, "low": 0, "high": 0, "coverage": 0.8, "unestimated_requests": 7}
    async with gateway.database.operator() as connection:
        (finding,) = [each for each in await check_data(connection) if each.check == "gateway bytes"]
    assert (finding.state, finding.detail) == ("warning", "7 requests cannot be estimated: too few report their tokens")


async def test_bytes_received_before_the_calibration_are_estimated_after_it(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(unreported(7, START - timedelta(days=3)))
    await drain()
    assert (await gateway.windows("estimated"))[0] == 0
    await gateway.send(reported(60, START))
    await drain()
    assert (await gateway.windows("estimated"))[0] == 7
    coverage = await gateway.get("coverage", to="2026-11-13")
    assert coverage["basis"] == {"measured": 0, "derived": 0, "estimated": 1}
    coverage = await gateway.get("coverage")
    estimated = coverage["estimated"]
    assert 0 < estimated["low"] < estimated["share"] < estimated["high"] < 1
    assert estimated["share"] == pytest.approx(coverage["basis"]["estimated"])
    async with gateway.database.operator() as connection:
        (finding,) = [each for each in await check_data(connection) if each.check == "gateway bytes"]
    assert finding.state == "ok"


async def test_a_model_without_its_own_calibration_takes_its_providers(gateway: Gateway, drain: Drain) -> None:
    other = {"model": "claude-opus-4-1"}
    unseen = unreported(10, START, model="claude-haiku-4-5")
    await gateway.send(reported(60, START), unseen)
    await drain()
    assert (await gateway.windows("estimated"))[0] == 0, "one model tells nothing of how models differ"
    await gateway.send(reported(60, START, 4.4, name="other", **other))
    await drain()
    requests, inputs, *_ = await gateway.windows("estimated")
    assert requests == 10
    assert 10 * INPUT / 1.2 < inputs < 10 * INPUT * 1.2
    (estimate,) = (await gateway.get("gateway-estimates"))["items"]
    assert estimate["interval"]["low"] < 10 * (INPUT + OUTPUT) < estimate["interval"]["high"]
    scopes = {(each["provider"], each["model"]) for each in (await gateway.get("gateway-calibrations"))["items"]}
    assert {("anthropic", None), (None, None)} <= scopes


async def test_answers_in_a_stream_are_calibrated_apart(gateway: Gateway, drain: Drain) -> None:
    streams = reported(60, START, name="stream", stream=True)
    for item in streams:
        item["response_bytes"] += 100 * item["output_tokens"]
    await gateway.send(reported(60, START), streams)
    await gateway.send(
        unreported(10, START), unreported(10, START, "s", stream=True, response_bytes=400 + 104 * OUTPUT)
    )
    await drain()
    assert (await gateway.windows("estimated"))[2] == pytest.approx(20 * OUTPUT, rel=0.03)


async def test_a_drift_is_recorded_and_changes_what_comes_after_it_alone(gateway: Gateway, drain: Drain) -> None:
    later = START + timedelta(days=4)
    await gateway.send(reported(200, START), unreported(10, START))
    await gateway.send(unreported(10, later + timedelta(hours=6), "later"))
    await drain()
    before = await gateway.settled_at()
    # A gateway that from then on tells tokens of another tokenizer: half as many bytes a token.
    await gateway.send(reported(200, later, 2.0, name="drifted"))
    await drain()
    shown = (await gateway.get("gateway-calibrations"))["items"]
    inputs = [each for each in shown if each["part"] == "input" and each["model"]]
    assert [(each["drift"], each["replaced"]) for each in inputs] == [("drifted", True), ("steady", False)]
    assert inputs[1]["begins_at"] == inputs[0]["drifted_at"]
    assert later <= datetime.fromisoformat(inputs[1]["begins_at"]) < later + timedelta(hours=1)
    assert inputs[1]["tokens_per_byte"] == pytest.approx(1 / 2, rel=0.1)
    estimates = {each["day"]: each["input_tokens"] for each in (await gateway.get("gateway-estimates"))["items"]}
    assert estimates["2026-11-16"] == pytest.approx(10 * INPUT, rel=0.03)
    assert estimates["2026-11-20"] == pytest.approx(20 * INPUT, rel=0.05)
    after = await gateway.settled_at()
    assert after[date(2026, 11, 16)] == before[date(2026, 11, 16)], (
        "a day that the drift does not reach was settled again"
    )
    assert after[date(2026, 11, 20)] > before[date(2026, 11, 20)]


async def test_a_drift_that_waits_for_requests_is_reported(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(reported(200, START), unreported(1, START))
    await drain()
    await gateway.send(reported(40, START + timedelta(days=1), 2.0, name="drifted"))
    await drain()
    shown = (await gateway.get("gateway-calibrations"))["items"]
    assert {(each["drift"], each["replaced"]) for each in shown} == {("drifted", False)}
    async with gateway.database.operator() as connection:
        (finding,) = [each for each in await check_data(connection) if each.check == "gateway bytes"]
    assert finding.detail == "2 calibrations have drifted and need more requests to be fitted"


async def test_estimating_twice_changes_nothing(
    gateway: Gateway, drain: Drain, worker_context: WorkerContext, queue: Queue
) -> None:
    await gateway.send(reported(60, START), unreported(9, START))
    await drain()
    before, settled = await gateway.windows("estimated"), await gateway.settled_at()
    await gateway.rows("INSERT INTO stale_gateway_day (organization_id, day) VALUES ($1, '2026-11-16')")
    await estimate_gateway_tokens(worker_context, gateway.organization.organization_id)
    await drain()
    assert await gateway.windows("estimated") == before
    assert await gateway.settled_at() == settled
    assert await queue.wake(Job.SETTLE_DAYS, gateway.organization.organization_id), (
        "nothing changed, so nothing was woken"
    )


async def test_the_sweep_finds_bytes_and_requests_with_token_counts(
    gateway: Gateway, database: Database, settings: Settings, drain: Drain
) -> None:
    for items in (unreported(1, START), reported(1, START)):
        await gateway.send(items)
        async with database.operator() as connection:
            due = await find_due(connection, settings.refit_pause)
        assert (Job.ESTIMATE_GATEWAY_TOKENS, gateway.organization.organization_id) in due
        await drain()
        async with database.operator() as connection:
            assert Job.ESTIMATE_GATEWAY_TOKENS not in {
                job for job, _ in await find_due(connection, settings.refit_pause)
            }


async def test_a_page_of_estimates_ends_with_a_cursor_to_the_next(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(reported(60, START), unreported(1, START), unreported(1, START + timedelta(days=1), "b"))
    await drain()
    first = await gateway.get("gateway-estimates", limit="1")
    second = await gateway.get("gateway-estimates", limit="1", cursor=first["next_cursor"])
    assert [each["day"] for page in (first, second) for each in page["items"]] == ["2026-11-16", "2026-11-17"]
    assert second["next_cursor"] is None


async def _agent_tells(gateway: Gateway, **values: Any) -> None:
    event = {
        "event_id": "agent",
        "occurred_at": START.isoformat(),
        "source": "claude-code",
        "model": "claude-sonnet-4-5-20250929",
        "tokens": {"input_uncached": 7},
        **values,
    }
    answer = await gateway.client.post(
        "/api/v1/token-events", json={"items": [event]}, headers=gateway.organization.headers
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("is_agent_first", [True, False])
async def test_an_agent_that_reports_the_same_model_replaces_an_estimate(
    gateway: Gateway, drain: Drain, is_agent_first: bool
) -> None:
    if is_agent_first:
        await _agent_tells(gateway)
        await drain()
    await gateway.send(reported(60, START - timedelta(days=3)))
    await gateway.send(
        unreported(5, START), unreported(5, START + timedelta(days=1), "b"), unreported(5, START, "c", model="haiku")
    )
    await drain()
    if not is_agent_first:
        assert (await gateway.windows("estimated"))[0] == 10
        await _agent_tells(gateway)
        await drain()
        await drain()
    assert (await gateway.windows("estimated"))[0] == 5, "the next day, which no agent tells, stays estimated"
    shown = {(each["day"], each["model"]): each for each in (await gateway.get("gateway-estimates"))["items"]}
    assert shown["2026-11-16", "claude-sonnet-4-5"]["counted_source"] == "claude-code"
    assert shown["2026-11-16", "claude-sonnet-4-5"]["requests"] == 5
    assert shown["2026-11-16", "haiku"]["counted_source"] is None
    assert shown["2026-11-17", "claude-sonnet-4-5"]["counted_source"] is None


async def test_sources_that_the_organization_puts_into_one_layer_report_other_requests(
    gateway: Gateway, drain: Drain
) -> None:
    await gateway.rows("INSERT INTO source_layer (organization_id, source, layer) VALUES ($1, 'gateway', 'agent')")
    await _agent_tells(gateway)
    await gateway.send(reported(60, START), unreported(5, START))
    await drain()
    assert (await gateway.windows("estimated"))[0] == 5


async def test_gateways_that_do_not_count_are_not_estimated(gateway: Gateway, drain: Drain) -> None:
    await gateway.rows("INSERT INTO superseded_source (organization_id, source, team_id) VALUES ($1, 'gateway', 0)")
    await gateway.send(unreported(5, START))
    await drain()
    assert (await gateway.windows("estimated"))[0] == 0
    (shown,) = (await gateway.get("gateway-estimates"))["items"]
    assert shown["counted_source"] == "none"


async def test_a_day_beyond_all_numbers_holds_up_no_other(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(reported(60, START), unreported(3, START), unreported(5, START + timedelta(days=1), "b"))
    await gateway.rows(
        "UPDATE gateway_hour SET requests = 1e15, bytes = 9e18 WHERE organization_id = $1 AND hour < '2026-11-17'"
    )
    await drain()
    assert (await gateway.windows("estimated"))[0] == 5
    assert await gateway.rows("SELECT FROM stale_gateway_day WHERE organization_id = $1") == []


async def test_what_comes_together_is_estimated_at_once_after_a_pause(
    gateway: Gateway, worker_context: WorkerContext, database: Database
) -> None:
    settings = worker_context.settings.model_copy(update={"estimate_pause": timedelta(hours=1)})
    await gateway.send(reported(60, START), unreported(5, START))
    await estimate_gateway_tokens(replace(worker_context, settings=settings), gateway.organization.organization_id)
    assert (await gateway.windows("estimated"))[0] == 0
    async with database.operator() as connection:
        assert Job.ESTIMATE_GATEWAY_TOKENS not in {
            job for job, _ in await find_due(connection, timedelta(), settings.estimate_pause)
        }
    await gateway.rows("UPDATE stale_gateway_day SET noted_at = now() - interval '2 hours' WHERE organization_id = $1")
    await estimate_gateway_tokens(replace(worker_context, settings=settings), gateway.organization.organization_id)
    assert (await gateway.windows("estimated"))[0] == 5


async def test_a_teams_bytes_leave_what_was_estimated_of_others(gateway: Gateway, drain: Drain) -> None:
    await gateway.send(reported(60, START), unreported(5, START, "a", team="a"), unreported(5, START, "b", team="b"))
    await drain()
    before = await gateway.settled_at_by_team()
    await gateway.send(unreported(1, START, "more", team="b"))
    await drain()
    after = await gateway.settled_at_by_team()
    assert (await gateway.windows("estimated"))[0] == 11
    assert {name for name, at in after.items() if at != before[name]} == {"b"}
    assert [each["requests"] for each in (await gateway.get("gateway-estimates", team="a"))["items"]] == [5]


async def test_a_request_also_reported_by_an_agent_counts_once_by_its_provider_id(
    gateway: Gateway, drain: Drain
) -> None:
    answer = await gateway.client.post(
        "/v1/logs", content=as_json(claude_logs(claude_request())), headers={**gateway.organization.headers, **JSON}
    )
    assert answer.status_code == 200, answer.text
    at = datetime.fromtimestamp(MOMENT / 1e9, UTC)
    same = {"request_id": "req_fake_0001", "input_tokens": 6000, "output_tokens": 42}
    await gateway.send([request("same", at, team="platform", **same)])
    await drain()
    windows = await gateway.rows("SELECT source, requests FROM token_window WHERE organization_id = $1")
    assert [tuple(row) for row in windows] == [("claude-code", 1)]
