"""How pooled tokens are shared: activity times a rate per pull request that is fitted over its life.

Activity says how probably a pull request was worked on in an hour, its rate how many tokens such an hour takes. Rates
differ by orders of magnitude and are not seen, so they are estimated by expectation and maximisation: an hour's tokens
are shared by what the present rates expect, then each rate is what the pull request got, linked tokens included, over
its activity, drawn towards the team's mean rate by a gamma prior. Tokens are heavy-tailed, which asks for more:

- Up to what was expected of an hour, tokens are shared as expected. What exceeds it is a burst, and a burst more
  probably came from a pull request with a high rate: it is shared by spread rather than by mean (as the mean of normal
  variables given their sum would be).
- A single burst says little about the other hours of a pull request, so a rate learns from it only up to a limit.
- The exploratory share is taken of what is ordinary in an hour, not of bursts; hours in which nothing was active count
  towards it first.

Linked tokens tell more than a rate. Where a pull request's tokens of an hour are linked, little of it is left in the
pool; where most tokens are linked and none of this pull request are, it was less probably worked on at all.

The iteration is that of Shepp and Vardi, Maximum Likelihood Reconstruction for Emission Tomography (1982), with the
gamma prior of Lange, Bahn and Little, A Theoretical Study of Some Maximum Likelihood Algorithms (1987).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernel import Activity

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

# No activity is certain: beyond this probability, that nothing was linked could not be explained.
CERTAIN = 0.95


@dataclass(frozen=True, slots=True)
class Pooled:
    """Tokens that are known by repository or team alone, and who may claim them.

    A cell is one pool in one hour. `tokens` (cells,) is what it holds, also where nobody claims it. A claim says that
    an entry of the activity, `active` (claims,) its index, takes part in a cell, `cell` (claims,) its index.
    """

    tokens: Real
    active: Whole
    cell: Whole


@dataclass(frozen=True, slots=True)
class Linked:
    """Tokens (links,) known to be of a pull request (links,) in an hour (links,)."""

    pull_request: Whole
    hour: Whole
    tokens: Real


@dataclass(frozen=True, slots=True)
class Weights:
    """How cells are split: `overhead` (cells,), 0 to 1, is the part of overhead, claims (claims,) share the rest."""

    overhead: Real
    claims: Real


@dataclass(frozen=True, slots=True)
class Prior:
    """What is thought of rates before any token is seen, and how far tokens may change it.

    shape: of the gamma prior, in units of the median activity of a pull request, where all tokens are linked.
    doubt: how much more the prior weighs where no token is linked, so that rates rest on shares of pools.
    spread: the spread of an hour's tokens grows as this power of the rate.
    sureness: ... and as this power of the activity.
    burst: a rate learns from at most so many times what was expected of an hour.
    ordinary: beyond what is expected of a cell, what so many hours of work take at the mean rate is ordinary too.
    remainder: activity that is left to the pool in an hour in which the pull request is linked.
    negligible: claims with less than this part of the strongest activity in their cell earn nothing.
    """

    shape: float = 0.2
    doubt: float = 2.0
    spread: float = 1.5
    sureness: float = 1.2
    burst: float = 3.5
    ordinary: float = 6.0
    remainder: float = 0.05
    negligible: float = 0.02
    iterations: int = 6


def unfitted(activity: Activity, pooled: Pooled, exploratory_share: float) -> Weights:
    """Weights by activity alone, all at one rate; the exploratory share of every cell is overhead."""
    weight = activity.weight[pooled.active]
    claimed = _add_up(pooled.cell, weight, len(pooled.tokens)) > 0
    return Weights(np.where(claimed, exploratory_share, 1.0), weight)


def fit(
    activity: Activity, pooled: Pooled, linked: Linked, pull_requests: int, exploratory_share: float, prior: Prior
) -> Weights:
    """Weights by activity and fitted rate.

    `pull_requests` is how many there are; activity and links name them by index from 0. `exploratory_share` is 0 to 1.
    """
    exposure = _add_up(activity.pull_request, activity.weight, pull_requests)
    known = _add_up(linked.pull_request, linked.tokens, pull_requests)
    # Who neither claims anything nor is linked, works for other pools than these.
    concerned = np.bincount(activity.pull_request[pooled.active], minlength=pull_requests) > 0
    exposure[~concerned & (known == 0)] = 0.0
    reported = _linked_part(known, pooled.tokens, exploratory_share)
    weight = _pooled_activity(activity, linked, reported, prior)[pooled.active]
    kept = np.flatnonzero(weight > prior.negligible * _strongest(weight, pooled)[pooled.cell])
    weight, cell, owner = weight[kept], pooled.cell[kept], activity.pull_request[pooled.active[kept]]
    mean, overhead = _ordinary(pooled.tokens, cell, weight, known.sum(), exposure.sum(), exploratory_share, prior)
    claims = np.zeros(len(pooled.active))
    if mean:
        split = _Split((pooled.tokens - overhead) / mean, cell, owner, weight, prior)
        strength = prior.shape * (1 + prior.doubt * (1 - reported)) * float(np.median(exposure[exposure > 0]))
        rate = np.ones(pull_requests)
        for _ in range(prior.iterations):
            rate = (known / mean + split.learned(rate) + strength) / (exposure + strength)
        claims[kept] = split.given(rate)[1]
    return Weights(_ratio(overhead, pooled.tokens, otherwise=1.0), claims)


class _Split:
    """Tokens (cells,) split among claims of a pull request, `owner`, and an activity, `weight`, on a `cell` (claims,).

    Tokens and rates (pull requests,) are in units of the mean rate.
    """

    def __init__(self, tokens: Real, cell: Whole, owner: Whole, weight: Real, prior: Prior) -> None:
        self._tokens, self._cell, self._owner, self._prior = tokens, cell, owner, prior
        self._weight, self._sure = weight, weight**prior.sureness

    def given(self, rate: Real) -> tuple[Real, Real]:
        """What each claim (claims,) asks for, and what it is given."""
        asked = self._weight * rate[self._owner]
        spread = self._sure * (rate**self._prior.spread)[self._owner]
        all_asked = _add_up(self._cell, asked, len(self._tokens))
        all_spread = _add_up(self._cell, spread, len(self._tokens))
        met = np.minimum(_ratio(self._tokens, all_asked), 1.0)
        burst = _ratio(np.maximum(self._tokens - all_asked, 0.0), all_spread)
        return asked, asked * met[self._cell] + spread * burst[self._cell]

    def learned(self, rate: Real) -> Real:
        """What rates (pull requests,) learn from: all that is given, but of bursts a part."""
        asked, given = self.given(rate)
        return _add_up(self._owner, np.minimum(given, self._prior.burst * asked), len(rate))


def _linked_part(known: Real, pooled: Real, exploratory_share: float) -> float:
    """The part of all tokens of pull requests that is linked."""
    total = known.sum() + (1 - exploratory_share) * pooled.sum()
    return float(known.sum() / total) if total else 0.0


def _pooled_activity(activity: Activity, linked: Linked, reported: float, prior: Prior) -> Real:
    """How probably (entries,) pooled tokens come from a pull request in an hour, knowing what was linked in it."""
    if not reported:
        return activity.weight
    hours = int(max(activity.hour.max(initial=0), linked.hour.max(initial=0))) + 1
    seen = np.isin(activity.pull_request * hours + activity.hour, linked.pull_request * hours + linked.hour)
    certain = np.minimum(activity.weight, CERTAIN)
    unseen = certain * (1 - reported) / (1 - certain * reported)
    weights: Real = np.where(seen, activity.weight * (1 - reported) * prior.remainder, unseen)
    return weights


def _strongest(weight: Real, pooled: Pooled) -> Real:
    """The strongest activity (cells,) that claims each cell."""
    strongest = np.zeros(len(pooled.tokens))
    np.maximum.at(strongest, pooled.cell, weight)
    return strongest


def _ordinary(
    tokens: Real, cell: Whole, weight: Real, known: float, exposure: float, exploratory_share: float, prior: Prior
) -> tuple[float, Real]:
    """The mean rate, and what of each cell (cells,) is overhead."""
    active = _add_up(cell, weight, len(tokens))
    total, claimed = tokens.sum(), tokens[active > 0].sum()
    unclaimed = total - claimed
    share = min(max(exploratory_share * total - unclaimed, 0.0) / claimed, 1.0) if claimed else 0.0
    mean = float(((1 - share) * claimed + known) / exposure) if exposure else 0.0
    limit = (active + prior.ordinary) * mean / (1 - share) if share < 1 else tokens
    return mean, np.where(active > 0, share * np.minimum(tokens, limit), tokens)


def _ratio(numerator: Real, denominator: Real, otherwise: float = 0.0) -> Real:
    """Quotients (n,), or `otherwise` where the denominator is 0."""
    ratio: Real = np.divide(numerator, denominator, out=np.full(len(denominator), otherwise), where=denominator > 0)
    return ratio


def _add_up(of: Whole, amounts: Real, count: int) -> Real:
    """Sums (count,) of the amounts (n,) of each index (n,)."""
    return np.bincount(of, amounts, count).astype(np.float64, copy=False)
