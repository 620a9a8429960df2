"""Worlds: how simulated teams differ from tidy ones, each in one way that breaks an assumption of attribution."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from service.simulation import untidy_forges, untidy_sessions
from service.simulation.company import CompanyPlan, Team
from service.simulation.draws import Draws
from service.simulation.habits import Habits

BASE: Final = "base"


def _tidy(draws: Draws, plan: CompanyPlan, team: Team) -> Team:  # noqa: ARG001 - as every world
    return team


@dataclass(frozen=True, slots=True)
class World:
    """What differs, in words; `changed` habits; and `disturb`, which changes what a tidy team left behind."""

    text: str
    changed: Mapping[str, Any] = field(default_factory=dict)
    disturb: Callable[[Draws, CompanyPlan, Team], Team] = _tidy

    def habits(self, tidy: Habits) -> Habits:
        """Return the habits of this world's teams."""
        return replace(tidy, **self.changed)


WORLDS: Final[Mapping[str, World]] = {
    BASE: World("links at random, a sixth of the tokens exploration, activity at work time"),
    "heavy_users_link": World(
        "developers who spend most link every session, the others none", disturb=untidy_sessions.heavy_users_link
    ),
    "linked_days": World("whole days of a team are linked or not", disturb=untidy_sessions.linked_days),
    "bots": World("most merged pull requests are bots' and use no tokens", disturb=untidy_forges.add_bots),
    "huge_sessions": World("a few sessions of a billion tokens", disturb=untidy_sessions.huge_sessions),
    "late_pushes": World("commits are squashed and pushed hours to days later", disturb=untidy_forges.late_pushes),
    "exploration_60": World("60 % of sessions are exploration", changed={"explorations_a_session": 1.5}),
    "night_runs": World(
        "a third of the pull requests are agents' own, at any hour", changed={"background_share": 0.35}
    ),
    "bursts": World("one hour holds more than a tenth of the tokens", disturb=untidy_sessions.bursts),
    "day_sums": World("tokens are known by day only, at midnight", disturb=untidy_sessions.day_sums),
    "stale_stamps": World(
        "sessions go on to other pull requests and keep the first stamp", disturb=untidy_sessions.stale_stamps
    ),
}
