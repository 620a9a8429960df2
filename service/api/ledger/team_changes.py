"""The change of spend by team, and which teams are shown together. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from service.queries.spend.model_uses import Uses
from service.queries.teams.comparisons import Thresholds, withheld_teams
from vocabulary.causes.split import Causes, Use, split_change

# Each team that is shown apart is split apart.
MOST_TEAMS = 100
SMALLER = "their changes are smaller"


class Group(NamedTuple):
    """One team, or several that are shown together for a reason; by their names."""

    teams: Sequence[str]
    together_reason: str | None = None


class TeamChange(NamedTuple):
    """The change of one team, or of several that are shown together (`team` is None)."""

    team: str | None
    teams: int
    together_reason: str | None
    before: Use
    after: Use
    causes: Causes
    models: Uses

    @property
    def nano_usd(self) -> int:
        """The whole change."""
        return self.after.nano_usd - self.before.nano_usd


def group_teams(changes: Mapping[str, int], sizes: Mapping[str, int | None], thresholds: Thresholds) -> list[Group]:
    """Return who is shown apart, largest change first; small teams (see `comparisons`) come together, and so do many.

    `changes` are nano-USD by the name of each team that used anything.
    """
    reasons = _together(changes, sizes, thresholds)
    apart = sorted((name for name in changes if name not in reasons), key=lambda name: (-abs(changes[name]), name))
    together = [
        Group([name for name in changes if reasons.get(name) == reason], reason)
        for reason in sorted(set(reasons.values()))
    ]
    return [*(Group([name]) for name in apart), *together]


def team_change(group: Group, models: Uses) -> TeamChange:
    """Return the change of some teams as one."""
    before = total(use.before for use in models.values())
    after = total(use.after for use in models.values())
    causes = split_change(models.values())
    name = None if group.together_reason else group.teams[0]
    return TeamChange(name, len(group.teams), group.together_reason, before, after, causes, models)


def plus(one: Use, other: Use) -> Use:
    """Add two uses."""
    return Use(one.requests + other.requests, one.tokens.plus(other.tokens), one.nano_usd + other.nano_usd)


def total(uses: Iterable[Use]) -> Use:
    """Add any number of uses."""
    whole = Use()
    for use in uses:
        whole = plus(whole, use)
    return whole


def sum_causes(changes: Iterable[TeamChange]) -> Causes:
    """Add the causes of teams."""
    return Causes(*map(sum, zip(Causes(), *(each.causes for each in changes), strict=True)))


def _together(changes: Mapping[str, int], sizes: Mapping[str, int | None], thresholds: Thresholds) -> dict[str, str]:
    """Return why teams are not shown apart, by name."""
    weights = {name: thresholds.pull_requests + abs(change) for name, change in changes.items()}
    withheld = withheld_teams(weights, {name: sizes.get(name) for name in changes}, thresholds)
    shown = sorted((name for name in changes if name not in withheld), key=lambda name: (-weights[name], name))
    reason = f"some have fewer than {thresholds.people} people, and the total would reveal a single one"
    return {**dict.fromkeys(withheld, reason), **dict.fromkeys(shown[MOST_TEAMS:], SMALLER)}
