from datetime import date

import pytest

from workers.alert_rules.policies import Bought, find_unsanctioned, refused_value, region_of
from workers.statistics.leading_causes import Candidate

DAY = date(2026, 11, 20)
TEAMS = {1: "web", 2: "data"}
POLICIES = {
    0: {"provider": {"anthropic"}, "region": {"eu", "unknown"}},
    2: {"provider": {"anthropic", "openai"}, "model": {"claude-*", "gpt-5"}},
}


def bought(team_id: int = 1, provider: str = "anthropic", model: str = "claude-opus-4", region: str = "") -> Bought:
    return Bought(team_id, provider, model, region, DAY, 10**9)


@pytest.mark.parametrize(
    ("item", "refused"),
    [
        (bought(), None),
        (bought(region="eu"), None),
        (bought(region="us"), (0, Candidate("region", "us"))),
        (bought(provider="openai"), (0, Candidate("provider", "openai"))),
        (bought(provider=""), (0, Candidate("provider", "unknown"))),
        # A team's own list replaces that of the organization, which keeps its others.
        (bought(2, "openai", "GPT-5"), None),
        (bought(2, "openai", "gpt-4o"), (2, Candidate("model", "gpt-4o"))),
        (bought(2, region="us"), (0, Candidate("region", "us"))),
    ],
)
def test_the_first_value_outside_a_policy_is_refused(item: Bought, refused: tuple[int, Candidate] | None) -> None:
    assert refused_value(item, POLICIES) == refused


def test_one_alert_is_raised_for_each_value_and_policy() -> None:
    items = [bought(1, "openai"), bought(2, "mistral"), bought(1, "openai", "gpt-5"), bought()]
    first, second = find_unsanctioned(items, POLICIES, DAY, TEAMS)
    assert (first.subject, first.team_id, first.spent_nano_usd) == ("provider openai", 0, 2 * 10**9)
    spent = "Team web spent $2.00 at provider openai since 20 Nov 2026"
    assert first.sentence == f"{spent}, which the policy of the organization does not allow."
    assert (second.subject, second.team_id) == ("provider mistral", 2)
    assert second.link == "/spend?period=2026-11-20..2026-11-20&team=data&provider=mistral"


@pytest.mark.parametrize(
    ("tier", "region"), [("", ""), ("priority", ""), ("priority+us", "us"), ("eu-west-1", "eu-west-1")]
)
def test_a_region_is_what_a_tier_says_beside_its_speed(tier: str, region: str) -> None:
    assert region_of(tier) == region
