"""Quantiles for a team's intervals: from its own errors where links tell them, drawn towards those of simulated teams.

To measure them links are hidden, settled as if they had never been, and compared. The hidden part is as large as the
part of the team's tokens that really is not linked, so that what is left of the links informs the fit as much as it
does in truth. Measured on linked sessions alone, pull requests have fewer sessions than in truth, and errors are wider.
Simulated teams are those whose pools are as crowded as the team's.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from schema.intervals import Quantiles
from schema.tokens import TOKEN_KINDS
from workers.attribution.dispersion import Dispersion, dispersion_of
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.interval_defaults import default_quantiles
from workers.attribution.intervals import Real, calibrate, offset
from workers.attribution.ledger import Ledger
from workers.attribution.masking import mask
from workers.attribution.matches import match_windows
from workers.attribution.methods import Method
from workers.attribution.model import COHORT, OVERHEAD, REPOSITORY, Facts
from workers.attribution.settle import settle
from workers.attribution.window_columns import Windows, hour_begins

# With fewer links than this part of the tokens, what is hidden is too thin to stand for the rest.
LEAST_LINKED = 0.1
# Errors measured on a part of the sessions are wider by that part to the power of minus this: measured on simulated
# teams where 30 and 60 % of the sessions are linked, in the mean of both tails.
THINNING = 0.3
# So many pull requests' own errors count for as much as the errors of simulated teams: the variance of a coverage told
# by one pull request, 0.8 x 0.2, over that of simulated teams' coverage by the default quantiles, 0.013 squared.
TRUST = 1000
# Where all is linked there is still a part to be hidden, or nothing would be measured.
LEAST_HIDDEN = 0.1


class Measured(NamedTuple):
    """Hidden tokens (n,) of pull requests in the order of their end, and how many the method gave them back (n,)."""

    true: Real
    estimate: Real


class Calibrated(NamedTuple):
    """Quantiles by size of sum, and on how many of the team's own pull requests they were measured."""

    quantiles: tuple[Quantiles, ...]
    measured: int


def calibrate_team(
    windows: Windows, facts: Facts, exploratory_share: float, method: Method, evidence: str
) -> Calibrated:
    """Quantiles for tokens of the team that are pooled by `evidence`: REPOSITORY or COHORT."""
    linked = linked_share(windows, facts)
    default = default_quantiles(evidence, linked, disperse(windows, facts, exploratory_share, method, evidence))
    if linked < LEAST_LINKED:
        return Calibrated(default, 0)
    errors = measure(windows, facts, exploratory_share, method, evidence, linked)
    count = len(errors.true)
    own = calibrate(errors.true, errors.estimate, offset(int(errors.estimate.sum()), count))
    if not own:
        return Calibrated(default, 0)
    return Calibrated(_drawn_together(own, default, linked**THINNING, count / (count + TRUST)), count)


def _drawn_together(
    own: Sequence[Quantiles], default: Sequence[Quantiles], narrowing: float, weight: float
) -> tuple[Quantiles, ...]:
    """Own quantiles, narrowed, at their weight beside the default ones; those of sizes never measured stay default."""
    known = {each.pull_requests: each for each in own}
    return tuple(
        Quantiles(
            each.pull_requests,
            weight * narrowing * known[each.pull_requests].low + (1 - weight) * each.low,
            weight * narrowing * known[each.pull_requests].high + (1 - weight) * each.high,
        )
        if each.pull_requests in known
        else each
        for each in default
    )


def linked_share(windows: Windows, facts: Facts) -> float:
    """The part, 0 to 1, of all tokens that is linked to a pull request, or known to be exploration."""
    artifacts = (OVERHEAD, *sorted(each.artifact_id for each in facts.pull_requests))
    places = {artifact_id: place for place, artifact_id in enumerate(artifacts)}
    matches = match_windows(windows, EvidenceIndex(facts), places)
    tokens = windows.amounts[:, : len(TOKEN_KINDS)].sum(axis=1)
    return float(tokens[matches.pool < 0].sum() / max(1, tokens.sum()))


def disperse(
    windows: Windows, facts: Facts, exploratory_share: float, method: Method, evidence: str
) -> Dispersion | None:
    """How the method splits the tokens that are pooled by `evidence`; None where none are."""
    rows = settle(windows, facts, exploratory_share, method).rows
    return dispersion_of(rows, evidence, _ended(windows, facts))


def measure(
    windows: Windows, facts: Facts, exploratory_share: float, method: Method, evidence: str, linked: float
) -> Measured:
    """Errors on the pull requests of the team that ended within the windows' time, when those `linked` (0 to 1) are.

    `evidence` says what is known of hidden windows: REPOSITORY or, for nothing, COHORT.
    """
    masked = mask(windows, facts, max(1 - linked, LEAST_HIDDEN), evidence)
    estimate = pooled_tokens(settle(masked.windows, facts, exploratory_share, method))
    ids = _ended(windows, facts)
    return Measured(
        np.array([masked.hidden.get(artifact_id, 0) for artifact_id in ids], dtype=np.float64),
        np.array([estimate.get(artifact_id, 0) for artifact_id in ids], dtype=np.float64),
    )


def _ended(windows: Windows, facts: Facts) -> list[bytes]:
    """Ids of the team's pull requests that ended within the windows' time, in the order of their end."""
    first, last = hour_begins(int(windows.hour.min(initial=0))), hour_begins(int(windows.hour.max(initial=0)) + 1)
    ended = sorted(
        (each.ended_at, each.artifact_id)
        for each in facts.pull_requests
        if each.in_team and each.ended_at is not None and first <= each.ended_at < last
    )
    return [artifact_id for _, artifact_id in ended]


def pooled_tokens(ledger: Ledger) -> dict[bytes, int]:
    """Tokens by pull request that were split, and not linked."""
    pooled = defaultdict[bytes, int](int)
    for row in ledger.rollup:
        if row.evidence in {REPOSITORY, COHORT}:
            pooled[row.artifact_id] += row.tokens.total
    return dict(pooled)
