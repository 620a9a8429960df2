"""Reading the facts of data quality from rollups, totals and the last requests."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from schema.database import Tenant
from schema.layer_policies import read_policy
from service.dashboard.components.fates import fates_of
from service.dashboard.numbers.days import day_text
from service.dashboard.quality.facts import Heard, QualityFacts, TeamLinks
from service.dashboard.shell.opening import Opened
from service.failures import failure_sentence
from service.queries.billing.provider_accounts import list_accounts
from service.queries.billing.reconciliation import read_billed_coverage
from service.queries.forge.connections import read_connections
from service.queries.forge.repair_limits import read_repair_limits
from service.queries.forge.repair_sentences import limits_of
from service.queries.ledger.merged_weeks import POOLED_COLUMNS
from service.queries.ledger.totals import read_ledger
from service.queries.spend.buckets import Bucket
from service.queries.spend.merged_sums import read_evidence_of_merges
from service.queries.spend.reading import Cell, Question, is_settled, read_cells
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import withheld_teams
from service.queries.teams.teams import read_active_teams, read_named_sizes
from service.queries.tokens.double_counted import read_double_counting
from service.queries.tokens.dropped import read_dropped
from service.queries.tokens.layer_amounts import read_superseded
from service.queries.tokens.recent_requests import (
    read_known_sources,
    read_named_repositories,
    read_recent_requests,
)
from service.queries.upkeep.dead_letters import count_dead_letters

MOST_CELLS = 1_000
FORGES = {"github": "GitHub", "gitlab": "GitLab"}


async def read_quality(opened: Opened, *, is_compared: bool) -> QualityFacts:
    """Read the facts; what bills, sources and workers say is of the whole organization, and only for who may see it."""
    tenant, team_id, period = opened.tenant, opened.team_id, opened.view.period
    reason = await why_withheld(tenant, team_id, opened.thresholds) if team_id is not None else None
    if reason:
        return QualityFacts(fates_of([], 1)[0], [{} for _ in period.slots], withheld=reason)
    whole = Bucket(period.span, period.before if is_compared else None)
    buckets = [*(Bucket(slot.span) for slot in period.slots), whole]
    links = await read_cells(tenant, Question(buckets, ("evidence",), "list", team_id), None, MOST_CELLS)
    fates = await read_cells(tenant, Question([whole], ("fate",), "list", team_id), None, MOST_CELLS)
    models = await read_cells(tenant, Question([whole], ("model",), "list", team_id), None, MOST_CELLS)
    teams, withheld = await opened.recall("links of teams", lambda: _teams(opened))
    spent = fates_of(fates, 1)[0]
    received, settled = await _received(opened, sum(each.tokens.total for each in spent.values()))
    of_organization = await _of_organization(opened) if opened.only_team is None else {}
    return QualityFacts(
        spent=spent,
        links=_by_slot(links, len(period.slots)),
        linked=_of_bucket(links, len(buckets)),
        linked_before={cell.groups[0]: cell.before.tokens.total for cell in links if cell.bucket == len(buckets)},
        received=received,
        is_settled=settled,
        teams=teams,
        withheld_teams=withheld,
        calibrated=sum(opened.is_shown(each) for each in opened.calibrations),
        by_model={cell.groups[0]: cell.now for cell in models},
        billed=await read_billed_coverage(tenant, *period.span) if team_id is None else (0, 0),
        superseded=await read_superseded(tenant, team_id=team_id, days=(period.span.first, opened.view.today)),
        is_of_own_team=opened.only_team is not None,
        **of_organization,
    )


async def _of_organization(opened: Opened) -> dict[str, Any]:
    """Return what sources, bills and workers say, which is not known by team."""
    tenant = opened.tenant
    policy = await read_policy(tenant)
    requests, known = await read_recent_requests(tenant), await read_known_sources(tenant)
    limits = await read_repair_limits(tenant.connection, tenant.organization_id)
    return {
        "requests": requests,
        "known": known,
        "layers": {source: policy.layer_of(source) for source in {*known, *(each.source for each in requests)}},
        "double_counting": await opened.recall("double counting", lambda: read_double_counting(tenant, policy)),
        "dropped": await read_dropped(tenant, first_day=opened.view.period.span.first),
        "repositories": await read_named_repositories(tenant),
        "dead": await opened.recall("dead letters", lambda: count_dead_letters(tenant)),
        "forges": await read_forges(tenant),
        "accounts": [_account(row) for row in await list_accounts(tenant) if row["state"] != "closed"],
        "limits": limits_of(limits),
    }


async def _received(opened: Opened, tokens: int) -> tuple[int, bool]:
    """Return the tokens received, and whether all of them are settled.

    Both are those of the ledger, which is read in one snapshot: workers write while the rest of the page is read.
    """
    tenant, team_id, span = opened.tenant, opened.team_id, opened.view.period.span
    ledger = await read_ledger(tenant, team_id=team_id, first_day=span.first, last_day=span.last)
    if ledger.pending.tokens.total or not await is_settled(tenant, team_id, span):
        return ledger.received.tokens.total, False
    return tokens + ledger.difference.tokens.total, True


async def read_forges(tenant: Tenant) -> list[Heard]:
    """Return the active connections to forges."""
    return [
        Heard(
            FORGES[row["forge"]],
            f"{'App' if row['registration_id'] or row['installation_id'] else 'webhook'}, {row['host']}",
            row["last_delivery_at"],
        )
        for row in await read_connections(tenant)
        if row["state"] == "active"
    ]


def _account(row: Mapping[str, Any]) -> Heard:
    """Return a provider's account, whose reports are fetched day by day."""
    trouble = failure_sentence(row["failure"]) or ""
    until = f"up to {day_text(row['next_day'] - timedelta(days=1))}"
    return Heard(row["provider"], "usage and cost reports", None, trouble, until)


async def _teams(opened: Opened) -> tuple[list[TeamLinks], Mapping[str, str]]:
    """Return the teams of a comparison, and those that it withholds; only whole weeks are known by evidence."""
    period = opened.view.period
    if opened.team_id is not None or not period.is_whole_weeks:
        return [], {}
    rows = await read_evidence_of_merges(opened.tenant, *period.span, team_id=None, by_week=False)
    names = await read_named_sizes(opened.tenant)
    merged = {names[row["team_id"]][0]: row["pull_requests"] for row in rows}
    active = await read_active_teams(opened.tenant) if len(merged) <= 1 else None
    withheld = withheld_teams(merged, dict(names.values()), opened.thresholds, active)
    found = [
        TeamLinks(names[row["team_id"]][0], row["tokens"], row["tokens"] - sum(row[name] for name in POOLED_COLUMNS))
        for row in rows
    ]
    return [each for each in found if each.team not in withheld], {
        team: reason for team, reason in withheld.items() if team in merged
    }


def _by_slot(cells: Sequence[Cell], number: int) -> list[Mapping[str, int]]:
    return [_of_bucket(cells, place) for place in range(1, number + 1)]


def _of_bucket(cells: Sequence[Cell], bucket: int) -> dict[str, int]:
    return {cell.groups[0]: cell.now.tokens.total for cell in cells if cell.bucket == bucket}
