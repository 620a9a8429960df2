"""Claude Code runs through LiteLLM, and both report."""

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from service.diagnosis.finding import State
from service.diagnosis.layers import check_layers
from tests.harness.otlp import REVISION, Body, claude_commit
from tests.integration.workers.layers.conftest import TOKENS, Company, agent, agents, gateway, gateways

AGENT = [agents(agent(1), agent(2, 40)), agents(agent(3, 41), agent(4, 200))]
GATEWAY = [gateways(gateway(1), gateway(2, 40.3), gateway(3, 41.2)), gateways(gateway(4, 200.5))]


def plain(windows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Without the hashes, which no two organizations share."""
    return sorted((tuple(part for part in window if not isinstance(part, bytes)) for window in windows), key=repr)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in batches of their own"])
@pytest.mark.parametrize(
    "bodies",
    [[*AGENT, *GATEWAY], [*GATEWAY, *AGENT], [GATEWAY[0], AGENT[1], AGENT[0], GATEWAY[1]]],
    ids=["the agent first", "the gateway first", "by turns"],
)
async def test_totals_are_those_of_the_agent_alone_in_any_order_and_sent_twice(
    company: Company, other_company: Company, bodies: Sequence[Body], together: bool
) -> None:
    for body in (*bodies, *bodies):
        await company.send(body)
        if not together:
            await company.drain()
    await other_company.send(*AGENT)
    await company.drain()
    assert plain(await company.windows()) == plain(await other_company.windows())
    ledger = await company.ledger()
    assert (ledger["received"], ledger["superseded"], ledger["difference"]) == (4 * TOKENS, 4 * TOKENS, 0)
    assert ledger == {**await other_company.ledger(), "superseded": 4 * TOKENS}


async def test_two_equal_requests_in_one_minute_both_count_if_each_layer_reports_both(
    company: Company,
) -> None:
    await company.send(gateways(gateway(1, 5), gateway(2, 35)))
    await company.drain()
    await company.send(agents(agent(1, 4), agent(2, 34)))
    await company.drain()
    assert await company.counted() == {"claude-code": 2}
    assert (await company.ledger())["superseded"] == 2 * TOKENS


async def test_an_application_on_the_gateway_counts_whole_with_or_without_agents_beside_it(company: Company) -> None:
    application = gateways(gateway(1), gateway(2, 10, output=99), gateway(3, 11, output=99))
    await company.send(application)
    await company.drain()
    assert await company.counted() == {"litellm": 3}
    assert (await company.ledger())["superseded"] == 0
    await company.send(agents(agent(1, 0.1)), gateways(gateway(4, 0.1)))
    await company.drain()
    assert await company.counted() == {"litellm": 3, "claude-code": 1}
    assert (await company.ledger())["received"] == 2 * TOKENS + 2 * (TOKENS + 57)


async def test_a_settled_copy_leaves_the_ledger_when_the_agent_reports_it(
    company: Company,
) -> None:
    await company.send(gateways(gateway(1)))
    await company.drain()
    before = await company.ledger()
    assert (before["received"], before["pending"], before["superseded"]) == (TOKENS, 0, 0)
    await company.send(agents(agent(1)))
    await company.drain()
    assert await company.counted() == {"claude-code": 1}
    after = await company.ledger()
    assert after == {**before, "superseded": TOKENS}
    coverage = (await company.get("coverage"))["layers"]
    assert [(each["source"], each["layer"], each["requests"]) for each in coverage["sources"]] == [
        ("claude-code", "agent", 1),
        ("litellm", "gateway", 0),
    ]
    assert coverage["sources"][1]["superseded"] == [{"counted_source": "claude-code", "requests": 1, "tokens": TOKENS}]
    assert [each["also_reported_share"] for each in coverage["sources"]] == [1, 1]


async def test_a_request_that_was_taken_for_a_copy_counts_again_when_the_true_copy_arrives(company: Company) -> None:
    await company.send(gateways(gateway(1, 0)), agents(agent(1, 40)))
    await company.drain()
    assert await company.counted() == {"claude-code": 1}
    await company.send(gateways(gateway(2, 40.2)))
    await company.drain()
    assert await company.counted() == {"claude-code": 1, "litellm": 1}
    ledger = await company.ledger()
    assert (ledger["received"], ledger["superseded"], ledger["difference"]) == (2 * TOKENS, TOKENS, 0)


async def test_where_the_gateway_counts_first_its_team_counts_and_the_agent_is_superseded(company: Company) -> None:
    await company.decide(order=["gateway", "agent", "provider"])
    await company.send(agents(agent(1), agent(2, 40)))
    await company.drain()
    await company.send(gateways(gateway(1), team="payments"))
    await company.drain()
    assert {(window[0], window[2]) for window in await company.windows()} == {
        ("payments", "litellm"),
        ("platform", "claude-code"),
    }
    assert await company.counted() == {"litellm": 1, "claude-code": 1}


async def test_a_commit_reported_later_moves_counted_but_not_superseded_tokens(
    company: Company,
) -> None:
    await company.decide(order=["gateway", "agent", "provider"])
    await company.send(agents(agent(1), agent(2, 40)), gateways(gateway(1)))
    await company.drain()
    commit = {**claude_commit(900), "timeUnixNano": str(int(agent(3, 60)["timeUnixNano"]))}
    await company.send(agents(commit))
    await company.drain()
    of_agent = [window for window in await company.windows() if window[2] == "claude-code"]
    assert [(window[9], window[6]) for window in of_agent] == [
        (1, company.organization.hasher.commit(REVISION)),
    ]
    await company.send(gateways(gateway(2, 40.1)))
    await company.drain()
    assert await company.counted() == {"litellm": 2}
    assert (await company.ledger())["difference"] == 0


async def test_a_superseded_source_does_not_count_for_the_given_teams(company: Company) -> None:
    await company.decide(superseded=[{"source": "litellm"}])
    await company.send(gateways(gateway(1)), agents(agent(2, 300)))
    await company.drain()
    assert await company.counted() == {"claude-code": 1}
    assert (await company.ledger())["superseded"] == TOKENS
    await company.decide(superseded=[{"source": "litellm", "team": "gateway"}])
    await company.send(gateways(gateway(2, 600)), gateways(gateway(3, 900), team="payments"))
    await company.drain()
    assert await company.counted() == {"claude-code": 1, "litellm": 1}
    sources = (await company.get("coverage"))["layers"]["sources"]
    assert sources[1]["superseded"] == [{"counted_source": None, "requests": 2, "tokens": 2 * TOKENS}]


@pytest.mark.parametrize("seed", range(4))
async def test_counted_tokens_are_independent_of_order_batches_and_repeats(
    company: Company, other_company: Company, seed: int
) -> None:
    """Requests of few different counts, so that many compete; some reported by one layer only, one clock late."""
    chance = random.Random(seed)
    bodies = []
    for number in range(1, 25):
        at, output = chance.randrange(0, 400), chance.choice([42, 43, 44])
        heard = chance.choice(["agent", "gateway", "both", "both", "both"])
        if heard != "gateway":
            bodies.append(agents(agent(number, at, output=output)))
        if heard != "agent":
            bodies.append(gateways(gateway(number, at + 20, output=output)))
    for each, breaks in ((company, 0.15), (other_company, 0.0)):
        chance.shuffle(bodies)
        for body in itertools.chain(bodies, chance.sample(bodies, 5)):
            await each.send(body)
            if chance.random() < breaks:
                await each.drain()
        await each.drain()
    assert plain(await company.windows()) == plain(await other_company.windows())
    assert await company.ledger() == await other_company.ledger()


async def test_a_gateway_whose_requests_are_not_recognised_is_in_doubt_and_nothing_is_guessed(
    company: Company,
) -> None:
    """It tells sums of several requests, of three days, as the agent's requests sum up to."""
    now = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    items = []
    for day in range(1, 4):
        at = now - timedelta(days=day)
        common = {"model": "claude-sonnet-4-5", "provider": "anthropic"}
        for number in range(10):
            moment = (at + timedelta(minutes=number)).isoformat()
            reported = {"input_uncached": 9_000 + number, "output_visible": 100}
            items.append(
                {"event_id": f"{day}/{number}", "occurred_at": moment, "source": "codex", "tokens": reported, **common}
            )
        reported = {"input_uncached": 90_045, "output_visible": 1_000}
        items.append(
            {"event_id": f"sum {day}", "occurred_at": at.isoformat(), "source": "acme", "tokens": reported, **common}
        )
    await company.decide(sources={"acme": "gateway"})
    headers = company.organization.headers
    answer = await company.client.post("/api/v1/token-events", json={"items": items}, headers=headers)
    assert answer.status_code == 200, answer.text
    await company.drain()
    assert await company.counted() == {"codex": 30, "acme": 3}
    (doubt,) = (await company.get("coverage"))["layers"]["double_counting"]
    assert doubt["source"] == "acme"
    assert "codex" in doubt["detail"]
    async with company.database.operator() as connection:
        finding = await check_layers(connection)
    assert (finding.state, finding.remedy) == (State.WARNING, doubt["remedy"])
    await company.decide(sources={"acme": "gateway"}, superseded=[{"source": "acme"}])


async def test_a_changed_policy_reaches_what_was_counted_before(company: Company) -> None:
    await company.send(agents(agent(1), agent(2, 40)), gateways(gateway(1), gateway(2, 40.1), gateway(3, 90)))
    await company.drain()
    assert await company.counted() == {"claude-code": 2, "litellm": 1}
    await company.decide(order=["gateway", "agent", "provider"])
    await company.drain()
    assert await company.counted() == {"litellm": 3}
    await company.decide(superseded=[{"source": "litellm"}])
    await company.drain()
    assert await company.counted() == {"claude-code": 2}
    assert (await company.ledger())["superseded"] == 3 * TOKENS
    await company.decide(superseded=[{"source": "claude-code", "team": "platform"}])
    await company.drain()
    assert await company.counted() == {"litellm": 3}
    await company.decide()
    await company.drain()
    assert await company.counted() == {"claude-code": 2, "litellm": 1}
    ledger = await company.ledger()
    assert (ledger["superseded"], ledger["difference"], ledger["pending"]) == (2 * TOKENS, 0, 0)


async def test_a_source_that_becomes_one_of_the_agents_counts_again(company: Company) -> None:
    await company.send(agents(agent(1)), gateways(gateway(1)))
    await company.drain()
    assert await company.counted() == {"claude-code": 1}
    await company.decide(sources={"litellm": "agent"})
    await company.drain()
    assert await company.counted() == {"claude-code": 1, "litellm": 1}
    assert (await company.ledger())["superseded"] == 0
