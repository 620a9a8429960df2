from datetime import UTC, datetime

import pytest

from vocabulary.tokens import TokenCounts
from workers.providers.client import UnreadableError, decode
from workers.providers.cursor import UsagePage, add_events, report_of
from workers.providers.hour_sums import HourSums
from workers.providers.left_out import LeftOutRow
from workers.providers.reports import HourTokens

PAGE = b"""{"totalUsageEventsCount": 3, "usageEvents": [
  {"timestamp": "1750979225854", "model": "claude-4.5-sonnet", "kind": "Usage-based", "isTokenBasedCall": true,
   "tokenUsage": {"inputTokens": 126, "outputTokens": 450, "cacheWriteTokens": 6112, "cacheReadTokens": 11964,
                  "totalCents": 20.18232}, "userEmail": "CANARY@example.com"},
  {"timestamp": 1750979225855, "model": "claude-4.5-sonnet", "tokenUsage": {"outputTokens": 1}},
  {"timestamp": "1750979173824", "model": "default", "isTokenBasedCall": false, "userEmail": "CANARY@example.com"}]}"""


def test_events_are_summed_by_hour_team_and_model_without_people() -> None:
    sums = HourSums()
    left_out: list[LeftOutRow] = []
    add_events(sums, decode(PAGE, UsagePage).usage_events, "page 1", left_out, {"CANARY@example.com": 3}.get)
    report = report_of(sums, left_out)
    assert report.left_out == []
    hour = datetime(2025, 6, 26, 23, tzinfo=UTC)
    assert set(report.hours) == {
        HourTokens(hour, 3, "claude-4.5-sonnet", TokenCounts(126, 11964, 6112, 450), 1),
        HourTokens(hour, None, "claude-4.5-sonnet", TokenCounts(output_visible=1), 1),
    }
    assert sum(each.tokens for each in report.usage) == 126 + 11964 + 6112 + 450 + 1
    assert "CANARY" not in repr(report)


def test_an_hour_of_more_tokens_than_there_can_be_is_no_report() -> None:
    sums = HourSums()
    sums.add(datetime(2026, 3, 2, 9, tzinfo=UTC), None, "m", TokenCounts(10**12))
    with pytest.raises(UnreadableError):
        sums.add(datetime(2026, 3, 2, 9, 30, tzinfo=UTC), None, "m", TokenCounts(1))


def test_an_event_that_cannot_be_read_is_named_and_stops_no_other() -> None:
    good = '{"timestamp": 1750979225855, "model": "m", "tokenUsage": {"outputTokens": 1}}'
    odd = '{"timestamp": "CANARY", "tokenUsage": {"outputTokens": 1}}'
    large = '{"timestamp": 1750979225855, "model": "m", "tokenUsage": {"outputTokens": 1000000000000}}'
    page = decode(f'{{"usageEvents": [{odd}, {good}, 7, {large}, {good}]}}'.encode(), UsagePage)
    sums, left_out = HourSums(), list[LeftOutRow]()
    add_events(sums, page.usage_events, "page 2", left_out, lambda _: None)
    (hour,) = report_of(sums).hours
    assert (hour.tokens, hour.requests) == (TokenCounts(output_visible=2), 2)
    assert [row.text for row in left_out] == [
        "page 2, row 1: unexpected timestamp",
        "page 2, row 3: unexpected row",
        "page 2: more tokens in an hour than possible",
    ]
    # What may hold tokens is counted as dropped, with those that can be seen.
    assert [(row.reason, row.tokens) for row in left_out] == [("time", 1), ("", 0), ("counts", 10**12)]
