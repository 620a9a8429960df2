"""How much more is shipped where more tokens are used: an association, not an effect.

A Poisson panel of team-weeks. Team effects hold a team's size, habits and sprint phase fixed, organization-week effects
hold everything fixed that all teams of an organization share in a week: season, holidays, freezes.
"""

from math import log

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.estimates import Estimate
from workers.statistics.poisson import LEAST_CLUSTERS, Rows, regress

# Weeks of a sprint: each team has its own level in each of them.
SPRINT_WEEKS = 2
# The table of regressors: whether tokens were used, the logarithm of tokens for each person, people.
DOUBLED_USE = (0.0, log(2), 0.0)


def use_per_person(tokens: Real, people: Real) -> Real:
    """Return tokens for each person (teams, weeks), averaged with the week before, because work merges days later."""
    each = tokens / people
    before = np.concatenate([each[:, :1], each[:, :-1]], axis=1)
    use: Real = (each + before) / 2
    return use


def associate(outcome: Real, tokens: Real, people: Real, observed: Mask, organization: Whole) -> Estimate | None:
    """Return the change of the outcome that goes with doubled use; None if the data cannot tell it.

    Arrays have shape (teams, weeks), `organization` (teams,). A team's outcome is never divided by anything here.
    """
    use = use_per_person(tokens, people)
    regressors = np.stack([use > 0, np.log(np.maximum(use, 1)), np.log(people)], axis=-1)[observed]
    rows = panel_rows(outcome, regressors, observed, organization)
    return _associate(rows)


def panel_rows(outcome: Real, regressors: Real, observed: Mask, organization: Whole) -> Rows:
    """Return the observed team-weeks (n,) with their regressors (n, k), in the order of `outcome[observed]`."""
    teams, weeks = np.nonzero(observed)
    sprint = teams * SPRINT_WEEKS + weeks % SPRINT_WEEKS
    shared = organization[teams] * outcome.shape[1] + weeks
    return Rows(outcome[observed], regressors, (sprint, shared), teams, np.ones(len(teams)))


def _associate(rows: Rows) -> Estimate | None:
    """Fit with the regressors that vary within teams; the others are held fixed by the team effects."""
    if len(np.unique(rows.cluster)) < LEAST_CLUSTERS:
        return None
    varying = varies_within(rows)
    if not varying[1]:
        return None
    kept = Rows(rows.outcome, rows.regressors[:, varying], rows.effects, rows.cluster, rows.exposure)
    try:
        return regress(kept).effect(np.array(DOUBLED_USE)[varying])
    except np.linalg.LinAlgError:
        return None


def varies_within(rows: Rows) -> Mask:
    """Return which regressors (k,) vary within the groups of the first fixed effect."""
    groups = rows.effects[0]
    size = int(groups.max()) + 1
    counts = np.maximum(np.bincount(groups, minlength=size), 1)
    means = np.column_stack([np.bincount(groups, column, size) / counts for column in rows.regressors.T])
    varies: Mask = np.abs(rows.regressors - means[groups]).max(axis=0) > 1e-9  # noqa: PLR2004 - rounding
    return varies
