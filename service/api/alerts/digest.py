"""/api/v1/digest: the digest of the last full week, and sending it at once."""

from datetime import UTC, date, datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import PathParameter

from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.queue import Job, Queue
from schema.weekly_digest import read_week
from service.api.alerts.deliveries import LARGEST_ID, delivery_shown
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import read_whole, require_whole_organization
from service.contracts.alerts.deliveries import AlertDeliveryShown
from service.contracts.alerts.digest import DigestFact, DigestShown
from service.queries.alerts.channels import hold_channel
from service.queries.alerts.deliveries import list_deliveries, queue_digest
from vocabulary.digest import WEEK, digest_of, last_full_week

# A webhook of one's own reads GET /api/v1/digest, and nobody is woken for a digest.
KINDS = ("slack", "teams", "email")
ONE_DAY = WEEK / 7
NO_CHANNEL = "must be an existing channel; list them with GET /api/v1/alert-channels"


@get("/api/v1/digest", guards=[requires("read")], summary="Show the weekly digest", tags=["alerts"])
async def show_digest(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> DigestShown:
    """Show the digest of the last full week, as channels with a digest receive it on Monday morning (UTC)."""
    monday = last_full_week(datetime.now(UTC))
    week = await read_whole(caller, database, lambda tenant: read_week(tenant, monday))
    digest = digest_of(week)
    return DigestShown(
        first_day=monday,
        last_day=monday + WEEK - ONE_DAY,
        settled=week.is_settled,
        title=digest.title,
        sentence=digest.sentence,
        facts=[DigestFact(name=name, text=text) for name, text in digest.facts],
        link=digest.path,
    )


@post(
    "/api/v1/alert-channels/{channel_id:int}/digest",
    guards=[requires("admin")],
    status_code=202,
    summary="Send the weekly digest",
    tags=["alerts"],
)
async def send_digest(
    channel_id: Annotated[int, PathParameter(description="Id of an alert channel")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[AlertDeliveryShown]:
    """Send the digest of the last full week to a channel at once, whether or not it gets one each week.

    `GET /api/v1/alert-deliveries/{delivery_id}` shows what came of it.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        held = await hold_channel(tenant, channel_id) if 0 < channel_id <= LARGEST_ID else None
        if held is None:
            raise NotFoundError(NO_CHANNEL, field="channel_id")
        refuse_digest(held["kind"], "the team of the channel" if held["team_id"] else None)
        delivery_id = await queue_digest(tenant, channel_id, last_full_week(datetime.now(UTC)))
        (row,) = await list_deliveries(tenant, delivery_id=delivery_id)
    wake_up = BackgroundTask(queue.wake, Job.DELIVER_ALERTS, caller.organization_id)
    return Response(delivery_shown(row), status_code=202, background=wake_up)


def digested_to(kind: str, team: str | None, *, wanted: bool) -> date | None:
    """Return the Monday of the last week that a new digest leaves out, None without digests; raises BadInputError."""
    if not wanted:
        return None
    refuse_digest(kind, team)
    return last_full_week(datetime.now(UTC))


def refuse_digest(kind: str, team: str | None) -> None:
    """Raise BadInputError for a channel that gets no digest: of another kind, or of one team."""
    if kind not in KINDS:
        raise BadInputError(f"is sent to {', '.join(KINDS)} only; read GET /api/v1/digest instead", field="digest")
    if team:
        raise BadInputError("covers the whole organization; leave out the team, or the digest", field="digest")


ROUTES = [show_digest, send_digest]
