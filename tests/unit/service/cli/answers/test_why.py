from datetime import date
from typing import Any

import pytest

from service.cli.answers.why import as_lines, days_of
from service.cli.figures import signed_money

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
WIDTH = 80


def item(team: str | None, **values: Any) -> dict[str, Any]:
    causes = {f"{cause}_usd": "0.00" for cause in ("volume", "size", "model_mix", "cache", "price")}
    basis = {"team": team, "teams": 1, "together_reason": None, "change_usd": "412.00"}
    return {**basis, "causes": {**causes, "volume_usd": "460.00", "cache_usd": "-48.00"}, **values}


def change(*items: dict[str, Any]) -> dict[str, Any]:
    days = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
    before = {"compared_first_day": "2026-09-01", "compared_last_day": "2026-09-30"}
    return {**days, **before, "sentence": "Spend rose $412.", "items": list(items)}


def test_a_change_is_a_sentence_and_a_table_of_teams() -> None:
    together = item(None, teams=3, together_reason="their changes are smaller", change_usd="0.001")
    assert as_lines(change(item("checkout"), together)) == [
        "2026-10-01 to 2026-10-31, compared with 2026-09-01 to 2026-09-30:",
        "Spend rose $412.",
        "",
        "  team                change  requests  size  models    cache  prices",
        f"  checkout          +$412.00  +$460.00     {DASH}       {DASH}  {MINUS}$48.00       {DASH}",
        f"  3 teams together         {DASH}  +$460.00     {DASH}       {DASH}  {MINUS}$48.00       {DASH}",
        "  3 teams together: their changes are smaller",
    ]


def test_a_long_name_still_fits_the_terminal() -> None:
    assert max(map(len, as_lines(change(item("a team whose name is very long indeed"))))) <= WIDTH


def test_without_teams_only_the_sentence_is_shown() -> None:
    assert as_lines(change())[1:] == ["Spend rose $412."]


@pytest.mark.parametrize(
    ("today", "last"), [("2026-11-01", "2026-11-01"), ("2026-11-14", "2026-11-13"), ("2026-12-01", "2026-11-30")]
)
def test_of_the_present_month_only_days_that_are_over_count(today: str, last: str) -> None:
    assert days_of(date(2026, 11, 1), date.fromisoformat(today)) == {"from": "2026-11-01", "to": last}


def test_a_difference_has_its_sign() -> None:
    assert [signed_money(usd) for usd in ("12.50", "-1234.00", "-0.004")] == ["+$12.50", f"{MINUS}$1,234", DASH]
