"""What channels say of an alert: numbers, a sentence and a link, and nothing about people. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from vocabulary.digest import Digest
from vocabulary.small_teams import is_small, too_few_people, withheld_alert
from vocabulary.tokens import NANO_USD, usd_text


class AlertEvent(StrEnum):
    """What happened to an alert; `reminded` follows a snooze."""

    RAISED = "raised"
    REMINDED = "reminded"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    TEST = "test"
    DIGEST = "digest"


TITLES = {
    AlertEvent.RAISED: "Spend alert",
    AlertEvent.REMINDED: "Spend alert, after a snooze",
    AlertEvent.ACKNOWLEDGED: "Spend alert acknowledged",
    AlertEvent.RESOLVED: "Spend alert resolved",
    AlertEvent.TEST: "Test of an alert channel",
    AlertEvent.DIGEST: "Weekly digest",
}
_USUAL = {"rise": "Usual", "budget": "Budget"}
TEST_SENTENCE = "Alerts of Shipledger will arrive here."


class AlertMessage(NamedTuple):
    """What to send. `delivery_key` is the same at each attempt, `alert_key` the same for all events of an alert.

    `alert` holds the alert as the API shows it, and `facts` what to list below the sentence; both are empty for a test.
    `week` is the title of a digest.
    """

    event: AlertEvent
    occurred_at: datetime
    sentence: str
    alert: Mapping[str, str | float | None]
    facts: tuple[tuple[str, str], ...]
    link: str | None
    delivery_key: str
    alert_key: str
    week: str = ""

    @property
    def title(self) -> str:
        """Return what happened, in a few words."""
        return self.week or TITLES[self.event]


def read_message(row: Mapping[str, Any], *, organization_id: int, base_url: str | None, people: int) -> AlertMessage:
    """Return the message of a delivery, whose row holds the columns of its alert, if it has one.

    `base_url` is the address of the dashboard, if it is known. Of a team with fewer `people` beside others, the message
    says what happened, and not how much.
    """
    # Two installations may send to one receiver.
    place = f"shipledger/{urlsplit(base_url or '').netloc or 'local'}/{organization_id}"
    delivery_key = f"msg_{organization_id}_{row['delivery_id']}"
    begins = (AlertEvent(row["event"]), row["created_at"])
    if row["alert_id"] is None:
        test_key = f"{place}/test/{row['delivery_id']}"
        return AlertMessage(*begins, TEST_SENTENCE, {}, (), base_url, delivery_key, test_key)
    row = _withheld(row, people)
    alert: dict[str, str | float | None] = {
        "id": row["alert_id"],
        **{name: row[name] for name in ("kind", "subject", "team", "cause")},
        **{name: row[name].isoformat() for name in ("began_on", "found_on")},
        **{f"{name}_usd": _usd(row[f"{name}_nano_usd"]) for name in ("usual", "spent")},
        **{name: row[name] for name in ("before", "after")},
        "state": row["alert_state"],
        "withheld_reason": row["withheld_reason"],
    }
    link = base_url and f"{base_url}{row['link'] or '/'}"
    alert_key = f"{place}/alert/{row['alert_id']}"
    sentence = row["sentence"] or row["subject"]
    return AlertMessage(*begins, sentence, alert, _facts(row), link, delivery_key, alert_key)


def read_digest(row: Mapping[str, Any], digest: Digest, *, organization_id: int, base_url: str | None) -> AlertMessage:
    """Return the message of a delivery that sends a digest."""
    test = read_message(row, organization_id=organization_id, base_url=base_url, people=0)
    link = base_url and f"{base_url}{digest.path}"
    return test._replace(sentence=digest.sentence, facts=digest.facts, link=link, week=digest.title)


def _withheld(row: Mapping[str, Any], people: int) -> Mapping[str, Any]:
    """Return the row of an alert with a `withheld_reason`, and then without figures."""
    if not (row["has_other_teams"] and is_small(row["team_size"], people)):
        return {**row, "withheld_reason": None}
    reason = too_few_people(people)
    said = withheld_alert(row["kind"], row["subject"], row["team"], reason)
    hidden = dict.fromkeys(("usual_nano_usd", "spent_nano_usd", "before", "after"))
    return {**row, **hidden, "sentence": said, "withheld_reason": reason}


def _usd(nano_usd: int | None) -> str | None:
    return None if nano_usd is None else usd_text(nano_usd)


def _facts(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    # What shifted or fell silent has its numbers in its sentence.
    money = (
        {"Spent": row["spent_nano_usd"], _USUAL[row["kind"]]: row["usual_nano_usd"]} if row["kind"] in _USUAL else {}
    )
    facts = {
        "Team": row["team"] or "",
        **{name: f"${nano / NANO_USD:,.2f}" for name, nano in money.items() if nano is not None},
        "Since": row["began_on"].isoformat(),
        "Cause": row["cause"] or "",
    }
    return tuple((name, value) for name, value in facts.items() if value)
