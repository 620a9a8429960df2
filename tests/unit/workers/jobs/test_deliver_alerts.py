"""Where alerts link to, and how long they are tried."""

from datetime import timedelta

import pytest

from schema.settings import Settings
from workers.jobs.deliver_alerts import ATTEMPTS, LONGEST_PAUSE, dashboard_url


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"public_url": "https://shipledger.example.com/"}, "https://shipledger.example.com"),
        ({"host": "127.0.0.1", "port": 8787}, "http://127.0.0.1:8787"),
        # Nobody reaches the dashboard at the address of all interfaces, or at a port that is chosen later.
        ({"host": "0.0.0.0", "port": 8787}, None),
        ({"host": "127.0.0.1", "port": 0}, None),
    ],
)
def test_an_alert_links_to_the_public_address_or_to_this_machine(settings: dict[str, object], url: str | None) -> None:
    assert dashboard_url(Settings(**settings, _env_file=None)) == url


def test_an_alert_is_tried_for_about_a_day() -> None:
    pauses = [min(LONGEST_PAUSE, Settings().retry_base * 2**attempt) for attempt in range(ATTEMPTS - 1)]
    assert timedelta(hours=23) < sum(pauses, timedelta()) < timedelta(hours=26)
