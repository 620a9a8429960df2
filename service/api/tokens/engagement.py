"""GET /api/v1/engagement: use of assistants that report usage but few or no tokens."""

from datetime import UTC, datetime, timedelta

from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from schema.errors import BadInputError
from service.api.parameters import TeamName
from service.api.periods import Bucket, From, To, read_bucketed_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.engagement import EngagementList, EngagementRow
from service.queries.tokens.engagement import read_engagement

LONGEST = timedelta(days=366)


@get("/api/v1/engagement", guards=[requires("read")], summary="Show the use of assistants", tags=["figures"])
async def show_engagement(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
) -> EngagementList:
    """Show GitHub Copilot's usage reports by day, team and model. The default period is 30 days, the limit a year."""
    first, last = read_bucketed_period(from_, to, Bucket.DAY, datetime.now(UTC).date())
    if last - first > LONGEST:
        raise BadInputError("must be at most 366 days before to", field="from")
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        rows = await read_engagement(tenant, first, last, team_id)
    return EngagementList(items=[EngagementRow(**dict(row)) for row in rows])


ROUTES = [show_engagement]
