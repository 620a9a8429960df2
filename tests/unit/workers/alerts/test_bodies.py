"""What chats, webhooks and PagerDuty are sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.unit.workers.alerts.messages import BASE, NOW, SENTENCE, message, trial
from workers.alerts.bodies import BODIES, PAGERDUTY
from workers.alerts.message import AlertMessage
from workers.alerts.settings import ChannelSettings

URL = "https://hooks.example.com/in"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = ChannelSettings(url=URL, secret=SECRET, routing_key="k" * 32)


def bodies(kind: str, of: AlertMessage, settings: ChannelSettings = SETTINGS) -> list[Any]:
    return [msgspec.json.decode(post.body) for post in BODIES[kind](of, settings, NOW)]


def test_slack_reads_no_name_as_a_link_or_a_mention() -> None:
    (body,) = bodies("slack", message())
    assert body["text"] == (
        "*Spend alert*\nSpend of team R&amp;D &lt;web&gt; since 24 Nov 2026: $612, 4.1 times the usual $150.\n"
        "<https://shipledger.example.com/spend?period=2026-11-24..2026-11-29&team=R%26D+%3Cweb%3E|Open in Shipledger>"
    )
    assert [block["type"] for block in body["blocks"]] == ["section", "section"]
    assert body["blocks"][1]["fields"][0] == {"type": "mrkdwn", "text": "*Team*\nR&amp;D &lt;web&gt;"}
    assert "blocks" in bodies("slack", trial())[0]


def test_teams_gets_an_adaptive_card_whose_text_is_not_markdown() -> None:
    (body,) = bodies("teams", message())
    (attachment,) = body["attachments"]
    card = attachment["content"]
    assert (body["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["body"][1] == {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": SENTENCE}]}
    assert card["actions"][0]["type"] == "Action.OpenUrl"
    assert bodies("teams", message(None))[0]["attachments"][0]["content"]["actions"] == []


def test_a_webhook_is_signed_as_the_specification_says() -> None:
    now = datetime.now(UTC)
    (post,) = BODIES["webhook"](message(), SETTINGS, now)
    verified = Webhook(SECRET).verify(post.body, dict(post.headers))
    assert verified["type"] == "alert.raised"
    assert verified["timestamp"] == "2026-11-30T12:00:00.250000Z"
    assert verified["data"]["spent_usd"] == "612.000000001"
    assert verified["data"]["sentence"] == SENTENCE
    assert verified["data"]["link"].startswith(f"{BASE}/spend?")
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(post.body + b" ", dict(post.headers))


def test_the_signature_is_that_of_the_published_example() -> None:
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    signed = Webhook(SECRET).sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1_614_265_330, UTC), '{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_repeated_webhook_has_the_same_id_and_body_and_another_timestamp() -> None:
    (first,), (second,) = (BODIES["webhook"](message(), SETTINGS, NOW + timedelta(seconds=n)) for n in (0, 60))
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "msg_3_12"
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60


def test_pagerduty_is_triggered_acknowledged_and_resolved_under_one_key() -> None:
    events = [bodies("pagerduty", message(event=event))[0] for event in ("raised", "acknowledged", "resolved")]
    assert [event["event_action"] for event in events] == ["trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in events} == {"shipledger/shipledger.example.com/3/alert/7"}
    assert {event["routing_key"] for event in events} == {"k" * 32}
    assert events[0]["payload"]["summary"] == SENTENCE
    assert events[0]["payload"]["severity"] == "warning"
    assert set(events[2]) == {"routing_key", "dedup_key", "event_action"}


def test_pagerduty_takes_no_longer_summary() -> None:
    (event,) = bodies("pagerduty", message(sentence="x" * 2000))
    assert len(event["payload"]["summary"]) == 1024


def test_a_test_leaves_no_incident_open() -> None:
    events = bodies("pagerduty", trial())
    assert [event["event_action"] for event in events] == ["trigger", "resolve"]
    assert len({event["dedup_key"] for event in events}) == 1


def test_events_go_to_pagerduty_unless_the_channel_has_another_address() -> None:
    (usual,) = BODIES["pagerduty"](message(), ChannelSettings(routing_key="k" * 32), NOW)
    (other,) = BODIES["pagerduty"](message(), SETTINGS, NOW)
    assert (usual.url, other.url) == (PAGERDUTY, URL)


def test_the_settings_of_a_channel_are_never_printed() -> None:
    assert SECRET not in repr(SETTINGS)
    assert SECRET not in f"{SETTINGS}"
