from decimal import Decimal

import pytest

from schema.errors import SetUpError
from service.imports.focus.rows import Place, Row
from service.imports.focus.token_skus import token_sku, unit_tokens


def row(**values: str) -> Row:
    return Row(Place("bill.csv", 7), values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"ServiceName": "Claude API", "SkuMeter": "Input Tokens", "SkuId": "anthropic/claude-sonnet-4-5/input"},
            ("anthropic", "claude-sonnet-4-5", "input_uncached"),
        ),
        (
            {"ServiceName": "OpenAI API", "SkuMeter": "Cached Input Tokens", "SkuId": "openai/gpt-5.4-mini/cached"},
            ("openai", "gpt-5.4-mini", "cache_read"),
        ),
        (
            {"ServiceName": "Amazon Bedrock", "SkuMeter": "USW2-Claude4.5Sonnet-cache-write-input-token-count"},
            ("aws", "claude-sonnet-4-5", "cache_write"),
        ),
        (
            {"ServiceName": "Amazon Bedrock", "SkuMeter": "USE1-Claude4Sonnet-output-tokens-cross-region-global"},
            ("aws", "claude-sonnet-4", "output"),
        ),
        (
            {"ServiceName": "Amazon Bedrock", "SkuMeter": "USE1-Nova2.0Lite-cache-read-input-token-count"},
            ("aws", "nova-2-lite", "cache_read"),
        ),
        (
            {"ServiceName": "Azure OpenAI", "SkuMeter": "gpt 4.1 mini Outp glbl Tokens"},
            ("azure", "gpt-4.1-mini", "output"),
        ),
        (
            {"ServiceName": "Foundry Models", "SkuMeter": "GPT 5 Mini cchd Inpt Glbl 1M Tokens"},
            ("azure", "gpt-5-mini", "cache_read"),
        ),
        ({"ServiceName": "Foundry Models", "SkuMeter": "5.4 opt Gl"}, ("azure", "", "output")),
        (
            {"ServiceName": "Vertex AI", "SkuMeter": "Gemini 2.5 Flash GA Text Input - Predictions"},
            ("google", "gemini-2.5-flash", "input_uncached"),
        ),
        (
            {"ServiceName": "Vertex AI", "SkuMeter": "Gemini 2.5 Flash GA Thinking Text Output - Predictions"},
            ("google", "gemini-2.5-flash", "output"),
        ),
        (
            {"ServiceName": "Vertex AI", "SkuMeter": "Gemini 2.5 Flash GA Text Input Caching"},
            ("google", "gemini-2.5-flash", "cache_read"),
        ),
        (
            {
                "ServiceName": "Anthropic API",
                "SkuMeter": "Input Tokens",
                "ChargeDescription": "Claude Sonnet 4 input tokens",
                "SkuPriceDetails": '{"x_CacheStatus":"CacheRead"}',
            },
            ("anthropic", "claude-sonnet-4", "cache_read"),
        ),
        (
            {"ServiceName": "Claude API", "SkuMeter": "Input Tokens", "x_SkuDetails": '{"CacheStatus":"Write"}'},
            ("anthropic", "", "cache_write"),
        ),
        (
            {
                "ServiceName": "Anthropic API",
                "SkuMeter": "Input Tokens",
                "SkuPriceDetails": '{"x_CacheStatus":"Uncached","x_Model":"claude-sonnet-4"}',
            },
            ("anthropic", "claude-sonnet-4", "input_uncached"),
        ),
        (
            {
                "ServiceName": "AI",
                "ServiceProviderName": "OpenAI",
                "SkuId": "gpt-5-mini",
                "SkuPriceDetails": '{"x_TokenType":"Output","x_CacheStatus":"Uncached"}',
            },
            ("openai", "gpt-5-mini", "output"),
        ),
        (
            {
                "ServiceName": "AI inference",
                "ServiceProviderName": "Microsoft",
                "SkuMeter": "gpt 4o 1120 Inp glbl Tokens",
            },
            ("azure", "gpt-4o", "input_uncached"),
        ),
        (
            {
                "ServiceName": "Inference",
                "ServiceProviderName": "OpenRouter, Inc",
                "HostProviderName": "Amazon Web Services",
                "SkuMeter": "GPT-5 Output Tokens",
            },
            ("openrouter-inc", "gpt-5", "output"),
        ),
        (
            {"ServiceName": "Foundation models", "HostProviderName": "Azure OpenAI", "SkuMeter": "gpt 5 Outp Tokens"},
            ("azure", "gpt-5", "output"),
        ),
    ],
)
def test_meters_of_providers_are_recognised(values: dict[str, str], expected: tuple[str, str, str]) -> None:
    sku = token_sku(row(**values, ConsumedQuantity="2", ConsumedUnit="1K Tokens"))
    assert sku is not None
    assert (sku.provider, sku.model, sku.kind, sku.tokens) == (*expected, 2000)


@pytest.mark.parametrize(
    "values",
    [
        {"ServiceName": "Amazon Elastic Compute Cloud", "SkuMeter": "BoxUsage:m5.large"},
        {"ServiceName": "Vertex AI", "SkuMeter": "Gemini 2.5 Flash Text Input Caching Storage"},
        {"ServiceName": "Vertex AI", "SkuMeter": "Custom Training n1-standard-4"},
        {"ServiceName": "Cognitive Services", "SkuMeter": "Standard Speech To Text"},
        {"ServiceName": "Stream Analytics", "ServiceProviderName": "Microsoft", "SkuMeter": "Input Events"},
        {"ServiceName": "Key Vault", "ServiceProviderName": "Microsoft", "SkuMeter": "Secrets Token Issuance Output"},
    ],
)
def test_what_is_not_of_models_is_left_out(values: dict[str, str]) -> None:
    assert token_sku(row(**values, ConsumedQuantity="2", ConsumedUnit="Hours")) is None


def test_money_of_a_model_service_without_tokens_is_kept_as_other() -> None:
    sku = token_sku(row(ServiceName="Amazon Bedrock", SkuMeter="USE1-ProvisionedThroughput-ModelUnit"))
    assert sku is not None
    assert (sku.kind, sku.tokens, sku.is_known) == ("other", 0, True)


@pytest.mark.parametrize(
    ("values", "provider"),
    [
        ({"ServiceName": "GitHub", "SkuMeter": "Copilot AI Credits"}, "github-copilot"),
        ({"ServiceName": "GitHub Copilot", "SkuMeter": "Premium Requests"}, "github-copilot"),
        ({"ServiceName": "GitHub", "SkuMeter": "Actions Linux"}, None),
        ({"ServiceName": "Microsoft 365", "SkuMeter": "Copilot seats"}, None),
    ],
)
def test_copilot_is_known_by_its_meters_where_github_sells_other_things(
    values: dict[str, str], provider: str | None
) -> None:
    sku = token_sku(row(**values, ConsumedQuantity="2", ConsumedUnit="ai-credits"))
    assert (sku.provider if sku else None) == provider
    assert sku is None or (sku.kind, sku.tokens, sku.is_known) == ("other", 0, True)


def test_tokens_with_an_unknown_unit_count_as_money_only_with_a_warning() -> None:
    sku = token_sku(
        row(ServiceName="Claude API", SkuMeter="Output Tokens", ConsumedQuantity="2", ConsumedUnit="Bundles")
    )
    assert sku is not None
    assert (sku.kind, sku.tokens, sku.is_known) == ("other", 0, False)


def test_a_marketplace_meter_explains_its_unit() -> None:
    sku = token_sku(
        row(
            ServiceName="Claude Sonnet 4.5 (Amazon Bedrock Edition)",
            ProviderName="AWS",
            SkuMeter="MP:USE1_InputTokenCount-Units",
            ChargeDescription="AWS Marketplace software usage|us-east-1|Million Input Tokens",
            ConsumedQuantity="0.25",
            ConsumedUnit="Units",
        )
    )
    assert sku is not None
    assert sku[:5] == ("aws", "claude-sonnet-4-5", "input_uncached", Decimal(250_000), True)


@pytest.mark.parametrize(
    ("values", "kind", "tier", "lives_an_hour", "pieces"),
    [
        ({"SkuMeter": "USE1-Claude4.5Sonnet-input-tokens-batch"}, "input_uncached", "batch", False, 0),
        ({"SkuMeter": "USE1-Claude4.5Sonnet-output-tokens-priority"}, "output", "priority", False, 0),
        ({"SkuMeter": "Claude Opus 4.5 Cache Write (1 hour)"}, "cache_write", "", True, 0),
        ({"SkuMeter": "USE1-Claude4.5Sonnet-cache-write-1h-input-token-count"}, "cache_write", "", True, 0),
        ({"SkuMeter": "Claude Opus 4.5 Cache Write (5 minutes)"}, "cache_write", "", False, 0),
        ({"SkuMeter": "Cache Write Tokens", "SkuPriceDetails": '{"x_CacheTtl":"1h"}'}, "cache_write", "", True, 0),
        ({"SkuMeter": "Web Search Requests", "ConsumedUnit": "Requests"}, "web_search", "", False, 12),
        ({"SkuMeter": "Web search", "ConsumedUnit": "1K Requests"}, "web_search", "", False, 12_000),
        ({"SkuMeter": "Code execution hours", "ConsumedUnit": "Hours"}, "code_execution", "", False, 12),
    ],
)
def test_tiers_cache_lifetimes_and_pieces_are_kept(
    values: dict[str, str], kind: str, tier: str, lives_an_hour: bool, pieces: int
) -> None:
    sku = token_sku(row(ServiceName="Claude API", ConsumedQuantity="12", **{"ConsumedUnit": "Tokens", **values}))
    assert sku is not None
    assert (sku.kind, sku.service_tier, sku.lives_an_hour, sku.pieces) == (kind, tier, lives_an_hour, pieces)
    assert sku.tokens == (0 if pieces else 12)


@pytest.mark.parametrize(
    ("unit", "tokens"),
    [
        ("Tokens", 1),
        ("Token", 1),
        ("count", 1),
        ("1K", 1000),
        ("1K Tokens", 1000),
        ("1K/Tokens", 1000),
        ("1000 Tokens", 1000),
        ("1M Tokens", 1_000_000),
        ("1,000,000 tokens", 1_000_000),
        ("Million Tokens", 1_000_000),
        ("Hours", None),
        ("1K Images", None),
        ("", None),
    ],
)
def test_units_say_how_many_tokens_they_are(unit: str, tokens: int | None) -> None:
    assert unit_tokens(unit) == tokens


def test_a_quantity_that_is_no_number_is_named_and_not_repeated() -> None:
    with pytest.raises(SetUpError) as raised:
        token_sku(row(ServiceName="Claude API", SkuMeter="Output Tokens", ConsumedQuantity="CANARY"))
    assert "bill.csv, line 7, column ConsumedQuantity" in raised.value.detail
    assert "CANARY" not in raised.value.detail
