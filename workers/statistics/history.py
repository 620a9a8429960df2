"""The weeks of an organization's teams, and everything that is studied in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.association import associate
from workers.statistics.estimates import Estimate
from workers.statistics.returns import Returns, diminishing_returns
from workers.statistics.rollout import NEVER, Rollout, first_lasting
from workers.statistics.study import Effects, Size, large_enough, study_rollout
from workers.statistics.verdict import LEAST_TEAMS, Outcome

# A team uses agents in a week in which it spends at least this part of its usual (median) week.
USUAL_PART = 0.25
# A team has switched to a model that has at least this part of its tokens.
MAIN_PART = 0.5
# Only switches to the models with the most tokens are studied.
MOST_MODELS = 5


@dataclass(frozen=True, slots=True)
class History:
    """Tokens and pull requests by team and week (teams, weeks), from the first week of which tokens are known.

    `people` (teams,) is NaN where unknown. `models` are the tokens of each model, `teams` the ids.
    """

    people: Real
    outcomes: Mapping[Outcome, Real]
    models: Mapping[str, Real]
    teams: tuple[int, ...] = ()

    @property
    def tokens(self) -> Real:
        """Return all tokens of each team and week."""
        return self.outcomes[Outcome.TOKENS]

    @property
    def observed(self) -> Mask:
        """Return the weeks from a team's first to its last sign of life; outside, it may not have existed."""
        alive = (self.tokens > 0) | (self.outcomes[Outcome.MERGED] > 0)
        begun = np.maximum.accumulate(alive, axis=1)
        observed: Mask = begun & np.maximum.accumulate(alive[:, ::-1], axis=1)[:, ::-1]
        return observed


@dataclass(frozen=True, slots=True)
class Findings:
    """Effects of adopting agents and of switching to models, what goes with doubled use, and where returns diminish."""

    adoption: Effects
    models: Mapping[str, Effects]
    associations: Mapping[Outcome, Estimate | None]
    returns: Returns | None


def study_history(history: History, least: Size) -> Findings:
    """Study everything; teams below `least` are left out everywhere."""
    large = large_enough(history.people, history.outcomes[Outcome.MERGED].sum(axis=1), least)
    shipped = [name for name in history.outcomes if name is not Outcome.TOKENS]
    return Findings(
        study_rollout(adoption(history), history.people, history.outcomes, least),
        {model: study_rollout(found, history.people, history.outcomes, least) for model, found in switches(history)},
        {name: associate(*_panel(history, name, large)) for name in shipped},
        # Use for each person can only be compared between teams of known size.
        diminishing_returns(*_panel(history, Outcome.MERGED, large & ~np.isnan(history.people))),
    )


def _panel(history: History, outcome: Outcome, teams: Mask) -> tuple[Real, Real, Real, Mask, Whole]:
    """Return the outcome, tokens, people and observed weeks of some teams, which share one organization."""
    tokens = history.tokens[teams]
    people = np.where(np.isnan(history.people), 1.0, history.people)[teams, None] * np.ones(tokens.shape)
    organization = np.zeros(len(tokens), dtype=np.int64)
    return history.outcomes[outcome][teams], tokens, people, history.observed[teams], organization


def adoption(history: History) -> Rollout:
    """Return when teams began to use agents lastingly."""
    spent = np.where(history.tokens > 0, history.tokens, np.nan)
    usual = np.array([np.nanmedian(team) if np.isfinite(team).any() else np.inf for team in spent])
    return Rollout(first_lasting(history.tokens >= USUAL_PART * usual[:, None]), history.observed)


def switches(history: History) -> list[tuple[str, Rollout]]:
    """Return when teams that used agents already switched to each of the models with the most tokens."""
    largest = sorted(history.models, key=lambda model: (-history.models[model].sum(), model))[:MOST_MODELS]
    using = adoption(history)
    found = ((model, _switch(history, history.models[model], using)) for model in largest)
    return [(model, rollout) for model, rollout in found if rollout.adopters.sum() >= LEAST_TEAMS]


def _switch(history: History, tokens: Real, using: Rollout) -> Rollout:
    switched = first_lasting((tokens > 0) & (tokens >= MAIN_PART * history.tokens))
    # Weeks before agents were used would show the effect of agents, not of the model.
    observed = history.observed & using.adopters[:, None] & (using.since >= 0)
    return Rollout(np.where(using.adopters, switched, NEVER), observed)
