import pytest

from vocabulary.model_keys import find_model, model_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-3-5-sonnet-20241022", "claude-sonnet-3-5"),
        ("claude-opus-4-1", "claude-opus-4-1"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4.1-nano-2025-04-14", "gpt-4.1-nano"),
        ("gpt-35-turbo", "gpt-3.5-turbo"),
        ("gpt-5.1-codex-max", "gpt-5.1-codex-max"),
        ("o3-mini-2025-01-31", "o3-mini"),
        ("gemini-2.5-flash-lite", "gemini-2.5-flash-lite"),
        ("nova-lite", "nova-lite"),
        ("mistral-large-2411", "mistral-large"),
        ("deepseek-v3.2", "deepseek-v3.2"),
        ("", ""),
    ],
)
def test_model_names_in_telemetry_have_one_key(name: str, key: str) -> None:
    assert model_key(name) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("USE1-Claude4.5Sonnet-input-tokens", "claude-sonnet-4-5"),
        ("USW2-Claude4.6Sonnet-cache-read-input-token-count", "claude-sonnet-4-6"),
        ("USE1-Claude4Sonnet-input-tokens-cross-region-global", "claude-sonnet-4"),
        ("Claude Sonnet 4.5 Usage - Input Tokens", "claude-sonnet-4-5"),
        ("gpt 4o 1120 cached Inp glbl Tokens", "gpt-4o"),
        ("Azure OpenAI - gpt 4.1 mini Outp glbl Tokens - US West 3", "gpt-4.1-mini"),
        ("GPT 5 Mini cchd Inpt Glbl 1M Tokens", "gpt-5-mini"),
        ("Gemini 2.5 Flash GA Text Input - Predictions", "gemini-2.5-flash"),
        ("Gemini 3.7 Flash Global Text Input - Predictions", "gemini-3.7-flash"),
        ("USE1-Nova2.0Lite-cache-read-input-token-count", "nova-2-lite"),
        ("openai/gpt-5.4-mini/input-tokens", "gpt-5.4-mini"),
        ("5.4 opt Gl", ""),
        ("BoxUsage:c5.xlarge", ""),
    ],
)
def test_a_meter_of_a_bill_names_the_same_model(text: str, key: str) -> None:
    assert find_model(text) == key
