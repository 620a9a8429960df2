"""Figures as lines of a terminal."""

from datetime import date
from typing import Any

import pytest

from service.cli.answers.month import as_lines as month_lines
from service.cli.answers.pr import as_lines as pull_request_lines
from service.cli.answers.release import as_lines as release_lines
from service.cli.figures import certainty_lines, columns, evidence_line, money, tokens
from service.cli.spending import next_step, spending_sentence
from tests.unit.service.cli.figures_shown import overview, pull_request, release, row

WIDTH = 80


def test_a_spend_is_one_sentence_with_the_dearest_pull_request() -> None:
    assert spending_sentence(overview()) == (
        "You spent $88.62; $76.86 of it shipped in 41 pull requests; the dearest: octo-org/web#2201, $3.40."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"received": (0, "0.00")}, "Nothing was spent: no tokens were received."),
        (
            {"merged": (0, "0.00"), "merged_pull_requests": 0, "dearest": None},
            "You spent $88.62; none of it on merged pull requests.",
        ),
        (
            {"dearest": {"label": None, "artifact_id": "a1_" + "0" * 64, "cost_usd": "3.40"}},
            "You spent $88.62; $76.86 of it shipped in 41 pull requests; the dearest: $3.40.",
        ),
        (
            {"received": (4_000_000, "0.00"), "merged_pull_requests": 0, "dearest": None},
            "You spent 4.00 M tokens, which have no price yet; none of it on merged pull requests.",
        ),
        (
            {"merged_pull_requests": 1, "pending": (1_200, "0.00"), "dearest": None},
            "You spent $88.62; $76.86 of it shipped in 1 pull request; 1.20 k tokens are still being settled.",
        ),
    ],
)
def test_a_spend_without_some_part_is_still_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert spending_sentence(overview(**changes)) == sentence


@pytest.mark.parametrize(
    ("changes", "has_labels", "command"),
    [
        ({"received": (0, "0.00")}, False, "shipledger import claude-code"),
        ({"known_pull_requests": 0}, False, "shipledger import git PATH"),
        ({}, False, "shipledger labels on"),
        ({}, True, "shipledger month --by team"),
    ],
)
def test_the_next_step_is_never_what_was_just_done(changes: dict[str, Any], has_labels: bool, command: str) -> None:
    assert command in next_step(overview(**changes), has_labels=has_labels)


def test_a_pull_request_fits_the_terminal() -> None:
    lines = pull_request_lines(pull_request(), "2201")
    assert lines == [
        "octo-org/web#2201, merged 18 Nov 2026, team platform",
        "  $3.40 for 1.24 M tokens",
        "  linked by branch 75 %, team and hour 25 %",
        "  with 80 % probability 1.10 M \N{EN DASH} 1.40 M tokens",
        "",
        "  claude-opus-4-1     200 k  $2.10",
        "  claude-sonnet-4-5  1.04 M  $1.30",
    ]
    assert max(map(len, lines)) <= WIDTH


def test_without_a_label_the_number_that_was_asked_for_is_the_name() -> None:
    assert pull_request_lines(pull_request(label=None), "2201")[0].startswith("Pull request 2201, ")
    assert pull_request_lines(pull_request(label=None, merged_at=None, state="open"), "7")[0] == (
        "Pull request 7, open, team platform"
    )


def test_an_unreliable_figure_is_called_an_estimate() -> None:
    unreliable = pull_request(reliable=False, unreliable_because=["few_links"], interval=None)
    assert certainty_lines(unreliable) == [
        "  an estimate: Too few of the tokens are linked. Link sessions as `shipledger agent-config` shows."
    ]


def test_a_release_shows_its_teams_and_what_was_reverted() -> None:
    lines = release_lines(release(), "v1.2.0")
    assert lines[:2] == [
        "v1.2.0, released 18 Nov 2026, team platform",
        "  $3.40 for 1.24 M tokens in 12 pull requests",
    ]
    assert "  another $0.50 for 1 pull request, since reverted" in lines
    assert lines[-2:] == ["  platform    1.24 M  $3.40", "  mobile    withheld"]
    assert max(map(len, lines)) <= WIDTH


def test_a_release_names_its_pull_requests_with_labels() -> None:
    shipped = [{"label": f"octo-org/octo-repo#{number}", "reverted": number == 40} for number in range(40, 28, -1)]
    lines = release_lines({**release(), "shipped": shipped}, "v1.2.0")
    assert lines[2] == "  #39, #38, #37, #36, #35, #34, #33, #32, #31, #30 and 2 more"


def test_a_month_shows_rows_by_cost_and_why_a_team_is_withheld() -> None:
    rows = [row("mobile", None), row("platform", 41), row("web", 0)]
    lines = month_lines(date(2026, 11, 1), overview(), rows)
    assert lines[0].startswith("November 2026: You spent $88.62; ")
    assert lines[2:7] == [
        "Merged pull requests, and what was spent on them:",
        "  team        merged  tokens   cost  tokens per PR  cost per PR",
        "  platform        41  1.24 M  $3.40         30.2 k        $0.08",
        "  web              0       0  $0.00              \N{EN DASH}            \N{EN DASH}",
        "  mobile    withheld",
    ]
    assert lines[-1] == "  withheld: the team has fewer than 5 people"


def test_columns_align_names_to_the_left_and_numbers_to_the_right() -> None:
    assert columns([["a", "1"], ["long", "100"]]) == ["  a       1", "  long  100"]


def test_values_that_are_not_known_are_dashes() -> None:
    assert money(None) == tokens(None) == "\N{EN DASH}"
    assert evidence_line({"branch": 0.0}) == ""
