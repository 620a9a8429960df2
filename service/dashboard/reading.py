"""Reading the dashboard's facts with the queries of the REST endpoints, so that both show the same figures."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce

import asyncpg

from schema.database import Tenant
from schema.layer_policies import read_policy
from service.api.ledger.merged_cost_rows import merged_by_group
from service.dashboard.facts import Amount, LedgerFacts, Merges, PageFacts, SetUpFacts, TeamFacts
from service.queries.ledger.evidence import read_evidence
from service.queries.ledger.merged_costs import Cell, Dimension, MergedCosts, read_merged_costs
from service.queries.ledger.spend import Spend
from service.queries.ledger.spent_weeks import read_spent_weeks
from service.queries.ledger.totals import read_ledger
from service.queries.teams.comparisons import Thresholds, withheld_teams
from service.queries.teams.teams import list_teams, read_active_teams
from service.queries.tokens.double_counted import read_double_counting
from service.queries.upkeep.set_up import SetUp, read_set_up

WEEKS = 8
MOST_TEAMS = 200


async def read_facts(tenant: Tenant, now: datetime, thresholds: Thresholds) -> PageFacts:
    """Read the facts of the last weeks; if those have no data, of the weeks up to the last day with data."""
    set_up = await read_set_up(tenant)
    weeks = shown_weeks(now.date(), set_up.last_day)
    first_day, last_day = weeks[0], weeks[-1] + timedelta(days=6)
    costs = await read_merged_costs(
        tenant, team_id=None, first_day=first_day, last_day=last_day, bucket="week", dimensions=(Dimension.TEAM,)
    )
    spent = await read_spent_weeks(tenant, first_day, last_day)
    ledger = await read_ledger(tenant, first_day=first_day, last_day=last_day)
    active = await read_active_teams(tenant)
    teams = team_facts(await list_teams(tenant, limit=MOST_TEAMS), weeks, costs, spent, thresholds, active)
    all_weeks = tuple(
        with_spent(
            total([merges_of(costs, Cell(week, cell.group)) for cell in costs.merges if cell.period == week]),
            [Amount(*each) for (monday, _), each in spent.items() if monday == week],
        )
        for week in weeks
    )
    policy = await read_policy(tenant)
    return PageFacts(
        weeks=weeks,
        teams=teams,
        all_weeks=all_weeks,
        period=total(all_weeks),
        ledger=LedgerFacts(
            received=amount(ledger.received),
            merged=amount(ledger.merged),
            in_flight=amount(ledger.in_flight),
            abandoned=amount(ledger.abandoned),
            overhead=amount(ledger.overhead),
            pending=amount(ledger.pending),
            difference=amount(ledger.difference),
            superseded=amount(ledger.superseded),
        ),
        evidence=await read_evidence(tenant, first_day=first_day, last_day=last_day),
        set_up=set_up_facts(set_up),
        double_counting=tuple(await read_double_counting(tenant, policy)),
    )


def shown_weeks(today: date, last_day: date | None) -> tuple[date, ...]:
    """Return the Mondays of the weeks to show, oldest first."""
    earliest_end = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    last = today if last_day is None or last_day >= earliest_end else last_day
    monday = last - timedelta(days=last.weekday())
    return tuple(monday - timedelta(weeks=back) for back in reversed(range(WEEKS)))


def team_facts(
    teams: Sequence[asyncpg.Record],
    weeks: Sequence[date],
    costs: MergedCosts,
    spent: Mapping[tuple[date, str], tuple[int, int]],
    thresholds: Thresholds,
    active: Collection[str],
) -> tuple[TeamFacts, ...]:
    """Return the teams that merged something in these weeks, most merges first."""
    sizes = {team["name"]: team["size"] for team in teams}
    reasons = withheld_teams(merged_by_group(costs), sizes, thresholds, active)
    found = []
    for name, size in sizes.items():
        merges = tuple(
            with_spent(merges_of(costs, Cell(week, name)), [Amount(*spent.get((week, name), (0, 0)))]) for week in weeks
        )
        period = total(merges)
        if period.merged:
            found.append(TeamFacts(name, size, merges, period, reasons.get(name)))
    return tuple(sorted(found, key=lambda team: (-team.period.merged, team.name)))


def merges_of(costs: MergedCosts, cell: Cell) -> Merges:
    """Return the merges and cost of one cell."""
    spent = costs.spent.get(cell, Spend())
    return Merges(costs.merges.get(cell, 0), Amount(spent.tokens.total, spent.nano_usd))


def total(merges: Sequence[Merges]) -> Merges:
    """Sum merges and amounts."""
    amounts = spent = Amount()
    for each in merges:
        amounts, spent = amounts.plus(each.amount), spent.plus(each.spent)
    return Merges(sum(each.merged for each in merges), amounts, spent)


def with_spent(merges: Merges, spent: Iterable[Amount]) -> Merges:
    """Return the merges of a period with what was spent in it."""
    return replace(merges, spent=reduce(Amount.plus, spent, Amount()))


def amount(entry: Spend) -> Amount:
    """Return total tokens and cost of a ledger entry."""
    return Amount(entry.tokens.total, entry.nano_usd)


def set_up_facts(set_up: SetUp) -> SetUpFacts:
    """Convert the set-up counts for the page."""
    return SetUpFacts(
        set_up.connections,
        set_up.pull_requests,
        set_up.token_requests,
        set_up.teams_without_size,
        set_up.silent_connections,
    )
