"""GET /api/v1/metrics/percentiles: how widely the cost of pull requests spreads."""

from datetime import UTC, datetime

from litestar import Response

from schema.database import Tenant
from service.api.parameters import CostKindName, TeamName
from service.api.periods import Bucket, From, To, read_bucketed_period
from service.auth.guards import ApiRequest, requires
from service.auth.visible_team import visible_team
from service.contracts.reconciliation import CostKind
from service.contracts.spend.percentiles import CostPercentiles, Percentiles, PercentilesShown, SpreadShown
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.ledger.percentiles import Spread, read_merged_by_team, read_spread, spread_of
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import Thresholds, withheld_teams
from service.queries.teams.teams import read_active_teams, read_named_sizes
from vocabulary.tokens import usd_text

NAMES = Percentiles.__struct_fields__
# Fewer values than this would show single teams.
FEWEST_TEAMS = 5


@frequent_get(
    "/api/v1/metrics/percentiles", guards=[requires("read")], summary="Show how widely costs spread", tags=["figures"]
)
async def show_percentiles(
    request: ApiRequest, team: TeamName = None, from_: From = None, to: To = None, cost_kind: CostKindName = "list"
) -> Response[PercentilesShown]:
    """Show percentiles of tokens and dollars over pull requests merged in a period, and over teams.

    A pull request counts if at least 60 % of its tokens are linked; pull requests of bots are left out. A team's value
    is its sum divided by its number of merged pull requests; teams that comparisons withhold are left out. Percentiles
    of fewer than 20 pull requests or 5 teams are withheld, and those of a small team beside others. Those of more than
    2,000 pull requests are exact to a percent. The default period is the last 12 weeks.
    """
    reads = request.app.state.reads
    first, last = read_bucketed_period(from_, to, Bucket.WEEK, datetime.now(UTC).date())
    span = Span(first, last)
    async with reads.database.organization(request.auth.organization_id) as tenant:
        team_id = await visible_team(tenant, request.auth, team)
        reason = None if team_id is None else await why_withheld(tenant, team_id, reads.thresholds)
        spread = await read_spread(tenant, team_id=team_id, span=span, cost_kind=cost_kind)
        teams = None if team_id is not None else await read_teams(tenant, span, cost_kind, reads.thresholds)
    return Encoded(
        PercentilesShown(
            first_day=first,
            last_day=last,
            cost_kind=cost_kind,
            pull_requests=shown(spread, reads.thresholds.pull_requests, "pull requests", reason),
            teams=teams and shown(teams, FEWEST_TEAMS, "teams"),
        )
    )


async def read_teams(tenant: Tenant, span: Span, cost_kind: CostKind, thresholds: Thresholds) -> Spread:
    """Return the spread of tokens and nano-USD per merged pull request over teams that may be compared."""
    merged = await read_merged_by_team(tenant, span, cost_kind)
    names = await read_named_sizes(tenant)
    numbers = {names[team_id][0]: each.pull_requests for team_id, each in merged.items()}
    # Beside two teams that merged something, every team is compared.
    active = () if len(merged) > 1 else await read_active_teams(tenant)
    withheld = withheld_teams(numbers, dict(names.values()), thresholds, active)
    return spread_of(
        [
            (each.tokens / each.pull_requests, each.nano_usd / each.pull_requests)
            for team_id, each in merged.items()
            if names[team_id][0] not in withheld
        ]
    )


def shown(spread: Spread, fewest: int, things: str, reason: str | None = None) -> SpreadShown:
    """Return a spread, withheld for a reason or if it has fewer values than `fewest`."""
    if reason is not None:
        return SpreadShown(number=None, tokens=None, cost_usd=None, withheld_reason=reason)
    if spread.tokens is None or spread.nano_usd is None or spread.number < fewest:
        return SpreadShown(
            number=spread.number, tokens=None, cost_usd=None, withheld_reason=f"fewer than {fewest} {things}"
        )
    return SpreadShown(
        number=spread.number,
        tokens=Percentiles(**dict(zip(NAMES, spread.tokens, strict=True))),
        cost_usd=CostPercentiles(
            **{name: usd_text(round(each)) for name, each in zip(NAMES, spread.nano_usd, strict=True)}
        ),
        withheld_reason=None,
    )


ROUTES = [show_percentiles]
