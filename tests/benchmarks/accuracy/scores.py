"""Scores of estimates against the truth, of one team and over teams."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, fmean, median

from tests.benchmarks.accuracy.chance import worst_by_chance


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of a pull request's tokens, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TeamScores:
    """Scores of one team over its merged pull requests; None if a score is undefined.

    `weighted_error` is Σ|estimate - truth| / Σ truth, `median_relative_error` the median of |estimate - truth| / truth
    where the truth is not 0, `rank_correlation` Spearman's, `team_bias` Σ estimate / Σ truth - 1, `p50_bias` the same
    for medians, `coverage_80` the share of intervals that contain the truth, and `conservation_error` the input minus
    the output, in tokens and nano-USD together. `pull_requests` is their number.
    """

    weighted_error: float | None
    median_relative_error: float | None
    rank_correlation: float | None
    team_bias: float | None
    p50_bias: float | None
    coverage_80: float | None
    conservation_error: int
    pull_requests: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores over teams: medians; for coverage the mean, the tenth percentile and the worst; for conservation the sum.

    `coverage_80_worst_by_chance` is the median of an oracle's worst coverage (see `chance`).
    """

    weighted_error: float | None
    median_relative_error: float | None
    rank_correlation: float | None
    team_bias: float | None
    p50_bias: float | None
    coverage_80: float | None
    coverage_80_p10: float | None
    coverage_80_worst_team: float | None
    coverage_80_worst_by_chance: float | None
    conservation_error: int


def score_team(
    truths: Sequence[int],
    estimates: Sequence[float],
    intervals: Sequence[Interval] | None,
    conservation_error: int,
) -> TeamScores:
    """Return the scores of a team; truths and estimates are of its merged pull requests, in the same order."""
    relative = [abs(estimate - truth) / truth for truth, estimate in zip(truths, estimates, strict=True) if truth]
    error = sum(abs(estimate - truth) for truth, estimate in zip(truths, estimates, strict=True))
    return TeamScores(
        weighted_error=_ratio(error, sum(truths)),
        median_relative_error=median(relative) if relative else None,
        rank_correlation=spearman(truths, estimates),
        team_bias=_excess(sum(estimates), sum(truths)),
        p50_bias=_excess(median(estimates), median(truths)) if truths else None,
        coverage_80=_coverage(truths, intervals),
        conservation_error=conservation_error,
        pull_requests=len(truths),
    )


def over_teams(teams: Sequence[TeamScores]) -> Scores:
    """Return the scores over teams, as described in `Scores`."""
    covered = [team for team in teams if team.coverage_80 is not None]
    coverages = sorted(team.coverage_80 for team in covered if team.coverage_80 is not None)
    return Scores(
        weighted_error=_median(team.weighted_error for team in teams),
        median_relative_error=_median(team.median_relative_error for team in teams),
        rank_correlation=_median(team.rank_correlation for team in teams),
        team_bias=_median(team.team_bias for team in teams),
        p50_bias=_median(team.p50_bias for team in teams),
        coverage_80=fmean(coverages) if coverages else None,
        coverage_80_p10=coverages[len(coverages) // 10] if coverages else None,
        coverage_80_worst_team=coverages[0] if coverages else None,
        coverage_80_worst_by_chance=worst_by_chance([team.pull_requests for team in covered]) if covered else None,
        conservation_error=sum(team.conservation_error for team in teams),
    )


def spearman(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, with mean ranks for equal values; None if one side does not vary."""
    try:
        return correlation(_ranks(left), _ranks(right))
    except StatisticsError:
        return None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for position in order[begin:end]:
            ranks[position] = (begin + end - 1) / 2
        begin = end
    return ranks


def _coverage(truths: Sequence[int], intervals: Sequence[Interval] | None) -> float | None:
    if not intervals:
        return None
    return fmean(interval.low <= truth <= interval.high for truth, interval in zip(truths, intervals, strict=True))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _excess(estimate: float, truth: float) -> float | None:
    return estimate / truth - 1 if truth else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
