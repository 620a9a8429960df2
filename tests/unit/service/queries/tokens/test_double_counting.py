from datetime import date, timedelta

from service.queries.tokens.double_counting import find_double_counting
from service.queries.tokens.layer_amounts import DayAmount
from vocabulary.layers import EVERY_TEAM, Layer, LayerPolicy

MONDAY = date(2026, 11, 23)
USUAL = LayerPolicy()


def amounts(source: str, *tokens: int, model: str = "claude-sonnet-4-5") -> list[DayAmount]:
    return [DayAmount(MONDAY + timedelta(days=day), source, model, count) for day, count in enumerate(tokens)]


def test_a_gateway_with_the_same_tokens_as_the_agents_every_day_may_count_twice() -> None:
    reported = [
        *amounts("claude-code", 400_000, 200_000, 300_000),
        *amounts("opencode", 100_000, 0, 200_000),
        *amounts("litellm", 490_000, 205_000, 495_000, model="anthropic/claude-sonnet-4.5"),
    ]
    (doubt,) = find_double_counting(reported, USUAL)
    assert (doubt.source, doubt.layer, doubt.others) == ("litellm", Layer.GATEWAY, ("claude-code", "opencode"))
    assert "may be counted twice" in doubt.detail
    assert doubt.remedy.endswith("shipledger layers set --supersede litellm")


def test_the_layer_that_counts_last_is_the_one_in_doubt() -> None:
    reported = [*amounts("claude-code", *[400_000] * 3), *amounts("litellm", *[400_000] * 3)]
    (doubt,) = find_double_counting(reported, LayerPolicy(order=(Layer.GATEWAY, Layer.AGENT, Layer.PROVIDER)))
    assert (doubt.source, doubt.others) == ("claude-code", ("litellm",))


def test_applications_on_a_gateway_beside_agents_are_in_no_doubt() -> None:
    agent = amounts("claude-code", 400_000, 200_000, 300_000)
    assert find_double_counting([*agent, *amounts("litellm", 4_000_000, 1_500_000, 2_000_000)], USUAL) == []
    assert find_double_counting([*agent, *amounts("litellm", 400_000, 200_000, 300_000, model="gpt-5.1")], USUAL) == []


def test_one_equal_day_or_a_few_tokens_are_no_reason_to_doubt() -> None:
    agent = amounts("claude-code", 400_000, 200_000, 300_000)
    assert find_double_counting([*agent, *amounts("litellm", 400_000, 20_000, 30_000)], USUAL) == []
    small = [*amounts("claude-code", 400, 200, 300), *amounts("litellm", 400, 200, 300)]
    assert find_double_counting(small, USUAL) == []


def test_sources_of_one_layer_are_in_no_doubt() -> None:
    reported = [*amounts("claude-code", *[400_000] * 3), *amounts("opencode", *[400_000] * 3)]
    assert find_double_counting(reported, USUAL) == []


def test_a_policy_knows_what_counts_of_which_team() -> None:
    policy = LayerPolicy(sources={"acme": Layer.GATEWAY}, superseded=frozenset([("litellm", 7), ("codex", EVERY_TEAM)]))
    assert (policy.layer_of("acme"), policy.layer_of("litellm"), policy.layer_of("anything")) == (
        Layer.GATEWAY,
        Layer.GATEWAY,
        Layer.AGENT,
    )
    assert [policy.counts("litellm", team) for team in (7, 8)] == [False, True]
    assert not policy.counts("codex", 8)
