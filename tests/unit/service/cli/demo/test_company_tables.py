import io
from datetime import date
from typing import Any

import httpx
import pytest
from rich.console import Console

from service.cli.demo.company_tables import conservation_line, is_balanced, print_tables
from service.client import Address, Client
from vocabulary.tokens import TOKEN_KINDS

AMOUNTS = {**dict.fromkeys((*TOKEN_KINDS, "total"), 0), "cost_usd": "0.00"}


def ledger(**totals: int) -> dict[str, Any]:
    names = ("received", "merged", "in_flight", "abandoned", "overhead", "pending", "difference")
    return {name: {**AMOUNTS, "total": totals.get(name, 0)} for name in names}


def row(week: str, merged: int | None, tokens: int, cost: str, **group: str) -> dict[str, Any]:
    return {
        **group,
        "period_start": week,
        "merged_pull_requests": merged,
        "tokens": {"total": tokens} if merged is not None else None,
        "cost_usd": cost if merged is not None else None,
        "withheld_reason": None if merged is not None else "too small",
    }


def service(balance: dict[str, Any]) -> httpx.MockTransport:
    """A service that answers as the REST contract says."""
    by_team = [
        row("2026-11-09", 0, 0, "0.00", team="web"),
        row("2026-11-16", 3, 3_723_930, "9.312", team="web"),
        row("2026-11-16", None, 0, "0.00", team="tiny"),
    ]
    by_model = [
        row("2026-11-16", 4, 6_000_000, "1.00", model="one"),
        row("2026-11-16", 4, 2_000_000, "1.00", model="other"),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/ledger":
            return httpx.Response(200, json=balance)
        items = by_team if request.url.params["group_by"] == "team" else by_model
        return httpx.Response(200, json={"items": items, "next_cursor": None})

    return httpx.MockTransport(answer)


def shown(balance: dict[str, Any]) -> tuple[str, bool]:
    console = Console(width=140, record=True, file=io.StringIO())
    with Client(Address("http://service", "key"), transport=service(balance)) as client:
        balanced = print_tables(console, client, date(2026, 11, 9), date(2026, 11, 22))
    return console.export_text(), balanced


def test_the_table_shows_tokens_and_dollars_by_team_and_week() -> None:
    text, balanced = shown(ledger(received=10, merged=7, overhead=3))
    assert balanced
    for expected in ("web", "9 Nov", "16 Nov", "1.24 M", "$3.10", "All teams", "2.00 M", "$0.50", "withheld"):
        assert expected in text
    assert "Received 10 tokens = merged 7 + in flight 0 + abandoned 0 + overhead 3 + pending 0; difference 0" in text


def test_a_ledger_that_does_not_balance_is_reported() -> None:
    _, balanced = shown(ledger(received=10, merged=7, difference=3))
    assert not balanced


@pytest.mark.parametrize("money", ["0.000000001", "-0.01"])
def test_a_difference_in_money_alone_is_a_difference(money: str) -> None:
    broken = ledger()
    broken["difference"]["cost_usd"] = money
    assert not is_balanced(broken)
    assert conservation_line(broken).plain.endswith("difference 0 tokens, $" + money)
