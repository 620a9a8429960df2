"""GET /api/v1/engagement: use of assistants that tell use and hardly tokens."""

from datetime import UTC, datetime, timedelta

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from schema.contracts.engagement import EngagementList, EngagementRow
from schema.database import Database
from schema.errors import BadInputError
from service.api.periods import Bucket, From, To, read_bucketed_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team

LONGEST = timedelta(days=366)

_ENGAGEMENT = """
    SELECT day, provider, team.name AS team, model, sum(interactions)::bigint AS interactions,
           sum(generations)::bigint AS generations, sum(acceptances)::bigint AS acceptances,
           sum(lines_added)::bigint AS lines_added, sum(lines_deleted)::bigint AS lines_deleted,
           sum(active_people)::bigint AS active_people
    FROM engagement
    JOIN provider_account AS account
      ON account.organization_id = $1 AND account.account_id = engagement.account_id
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = account.team_id
    WHERE engagement.organization_id = $1 AND day BETWEEN $2 AND $3 AND ($4::bigint IS NULL OR account.team_id = $4)
    GROUP BY day, provider, team.name, model
    ORDER BY day, provider, team.name NULLS FIRST, model
"""


@get("/api/v1/engagement", guards=[requires("read")], summary="Use of assistants", tags=["figures"])
async def show_engagement(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: FromQuery[str | None] = None,
    from_: From = None,
    to: To = None,
) -> EngagementList:
    """What GitHub Copilot's reports tell by day, team and model, of 30 days unless told, and of a year at most."""
    first, last = read_bucketed_period(from_, to, Bucket.DAY, datetime.now(UTC).date())
    if last - first > LONGEST:
        raise BadInputError("must be within a year of to", field="from")
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        rows = await tenant.fetch(_ENGAGEMENT, first, last, team_id)
    return EngagementList(items=[EngagementRow(**dict(row)) for row in rows])


ROUTES = [show_engagement]
