"""Runs the engine over the whole period of a team, and compares its input and output."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine_inputs import artifact_id, facts, windows
from tests.benchmarks.accuracy.estimate import Estimate
from tests.benchmarks.accuracy.scores import Interval
from tests.benchmarks.accuracy.settings import Setting
from vocabulary.intervals import Calibration, bounds
from vocabulary.tokens import sum_tokens
from workers.attribution.calibration import calibrate_team
from workers.attribution.intervals import offset
from workers.attribution.ledger import Ledger
from workers.attribution.methods import Method
from workers.attribution.model import COHORT, REPOSITORY, Window
from workers.attribution.overhead import DEFAULT_SHARE
from workers.attribution.settle import settle
from workers.attribution.window_columns import Windows


@dataclass(frozen=True, slots=True)
class Settled:
    """Linked and split tokens by pull request, and the conservation error."""

    direct: Mapping[int, int]
    pooled: Mapping[int, int]
    conservation_error: int


def estimate_tokens(team: TeamTruth, setting: Setting, method: Method) -> Estimate:
    """Return what the engine attributes to each pull request of the team with a method."""
    settled = settle_team(team, setting, method)
    return Estimate(
        tokens={number: settled.direct[number] + settled.pooled[number] for number in settled.direct},
        intervals=_intervals(team, setting, settled, method),
        conservation_error=settled.conservation_error,
    )


def settle_team(team: TeamTruth, setting: Setting, method: Method) -> Settled:
    """Settle all windows of the team."""
    given = windows(team, setting)
    return settled_by(team, given, settle(given, facts(team), DEFAULT_SHARE, method))


def settled_by(team: TeamTruth, given: Sequence[Window], ledger: Ledger) -> Settled:
    """Return what a ledger of these windows gives to the team's pull requests."""
    direct, pooled = defaultdict[bytes, int](int), defaultdict[bytes, int](int)
    for row in ledger.rollup:
        part = pooled if row.evidence in {REPOSITORY, COHORT} else direct
        part[row.artifact_id] += row.tokens.total
    ids = {each.pull_request: artifact_id(team.team, each.pull_request) for each in team.pull_requests}
    return Settled(
        direct={number: direct[found] for number, found in ids.items()},
        pooled={number: pooled[found] for number, found in ids.items()},
        conservation_error=_conservation_error(given, ledger),
    )


def pooled_evidence(setting: Setting) -> str:
    """Return the evidence of a setting's unlinked tokens."""
    return REPOSITORY if setting.repository else COHORT


def pooled_offset(team: TeamTruth, settled: Settled) -> int:
    """Return the offset of the team's log errors."""
    return offset(sum(settled.pooled[each.pull_request] for each in team.merged), len(team.merged))


def _intervals(team: TeamTruth, setting: Setting, settled: Settled, method: Method) -> dict[int, Interval]:
    """Return intervals calibrated as workers do: from the team's links, and nothing else of its truth."""
    given = Windows.of(windows(team, setting))
    calibrated = calibrate_team(given, facts(team), DEFAULT_SHARE, method, pooled_evidence(setting))
    calibration = Calibration(pooled_offset(team, settled), calibrated.quantiles)
    return {
        number: Interval(*bounds(direct, settled.pooled[number], 1, calibration))
        for number, direct in settled.direct.items()
    }


def _conservation_error(given: Sequence[Window], ledger: Ledger) -> int:
    """Return the sum of differences, in tokens and nano-USD, between windows and rows or rollup."""
    tokens, cost = sum_tokens(window.tokens for window in given), sum(window.cost_nano_usd for window in given)
    amounts = np.array([*tokens, cost])
    return sum(int(np.abs(rows.amounts.sum(axis=0) - amounts).sum()) for rows in (ledger.rows, ledger.rollup))
