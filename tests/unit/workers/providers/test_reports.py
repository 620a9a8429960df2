from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from vocabulary.charges import ChargeKind
from workers.providers import anthropic, openai
from workers.providers.client import DEFAULT_WAIT, LONGEST_WAIT, decode_rows, retry_after
from workers.providers.left_out import LeftOutRow
from workers.providers.reports import Cost, Report, UsageCount, charges_of, usage_by_model

AnyShape = TypeVar("AnyShape")
PAYLOADS = Path(__file__).resolve().parents[3] / "payloads" / "providers"
DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(rows: Iterable[msgspec.Raw], shape: type[AnyShape]) -> list[AnyShape]:
    """All rows, of which none is left out."""
    left_out: list[LeftOutRow] = []
    found = list(decode_rows(rows, shape, "page", left_out))
    assert left_out == []
    return found


def test_anthropics_cache_writes_of_both_lives_are_one_kind() -> None:
    page = msgspec.json.decode((PAYLOADS / "anthropic_usage__page_1.json").read_bytes(), type=anthropic.UsagePage)
    opus = anthropic.counted(DAY, read(page.data[0].results, anthropic.UsageResult)[1])
    assert {(each.model, each.kind, each.lives_an_hour, each.tokens) for each in opus} == {
        ("claude-opus-4-1", "input_uncached", False, 200),
        ("claude-opus-4-1", "cache_read", False, 300),
        ("claude-opus-4-1", "cache_write", False, 100),
        ("claude-opus-4-1", "cache_write", True, 50),
        ("claude-opus-4-1", "output", False, 400),
        ("claude-opus-4-1", "web_search", False, 2),
    }
    assert usage_by_model(opus) == {(DAY, "claude-opus-4-1"): [200, 300, 150, 400]}


def test_anthropics_amounts_are_cents() -> None:
    page = msgspec.json.decode((PAYLOADS / "anthropic_costs__page_1.json").read_bytes(), type=anthropic.CostPage)
    costs = [anthropic.cost_of(DAY, each) for each in read(page.data[0].results, anthropic.CostResult)]
    assert costs[0] == Cost(DAY, "claude-sonnet-4-5", ChargeKind.INPUT_UNCACHED, "USD", Decimal("0.00216"))
    assert costs[-1] == Cost(DAY, "", ChargeKind.WEB_SEARCH, "USD", Decimal("0.02"))


def test_input_of_openai_is_read_without_cached_tokens() -> None:
    page = msgspec.json.decode((PAYLOADS / "openai_usage__page_1.json").read_bytes(), type=openai.Page)
    plain, tuned = (openai.counted(DAY, each) for each in read(page.data[0].results, openai.UsageResult))
    assert [(each.model, each.kind.value, each.tokens) for each in plain] == [
        ("gpt-4o", "input_uncached", 200),
        ("gpt-4o", "cache_read", 800),
        ("gpt-4o", "output", 500),
    ]
    assert {each.model for each in tuned} == {"gpt-4o-mini"}


def test_openais_amounts_are_exact_as_numbers_and_as_text() -> None:
    page = msgspec.json.decode((PAYLOADS / "openai_costs__page_1.json").read_bytes(), type=openai.Page)
    costs = [openai.cost_of(DAY, each) for each in read(page.data[0].results, openai.CostResult)]
    assert [(cost.model, cost.kind.value, cost.amount) for cost in costs] == [
        ("gpt-4o", "input_uncached", Decimal("0.0005")),
        ("gpt-4o", "cache_read", Decimal("0.0010000000000000000001")),
        ("gpt-4o", "output", Decimal("0.005")),
        ("", "other", Decimal("0.06")),
        ("", "other", Decimal("0.1")),
    ]


@pytest.mark.parametrize("value", ['"NaN"', '"CANARY"', "1e400", "null", "-1e30"])
def test_an_invalid_amount_is_an_error(value: str) -> None:
    odd = msgspec.Raw(f'{{"amount":{{"value":{value},"currency":"usd"}}}}'.encode())
    good = msgspec.Raw(b'{"amount":{"value":0.5,"currency":"usd"}}')
    left_out: list[LeftOutRow] = []
    found = list(decode_rows([odd, good], openai.CostResult, "costs", left_out))
    assert [each.amount.value for each in found] == [Decimal("0.5")]
    ((place, *_),) = left_out
    assert place.startswith("costs, row 1: unexpected amount")
    assert "CANARY" not in place


def test_tokens_without_money_yet_are_no_charge_since_they_would_seem_free() -> None:
    usage = [UsageCount(DAY, "gpt-4o", ChargeKind.OUTPUT, 500), UsageCount(DAY, "gpt-4o", ChargeKind.CACHE_READ, 800)]
    cost = Cost(DAY, "gpt-4o", ChargeKind.OUTPUT, "USD", Decimal("0.002"))
    (charge,) = charges_of(Report(usage, [cost, cost]))
    assert (charge.priced.kind, charge.tokens, charge.amount) == ("output", 500, Decimal("0.004"))


def test_charges_keep_tiers_cache_lifetimes_and_pieces_apart() -> None:
    model, usd = "claude-opus-4-1", "USD"
    usage = [
        UsageCount(DAY, model, ChargeKind.CACHE_WRITE, 100),
        UsageCount(DAY, model, ChargeKind.CACHE_WRITE, 50, "", True),
        UsageCount(DAY, model, ChargeKind.CACHE_WRITE, 7, "batch"),
        UsageCount(DAY, model, ChargeKind.WEB_SEARCH, 3),
    ]
    costs = [
        Cost(DAY, model, ChargeKind.CACHE_WRITE, usd, Decimal(1)),
        Cost(DAY, model, ChargeKind.CACHE_WRITE, usd, Decimal(2), "", True),
        Cost(DAY, model, ChargeKind.CACHE_WRITE, usd, Decimal(3), "batch"),
        Cost(DAY, "", ChargeKind.WEB_SEARCH, usd, Decimal("0.03")),
    ]
    found = {
        (each.priced.kind.value, each.priced.service_tier, each.priced.lives_an_hour, each.tokens, each.pieces)
        for each in charges_of(Report(usage, costs))
    }
    assert found == {
        ("cache_write", "", False, 100, 0),
        ("cache_write", "", True, 50, 0),
        ("cache_write", "batch", False, 7, 0),
        ("web_search", "", False, 0, 3),
    }


def test_usage_of_a_tier_belongs_to_the_cost_that_names_none() -> None:
    usage = [
        UsageCount(DAY, "gpt-4o", ChargeKind.OUTPUT, 500),
        UsageCount(DAY, "gpt-4o", ChargeKind.OUTPUT, 20, "priority"),
    ]
    (charge,) = charges_of(Report(usage, [Cost(DAY, "gpt-4o", ChargeKind.OUTPUT, "USD", Decimal(1))]))
    assert (charge.priced.service_tier, charge.tokens) == ("", 520)


@pytest.mark.parametrize(
    ("item", "kind", "tier"),
    [
        ("web search tool calls, gpt-4o", "web_search", ""),
        ("Code interpreter sessions", "code_execution", ""),
        ("gpt-4o-2024-08-06, batch, input", "input_uncached", "batch"),
        ("gpt-5, priority cached input", "cache_read", "priority"),
    ],
)
def test_line_items_name_pieces_and_tiers(item: str, kind: str, tier: str) -> None:
    cost = openai.cost_of(DAY, openai.CostResult(openai.Amount(Decimal(1), "usd"), item))
    assert (cost.kind, cost.service_tier) == (kind, tier)


def test_cached_tokens_larger_than_the_input_stand_beside_it() -> None:
    assert openai.split(openai.UsageResult(input_tokens=31, output_tokens=5, input_cached_tokens=467)) == (
        31,
        467,
        0,
        5,
        0,
    )


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("Sun, 22 Nov 2026 00:02:00 GMT", timedelta(minutes=2)),
        ("Sat, 21 Nov 2026 00:00:00 GMT", timedelta(seconds=1)),
        ("99999999999", LONGEST_WAIT),
        ("soon", DEFAULT_WAIT),
        (None, DEFAULT_WAIT),
    ],
)
def test_providers_are_waited_for_as_long_as_they_ask_within_reason(header: str | None, wait: timedelta) -> None:
    assert retry_after(header, NOW) == wait
