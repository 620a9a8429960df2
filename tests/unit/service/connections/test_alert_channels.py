"""What each kind of alert channel needs."""

from typing import Any

import msgspec
import pytest

from schema.errors import BadInputError
from service.connections.alert_channels import CheckedChannel, check_channel
from service.contracts.alerts.channels import NewAlertChannel
from workers.alerts.settings import ChannelSettings

WORKFLOW = "https://prod-1.westus.logic.azure.com:443/workflows/1/paths/invoke?api-version=2016-06-01&sig=a_b-c"
KEY = "0123456789abcdef0123456789ABCDEF"
MAIL: dict[str, Any] = {
    "kind": "email",
    "smtp_host": "smtp.example.com",
    "sender": "ledger@example.com",
    "recipients": ["finops@example.com"],
}


def check(allow_private: bool = False, **fields: Any) -> CheckedChannel:
    return check_channel(msgspec.convert(fields, NewAlertChannel), allow_private=allow_private)


@pytest.mark.parametrize(
    ("fields", "host"),
    [
        ({"kind": "slack", "url": "https://hooks.slack.com/services/T/B/x"}, "hooks.slack.com"),
        ({"kind": "teams", "url": WORKFLOW}, "prod-1.westus.logic.azure.com"),
        ({"kind": "webhook", "url": "https://hooks.example.com/in"}, "hooks.example.com"),
        ({"kind": "pagerduty", "routing_key": KEY}, "events.pagerduty.com"),
        (
            {"kind": "pagerduty", "routing_key": KEY, "url": "https://events.eu.pagerduty.com/v2/enqueue"},
            "events.eu.pagerduty.com",
        ),
        (MAIL, "smtp.example.com"),
    ],
)
def test_a_channel_shows_its_host_only_and_workers_read_the_rest(fields: dict[str, Any], host: str) -> None:
    checked = check(**fields)
    assert checked.host == host
    read = msgspec.json.decode(msgspec.json.encode(checked.settings), type=ChannelSettings)
    assert read.url == fields.get("url", "")
    assert read.routing_key == fields.get("routing_key", "")
    assert read.recipients == tuple(fields.get("recipients", ()))


def test_a_webhook_gets_a_secret_unless_it_has_one() -> None:
    generated, again = (check(kind="webhook", url="https://hooks.example.com/") for _ in range(2))
    assert generated.secret != again.secret
    assert generated.settings["secret"] == generated.secret
    mine = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    kept = check(kind="webhook", url="https://hooks.example.com/", secret=mine)
    assert (kept.secret, kept.settings["secret"]) == (None, mine)


@pytest.mark.parametrize(("encryption", "port"), [(None, 587), ("starttls", 587), ("tls", 465), ("none", 25)])
def test_a_mail_server_has_the_usual_port(encryption: str | None, port: int) -> None:
    settings = check(**MAIL, encryption=encryption).settings
    assert (settings["smtp_port"], settings["encryption"]) == (port, encryption or "starttls")
    assert check(**MAIL, smtp_port=2525).settings["smtp_port"] == 2525


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"kind": "slack"}, "url", "is missing; a channel of kind slack needs it"),
        ({"kind": "pagerduty"}, "routing_key", "is missing"),
        ({"kind": "slack", "url": "https://a.example.com", "user": "me"}, "user", "does not apply to slack"),
        ({"kind": "slack", "url": "http://a.example.com"}, "url", "must be a web address that begins with https://"),
        ({"kind": "slack", "url": "https://me:secret@a.example.com"}, "url", "without a user"),
        ({"kind": "slack", "url": "https://a.example.com/#x"}, "url", "fragment"),
        ({"kind": "slack", "url": "https:///services"}, "url", "must be a web address"),
        ({"kind": "slack", "url": "https://a.example.com:x/"}, "url", "must be a web address"),
        ({"kind": "slack", "url": "https://a.example.com/a b"}, "url", "must be a web address"),
        ({"kind": "webhook", "url": "https://a.example.com", "secret": f"whsec_{'A' * 33}"}, "secret", "base64"),
        ({**MAIL, "user": "me"}, "password", "is missing"),
        ({**MAIL, "password": "me"}, "user", "is missing"),
        ({**MAIL, "user": "a", "password": "b", "encryption": "none"}, "encryption", "in plain text"),
        ({**MAIL, "recipients": ["jane"]}, "recipients", "must be an e-mail address"),
        ({**MAIL, "recipients": ["a@example.com,b@example.com"]}, "recipients", "must be an e-mail address"),
        ({**MAIL, "sender": "<a@example.com>"}, "sender", "must be an e-mail address"),
    ],
)  # fmt: skip
def test_a_bad_channel_is_refused_with_its_field(fields: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(BadInputError) as refused:
        check(**fields)
    assert refused.value.field == field
    assert says in refused.value.detail
    assert "jane" not in refused.value.detail


def test_where_private_hosts_are_allowed_an_address_may_be_http() -> None:
    assert check(allow_private=True, kind="slack", url="http://chat.internal:8065/hooks/x").host == "chat.internal"
