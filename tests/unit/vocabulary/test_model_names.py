"""One spelling of models and providers."""

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.model_names import MAXIMUM_LENGTH, model_family, model_name, provider_name


@pytest.mark.parametrize(
    ("text", "provider", "expected"),
    [
        ("claude-sonnet-4-5", "firstParty", ("anthropic", "claude-sonnet-4-5", "")),
        ("claude-sonnet-4-5[1m]", "", ("anthropic", "claude-sonnet-4-5", "1m")),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "", ("aws", "claude-sonnet-4-5-20250929", "")),
        ("claude-opus-4-1@20250805", "vertex", ("google", "claude-opus-4-1-20250805", "")),
        ("openrouter/anthropic/claude-3.5-sonnet", "", ("openrouter", "claude-3.5-sonnet", "")),
        ("anthropic/claude-sonnet-4.5", "", ("anthropic", "claude-sonnet-4.5", "")),
        ("publishers/google/models/gemini-2.5-flash", "", ("google", "gemini-2.5-flash", "")),
        ("GPT-5.1-Codex", "", ("openai", "gpt-5.1-codex", "")),
        ("gpt-4o", "az.ai.openai", ("azure", "gpt-4o", "")),
        ("grok-4", "xai", ("x-ai", "grok-4", "")),
        ("", "openai", ("openai", "", "")),
        ("gpt-5-nano", "openai.responses", ("openai", "gpt-5-nano", "")),
        ("claude-haiku-4-5", "anthropic.messages", ("anthropic", "claude-haiku-4-5", "")),
        ("gemini-2.5-pro", "google.generative-ai", ("google", "gemini-2.5-pro", "")),
        ("gemini-2.5-pro", "gcp.gen_ai", ("google", "gemini-2.5-pro", "")),
        ("claude-sonnet-4-5", "aws.bedrock", ("aws", "claude-sonnet-4-5", "")),
        ("claude-sonnet-4.6", "github", ("github-copilot", "claude-sonnet-4.6", "")),
        ("grok-4", "x_ai", ("x-ai", "grok-4", "")),
        ("kimi-k2", "moonshot_ai", ("moonshotai", "kimi-k2", "")),
    ],
)
def test_vendors_decorations_are_taken_off(text: str, provider: str, expected: tuple[str, str, str]) -> None:
    assert tuple(model_name(text, provider)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2", "application-inference-profile"),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5", "claude-haiku-4-5"),
        ("ft:gpt-4o-2024-08-06:secret-organization:secret-name:a1", "ft:gpt-4o-2024-08-06"),
        ("/home/secret/models/llama.gguf", "llama.gguf"),
        ("C:\\Users\\secret\\llama.gguf", "llama.gguf"),
        ("https://secret.example.org/models/llama", "llama"),
        ("secret@example.org", ""),
    ],
)
def test_parts_that_could_identify_a_person_or_an_account_are_removed(text: str, expected: str) -> None:
    assert model_name(text).model == expected


@given(st.text(max_size=300), st.text(max_size=50))
def test_any_text_becomes_a_short_plain_name_that_stays_as_it_is(text: str, provider: str) -> None:
    name = model_name(text, provider)
    assert len(name.model) <= MAXIMUM_LENGTH
    assert name.model.isascii()
    assert "\x00" not in name.model + name.provider + name.context_tier
    assert provider_name(name.provider) == name.provider


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet"),
        ("claude-3-5-sonnet-latest", "claude-sonnet"),
        ("gpt-5.1-codex", "gpt-codex"),
        ("gpt-4o-2024-08-06", "gpt"),
        ("gemini-2.5-flash-preview-05-20", "gemini-flash"),
        ("o3-mini", "o-mini"),
        ("", ""),
    ],
)
def test_a_family_is_the_name_without_versions_sizes_and_dates(model: str, family: str) -> None:
    assert model_family(model) == family


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("claude-sonnet-4-5", "firstParty"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock"),
        ("claude-opus-4-1@20250805", "vertex"),
        ("gpt-5.1-codex", ""),
        ("models/gemini-2.5-pro", ""),
        ("openrouter/anthropic/claude-3.5-sonnet", ""),
    ],
)
def test_prices_are_found_under_the_one_spelling(text: str, provider: str) -> None:
    name = model_name(text, provider)
    price = calc_price(Usage(input_tokens=1000), model_ref=name.model, provider_id=name.provider)
    assert price.total_price > 0
