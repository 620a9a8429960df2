"""When a figure shows its interval, and when it may stand alone."""

from typing import Any

import pytest

from service.api.ledger.intervals import doubts_about, interval_of, read_evidence_tokens
from vocabulary.intervals import Calibration, Doubt, Quantiles

CALIBRATIONS = {
    "repository": Calibration(10, (Quantiles(1, -1.0, 0.5),)),
    "cohort": Calibration(10, (Quantiles(1, -2.0, 1.0), Quantiles(25, -0.5, 0.2))),
}


def row(evidence: str, tokens: int) -> dict[str, Any]:
    kinds = dict.fromkeys(("cache_read", "cache_write", "output_visible", "output_reasoning"), 0)
    return {"evidence": evidence, "input_uncached": tokens, **kinds}


def test_linked_and_split_tokens_are_kept_apart() -> None:
    reported = read_evidence_tokens(
        [row("artifact", 1), row("commit", 2), row("branch", 4), row("repository", 8), row("cohort", 16)]
    )
    assert (reported.direct, reported.repository, reported.cohort) == (7, 8, 16)


@pytest.mark.parametrize(("linked", "reliable"), [(60, True), (59, False), (0, False)])
def test_a_figure_stands_alone_from_60_percent_linked_tokens_on(linked: int, reliable: bool) -> None:
    tokens = read_evidence_tokens([row("branch", linked), row("cohort", 100 - linked)])
    assert (doubts_about(tokens, 1, {}) == []) is reliable


def test_a_sum_of_25_pull_requests_needs_a_calibration_that_knows_what_is_exploration() -> None:
    reported = read_evidence_tokens([row("branch", 40), row("cohort", 60)])
    assert doubts_about(reported, 25, CALIBRATIONS) == []
    assert doubts_about(reported, 25, {}) == [Doubt.EXPLORATION_ASSUMED]
    assert doubts_about(reported, 24, CALIBRATIONS) == [Doubt.FEW_LINKS]


def test_nothing_spent_is_no_reliable_figure() -> None:
    assert doubts_about(read_evidence_tokens([]), 1, CALIBRATIONS) == [Doubt.FEW_LINKS]


def test_the_evidence_of_most_split_tokens_selects_the_errors() -> None:
    by_repository = interval_of(read_evidence_tokens([row("repository", 990), row("cohort", 1)]), 1, CALIBRATIONS)
    by_cohort = interval_of(read_evidence_tokens([row("repository", 1), row("cohort", 990)]), 1, CALIBRATIONS)
    assert by_repository is not None
    assert by_cohort is not None
    assert by_cohort.low < by_repository.low
    assert by_cohort.high > by_repository.high


def test_a_sum_is_more_certain_than_one_of_its_size() -> None:
    reported = read_evidence_tokens([row("cohort", 1000)])
    alone, together = interval_of(reported, 1, CALIBRATIONS), interval_of(reported, 25, CALIBRATIONS)
    assert alone is not None
    assert together is not None
    assert together.high - together.low < (alone.high - alone.low) / 2


def test_there_is_no_interval_before_the_team_was_calibrated_nor_of_no_pull_request() -> None:
    reported = read_evidence_tokens([row("cohort", 1000)])
    assert interval_of(reported, 1, {}) is None
    assert interval_of(reported, 0, CALIBRATIONS) is None
