from datetime import date

from vocabulary.layers import Layer, LayerPolicy
from workers.gateway_bytes.precedence import ReportedElsewhere, better_source

DAY = date(2026, 11, 16)
MODEL = "claude-sonnet-4-5"


def reported(source: str, team_id: int = 1, model: str = "claude-sonnet-4-5-20250929") -> ReportedElsewhere:
    return ReportedElsewhere(team_id, DAY, model, source)


def test_an_agent_or_a_provider_of_the_same_team_and_model_counts_instead() -> None:
    assert better_source([reported("claude-code")], 1, MODEL, LayerPolicy()) == "claude-code"
    assert better_source([reported("provider-usage")], 1, MODEL, LayerPolicy()) == "provider-usage"


def test_other_teams_and_models_do_not() -> None:
    others = [reported("claude-code", team_id=2), reported("claude-code", model="claude-opus-4-1")]
    assert better_source(others, 1, MODEL, LayerPolicy()) == ""


def test_another_gateway_and_sources_in_its_layer_report_other_requests() -> None:
    assert better_source([reported("litellm")], 1, MODEL, LayerPolicy()) == ""
    policy = LayerPolicy(sources={"codex": Layer.GATEWAY})
    assert better_source([reported("codex")], 1, MODEL, policy) == ""
