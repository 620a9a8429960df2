"""Scores of answers in one world and setting: errors, bias, and whether intervals and `reliable` keep their promise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from tests.benchmarks.accuracy.world_answers import Answer, Answers
from vocabulary.intervals import SUM_SIZE

# A figure that misses the truth by more than this part of it is off.
OFF = 0.5


@dataclass(frozen=True, slots=True)
class TeamLine:
    """Scores of one team; None where nothing was measured.

    `reliable` counts single pull requests that are called reliable, `off` those of them that miss by more than OFF,
    `reliable_sums` the sums that are called reliable and `held_sums` those of them whose interval holds.
    """

    weighted_error: float | None
    median_error: float | None
    bias: float | None
    single: float | None
    sums: float | None
    total: float | None
    pull_requests: int
    reliable: int
    off: int
    reliable_sums: int
    held_sums: int
    conservation_error: int


@dataclass(frozen=True, slots=True)
class WorldLine:
    """Scores over teams: medians of errors and bias, means of coverage, shares of what is called reliable.

    `bias_worst` is the bias furthest from 0. `sums_reliable` is how many of the sums that are called reliable hold,
    `off_reliable` how many of the single figures that are called reliable miss by more than OFF.
    """

    weighted_error: float | None
    median_error: float | None
    bias: float | None
    bias_mean: float | None
    bias_worst: float | None
    single: float | None
    single_worst: float | None
    sums: float | None
    sums_worst: float | None
    sums_reliable: float | None
    sums_reliable_share: float | None
    total: float | None
    reliable_share: float | None
    off_reliable: float | None
    conservation_error: int


def team_line(answers: Answers, *, has_intervals: bool = True) -> TeamLine:
    """Return the scores of one team."""
    single, sums = answers.single, answers.sums
    truth = sum(each.truth for each in single)
    relative = [abs(each.estimate - each.truth) / each.truth for each in single if each.truth]
    reliable = [each for each in single if each.reliable]
    reliable_sums = [each for each in sums if each.reliable]
    return TeamLine(
        weighted_error=sum(abs(each.estimate - each.truth) for each in single) / truth if truth else None,
        median_error=median(relative) if relative else None,
        bias=answers.total.estimate / truth - 1 if truth else None,
        single=_held(single) if has_intervals else None,
        sums=_held(sums) if has_intervals else None,
        total=_held([answers.total]) if has_intervals else None,
        pull_requests=len(single),
        reliable=len(reliable),
        off=sum(abs(each.estimate - each.truth) > OFF * each.truth for each in reliable),
        reliable_sums=len(reliable_sums),
        held_sums=sum(each.holds for each in reliable_sums),
        conservation_error=answers.conservation_error,
    )


def world_line(teams: Sequence[TeamLine]) -> WorldLine:
    """Return the scores over teams."""
    biases = _known(each.bias for each in teams)
    single, sums = _known(each.single for each in teams), _known(each.sums for each in teams)
    return WorldLine(
        weighted_error=_median(each.weighted_error for each in teams),
        median_error=_median(each.median_error for each in teams),
        bias=_median(biases),
        bias_mean=fmean(biases) if biases else None,
        bias_worst=max(biases, key=abs, default=None),
        single=fmean(single) if single else None,
        single_worst=min(single, default=None),
        sums=fmean(sums) if sums else None,
        sums_worst=min(sums, default=None),
        sums_reliable=_part(sum(each.held_sums for each in teams), sum(each.reliable_sums for each in teams)),
        sums_reliable_share=_part(
            sum(each.reliable_sums for each in teams), sum(each.pull_requests // SUM_SIZE for each in teams)
        )
        if sums
        else None,
        total=_mean(each.total for each in teams),
        reliable_share=_part(sum(each.reliable for each in teams), sum(each.pull_requests for each in teams))
        if single
        else None,
        off_reliable=_part(sum(each.off for each in teams), sum(each.reliable for each in teams)),
        conservation_error=sum(each.conservation_error for each in teams),
    )


def _held(answers: Sequence[Answer]) -> float | None:
    return fmean(each.holds for each in answers) if answers else None


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _median(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return median(known) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return fmean(known) if known else None


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None
