"""Which cells of a comparison between teams are withheld, so that no small team can be computed from the rest."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from schema.database import Tenant
from schema.team_of import OTHERS_HAVE_DATA
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import MANY, Cell, Head, Question, find_heads, read_by_head
from service.queries.spend.runs import Span
from service.queries.teams.comparisons import WOULD_REVEAL, Thresholds, is_small, withheld_teams
from service.queries.teams.teams import read_active_teams

# Weeks that overlap the period, so that no pull request of it is missed.
_MERGED = """
    SELECT team_id, sum(merged_pull_requests)::bigint AS merged FROM merged_week
    WHERE organization_id = $1 AND week > $2::date - 7 AND week <= $3 AND merged_pull_requests > 0 {condition}
    GROUP BY team_id
"""
_MERGED_BY_ALL = _MERGED.format(condition="")
_MERGED_BY_SOME = _MERGED.format(condition="AND team_id = ANY($4::bigint[])")
_TEAM = f"""
    SELECT size, {OTHERS_HAVE_DATA} AS has_others FROM team WHERE organization_id = $1 AND team_id = $2
"""  # noqa: S608 - composed of constants
# Most teams merge enough in these to be compared, so that only few need the counts of a year.
RECENT = timedelta(weeks=4)
# Hidden teams that are read together, and how many hide each other.
TOGETHER = 12
ENOUGH = 2

# The place of a bucket, and names of groups.
Place = tuple[int, tuple[str, ...]]
Withheld = dict[Place, str]


class Compared(NamedTuple):
    """The names of the teams of a comparison that are withheld, with reasons, and all of its teams."""

    reasons: Mapping[str, str]
    heads: Sequence[Head]


async def read_compared(tenant: Tenant, question: Question, span: Span, thresholds: Thresholds) -> Compared:
    """Return the withheld teams of a comparison between all teams."""
    heads = await find_heads(tenant, question, "team")
    sizes = {each.name: each.size for each in heads}
    merged = await _read_merged(tenant, heads, span, thresholds.pull_requests)
    # Beside two teams that merged something, every team is compared.
    active = () if len(merged) >= ENOUGH else await read_active_teams(tenant)
    reasons = withheld_teams(merged, sizes, thresholds, active)
    if WOULD_REVEAL in reasons.values():
        # Which team is the next smallest needs whole counts.
        reasons = withheld_teams(await _read_merged(tenant, heads, span, None), sizes, thresholds, active)
    return Compared(reasons, heads)


async def _read_merged(tenant: Tenant, heads: Sequence[Head], span: Span, enough: int | None) -> dict[str, int]:
    """Return how many pull requests each team merged; of teams with `enough` in the last weeks only those."""
    names = {int(each.head): each.name for each in heads}
    recent = span if enough is None else Span(max(span.first, span.last - RECENT), span.last)
    merged = {row["team_id"]: row["merged"] for row in await tenant.fetch(_MERGED_BY_ALL, *recent)}
    few = [team_id for team_id in names if merged.get(team_id, 0) < (enough or 0)]
    if few and recent != span:
        rows = await tenant.fetch(_MERGED_BY_SOME, *span, few)
        merged |= {row["team_id"]: row["merged"] for row in rows}
    return {names[team_id]: number for team_id, number in merged.items()}


async def read_withheld_teams(tenant: Tenant, period: Bucket, thresholds: Thresholds) -> dict[str, str]:
    """Return the teams that a comparison withholds in a period, or in the one it is compared with, with reasons."""
    found: dict[str, str] = {}
    for span in (period.before, period.span):
        if span is not None:
            found |= (await read_compared(tenant, Question([], ("team",)), span, thresholds)).reasons
    return found


async def withhold(tenant: Tenant, question: Question, compared: Compared, cells: Sequence[Cell]) -> Withheld:
    """Return the withheld cells of a page. Where one withheld team is alone in a cell, the next smallest joins it."""
    withheld: Withheld = {}
    if not compared.reasons or not cells:
        return withheld
    for cell in cells:
        if (reason := compared.reasons.get(cell.groups[0])) is not None:
            withheld[cell.bucket, cell.groups] = reason
    places = sorted({cell.bucket for cell in cells})
    hidden = [each for each in compared.heads if each.name in compared.reasons]
    lone = await _alone(tenant, question, places, hidden, {(cell.bucket, cell.groups[1:]) for cell in cells})
    if not lone:
        return withheld
    others = [each for each in compared.heads if each.name not in compared.reasons]
    smallest: dict[Place, Cell] = {}
    for cell in await _read(tenant, question, sorted({place for place, _ in lone}), others):
        key = (cell.bucket, cell.groups[1:])
        smallest[key] = min(smallest.get(key, cell), cell, key=lambda each: (each.now.nano_usd, each.groups))
    return withheld | {(key[0], cell.groups): WOULD_REVEAL for key, cell in smallest.items() if key in lone}


async def _alone(
    tenant: Tenant, question: Question, places: Sequence[int], hidden: Sequence[Head], shown: Collection[Place]
) -> set[Place]:
    """Return which of the buckets and other groups hold the spend of only one of the hidden teams.

    Mostly a few teams show that there are two.
    """
    teams: Counter[Place] = Counter()
    wanted = set(shown)
    for start in range(0, len(hidden), TOGETHER):
        cells = await _read(tenant, question, places, hidden[start : start + TOGETHER])
        teams.update((cell.bucket, cell.groups[1:]) for cell in cells)
        wanted = {cell for cell in wanted if teams[cell] < ENOUGH}
        if not wanted:
            break
    return {cell for cell in wanted if teams[cell] == 1}


async def _read(tenant: Tenant, question: Question, places: Sequence[int], heads: Sequence[Head]) -> list[Cell]:
    """Return the cells of some teams in the buckets at these places."""
    part = replace(question, buckets=[question.buckets[place - 1] for place in places])
    cells = await read_by_head(tenant, part, heads, None, MANY)
    return [cell._replace(bucket=places[cell.bucket - 1]) for cell in cells]


async def why_withheld(tenant: Tenant, team_id: int, thresholds: Thresholds) -> str | None:
    """Return why a team is withheld, if it has too few people and other teams have data."""
    team = await tenant.fetchrow(_TEAM, team_id)
    return thresholds.too_few_people if team["has_others"] and is_small(team["size"], thresholds) else None
