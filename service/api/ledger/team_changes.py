"""The change of spend by team, and which teams are shown together. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from service.queries.spend.model_uses import Sold
from service.queries.teams.comparisons import Thresholds, withheld_teams
from vocabulary.causes.split import Causes, ModelUse, Use, split_change

# Each team that is shown apart is split apart.
MOST_TEAMS = 100
SMALLER = "their changes are smaller"

Models = Mapping[Sold, ModelUse]


class TeamChange(NamedTuple):
    """The change of one team, or of several that are shown together (`team` is None)."""

    team: str | None
    teams: int
    together_reason: str | None
    before: Use
    after: Use
    causes: Causes
    models: Models

    @property
    def nano_usd(self) -> int:
        """The whole change."""
        return self.after.nano_usd - self.before.nano_usd


def team_changes(
    teams: Mapping[str, Models], sizes: Mapping[str, int | None], thresholds: Thresholds
) -> list[TeamChange]:
    """Return the changes, largest first; small teams (see `comparisons`) come together, and so do many teams."""
    reasons = _together(teams, sizes, thresholds)
    apart = sorted(
        (team_change([models], name) for name, models in teams.items() if name not in reasons),
        key=lambda each: (-abs(each.nano_usd), each.team),
    )
    together = [
        team_change([teams[name] for name in teams if reasons.get(name) == reason], None, reason)
        for reason in sorted(set(reasons.values()))
    ]
    return [*apart, *together]


def team_change(teams: Iterable[Models], name: str | None = None, reason: str | None = None) -> TeamChange:
    """Return the change of some teams as one."""
    teams = list(teams)
    models: dict[Sold, ModelUse] = {}
    for sold, use in ((sold, use) for each in teams for sold, use in each.items()):
        known = models.get(sold, ModelUse(prices=use.prices))
        models[sold] = known._replace(before=plus(known.before, use.before), after=plus(known.after, use.after))
    before = total(use.before for use in models.values())
    after = total(use.after for use in models.values())
    return TeamChange(name, len(teams), reason, before, after, split_change(models.values()), models)


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


def _together(teams: Mapping[str, Models], sizes: Mapping[str, int | None], thresholds: Thresholds) -> dict[str, str]:
    """Return why teams are not shown apart, by name."""
    weights = {name: thresholds.pull_requests + _weight(models) for name, models in teams.items()}
    with_data = {name: sizes.get(name) for name in teams}
    withheld = withheld_teams(weights, with_data, thresholds)
    shown = sorted((name for name in teams if name not in withheld), key=lambda name: (-weights[name], name))
    reason = f"some have fewer than {thresholds.people} people, and the total would reveal a single one"
    return {**dict.fromkeys(withheld, reason), **dict.fromkeys(shown[MOST_TEAMS:], SMALLER)}


def _weight(models: Models) -> int:
    return abs(sum(use.after.nano_usd - use.before.nano_usd for use in models.values()))
