"""Calibrates a team's intervals: from its own errors where links exist, shrunk towards those of simulated teams.

To measure errors, links are hidden, the tokens are settled without them, and the result is compared. The hidden part is
as large as the part of the team's tokens that is not linked, so that the remaining links inform the fit as much as they
really do. Within linked sessions alone, pull requests have fewer sessions than in reality, and errors are wider. The
simulated teams are those with similarly crowded pools.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vocabulary.intervals import Doubt, Quantiles
from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.dispersion import Dispersion, dispersion_of
from workers.attribution.disturbances import disturbances
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.interval_defaults import default_quantiles
from workers.attribution.intervals import Real, calibrate, offset
from workers.attribution.ledger import Ledger
from workers.attribution.masking import mask
from workers.attribution.matches import match_windows
from workers.attribution.methods import Method
from workers.attribution.model import COHORT, OVERHEAD, REPOSITORY, Facts
from workers.attribution.settle import prepare, settle
from workers.attribution.widening import widened
from workers.attribution.window_columns import Windows, hour_begins

# Below this linked part of the tokens, the hidden part is too small to represent the rest.
LEAST_LINKED = 0.1
# Errors measured on a part of the sessions are wider by that part to the power of -THINNING: measured on simulated
# teams with 30 and 60 % of sessions linked, averaged over both tails.
THINNING = 0.3
# Number of a team's pull requests whose errors weigh as much as the simulated ones: the variance of a coverage from
# one pull request, 0.8 x 0.2, over that of the default quantiles' coverage. Between worlds that is 0.048 squared: the
# world of a team whose own errors are wider is untidy, so they count fast. Between tidy teams it is 0.013 squared:
# errors that seem smaller are mostly luck, so they count slowly.
WIDENING, TRUST = 70, 1000
# Where everything is linked, some part must still be hidden to measure anything.
LEAST_HIDDEN = 0.1


class Measured(NamedTuple):
    """Hidden tokens (n,) of pull requests in order of their end, and the tokens the method estimated for them (n,)."""

    true: Real
    estimate: Real


class Calibrated(NamedTuple):
    """Quantiles by size of sum, the number of own pull requests they were measured on, and what disturbs the team."""

    quantiles: tuple[Quantiles, ...]
    measured: int
    doubts: tuple[Doubt, ...] = ()
    direct_error: float = 0.0


def calibrate_team(
    windows: Windows,
    facts: Facts,
    exploratory_share: float,
    method: Method,
    evidence: str,
    ledger: Ledger | None = None,
) -> Calibrated:
    """Return quantiles for tokens of the team pooled by `evidence`: REPOSITORY or COHORT.

    `ledger` is that of these windows, if it was settled before.
    """
    _, _, work = prepare(windows, facts)
    disturbed = disturbances(work, method)
    linked = linked_share(windows, facts)
    ledger = settle(windows, facts, exploratory_share, method) if ledger is None else ledger
    dispersion = dispersion_of(ledger.rows, evidence, _ended(windows, facts))
    if dispersion is not None:
        dispersion = dispersion._replace(closeness=disturbed.closeness)
    default = default_quantiles(evidence, linked, dispersion)
    errors = measure(windows, facts, exploratory_share, method, evidence, linked) if linked >= LEAST_LINKED else None
    own: Sequence[Quantiles] = ()
    count = 0
    if errors is not None:
        count = len(errors.true)
        own = calibrate(errors.true, errors.estimate, offset(int(errors.estimate.sum()), count))
    shrunk = _shrunk(own, default, linked**THINNING, count) if own else default
    quantiles = widened(shrunk, disturbed.doubts, disturbed.burst)
    return Calibrated(quantiles, count if own else 0, disturbed.doubts, disturbed.direct_error)


def _shrunk(
    own: Sequence[Quantiles], default: Sequence[Quantiles], narrowing: float, count: int
) -> tuple[Quantiles, ...]:
    """Mix narrowed own quantiles of `count` pull requests with the default ones; sizes without own keep the default."""
    known = {each.pull_requests: each for each in own}
    return tuple(
        Quantiles(
            each.pull_requests,
            -_mixed(-narrowing * known[each.pull_requests].low, -each.low, count),
            _mixed(narrowing * known[each.pull_requests].high, each.high, count),
        )
        if each.pull_requests in known
        else each
        for each in default
    )


def _mixed(own: float, default: float, count: int) -> float:
    """Mix the distance of a bound from the estimate, measured on `count` pull requests, with the default one."""
    weight = count / (count + (WIDENING if own > default else TRUST))
    return weight * own + (1 - weight) * default


def linked_share(windows: Windows, facts: Facts) -> float:
    """Return the part (0 to 1) of all tokens that is linked to a pull request or known to be exploration."""
    artifacts = (OVERHEAD, *sorted(each.artifact_id for each in facts.pull_requests))
    places = {artifact_id: place for place, artifact_id in enumerate(artifacts)}
    matches = match_windows(windows, EvidenceIndex(facts), places)
    tokens = windows.amounts[:, : len(TOKEN_KINDS)].sum(axis=1)
    return float(tokens[matches.pool < 0].sum() / max(1, tokens.sum()))


def disperse(
    windows: Windows, facts: Facts, exploratory_share: float, method: Method, evidence: str
) -> Dispersion | None:
    """Return how the method splits the tokens pooled by `evidence`; None when there are none."""
    rows = settle(windows, facts, exploratory_share, method).rows
    return dispersion_of(rows, evidence, _ended(windows, facts))


def measure(
    windows: Windows, facts: Facts, exploratory_share: float, method: Method, evidence: str, linked: float
) -> Measured:
    """Measure errors on the team's pull requests that ended within the windows' time; `linked` is the linked share.

    `evidence` is what hidden windows keep: REPOSITORY, or COHORT for nothing.
    """
    masked = mask(windows, facts, max(1 - linked, LEAST_HIDDEN), evidence)
    estimate = pooled_tokens(settle(masked.windows, facts, exploratory_share, method))
    ids = _ended(windows, facts)
    return Measured(
        np.array([masked.hidden.get(artifact_id, 0) for artifact_id in ids], dtype=np.float64),
        np.array([estimate.get(artifact_id, 0) for artifact_id in ids], dtype=np.float64),
    )


def _ended(windows: Windows, facts: Facts) -> list[bytes]:
    """Return the ids of the team's pull requests that ended within the windows' time, in order of their end."""
    first, last = hour_begins(int(windows.hour.min(initial=0))), hour_begins(int(windows.hour.max(initial=0)) + 1)
    ended = sorted(
        (each.ended_at, each.artifact_id)
        for each in facts.pull_requests
        if each.in_team and each.ended_at is not None and first <= each.ended_at < last
    )
    return [artifact_id for _, artifact_id in ended]


def pooled_tokens(ledger: Ledger) -> dict[bytes, int]:
    """Return the tokens by pull request that were split, not linked."""
    pooled = defaultdict[bytes, int](int)
    for row in ledger.rollup:
        if row.evidence in {REPOSITORY, COHORT}:
            pooled[row.artifact_id] += row.tokens.total
    return dict(pooled)
