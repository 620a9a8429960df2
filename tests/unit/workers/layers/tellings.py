"""Requests as layers tell them, one by one and at random."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from vocabulary.layers import ORDER, Layer
from workers.layers.reports import LARGE, RequestReport

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
AGENT, GATEWAY, PROVIDER = ORDER


def reported(
    name: str,
    layer: Layer,
    seconds: float,
    total: int = 6_000,
    *,
    output: int = 42,
    model: str = "claude-sonnet-4-5",
    request: bytes | None = None,
) -> RequestReport:
    at = NOON + timedelta(seconds=seconds)
    return RequestReport(name.encode(), layer, at, model, total, output, request)


TELLINGS = st.lists(
    st.builds(
        lambda layer, seconds, total, model, request: (layer, seconds, total, model, request),
        st.sampled_from(ORDER),
        st.integers(0, 400),
        st.sampled_from([300, LARGE, 6_000]),
        st.sampled_from(["claude-sonnet-4-5", "anthropic/claude-sonnet-4-5-20250929", "our-best", "gpt-5.1"]),
        st.sampled_from([None, None, b"one", b"two"]),
    ),
    max_size=14,
).map(
    lambda rows: [
        reported(str(number), layer, seconds, total, model=model, request=request)
        for number, (layer, seconds, total, model, request) in enumerate(rows)
    ]
)
