"""Splits pooled tokens: activity times a rate per pull request, fitted over its life.

Activity is the probability that a pull request was worked on in an hour; its rate is the tokens that such an hour
takes. Rates differ by orders of magnitude and are not observed, so they are estimated by expectation maximisation: an
hour's tokens are split by what the current rates expect; then each rate is what the pull request got, linked tokens
included, divided by its activity and shrunk towards the team's mean rate by a gamma prior. Tokens are heavy-tailed,
which requires more:

- Up to what was expected of an hour, tokens are split as expected. The excess is a burst, which more probably came from
  a pull request with a high rate: it is split by spread rather than by mean (like the conditional mean of normal
  variables given their sum).
- A single burst says little about a pull request's other hours, so a rate learns from it only up to a limit.
- The exploratory share applies to the ordinary tokens of an hour, not to bursts; hours without activity count towards
  it first.

Linked tokens inform more than rates. When a pull request's tokens of an hour are linked, little of it is left in the
pool; when most tokens are linked and none of this pull request are, it was less probably worked on at all. Where days
of a pull request are linked alike, its own linked share counts instead of the team's (see `linkedness`).

The iteration is that of Shepp and Vardi, Maximum Likelihood Reconstruction for Emission Tomography (1982), with the
gamma prior of Lange, Bahn and Little, A Theoretical Study of Some Maximum Likelihood Algorithms (1987).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernels.kernel import Activity
from workers.attribution.linkedness import linkedness

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

# Activity is never certain: above this probability, an hour without links would be inexplicable.
CERTAIN = 0.95


@dataclass(frozen=True, slots=True)
class Pooled:
    """Tokens known only by repository or team, and the claims on them.

    A cell is one pool in one hour. `tokens` (cells,) includes cells without claims. Each claim pairs an activity entry,
    `active` (claims,), with a cell, `cell` (claims,), both as indexes.
    """

    tokens: Real
    active: Whole
    cell: Whole


@dataclass(frozen=True, slots=True)
class Linked:
    """Tokens (links,) known to belong to a pull request (links,) in an hour (links,)."""

    pull_request: Whole
    hour: Whole
    tokens: Real


@dataclass(frozen=True, slots=True)
class Weights:
    """How cells are split: `overhead` (cells,), 0 to 1, is the overhead part; claims (claims,) share the rest."""

    overhead: Real
    claims: Real


@dataclass(frozen=True, slots=True)
class Prior:
    """Prior assumptions about rates, and limits on what tokens can change.

    shape: of the gamma prior, in units of the median activity of a pull request, when all tokens are linked.
    doubt: how much more the prior weighs when no token is linked, and rates rest on shares of pools.
    fade: the doubt falls with this power of the part that is not linked.
    spread: the spread of an hour's tokens grows with this power of the rate.
    sureness: ... and with this power of the activity.
    burst: a rate learns from at most this multiple of what was expected of an hour.
    ordinary: hours of work at the mean rate that count as ordinary beyond what is expected of a cell.
    remainder: activity left to the pool in an hour in which the pull request is linked.
    negligible: claims below this part of the strongest activity in their cell earn nothing.
    own_links: each pull request has its own linked share.
    """

    shape: float = 0.2
    doubt: float = 2.0
    fade: float = 1.0
    spread: float = 1.5
    sureness: float = 1.2
    burst: float = 3.5
    ordinary: float = 6.0
    remainder: float = 0.05
    negligible: float = 0.02
    iterations: int = 6
    own_links: bool = False


def unfitted(activity: Activity, pooled: Pooled, exploratory_share: float) -> Weights:
    """Return weights by activity alone, with one rate for all; the exploratory share of each cell is overhead."""
    weight = activity.weight[pooled.active]
    claimed = _add_up(pooled.cell, weight, len(pooled.tokens)) > 0
    return Weights(np.where(claimed, exploratory_share, 1.0), weight)


def fit(
    activity: Activity, pooled: Pooled, linked: Linked, pull_requests: int, exploratory_share: float, prior: Prior
) -> Weights:
    """Return weights by activity and fitted rate.

    `pull_requests` is their number; activity and links refer to them by index from 0. `exploratory_share` is 0 to 1.
    """
    exposure = _add_up(activity.pull_request, activity.weight, pull_requests)
    known = _add_up(linked.pull_request, linked.tokens, pull_requests)
    # Pull requests without claims and links belong to other pools.
    has_claims = np.bincount(activity.pull_request[pooled.active], minlength=pull_requests) > 0
    exposure[~has_claims & (known == 0)] = 0.0
    linked_share = _linked_part(known, pooled.tokens, exploratory_share)
    shares = _linked_shares(activity, linked, linked_share, pull_requests, prior)
    weight = _pooled_activity(activity, linked, shares[activity.pull_request], prior)[pooled.active]
    kept = np.flatnonzero(weight > prior.negligible * _strongest(weight, pooled)[pooled.cell])
    weight, cell, owner = weight[kept], pooled.cell[kept], activity.pull_request[pooled.active[kept]]
    mean, overhead = _ordinary(pooled.tokens, cell, weight, known.sum(), exposure.sum(), exploratory_share, prior)
    claims = np.zeros(len(pooled.active))
    if mean:
        split = _Split((pooled.tokens - overhead) / mean, cell, owner, weight, prior)
        strength = (
            prior.shape
            * (1 + prior.doubt * (1 - linked_share) ** prior.fade)
            * float(np.median(exposure[exposure > 0]))
        )
        rate = np.ones(pull_requests)
        for _ in range(prior.iterations):
            rate = (known / mean + split.learned(rate) + strength) / (exposure + strength)
        _, claims[kept] = split.allocated(rate)
    return Weights(_ratio(overhead, pooled.tokens, otherwise=1.0), claims)


class _Split:
    """Tokens (cells,) split among claims (claims,).

    A claim belongs to a pull request `owner` and has an activity `weight` on a `cell`. Tokens and rates (pull
    requests,) are in units of the mean rate.
    """

    def __init__(self, tokens: Real, cell: Whole, owner: Whole, weight: Real, prior: Prior) -> None:
        self._tokens, self._cell, self._owner, self._prior = tokens, cell, owner, prior
        self._weight, self._sure = weight, weight**prior.sureness

    def allocated(self, rate: Real) -> tuple[Real, Real]:
        """Return what each claim (claims,) expects and what it is allocated."""
        expected = self._weight * rate[self._owner]
        spread = self._sure * (rate**self._prior.spread)[self._owner]
        all_expected = _add_up(self._cell, expected, len(self._tokens))
        all_spread = _add_up(self._cell, spread, len(self._tokens))
        covered = np.minimum(_ratio(self._tokens, all_expected), 1.0)
        burst = _ratio(np.maximum(self._tokens - all_expected, 0.0), all_spread)
        return expected, expected * covered[self._cell] + spread * burst[self._cell]

    def learned(self, rate: Real) -> Real:
        """Return what rates (pull requests,) learn from: everything allocated, with bursts limited."""
        expected, allocated = self.allocated(rate)
        return _add_up(self._owner, np.minimum(allocated, self._prior.burst * expected), len(rate))


def _linked_part(known: Real, pooled: Real, exploratory_share: float) -> float:
    """Return the linked part of all tokens of pull requests."""
    total = known.sum() + (1 - exploratory_share) * pooled.sum()
    return float(known.sum() / total) if total else 0.0


def _linked_shares(activity: Activity, linked: Linked, linked_share: float, count: int, prior: Prior) -> Real:
    """Return the linked share of each pull request (pull requests,)."""
    if not prior.own_links:
        return np.full(count, linked_share)
    return linkedness(activity, linked.pull_request, linked.hour, count, linked_share).share


def _pooled_activity(activity: Activity, linked: Linked, linked_share: Real, prior: Prior) -> Real:
    """Return the probability (entries,) that pooled tokens come from a pull request in an hour, given the links.

    `linked_share` (entries,) is that of its pull request.
    """
    if not linked_share.any():
        return activity.weight
    hours = int(max(activity.hour.max(initial=0), linked.hour.max(initial=0))) + 1
    seen = np.isin(activity.pull_request * hours + activity.hour, linked.pull_request * hours + linked.hour)
    certain = np.minimum(activity.weight, CERTAIN)
    unseen = certain * (1 - linked_share) / (1 - certain * linked_share)
    weights: Real = np.where(seen, activity.weight * (1 - linked_share) * prior.remainder, unseen)
    return weights


def _strongest(weight: Real, pooled: Pooled) -> Real:
    """Return the strongest activity (cells,) that claims each cell."""
    strongest = np.zeros(len(pooled.tokens))
    np.maximum.at(strongest, pooled.cell, weight)
    return strongest


def _ordinary(
    tokens: Real, cell: Whole, weight: Real, known: float, exposure: float, exploratory_share: float, prior: Prior
) -> tuple[float, Real]:
    """Return the mean rate, and the overhead of each cell (cells,)."""
    active = _add_up(cell, weight, len(tokens))
    total, claimed = tokens.sum(), tokens[active > 0].sum()
    unclaimed = total - claimed
    share = min(max(exploratory_share * total - unclaimed, 0.0) / claimed, 1.0) if claimed else 0.0
    mean = float(((1 - share) * claimed + known) / exposure) if exposure else 0.0
    limit = (active + prior.ordinary) * mean / (1 - share) if share < 1 else tokens
    return mean, np.where(active > 0, share * np.minimum(tokens, limit), tokens)


def _ratio(numerator: Real, denominator: Real, otherwise: float = 0.0) -> Real:
    """Return quotients (n,), or `otherwise` where the denominator is 0."""
    ratio: Real = np.divide(numerator, denominator, out=np.full(len(denominator), otherwise), where=denominator > 0)
    return ratio


def _add_up(of: Whole, amounts: Real, count: int) -> Real:
    """Return sums (count,) of the amounts (n,) by index (n,)."""
    return np.bincount(of, amounts, count).astype(np.float64, copy=False)
