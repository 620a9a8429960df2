"""The causes of a change of spend, as pages call and draw them. Pure."""

from collections.abc import Mapping
from typing import Final

from service.dashboard.charts.ranges import Effect, effects
from service.dashboard.numbers.units import signed, usd_texts
from vocabulary.causes.split import Causes

CAUSE_NAMES: Final[Mapping[str, str]] = {
    "volume": "Requests",
    "size": "Tokens per request",
    "model_mix": "Model mix",
    "cache": "Caching",
    "price": "Prices",
}


def cause_bars(causes: Causes) -> list[Effect]:
    """Return a bar for each cause, the largest first."""
    amounts = sorted(causes._asdict().items(), key=lambda pair: -abs(pair[1]))
    texts = usd_texts([amount for _, amount in amounts])
    rows = [
        (CAUSE_NAMES[name], signed(amount, text), amount) for (name, amount), text in zip(amounts, texts, strict=True)
    ]
    return effects(rows)
