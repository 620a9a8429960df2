from datetime import date
from typing import Any

import pytest

from service.api.ledger.alert_sentence import alert_sentence

DOLLAR = 10**9


def alert(**values: Any) -> dict[str, Any]:
    basis = {"kind": "rise", "subject": "team web", "team": "web", "cause": None, "began_on": date(2026, 11, 3)}
    return {**basis, "usual_nano_usd": 100 * DOLLAR, "spent_nano_usd": 250 * DOLLAR, **values}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Spend of team web since 3 Nov 2026: $250, 2.5 times the usual $100."),
        (
            {"cause": "prompt v7", "usual_nano_usd": 0},
            "Spend of team web since 3 Nov 2026: $250, and nothing is usual. Most of the rise is prompt v7.",
        ),
        ({"kind": "budget", "subject": "month 80 %"}, "Web has spent $250 of its $100 for the month."),
        (
            {"kind": "budget", "subject": "quarter forecast", "team": None},
            "Spend of the organization is likely to reach $250 of its $100 for the quarter.",
        ),
    ],
)
def test_an_alert_says_what_since_when_how_much_and_why(values: dict[str, Any], sentence: str) -> None:
    assert alert_sentence(alert(**values)) == sentence
