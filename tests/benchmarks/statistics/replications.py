"""Event studies of many simulated organizations, compared with the truth."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.statistics.simulated import Organization, Setting, simulate
from workers.statistics.comparable import match
from workers.statistics.estimates import Estimate
from workers.statistics.poisson import Rows, regress
from workers.statistics.study import HORIZON, Size, study_rollout
from workers.statistics.verdict import Answer, Outcome

EVERY_TEAM = Size(people=5, pull_requests=20)


@dataclass(frozen=True, slots=True)
class Replication:
    """The estimate of merged pull requests, that of two-way fixed effects, the truth, and all verdicts."""

    effect: Estimate
    two_way: Estimate
    truth: float
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors of estimates: bias as a part of the true effect (of 1 if that is 0), and the share of intervals that hold.

    `chance` is the standard error of the bias, from the number of replications.
    """

    bias: float
    chance: float
    coverage: float


def replicate(setting: Setting, seed: int, replications: int, outcomes: Collection[Outcome]) -> Iterator[Replication]:
    """Yield studies of `outcomes` of organizations drawn with the seeds (seed, 0), (seed, 1), ..."""
    for number in range(replications):
        organization = simulate(setting, np.random.default_rng([seed, number]))
        studied = {name: organization.outcomes[name] for name in outcomes}
        found = study_rollout(organization.rollout, organization.people, studied, EVERY_TEAM)
        merged = next(each for each in found.outcomes if each.outcome is Outcome.MERGED)
        assert merged.effect is not None
        assert merged.effect.total is not None
        answers = tuple(each.verdict.answer for each in found.outcomes)
        teams = match(organization.rollout, organization.outcomes[Outcome.MERGED], organization.people).teams
        truth = organization.true_log_ratio(teams, HORIZON)
        yield Replication(merged.effect.total, two_way(organization), truth, answers)


def two_way(organization: Organization) -> Estimate:
    """Return the estimate of a regression on an indicator of adoption with team and week effects (TWFE)."""
    outcome, since = organization.outcomes[Outcome.MERGED], organization.rollout.since
    teams, weeks = np.indices(outcome.shape)
    adopted = (since >= 0).astype(np.float64).reshape(-1, 1)
    fixed = (teams.ravel(), weeks.ravel())
    rows = Rows(outcome.ravel(), adopted, fixed, teams.ravel(), np.ones(outcome.size))
    return regress(rows).effect([1.0])


def accuracy(estimates: list[Estimate], truths: list[float]) -> Accuracy:
    """Compare estimates with true log ratios."""
    errors = np.array([each.log_ratio for each in estimates]) - np.array(truths)
    holds = np.array([abs(error) <= each.margin for error, each in zip(errors, estimates, strict=True)])
    scale = abs(float(np.mean(truths))) or 1.0
    chance = float(errors.std(ddof=1) / np.sqrt(len(errors)))
    return Accuracy(float(errors.mean()) / scale, chance / scale, float(holds.mean()))
