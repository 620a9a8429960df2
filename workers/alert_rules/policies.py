"""Spend at providers, models or regions that a policy does not allow, as alerts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

from workers.alert_rules.alert import WHOLE_ORGANIZATION, Alert, Kind
from workers.alert_rules.words import day_text, dollars, link, subject_name
from workers.statistics.leading_causes import Candidate

# What a service tier says beside the region.
_TIERS = frozenset({"batch", "fast", "flex", "priority", "performance", "reserved", "scale", "slow"})
DIMENSIONS = ("provider", "model", "region")
# Allows what is not known, such as the region of a provider that reports none.
UNKNOWN = "unknown"

# What teams (0: all without an own policy) may use, by dimension, with `*` for any letters.
Policies = Mapping[int, Mapping[str, Collection[str]]]


@dataclass(frozen=True, slots=True)
class Bought:
    """What a team bought at one provider, model and region (empty if unknown) in the last days, since `first_day`."""

    team_id: int
    provider: str
    model: str
    region: str
    first_day: date
    nano_usd: int


class Refused(NamedTuple):
    """A value that the policy of a team, or of the organization (0), does not allow."""

    team_id: int
    value: Candidate


def region_of(service_tier: str) -> str:
    """Return the part of a service tier that is a region; empty if it names none."""
    return next((part for part in service_tier.split("+") if part and part not in _TIERS), "")


def find_unsanctioned(
    bought: Iterable[Bought], policies: Policies, until: date, teams: Mapping[int, str]
) -> Iterator[Alert]:
    """Yield one alert for each value that a policy refuses, with all that was bought of it."""
    refused: dict[Refused, list[Bought]] = {}
    for each in bought:
        if (found := refused_value(each, policies)) is not None:
            refused.setdefault(found, []).append(each)
    for (team_id, value), members in sorted(refused.items()):
        yield _alert(team_id, value, members, until, teams)


def refused_value(bought: Bought, policies: Policies) -> Refused | None:
    """Return the first value, of provider, model and region, that is not allowed; None if all are."""
    for dimension in DIMENSIONS:
        value = getattr(bought, dimension) or UNKNOWN
        # A team's own list replaces that of the organization.
        for owner in (bought.team_id, WHOLE_ORGANIZATION):
            if allowed := policies.get(owner, {}).get(dimension):
                if not any(fnmatchcase(value.lower(), pattern.lower()) for pattern in allowed):
                    return Refused(owner, Candidate(dimension, value))
                break
    return None


def _alert(team_id: int, value: Candidate, bought: Collection[Bought], until: date, teams: Mapping[int, str]) -> Alert:
    first = min(each.first_day for each in bought)
    spent = sum(each.nano_usd for each in bought)
    names = sorted({teams[each.team_id] for each in bought})
    whose = f"Team {names[0]}" if len(names) == 1 else f"{len(names)} teams"
    policy = "its policy" if team_id else "the policy of the organization"
    return Alert(
        kind=Kind.POLICY,
        subject=subject_name(value),
        team_id=team_id,
        began_on=first,
        found_on=until,
        usual_nano_usd=0,
        spent_nano_usd=spent,
        sentence=(
            f"{whose} spent {dollars(spent)} at {subject_name(value)} since {day_text(first)}, "
            f"which {policy} does not allow."
        ),
        link=link(value, first, until, teams.get(team_id)),
    )
