import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.gateway.routes import route_label


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/v1/messages", "messages"),
        ("https://gateway.example.org/anthropic/v1/messages?beta=true", "messages"),
        ("/v1/messages/count_tokens", "count_tokens"),
        ("/openai/deployments/CANARY/chat/completions?api-version=2025-01-01", "chat_completions"),
        ("/v1/completions", "completions"),
        ("/v1/responses/", "responses"),
        ("/v1/embeddings", "embeddings"),
        ("/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", "generate_content_stream"),
        ("/v1beta/models/gemini-2.5-pro:generateContent", "generate_content"),
        ("/v1beta/models/gemini-embedding-001:batchEmbedContents", "embeddings"),
        ("/v1beta/models/gemini-2.5-pro:countTokens", "count_tokens"),
        ("/model/us.anthropic.claude-sonnet-4-5/converse-stream", "converse_stream"),
        ("/model/us.anthropic.claude-sonnet-4-5/invoke", "invoke"),
        ("/v1/files/CANARY", ""),
        ("messages", ""),
        ("", ""),
    ],
)
def test_a_path_becomes_the_label_of_its_api(path: str, label: str) -> None:
    assert route_label(path) == label


@given(st.text(max_size=200))
def test_a_label_contains_no_part_of_the_path(path: str) -> None:
    assert "CANARY" not in route_label(f"/CANARY/{path}")
    assert len(route_label(path)) < 30
