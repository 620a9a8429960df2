"""When something was last heard from, in words; and which secret is proposed."""

from datetime import UTC, datetime, timedelta

import pytest

from schema.settings import Settings
from service.diagnosis.heard import ago
from service.diagnosis.machine import check_secret_key

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WITHOUT = Settings(secret_key="", _env_file=None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "less than a minute ago"),
        (59, "less than a minute ago"),
        (60, "1 minute ago"),
        (200, "3 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (950_400, "11 days ago"),
    ],
)
def test_a_time_is_shown_in_its_largest_unit(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize("has_data", [True, None])
def test_a_new_secret_is_never_proposed_where_data_may_be_stored(has_data: bool | None) -> None:
    finding = check_secret_key(WITHOUT, has_data=has_data)
    assert finding.state == "missing"
    assert "openssl" not in finding.remedy


def test_an_empty_database_gets_a_new_secret() -> None:
    assert "openssl rand -hex 32" in check_secret_key(WITHOUT, has_data=False).remedy
