"""GET /api/v1/metrics/percentiles: how widely the cost of pull requests spreads."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from litestar import Response

from schema.vocabulary.tokens import usd_text
from service.api.ledger.merged_cost_rows import merged_by_group
from service.api.parameters import CostKindName, TeamName
from service.api.periods import Bucket, From, To, read_bucketed_period
from service.auth.guards import ApiRequest, requires
from service.auth.visible_team import visible_team
from service.contracts.spend.percentiles import CostPercentiles, Percentiles, PercentilesShown, SpreadShown
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.ledger.merged_costs import Dimension, MergedCosts, read_merged_costs
from service.queries.ledger.percentiles import FRACTIONS, Spread, read_spread
from service.queries.teams.comparisons import withheld_teams
from service.queries.teams.teams import read_active_teams, read_sizes

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
    of fewer than 20 pull requests or 5 teams are withheld. The default period is the last 12 weeks.
    """
    reads = request.app.state.reads
    first, last = read_bucketed_period(from_, to, Bucket.WEEK, datetime.now(UTC).date())
    async with reads.database.organization(request.auth.organization_id) as tenant:
        team_id = await visible_team(tenant, request.auth, team)
        spread = await read_spread(tenant, team_id=team_id, first_day=first, last_day=last, cost_kind=cost_kind)
        teams = None
        if team_id is None:
            costs = await read_merged_costs(
                tenant,
                team_id=None,
                first_day=first,
                last_day=last,
                bucket=Bucket.QUARTER,
                dimensions=(Dimension.TEAM,),
                cost_kind=cost_kind,
            )
            sizes, active = await read_sizes(tenant), await read_active_teams(tenant)
            withheld = withheld_teams(merged_by_group(costs), sizes, reads.thresholds, active)
            teams = spread_of_teams(costs, set(withheld))
    return Encoded(
        PercentilesShown(
            first_day=first,
            last_day=last,
            cost_kind=cost_kind,
            pull_requests=shown(spread, reads.thresholds.pull_requests, "pull requests"),
            teams=teams and shown(teams, FEWEST_TEAMS, "teams"),
        )
    )


def spread_of_teams(costs: MergedCosts, withheld: set[str]) -> Spread:
    """Return the spread of tokens and nano-USD per merged pull request over teams."""
    tokens, nano_usd = defaultdict[str, int](int), defaultdict[str, int](int)
    for cell, spend in costs.spent.items():
        tokens[cell.group] += spend.tokens.total
        nano_usd[cell.group] += spend.nano_usd
    merged = {team: number for team, number in merged_by_group(costs).items() if number and team not in withheld}
    if not merged:
        return Spread(0, None, None)
    each = [(tokens[team] / number, nano_usd[team] / number) for team, number in merged.items()]
    return Spread(len(each), percentiles([value for value, _ in each]), percentiles([value for _, value in each]))


def percentiles(values: Sequence[float]) -> list[float]:
    """Return the percentiles at FRACTIONS, interpolated between the nearest values."""
    ordered = sorted(values)
    found = []
    for fraction in FRACTIONS:
        place, rest = divmod(fraction * (len(ordered) - 1), 1)
        low, high = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
        found.append(low + rest * (high - low))
    return found


def shown(spread: Spread, fewest: int, things: str) -> SpreadShown:
    """Return a spread, withheld if it has fewer values than `fewest`."""
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
