from datetime import date

import numpy as np
import pytest

from workers.alert_rules.explained import explain
from workers.alert_rules.use import AMOUNTS, DailyUse

DAYS, BEGAN = 91, 84
DOLLAR = 10**9
LABELS = [
    {"team": "web", "provider": "anthropic", "model": model, "prompt": "", "workflow": ""}
    for model in ("sonnet", "opus")
]


def daily_use(requests: np.ndarray, price: np.ndarray) -> DailyUse:
    """Requests (models, days) of 1,000 tokens each, at dollars a request (models, 1)."""
    amounts = {name: np.zeros((len(LABELS), DAYS), dtype=np.int64) for name in AMOUNTS}
    amounts["requests"] += requests
    amounts["input_uncached"] += 900 * requests
    amounts["output_visible"] += 100 * requests
    amounts["nano_usd"] += requests * price * DOLLAR
    return DailyUse(date(2026, 11, 20), LABELS, amounts, {"web": 1})


def both(sonnet: tuple[int, int], opus: tuple[int, int]) -> np.ndarray:
    return np.array([[before] * BEGAN + [after] * (DAYS - BEGAN) for before, after in (sonnet, opus)])


PRICES = np.array([[1], [5]])
EVERYTHING = np.ones(2, dtype=bool)


def test_more_requests_are_volume() -> None:
    use = daily_use(both((100, 300), (0, 0)), PRICES)
    found = explain(use, EVERYTHING, (BEGAN, DAYS - 1), 700 * DOLLAR, {})
    assert (found.usual_nano_usd, found.spent_nano_usd) == (700 * DOLLAR, 2_100 * DOLLAR)
    assert found.causes._asdict() == {"volume": 1_400 * DOLLAR, "size": 0, "model_mix": 0, "cache": 0, "price": 0}


def test_a_dearer_model_is_the_mix_and_said_so() -> None:
    use = daily_use(both((100, 0), (0, 100)), PRICES)
    found = explain(use, EVERYTHING, (BEGAN, DAYS - 1), 700 * DOLLAR, {})
    assert found.causes.model_mix == found.spent_nano_usd - found.usual_nano_usd == 2_800 * DOLLAR
    assert found.moved == "from sonnet to opus"


@pytest.mark.parametrize("usual", [1, 699_999_999_999, 12_345_678_901])
def test_the_parts_sum_to_the_rise_whatever_is_usual(usual: int) -> None:
    use = daily_use(both((100, 130), (7, 50)), PRICES)
    found = explain(use, EVERYTHING, (BEGAN, DAYS - 1), usual, {})
    assert found.usual_nano_usd == usual
    assert sum(found.causes) == found.spent_nano_usd - usual


def test_where_nothing_was_usual_all_is_volume() -> None:
    use = daily_use(both((0, 10), (0, 0)), PRICES)
    found = explain(use, EVERYTHING, (BEGAN, DAYS - 1), 5, {})
    assert (found.usual_nano_usd, found.causes.volume) == (0, 70 * DOLLAR)
