"""Answers to assistants say what a figure is worth, and what is withheld or missing."""

import sys
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli.main import main
from service.mcp import sentences

ESTIMATE: dict[str, Any] = {
    "label": "web#7",
    "artifact_id": "a1_" + "0" * 64,
    "state": "open",
    "team": "web",
    "merged_at": None,
    "cost_usd": "12.50",
    "tokens": {"total": 1_200_000},
    "evidence": {"artifact": 0.0, "commit": 0.25, "branch": 0.0, "repository": 0.0, "cohort": 0.75},
    "interval": {"low": 900_000, "high": 2_000_000, "coverage": 0.8},
    "reliable": False,
    "outcomes": {"reverted_at": "2026-11-20T08:00:00Z"},
}
FIGURES = {"cost_usd": "10", "tokens": {"total": 900}}
SPEND: dict[str, Any] = {
    "first_day": "2026-11-01",
    "last_day": "2026-11-30",
    "compared_with": None,
    "settled": False,
    "total": {"figures": FIGURES, "change": None},
    "items": [
        {"team": "web", "model": "m", "figures": FIGURES, "withheld_reason": None},
        {"team": "tiny", "model": "m", "figures": None, "withheld_reason": "small"},
    ],
}
FORECAST: dict[str, Any] = {
    "team": None,
    "of_model": None,
    "period": "month",
    "spent_usd": "50",
    "likely_usd": "90",
    "low_usd": "80",
    "high_usd": "99",
    "budget_usd": "85",
    "exceeded_on": "2026-11-28",
    "withheld_reason": None,
}


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_forecast_of_a_small_team_is_withheld() -> None:
    hidden = {**FORECAST, "team": "tiny", "spent_usd": None, "withheld_reason": "the team has fewer than 5 people"}
    assert sentences.forecast([hidden], "tiny") == "Withheld: the team has fewer than 5 people."


def test_an_estimate_says_so_with_its_evidence_and_interval() -> None:
    assert plain(sentences.pull_request(ESTIMATE, "Pull request 7")) == (
        "web#7 (open, team web) cost $12.50 for 1.2 M tokens; linked by team and hour (75 %) and commit (25 %), "
        "between 900 k and 2.0 M tokens with 80 % probability, an estimate that is not reliable on its own; "
        "it was reverted on 20 November 2026."
    )
    assert sentences.dearest([ESTIMATE], "pull request") == "The dearest pull requests: web#7 $12.50 (estimate)."


def test_spend_counts_what_is_withheld_and_says_what_is_not_settled() -> None:
    assert plain(sentences.spend(SPEND, "team,model")) == (
        "1 November to 30 November 2026: $10.00 for 900 tokens; by team,model: web / m $10.00; "
        "1 withheld because they are small; some days are still being settled, so these figures will change."
    )
    withheld = sentences.spend({**SPEND, "total": None}, "team")
    assert withheld == "1 November to 30 November 2026: the figures of this team are withheld because it is small."


def test_a_forecast_says_whether_the_budget_holds() -> None:
    assert plain(sentences.forecast([FORECAST], None)) == (
        "The organization spent $50.00 this month; it will likely be $90.00, and with 80 % probability between $80.00 "
        "and $99.00; the budget is $85.00; it is likely exceeded on 28 November 2026."
    )
    assert "no forecast for this month yet" in sentences.forecast([FORECAST], "web")


def test_the_newest_alert_comes_with_the_number_of_others() -> None:
    assert sentences.alerts([{"sentence": "Spend of web rose."}] * 3) == "Spend of web rose; 2 more alerts."
    assert sentences.alerts([]) == "No alert matches."


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "service.mcp.server", None)
    result = CliRunner().invoke(main, ["mcp"])
    assert result.stderr == "error: this command needs an extra; install it with: pip install 'shipledger[mcp]'\n"
