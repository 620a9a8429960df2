"""What an answer of a receiver means."""

from datetime import timedelta

import pytest

from schema.failures import Failure
from workers.alert_channels.http import refusal


@pytest.mark.parametrize(
    ("status", "body", "failure", "answer"),
    [
        (301, "", Failure.CHANNEL_REDIRECTS, "301"),
        (308, "", Failure.CHANNEL_REDIRECTS, "308"),
        (400, "invalid_payload", Failure.ALERT_REFUSED, "400 invalid_payload"),
        (401, "", Failure.CHANNEL_REFUSED, "401"),
        (403, "invalid_token", Failure.CHANNEL_REFUSED, "403 invalid_token"),
        (404, "no_service", Failure.CHANNEL_REFUSED, "404 no_service"),
        (408, "", Failure.CHANNEL_AWAY, "408"),
        (410, "channel_is_archived", Failure.CHANNEL_REFUSED, "410 channel_is_archived"),
        (413, "", Failure.ALERT_REFUSED, "413"),
        (500, "CANARY says jane@example.com", Failure.CHANNEL_AWAY, "500"),
        (503, "", Failure.CHANNEL_AWAY, "503"),
    ],
)
def test_a_status_is_refused_or_tried_again_and_quotes_only_known_phrases(
    status: int, body: str, failure: Failure, answer: str
) -> None:
    error = refusal(status, body, None)
    assert (error.failure, error.answer, error.wait) == (failure, answer, None)
    assert error.stored() == f"{failure}: {answer}"


def test_a_limit_says_how_long_to_wait() -> None:
    error = refusal(429, "", "30")
    assert (error.failure, error.wait) == (Failure.CHANNEL_LIMITED, timedelta(seconds=30))
    assert refusal(429, "", None).wait == timedelta(minutes=1)
