"""Messages of an alert and of a test, for the tests of what channels send."""

from datetime import UTC, date, datetime
from typing import Any

from workers.alerts.message import AlertMessage, read_message

DOLLAR = 10**9
NOW = datetime(2026, 11, 30, 12, 0, 0, 250_000, tzinfo=UTC)
BASE = "https://shipledger.example.com"
SENTENCE = "Spend of team R&D <web> since 24 Nov 2026: $612, 4.1 times the usual $150."


def row(**values: Any) -> dict[str, Any]:
    basis: dict[str, Any] = {
        "delivery_id": 12,
        "event": "raised",
        "created_at": NOW,
        "alert_id": 7,
        "team": "R&D <web>",
    }
    basis |= {"kind": "rise", "subject": "team R&D <web>", "cause": "model opus", "alert_state": "open"}
    basis |= {"began_on": date(2026, 11, 24), "found_on": date(2026, 11, 29), "sentence": SENTENCE}
    basis |= {"before": None, "after": None, "link": "/spend?period=2026-11-24..2026-11-29&team=R%26D+%3Cweb%3E"}
    basis |= {"team_size": 8, "has_other_teams": True}
    return {**basis, "usual_nano_usd": 150 * DOLLAR, "spent_nano_usd": 612 * DOLLAR + 1, **values}


def message(base_url: str | None = BASE, **values: Any) -> AlertMessage:
    return read_message(row(**values), organization_id=3, base_url=base_url, people=5)


def trial() -> AlertMessage:
    return message(event="test", alert_id=None)
