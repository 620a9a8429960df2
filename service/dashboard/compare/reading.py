"""Reading a comparison's facts from rollups: all groups, and more of those that are shown."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from schema.database import Tenant
from service.api.ledger.lone_rows import withhold_teams
from service.dashboard.compare.facts import MOST_ROWS, Compared, CompareFacts, Fated, Group
from service.dashboard.compare.ordering import in_order, sort_of
from service.dashboard.overview.evidence import evidence_of
from service.dashboard.overview.facts import Evidence
from service.dashboard.shell.opening import Opened
from service.queries.spend.buckets import Bucket
from service.queries.spend.merged_sums import MergedSum, read_evidence_of_merges
from service.queries.spend.merges_by_group import (
    RepositoryMerges,
    read_merges_by_repository,
    read_merges_by_team,
    read_merges_of_repositories,
    read_repositories_of_teams,
)
from service.queries.spend.reading import Cell, Head, Question, is_settled, read_by_head, read_cells, read_dearest
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import Thresholds, withheld_teams
from service.queries.teams.teams import read_active_teams, read_named_sizes

MANY = 1_000_000
ENOUGH = 2


async def read_comparison(opened: Opened, dimension: Compared, *, is_compared: bool) -> CompareFacts:
    """Read the facts; without a comparison, nothing of an earlier period."""
    tenant, view = opened.tenant, opened.view
    sort = sort_of(view)
    # Teams are compared with all others; a repository with those of its team.
    team_id = None if dimension == "team" else opened.team_id
    reason = await why_withheld(tenant, opened.team_id, opened.thresholds) if opened.team_id is not None else None
    if reason and team_id is not None:
        return CompareFacts(dimension, withheld=reason)
    period = Bucket(view.period.span, view.period.before if is_compared else None)
    groups, heads, reasons = await opened.recall(
        f"compare {dimension} {is_compared}", lambda: _groups(opened, dimension, period, team_id)
    )
    ordered = in_order(groups, sort)
    fates = await read_cells(tenant, Question([Bucket(period.span)], ("fate",), view.price, team_id), None, MANY)
    names = {each.name for each in [each for each in ordered if each.name not in reasons][:MOST_ROWS]}
    shown = [head for head in heads if head.name in names]
    question = Question([Bucket(period.span)], (dimension, "fate"), view.price, team_id)
    shipped = await _shipped(tenant, question, shown)
    weeks = await _weeks(opened, shown) if dimension == "team" else await _weeks_of_repositories(opened, shown)
    ordered = [
        replace(each, shipped=shipped[each.name], weeks=weeks.get(each.name, ())) if each.name in shipped else each
        for each in ordered
    ]
    return CompareFacts(
        dimension,
        ordered,
        reasons,
        _fated(fates),
        await is_settled(tenant, team_id, period.span),
    )


async def _groups(
    opened: Opened, dimension: Compared, period: Bucket, team_id: int | None
) -> tuple[list[Group], list[Head], dict[str, str]]:
    """Return the groups that spent or merged something, all members, and why groups are withheld."""
    found, heads = await (_teams(opened, period) if dimension == "team" else _repositories(opened, period, team_id))
    groups = [each for each in found if _is_something(each)]
    sizes = {head.name: head.size for head in heads}
    return groups, heads, await _reasons(opened, dimension, groups, sizes) if team_id is None else {}


async def _teams(opened: Opened, period: Bucket) -> tuple[list[Group], list[Head]]:
    tenant, view = opened.tenant, opened.view
    named = await read_named_sizes(tenant)
    question = Question([period], ("team",), view.price)
    spent = {cell.groups[0]: cell for cell in await read_dearest(tenant, question, None, MANY)}
    now, before = await read_merges_by_team(tenant, period, view.price)
    evidence = await _evidence(opened) if view.period.is_whole_weeks else {}
    groups = [
        Group(
            name,
            *_spent(spent.get(name)),
            now.get(team_id, MergedSum()),
            before.get(team_id, MergedSum()),
            evidence.get(team_id, Evidence()),
            size,
        )
        for team_id, (name, size) in named.items()
    ]
    return groups, [Head(str(team_id), name, size) for team_id, (name, size) in named.items()]


async def _weeks(opened: Opened, teams: Sequence[Head]) -> dict[str, list[float | None]]:
    """Return what a merged pull request of some teams cost in each full week."""
    weeks = _full_weeks(opened)
    ids = [int(team.head) for team in teams]
    by_week = await read_merges_by_team(opened.tenant, weeks, opened.view.price, ids)
    return {team.name: [_each(week.get(int(team.head))) for week in by_week] for team in teams}


async def _weeks_of_repositories(opened: Opened, repositories: Sequence[Head]) -> dict[str, list[float | None]]:
    """Return what a merged pull request of some repositories cost in each full week, of one team or of all."""
    tenant, price = opened.tenant, opened.view.price
    weeks = _full_weeks(opened)
    ids = {head.name: bytes.fromhex(head.head) for head in repositories if head.head}
    if opened.team_id is None:
        by_week = await read_merges_of_repositories(tenant, weeks, price, list(ids.values()))
    else:
        read = await read_merges_by_repository(tenant, weeks, price, opened.team_id)
        by_week = [{each.repository_id: each.merged for each in merges} for merges in read]
    return {name: [_each(week.get(artifact_id)) for week in by_week] for name, artifact_id in ids.items()}


def _full_weeks(opened: Opened) -> list[Span]:
    period = opened.view.period
    return [slot.span for slot in period.slots if not slot.is_partial] if period.is_whole_weeks else []


async def _evidence(opened: Opened) -> dict[int, Evidence]:
    rows = await read_evidence_of_merges(opened.tenant, *opened.view.period.span, team_id=None, by_week=False)
    return {row["team_id"]: evidence_of([row], opened.calibrations) for row in rows}


async def _repositories(opened: Opened, period: Bucket, team_id: int | None) -> tuple[list[Group], list[Head]]:
    tenant, price = opened.tenant, opened.view.price
    teams = await read_named_sizes(tenant)
    question = Question([period], ("repository",), price, team_id)
    read = read_dearest if team_id is None else read_cells
    spent: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in await read(tenant, question, None, MANY):
        spent[cell.groups[0]].append(cell)
    now, before = (_by_id(each) for each in await read_merges_by_repository(tenant, period, price, team_id))
    groups, heads = [], []
    for artifact_id, name, owner in await read_repositories_of_teams(tenant):
        cells, merges = spent.pop(name, []), now.get(artifact_id, [])
        owners = {each.team_id for each in merges} or ({owner} if owner is not None else set())
        known = [teams[each][1] for each in owners if each in teams]
        size = None if None in known else max((each or 0 for each in known), default=None)
        heads.append(Head(artifact_id.hex(), name, size))
        groups.append(
            Group(
                name,
                sum(cell.now.nano_usd for cell in cells),
                sum(cell.before.nano_usd for cell in cells),
                _sum(merges),
                _sum(before.get(artifact_id, [])),
                _evidence_of(merges, opened),
                team=", ".join(sorted(teams[each][0] for each in owners if each in teams and opened.is_shown(each))),
            )
        )
    if spent.get(""):
        groups.append(Group("", *_spent(spent[""][0])))
        heads.append(Head("", "", None))
    return groups, heads


def _evidence_of(merges: Sequence[RepositoryMerges], opened: Opened) -> Evidence:
    rows = [
        {
            "team_id": each.team_id,
            "pull_requests": each.merged.pull_requests,
            "tokens": each.merged.tokens,
            "repository_tokens": each.repository_tokens,
            "cohort_tokens": each.cohort_tokens,
        }
        for each in merges
    ]
    return evidence_of(rows, opened.calibrations)


async def _reasons(
    opened: Opened, dimension: Compared, groups: Sequence[Group], sizes: Mapping[str, int | None]
) -> dict[str, str]:
    """Return why groups are withheld, by name: small teams, and those that would give a single one away."""
    # Repositories are withheld for the people of their teams; the number of pull requests is no limit between them.
    limits = opened.thresholds if dimension == "team" else Thresholds(opened.thresholds.people, 0)
    names = {each.name for each in groups}
    with_data = {name: size for name, size in sizes.items() if name in names}
    merged = {each.name: each.merged.pull_requests for each in groups}
    before = {each.name: each.merged_before.pull_requests for each in groups}
    active: Collection[str] = names
    if dimension == "team" and len(names) < ENOUGH:
        active = await read_active_teams(opened.tenant)
    found = withheld_teams(before, with_data, limits, active) if any(before.values()) else {}
    found |= withheld_teams(merged, with_data, limits, active)
    rows = {
        (0, each.name): (each.spent, each.spent_before, *each.merged[:2], *each.merged_before[:2]) for each in groups
    }
    return {name: reason for (_, name), reason in withhold_teams(rows, found, {}).items()}


async def _shipped(tenant: Tenant, question: Question, heads: Sequence[Head]) -> dict[str, int]:
    """Return the spend on merged pull requests of some groups, in nano-USD."""
    if not heads:
        return {}
    if question.team_id is None:
        cells = await read_by_head(tenant, question, heads, None, MANY)
    else:
        cells = await read_cells(tenant, question, None, MANY)
    found = dict.fromkeys((each.name for each in heads), 0)
    for cell in cells:
        if cell.groups[1] == "merged" and cell.groups[0] in found:
            found[cell.groups[0]] += cell.now.nano_usd
    return found


def _fated(cells: Sequence[Cell]) -> Fated:
    return Fated(
        sum(cell.now.nano_usd for cell in cells), sum(cell.now.nano_usd for cell in cells if "merged" in cell.groups)
    )


def _by_id(merges: Sequence[RepositoryMerges]) -> dict[bytes, list[RepositoryMerges]]:
    found: defaultdict[bytes, list[RepositoryMerges]] = defaultdict(list)
    for each in merges:
        found[each.repository_id].append(each)
    return dict(found)


def _sum(merges: Sequence[RepositoryMerges]) -> MergedSum:
    return MergedSum(*map(sum, zip(MergedSum(), *(each.merged for each in merges), strict=True)))


def _spent(cell: Cell | None) -> tuple[int, int]:
    return (cell.now.nano_usd, cell.before.nano_usd) if cell else (0, 0)


def _each(merged: MergedSum | None) -> float | None:
    return merged.nano_usd / merged.pull_requests if merged and merged.pull_requests else None


def _is_something(group: Group) -> bool:
    return bool(group.spent or group.spent_before or group.merged.pull_requests or group.merged_before.pull_requests)
