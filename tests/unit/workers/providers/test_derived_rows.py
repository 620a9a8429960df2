from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import json

from vocabulary.basis import Basis
from vocabulary.tokens import TokenCounts
from workers.attribution.windows import Dimensions, Surcharges
from workers.providers import anthropic, openai
from workers.providers.client import decode_rows
from workers.providers.derived import derived_rows
from workers.providers.reports import HourTokens

PAYLOADS = Path(__file__).resolve().parents[3] / "payloads" / "providers"
NINE = datetime(2026, 11, 18, 9, tzinfo=UTC)
REPORTED = HourTokens(NINE, None, "claude-sonnet-4-5-20250929[1m]", TokenCounts(5), 2)


def test_tokens_belong_to_the_team_of_the_account_unless_the_report_has_another() -> None:
    rows = derived_rows([REPORTED, REPORTED._replace(team_id=7)], source="anthropic", team_id=3, finer=set())
    assert [row.team_id for row in rows] == [3, 7]
    assert rows[0].dimensions == Dimensions("anthropic", "anthropic", "claude-sonnet-4-5-20250929", "1m", "", "")
    assert {row.basis for row in rows} == {Basis.DERIVED}
    assert rows[0].requests == 2


def test_a_team_and_day_with_something_finer_is_left_out() -> None:
    later = REPORTED._replace(hour=datetime(2026, 11, 19, tzinfo=UTC))
    rows = derived_rows([REPORTED, later], source="anthropic", team_id=3, finer={(3, date(2026, 11, 18))})
    assert [row.hour for row in rows] == [later.hour]


def test_anthropics_hours_divide_input_by_cache() -> None:
    page = json.decode((PAYLOADS / "anthropic_usage_1h__page_1.json").read_bytes(), type=anthropic.UsagePage)
    (result,) = decode_rows(page.data[0].results, anthropic.UsageResult, "page", [])
    reported = anthropic.hour_tokens(page.data[0].starting_at, result)
    tokens = TokenCounts(800, 300, 150, 400)
    assert reported == HourTokens(NINE, None, "claude-sonnet-4-5-20250929", tokens, cache_write_1h=50)


def test_what_decides_the_price_of_an_hour_is_passed_on() -> None:
    result = anthropic.UsageResult(
        uncached_input_tokens=1,
        output_tokens=2,
        cache_creation=anthropic.CacheCreation(30, 40),
        server_tool_use=anthropic.ServerToolUse(5, 6),
        model="claude-opus-4-1",
        service_tier="batch",
        inference_geo="us",
    )
    (row,) = derived_rows([anthropic.hour_tokens(NINE, result)], source="anthropic", team_id=3, finer=set())
    assert row.dimensions.service_tier == "batch+us"
    assert row.surcharges == Surcharges(40, 5, 6)
    standard = openai.UsageResult(input_tokens=9, output_tokens=1, service_tier="default", batch=False)
    assert openai.hour_tokens(NINE, standard).service_tier == ""
    batch = openai.UsageResult(
        input_tokens=9, output_tokens=1, input_cached_tokens=2, input_cache_write_tokens=3, batch=True
    )
    reported = openai.hour_tokens(NINE, batch)
    assert (reported.service_tier, reported.tokens) == ("batch", TokenCounts(4, 2, 3, 1))


def test_hours_of_openai_include_the_number_of_requests() -> None:
    page = json.decode((PAYLOADS / "openai_usage_1h__page_1.json").read_bytes(), type=openai.Page)
    (result,) = decode_rows(page.data[0].results, openai.UsageResult, "page", [])
    reported = openai.hour_tokens(NINE, result)
    assert reported == HourTokens(NINE, None, "gpt-4o-2024-08-06", TokenCounts(200, 800, 0, 500), 5)
