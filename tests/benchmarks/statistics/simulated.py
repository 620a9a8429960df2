"""Simulated organizations whose true effect of adoption is known."""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.rollout import NEVER, Rollout
from workers.statistics.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Setting:
    """What an organization is like.

    `lift` is the mean effect of full adoption as a logarithm, which grows over about `growing` weeks; `shocks` the
    standard deviation of what hits all teams of a week alike; `drift` that of each team's own slow changes;
    `dispersion` the variance of counts beyond Poisson. `rising` is how much adopters grow by themselves each week.
    """

    name: str
    teams: int = 60
    weeks: int = 52
    adopting: float = 0.6
    lift: float = 0.15
    growing: float = 6.0
    shocks: float = 0.0
    drift: float = 0.15
    dispersion: float = 0.05
    merges: float = 8.0
    rising: float = 0.0


@dataclass(frozen=True, slots=True)
class Organization:
    """Pull requests (teams, weeks), people (teams,), the rollout, and the true means with and without adoption."""

    outcomes: dict[Outcome, Real]
    people: Real
    rollout: Rollout
    adopted_mean: Real
    plain_mean: Real

    def true_log_ratio(self, teams: Mask, horizon: int) -> float:
        """Return the effect on some teams (teams,) in the weeks after adoption in which one of them had not adopted."""
        since = self.rollout.of_teams(teams).since
        counted = (since >= 0) & (since < horizon) & (since < 0).any(axis=0)
        return float(np.log(self.adopted_mean[teams][counted].sum() / self.plain_mean[teams][counted].sum()))


def simulate(setting: Setting, random: np.random.Generator) -> Organization:
    """Draw one organization; productive teams adopt earlier, and early adopters gain more."""
    rate = np.exp(random.normal(0, 0.5, setting.teams))
    adopted = _adopt(setting, rate, random)
    plain = setting.merges * rate[:, None] * _weeks(setting, random) * _drift(setting, random)
    plain *= np.exp(setting.rising * np.where(adopted != NEVER, 1, 0)[:, None] * np.arange(setting.weeks))
    since = np.arange(setting.weeks) - adopted[:, None]
    lifted = plain * np.exp(np.where((adopted != NEVER)[:, None], _lift(setting, adopted, since, random), 0))
    people = np.clip(np.round(7 * rate), 5, None)
    rollout = Rollout(adopted, np.ones(plain.shape, bool))
    return Organization(_chain(lifted, setting, random), people, rollout, lifted, plain)


def _chain(mean: Real, setting: Setting, random: np.random.Generator) -> dict[Outcome, Real]:
    """Return what was merged, what of it was released, and what of that was not reverted."""
    merged = _count(mean, setting.dispersion, random)
    released = random.binomial(merged, 0.9)
    unreverted = random.binomial(released, 0.97)
    counts = (merged, released, unreverted)
    names = (Outcome.MERGED, Outcome.RELEASED, Outcome.UNREVERTED)
    return {name: count.astype(np.float64) for name, count in zip(names, counts, strict=True)}


def _adopt(setting: Setting, rate: Real, random: np.random.Generator) -> Whole:
    """Return weeks of adoption, between a quarter and five sixths of the time, in waves."""
    eager = np.argsort(-np.log(rate) - random.gumbel(0, 0.5, setting.teams))
    adopters = eager[: round(setting.adopting * setting.teams)]
    waves = np.linspace(setting.weeks // 4, setting.weeks * 5 // 6, 6).astype(np.int64)
    adopted = np.full(setting.teams, NEVER, dtype=np.int64)
    adopted[adopters] = np.sort(random.choice(waves, len(adopters)))
    return adopted


def _weeks(setting: Setting, random: np.random.Generator) -> Real:
    """Return what all teams share: growth, a season, two weeks of holidays, and shocks."""
    week = np.arange(setting.weeks)
    shared = 0.004 * week + 0.08 * np.sin(2 * np.pi * week / 52) + random.normal(0, 0.05, setting.weeks)
    shared[random.choice(setting.weeks, 2, replace=False)] -= 0.7
    return np.exp(shared + setting.shocks * random.standard_normal(setting.weeks))


def _drift(setting: Setting, random: np.random.Generator) -> Real:
    """Return each team's own slow changes: autoregressive, 0.7 from week to week."""
    steps = random.standard_normal((setting.teams, setting.weeks))
    for week in range(1, setting.weeks):
        steps[:, week] = 0.7 * steps[:, week - 1] + np.sqrt(1 - 0.7**2) * steps[:, week]
    return np.exp(setting.drift * steps)


def _lift(setting: Setting, adopted: Whole, since: Whole, random: np.random.Generator) -> Real:
    """Return effects that grow, differ by team, and are twice as large for the first as for the last."""
    order = 1.35 - 0.7 * (adopted - setting.weeks / 4) / (setting.weeks * 7 / 12)
    size = setting.lift * order * np.exp(random.normal(0, 0.3, len(adopted)) - 0.045)
    return np.where(since >= 0, size[:, None] * (1 - np.exp(-(since + 1) / setting.growing)), 0)


def _count(mean: Real, dispersion: float, random: np.random.Generator) -> Whole:
    varied = mean * random.gamma(1 / dispersion, dispersion, mean.shape) if dispersion else mean
    return random.poisson(varied)
