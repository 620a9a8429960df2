from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from vocabulary.tokens import TokenCounts, sum_tokens
from workers.providers.client import UnreadableError
from workers.providers.copilot import add_day, days_of
from workers.providers.reports import Engagement, EngagementCounts, Report

FILE = (Path(__file__).resolve().parents[3] / "payloads" / "providers" / "copilot_day.ndjson").read_bytes()
DAY = date(2026, 11, 18)


def read(file: bytes, day: date = DAY) -> Report:
    report = Report()
    add_day(report, day, days_of(file))
    return report


def test_models_and_tokens_without_a_model_sum_to_the_day() -> None:
    report = read(FILE)
    assert report.engagement == [
        Engagement(DAY, "claude-sonnet-4-5", EngagementCounts(60, 35, 2, 101, 5), None),
        Engagement(DAY, "gpt-4.1", EngagementCounts(20), None),
        Engagement(DAY, "", EngagementCounts(20, 45, 38, 399, 15), 12),
    ]
    assert "CANARY" not in repr(report)


def test_tokens_of_the_command_line_are_spread_over_the_day_without_loss() -> None:
    hours = read(FILE).hours
    assert [reported.hour for reported in hours] == [datetime(2026, 11, 18, hour, tzinfo=UTC) for hour in range(24)]
    assert sum_tokens(reported.tokens for reported in hours) == TokenCounts(input_uncached=24_005, output_visible=241)
    totals = {reported.tokens.total for reported in hours}
    assert max(totals) - min(totals) <= 2


def test_rows_of_another_day_in_a_file_are_skipped() -> None:
    assert read(FILE, date(2026, 11, 19)) == Report()


def test_a_file_of_lines_and_a_wrapped_day_give_the_same_result() -> None:
    assert read(FILE.strip() + b'\n{"day": "2026-11-17"}\n') == read(FILE)
    assert read(b'{"day_totals": [' + FILE + b"]}") == read(FILE)


def test_an_empty_file_has_no_usage() -> None:
    assert read(b"") == Report()


@pytest.mark.parametrize("file", [b"CANARY", b"[]", FILE[:200], FILE.replace(b"24005", b"-1")])
def test_a_file_of_another_shape_is_refused(file: bytes) -> None:
    with pytest.raises(UnreadableError) as raised:
        read(file)
    assert "CANARY" not in str(raised.value)
