from dataclasses import replace

import pytest

from vocabulary.intervals import Calibration, Quantiles
from vocabulary.tokens import NANO_USD, TokenCounts
from workers.summaries.figures import Figures, Median, SizeBucket, size_of
from workers.summaries.text import NO_TOKENS, WITHHELD, dollars, short, write

LINKED = Figures(
    tokens=TokenCounts(input_uncached=200_000, cache_read=1_000_000, output_visible=40_000),
    cost_nano_usd=3_410_000_000,
    by_evidence={"commit": 1_116_000, "cohort": 124_000},
    people=8,
)
MEDIAN = Median(SizeBucket(50, 249), 34, 980_000, 2 * NANO_USD, 180)


def test_tokens_by_kind_dollars_and_evidence_are_shown() -> None:
    reported = write(LINKED)
    assert reported.title == "1.24 million tokens, $3.41"
    assert reported.body.splitlines()[:3] == ["| Tokens | |", "| :--- | ---: |", "| Input, uncached | 200,000 |"]
    assert "| **Total** | **1,240,000** |" in reported.body
    assert "Evidence: 90% commit, 10% cohort." in reported.body
    # What nothing was spent on has no row, and what is not known no sentence.
    assert "reasoning" not in reported.body
    assert "probability" not in reported.body
    assert "median" not in reported.body


def test_the_interval_widens_what_was_split_and_not_what_is_linked() -> None:
    calibration = Calibration(0, (Quantiles(1, -0.6931471805599453, 0.6931471805599453),))
    reported = write(replace(LINKED, calibrations={"cohort": calibration}))
    assert "between 1.18 million and 1.36 million tokens with 80% probability" in reported.body


def test_the_median_is_shown_for_twenty_pull_requests_and_more() -> None:
    sentence = (
        "The team's median for pull requests of 50 to 249 changed lines is 980 thousand tokens, $2.00"
        " (34 merged in the last 180 days)."
    )
    assert sentence in write(replace(LINKED, median=MEDIAN)).body
    assert "median" not in write(replace(LINKED, median=replace(MEDIAN, pull_requests=19))).body


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (replace(LINKED, people=4), "fewer than 5 people"),
        (replace(LINKED, people=None), "The size of the team is not set"),
        (replace(LINKED, by_evidence={"branch": 743_999, "repository": 496_001}), "60% of the tokens are linked"),
    ],
)
def test_without_figures_there_is_one_sentence(figures: Figures, reason: str) -> None:
    reported = write(replace(figures, median=MEDIAN))
    assert reported.title == WITHHELD
    assert reason in reported.body
    assert "|" not in reported.body
    assert "$" not in reported.title + reported.body


def test_evidence_of_sixty_percent_is_enough() -> None:
    assert write(replace(LINKED, by_evidence={"branch": 744_000, "repository": 496_000})).title != WITHHELD


def test_without_tokens_the_text_says_only_that() -> None:
    assert write(replace(LINKED, tokens=TokenCounts(), by_evidence={})).body == NO_TOKENS


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1 thousand"),
        (12_345, "12.3 thousand"),
        (999_999, "1,000 thousand"),
        (1_500_000, "1.5 million"),
        (2_340_000_000, "2.34 billion"),
        (1_234_000_000_000, "1,234 billion"),
    ],
)
def test_a_number_is_short(tokens: int, text: str) -> None:
    assert short(tokens) == text


@pytest.mark.parametrize(
    ("nano_usd", "text"),
    [(0, "$0.00"), (1, "under $0.01"), (15_000_000, "$0.02"), (1_234_560_000_000, "$1,234.56")],
)
def test_money_is_shown_in_cents(nano_usd: int, text: str) -> None:
    assert dollars(nano_usd) == text


@pytest.mark.parametrize(
    ("changed_lines", "size"),
    [(None, None), (0, (0, 9)), (9, (0, 9)), (10, (10, 49)), (999, (250, 999)), (10**6, (1000, None))],
)
def test_every_size_has_its_bucket(changed_lines: int | None, size: tuple[int, int | None] | None) -> None:
    assert size_of(changed_lines) == size
