"""Messages as the HTTP requests of chats, webhooks and PagerDuty. Pure.

References: https://docs.slack.dev/messaging/formatting-message-text, https://adaptivecards.io/explorer,
https://developer.pagerduty.com/docs/send-alert-event, https://www.standardwebhooks.com
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from standardwebhooks import Webhook

from workers.alerts.message import AlertEvent, AlertMessage
from workers.alerts.settings import ChannelSettings

PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
LONGEST_SUMMARY = 1024
OPEN = "Open in Shipledger"
# An alert that comes back after a snooze is triggered again under the same key.
_ACTIONS = {
    AlertEvent.RAISED: ("trigger",),
    AlertEvent.REMINDED: ("trigger",),
    AlertEvent.ACKNOWLEDGED: ("acknowledge",),
    AlertEvent.RESOLVED: ("resolve",),
    # A test leaves no incident behind. Digests are not sent to PagerDuty.
    AlertEvent.TEST: ("trigger", "resolve"),
}


class Post(NamedTuple):
    """A request to send, as JSON."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def slack(message: AlertMessage, settings: ChannelSettings, _now: datetime) -> list[Post]:
    """Return a message for Slack, and for chats that read the `text` of its webhooks, such as Mattermost."""
    title, sentence = _for_slack(message.title), _for_slack(message.sentence)
    link = f"\n<{message.link}|{OPEN}>" if message.link else ""
    text = f"*{title}*\n{sentence}{link}"
    facts = [{"type": "mrkdwn", "text": f"*{name}*\n{_for_slack(value)}"} for name, value in message.facts]
    blocks: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    if facts:
        blocks.append({"type": "section", "fields": facts})
    return [_post(settings.url, {"text": text, "blocks": blocks})]


def teams(message: AlertMessage, settings: ChannelSettings, _now: datetime) -> list[Post]:
    """Return an adaptive card for a Workflows webhook of Microsoft Teams."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": message.title, "weight": "Bolder", "size": "Medium", "wrap": True},
        # Rich text, because other text blocks would read names of teams and models as Markdown.
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": message.sentence}]},
    ]
    columns = [
        [{"type": "TextRun", "text": f"{name}: ", "weight": "Bolder"}, {"type": "TextRun", "text": value}]
        for name, value in message.facts
    ]
    body += [{"type": "RichTextBlock", "inlines": inlines, "spacing": "Small"} for inlines in columns]
    actions = [{"type": "Action.OpenUrl", "title": OPEN, "url": message.link}] if message.link else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return [_post(settings.url, {"type": "message", "attachments": [attachment]})]


def webhook(message: AlertMessage, settings: ChannelSettings, now: datetime) -> list[Post]:
    """Return a signed webhook with the alert as the API shows it.

    Its id is the same at each attempt, so that a receiver can drop repetitions; `now` is the time of the attempt.
    """
    data = {**message.alert, "sentence": message.sentence, "link": message.link}
    body = msgspec.json.encode({"type": f"alert.{message.event}", "timestamp": message.occurred_at, "data": data})
    signed = {
        "webhook-id": message.delivery_key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(settings.secret).sign(message.delivery_key, now, body.decode()),
    }
    return [Post(settings.url, body, signed)]


def pagerduty(message: AlertMessage, settings: ChannelSettings, _now: datetime) -> list[Post]:
    """Return events of the Events API v2: the same key for all events of an alert."""
    links = [{"href": message.link, "text": OPEN}] if message.link else []
    payload = {
        "summary": message.sentence[:LONGEST_SUMMARY],
        "source": "shipledger",
        "severity": "info" if message.event is AlertEvent.TEST else "warning",
        "custom_details": message.alert,
    }
    event = {"routing_key": settings.routing_key, "dedup_key": message.alert_key}
    content = {"payload": payload, "links": links, "client": "Shipledger"}
    return [
        _post(settings.url or PAGERDUTY, {**event, "event_action": action, **(content if action == "trigger" else {})})
        for action in _ACTIONS[message.event]
    ]


BODIES: Mapping[str, Callable[[AlertMessage, ChannelSettings, datetime], list[Post]]] = {
    "slack": slack,
    "teams": teams,
    "webhook": webhook,
    "pagerduty": pagerduty,
}


def _post(url: str, body: dict[str, Any]) -> Post:
    return Post(url, msgspec.json.encode(body), {})


def _for_slack(text: str) -> str:
    """Escape what Slack would read as a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
