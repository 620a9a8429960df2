"""What the engine answers for a team in one setting: for single pull requests, sums of 25, and the team's total."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine import pooled_evidence, pooled_offset, settle_team, settled_by
from tests.benchmarks.accuracy.engine_inputs import facts, windows
from tests.benchmarks.accuracy.peers import Rule
from tests.benchmarks.accuracy.settings import Setting
from vocabulary.intervals import SUM_SIZE, Calibration, bounds
from vocabulary.reliability import doubts_of
from workers.attribution.calibration import calibrate_team
from workers.attribution.methods import Method
from workers.attribution.overhead import DEFAULT_SHARE
from workers.attribution.settle import settle
from workers.attribution.window_columns import Windows


class Answer(NamedTuple):
    """A figure in tokens with its truth, its interval, and whether it is called reliable."""

    truth: float
    estimate: float
    low: float
    high: float
    reliable: bool

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


class Answers(NamedTuple):
    """The answers of one team in one setting, and the conservation error."""

    single: list[Answer]
    sums: list[Answer]
    total: Answer
    conservation_error: int


def answer(team: TeamTruth, setting: Setting, method: Method) -> Answers:
    """Settle and calibrate a team as workers do, and ask for its merged pull requests in order of their merge."""
    given, known = windows(team, setting), facts(team)
    columns = Windows.of(given)
    ledger = settle(columns, known, DEFAULT_SHARE, method)
    settled = settled_by(team, given, ledger)
    calibrated = calibrate_team(columns, known, DEFAULT_SHARE, method, pooled_evidence(setting), ledger)
    calibration = Calibration(
        pooled_offset(team, settled), calibrated.quantiles, calibrated.doubts, calibrated.direct_error
    )
    merged = sorted(team.merged, key=lambda each: (each.closed_hour or 0, each.pull_request))
    parts = [(each.tokens, settled.direct[each.pull_request], settled.pooled[each.pull_request]) for each in merged]

    def of(chosen: Sequence[tuple[int, int, int]]) -> Answer:
        truth, direct, pooled = (sum(column) for column in zip(*chosen, strict=True))
        interval = bounds(direct, pooled, len(chosen), calibration)
        doubts = doubts_of(direct, pooled, len(chosen), interval, calibration.doubts)
        return Answer(truth, direct + pooled, *interval, not doubts)

    return Answers(
        single=[of([part]) for part in parts],
        sums=[of(chosen) for chosen in _neighbours(parts)],
        total=of(parts),
        conservation_error=settled.conservation_error,
    )


def _neighbours(parts: Sequence[tuple[int, int, int]]) -> list[Sequence[tuple[int, int, int]]]:
    starts = range(0, len(parts) - SUM_SIZE + 1, SUM_SIZE)
    return [parts[start : start + SUM_SIZE] for start in starts]


def without_intervals(team: TeamTruth, setting: Setting, by: Method | Rule) -> Answers:
    """Return the estimates of a method or a rule, without intervals and without a claim to be reliable."""
    if isinstance(by, Method):
        settled = settle_team(team, setting, by)
        tokens: Mapping[int | None, int] = {
            number: direct + settled.pooled[number] for number, direct in settled.direct.items()
        }
    else:
        tokens = by(team, setting)
    merged = team.merged
    single = [Answer(each.tokens, tokens.get(each.pull_request, 0), 0, 0, reliable=False) for each in merged]
    truth, estimate = sum(each.truth for each in single), sum(each.estimate for each in single)
    total = Answer(truth, estimate, 0, 0, reliable=False)
    return Answers(single, [], total, 0)
