from service.api.tokens.layer_rows import layer_coverage
from service.queries.tokens.layer_amounts import SourceAmount, SupersededAmount
from vocabulary.layers import LayerPolicy


def test_sources_stand_in_the_order_of_their_layers_with_what_was_superseded() -> None:
    counted = [SourceAmount("litellm", 20, 2_000), SourceAmount("claude-code", 100, 50_000)]
    superseded = [
        SupersededAmount("litellm", "claude-code", 80, 40_000),
        SupersededAmount("bedrock", "claude-code", 60, 30_000),
        SupersededAmount("codex", "", 5, 500),
    ]
    shown = layer_coverage(LayerPolicy(), counted, superseded, [])
    assert shown.order == ["agent", "gateway", "provider"]
    by_source = {each.source: each for each in shown.sources}
    assert list(by_source) == ["claude-code", "codex", "litellm", "bedrock"]
    agent, gateway = by_source["claude-code"], by_source["litellm"]
    assert (agent.layer, agent.requests, agent.superseded, agent.also_reported_share) == ("agent", 100, [], 0.8)
    assert (gateway.requests, gateway.tokens, gateway.also_reported_share) == (20, 2_000, 0.8)
    assert [(each.counted_source, each.requests) for each in gateway.superseded] == [("claude-code", 80)]
    assert by_source["bedrock"].also_reported_share == 1
    assert by_source["codex"].superseded[0].counted_source is None
    assert by_source["codex"].also_reported_share == 0
