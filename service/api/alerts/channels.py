"""/api/v1/alert-channels: where alerts are sent."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.errors import BadInputError, NotFoundError
from schema.queue import Job, Queue
from schema.settings import Settings
from service.api.alerts.deliveries import delivery_shown
from service.api.alerts.digest import digested_to, refuse_digest
from service.audit.acts import note_made
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import read_whole, require_whole_organization
from service.connections.alert_channels import change_channel, check_channel
from service.contracts.alerts.channels import (
    AlertChannelChange,
    AlertChannelList,
    AlertChannelShown,
    NewAlertChannel,
)
from service.contracts.alerts.deliveries import AlertDeliveryShown
from service.errors import ConflictError
from service.failures import explained
from service.queries.alerts import channels as stored
from service.queries.alerts.channels import add_channel, list_channels, remove_channel
from service.queries.alerts.deliveries import list_deliveries, queue_test
from service.queries.teams.teams import find_team

ALL_TEAMS = 0
LARGEST_ID = 2**63 - 1
NO_CHANNEL = "must be an existing channel; list them with GET /api/v1/alert-channels"

ChannelId: TypeAlias = Annotated[int, PathParameter(description="Id of an alert channel")]


@post("/api/v1/alert-channels", guards=[requires("admin")], summary="Add an alert channel", tags=["alerts"])
async def add_alert_channel(
    data: JSONBody[NewAlertChannel],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> AlertChannelShown:
    """Send alerts that are raised from now on to a chat, mailbox, webhook or PagerDuty service.

    Address, recipients and secrets are stored encrypted and never shown; only the signing secret of a webhook, if it
    was generated, is in this response. Try the channel with `POST /api/v1/alert-channels/{channel_id}/test`.
    """
    require_whole_organization(caller)
    checked = check_channel(data, allow_private=settings.allow_private_hosts)
    vault = _vault(settings)
    name = data.name or data.kind
    async with database.organization(caller.organization_id) as tenant:
        channel_id = await add_channel(
            tenant,
            kind=data.kind,
            name=name,
            host=checked.host,
            team_id=await find_team(tenant, data.team) if data.team else ALL_TEAMS,
            sealed_settings=vault.seal(caller.organization_id, msgspec.json.encode(checked.settings)),
            digested_to=digested_to(data.kind, data.team, wanted=data.digest),
        )
        if channel_id is None:
            raise ConflictError(_taken(name), field="name")
        note_made(channel_id)
        (row,) = await list_channels(tenant, channel_id)
    return _shown(row, checked.secret)


@get("/api/v1/alert-channels", guards=[requires("read")], summary="List alert channels", tags=["alerts"])
async def list_alert_channels(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> AlertChannelList:
    """List channels, and whether the last delivery to each failed."""
    return AlertChannelList([_shown(row) for row in await read_whole(caller, database, list_channels)])


@patch(
    "/api/v1/alert-channels/{channel_id:int}",
    guards=[requires("admin")],
    summary="Change an alert channel",
    tags=["alerts"],
)
async def change_alert_channel(
    channel_id: ChannelId,
    data: JSONBody[AlertChannelChange],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> AlertChannelShown:
    """Change name, team, address or secrets of a channel. Fields that are left out stay as they are.

    What waits to be sent goes to the new address.
    """
    require_whole_organization(caller)
    if not msgspec.to_builtins(data):
        raise BadInputError("must name a field to change, for example name or team")
    organization_id, vault = caller.organization_id, _vault(settings)
    async with database.organization(organization_id) as tenant:
        held = await stored.hold_channel(tenant, channel_id) if 0 < channel_id <= LARGEST_ID else None
        if held is None:
            raise NotFoundError(NO_CHANNEL, field="channel_id")
        known = msgspec.json.decode(vault.open(organization_id, held["sealed_settings"]))
        checked = change_channel(held["kind"], known, data, allow_private=settings.allow_private_hosts)
        name = held["name"] if data.name is msgspec.UNSET else data.name
        team_id = held["team_id"]
        if data.team is not msgspec.UNSET:
            team_id = await find_team(tenant, data.team) if data.team else ALL_TEAMS
        digested = held["digested_to"]
        if data.digest is not msgspec.UNSET and data.digest is not (digested is not None):
            digested = digested_to(held["kind"], None, wanted=data.digest)
        if digested is not None:
            refuse_digest(held["kind"], "the team of the channel" if team_id else None)
        is_changed = await stored.change_channel(
            tenant,
            channel_id,
            name=name,
            host=checked.host,
            team_id=team_id,
            sealed_settings=vault.seal(organization_id, msgspec.json.encode(checked.settings)),
            digested_to=digested,
        )
        if not is_changed:
            raise ConflictError(_taken(name), field="name")
        (row,) = await list_channels(tenant, channel_id)
    return _shown(row, checked.secret)


@delete(
    "/api/v1/alert-channels/{channel_id:int}",
    guards=[requires("admin")],
    summary="Remove an alert channel",
    tags=["alerts"],
)
async def remove_alert_channel(
    channel_id: ChannelId, caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Delete a channel, its secrets, and what was or would be sent to it."""
    require_whole_organization(caller)
    is_removed = False
    if 0 < channel_id <= LARGEST_ID:
        async with database.organization(caller.organization_id) as tenant:
            is_removed = await remove_channel(tenant, channel_id)
    if not is_removed:
        raise NotFoundError(NO_CHANNEL, field="channel_id")


@post(
    "/api/v1/alert-channels/{channel_id:int}/test",
    guards=[requires("admin")],
    status_code=202,
    summary="Test an alert channel",
    tags=["alerts"],
)
async def try_alert_channel(
    channel_id: ChannelId,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[AlertDeliveryShown]:
    """Let a worker send a test at once. `GET /api/v1/alert-deliveries/{delivery_id}` shows what came of it.

    A test is tried once. At PagerDuty it opens an incident and resolves it.
    """
    require_whole_organization(caller)
    delivery_id = None
    async with database.organization(caller.organization_id) as tenant:
        if 0 < channel_id <= LARGEST_ID:
            delivery_id = await queue_test(tenant, channel_id)
        if delivery_id is None:
            raise NotFoundError(NO_CHANNEL, field="channel_id")
        (row,) = await list_deliveries(tenant, delivery_id=delivery_id)
    wake_up = BackgroundTask(queue.wake, Job.DELIVER_ALERTS, caller.organization_id)
    return Response(delivery_shown(row), status_code=202, background=wake_up)


def _vault(settings: Settings) -> Vault:
    return Vault(ring_of(settings), "alert-channel")


def _taken(name: str) -> str:
    return f"must be another one; a channel is already named {name}"


def _shown(row: Mapping[str, Any], secret: str | None = None) -> AlertChannelShown:
    return AlertChannelShown(**explained(row), secret=secret)


ROUTES = [
    *(add_alert_channel, list_alert_channels, change_alert_channel),
    *(remove_alert_channel, try_alert_channel),
]
