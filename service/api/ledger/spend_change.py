"""GET /api/v1/spend/change: why the spend of a period differs from that of another."""

from collections.abc import Sequence
from datetime import UTC, datetime

from litestar import get
from litestar.datastructures import State
from litestar.di import NamedDependency

from service.api.ledger.change_sentence import change_sentence
from service.api.ledger.changed_teams import read_team_changes
from service.api.ledger.compared_periods import Compare, ComparedPeriods, read_compared_periods
from service.api.ledger.team_changes import TeamChange, sum_causes, total
from service.api.parameters import TeamName
from service.api.periods import From, To
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.spend.change import CausesShown, SpendChangeShown, Spent, TeamChangeShown
from service.http.transactions import open_reading
from service.queries.spend.withheld import why_withheld
from vocabulary.causes.split import Causes, Use
from vocabulary.tokens import usd_text


@get("/api/v1/spend/change", guards=[requires("read")], summary="Show why spend changed", tags=["figures"])
async def show_spend_change(
    caller: NamedDependency[Caller],
    state: State,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    compare: Compare = "previous",
) -> SpendChangeShown:
    """Show how much the spend of a period differs from another, and why, in total and by team.

    The change is split exactly into the number of requests, tokens per request, the mix of models, caching, and prices;
    no order of them is preferred (Shapley). Costs are list prices of settled tokens. The default period is the
    last four full weeks. Whole months are compared with whole months. Teams with too few people are shown together,
    and one of them alone is withheld.
    """
    periods = read_compared_periods(from_, to, compare, datetime.now(UTC).date())
    reads = state.reads
    async with open_reading(reads.database) as reading:
        tenant = await reading.organization(caller.organization_id)
        team_id = await visible_team(tenant, caller, team)
        reason = None if team_id is None else await why_withheld(tenant, team_id, reads.thresholds)
        changes = [] if reason else await read_team_changes(tenant, *periods, team_id, reads.thresholds)
    return withheld(periods, team, reason) if reason else shown(changes, periods, team)


def withheld(periods: ComparedPeriods, team: str | None, reason: str) -> SpendChangeShown:
    """Return the response without figures."""
    return SpendChangeShown(
        first_day=periods.after.first,
        last_day=periods.after.last,
        compared_first_day=periods.before.first,
        compared_last_day=periods.before.last,
        team=team,
        **dict.fromkeys(("before", "after", "change_usd", "change_share", "causes")),
        sentence=f"Withheld: {reason}.",
        items=[],
        withheld_reason=reason,
    )


def shown(changes: Sequence[TeamChange], periods: ComparedPeriods, team: str | None) -> SpendChangeShown:
    """Return the response."""
    before, after = total(each.before for each in changes), total(each.after for each in changes)
    change = after.nano_usd - before.nano_usd
    return SpendChangeShown(
        first_day=periods.after.first,
        last_day=periods.after.last,
        compared_first_day=periods.before.first,
        compared_last_day=periods.before.last,
        team=team,
        before=_spent(before),
        after=_spent(after),
        change_usd=usd_text(change),
        change_share=change / before.nano_usd if before.nano_usd > 0 else None,
        causes=_causes(sum_causes(changes)),
        sentence=change_sentence(changes),
        items=[_item(each) for each in changes],
    )


def _item(change: TeamChange) -> TeamChangeShown:
    return TeamChangeShown(
        team=change.team,
        teams=change.teams,
        together_reason=change.together_reason,
        before_usd=usd_text(change.before.nano_usd),
        after_usd=usd_text(change.after.nano_usd),
        change_usd=usd_text(change.nano_usd),
        causes=_causes(change.causes),
        sentence=change_sentence([change]),
    )


def _spent(use: Use) -> Spent:
    return Spent(
        **use.tokens._asdict(),
        total=use.tokens.total,
        requests=use.requests,
        cost_usd=usd_text(use.nano_usd),
    )


def _causes(causes: Causes) -> CausesShown:
    return CausesShown(**{f"{name}_usd": usd_text(nano_usd) for name, nano_usd in causes._asdict().items()})


ROUTES = [show_spend_change]
