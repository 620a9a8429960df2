"""POST /api/v1/outcomes: what tokens achieved beside pull requests, as items or as CloudEvents."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from schema.database import Database
from schema.errors import BadInputError
from schema.identifiers import Hasher
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from schema.settings import Settings
from service.auth.caller import Caller
from service.auth.guards import ApiRequest, requires
from service.contracts.reported.outcome import (
    MAXIMUM_ITEMS,
    OutcomeBatch,
    OutcomeEvent,
    OutcomeIn,
    OutcomeReceipt,
    Outcomes,
)
from service.exports.lists import check_query
from service.queries.spend.outcomes import StoredOutcome, save_outcomes
from service.telemetry.reading.labels import team_label
from service.telemetry.store.teams import team_ids

EVENT, EVENTS = "application/cloudevents+json", "application/cloudevents-batch+json"
MILLION = 10**6
_PLACE = re.compile(r" - at `\$(?P<place>[^`]*)`$")


class Reported(NamedTuple):
    """Outcomes of an instant, and the client's id: a list of texts, or None."""

    identity: tuple[str, ...] | None
    occurred_at: datetime
    outcomes: Outcomes


async def take_events(request: ApiRequest) -> Response[Any] | None:
    """Answer a request whose body holds CloudEvents; any other goes on to its handler."""
    if (answer := await check_query(request)) is not None:
        return answer
    kind = request.content_type[0]
    if kind not in {EVENT, EVENTS}:
        return None
    events = read_events(await request.body(), is_batch=kind == EVENTS)
    reported = [Reported(("event", event.source, event.id), event.time, event.data) for event in events]
    return Response(await store(request, reported))


@post(
    "/api/v1/outcomes",
    status_code=200,
    guards=[requires("intake")],
    before_request=take_events,
    summary="Send outcomes",
    tags=["intake"],
)
async def take_outcomes(data: JSONBody[OutcomeBatch], request: ApiRequest) -> OutcomeReceipt:
    """Store outcomes beside pull requests by the hour, all or none. The same `id` counts once; its latest item counts.

    Without an `id`, team, feature, workflow, prompt template and `occurred_at` identify an item. A worker sums outcomes
    within seconds. CloudEvents 1.0 in structured JSON are accepted too, with the content type
    `application/cloudevents+json` or `application/cloudevents-batch+json`; `data` holds the fields of an item without
    `occurred_at` and `id`.
    """
    return await store(request, [Reported(_identity(item), item.occurred_at, item) for item in data.items])


def read_events(body: bytes, *, is_batch: bool) -> list[OutcomeEvent]:
    """Return the CloudEvents of a body; raises BadInputError, which names the field and never a value."""
    try:
        events = msgspec.json.decode(body, type=list[OutcomeEvent]) if is_batch else [_event(body)]
    except msgspec.ValidationError as error:
        match = _PLACE.search(message := str(error))
        field = match["place"].removeprefix(".") if match else ""
        raise BadInputError(f"{_PLACE.sub('', message)}; see /schema", field=field or "body") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInputError("must be a CloudEvent 1.0 in structured JSON", field="body") from None
    if len(events) > MAXIMUM_ITEMS:
        raise BadInputError(f"must hold at most {MAXIMUM_ITEMS:,} events", field="body")
    for index, event in enumerate(events):
        if event.data_base64 is not None:
            place = f"[{index}].data_base64" if is_batch else "data_base64"
            raise BadInputError("is not supported; send JSON as data", field=place)
    return events


def _event(body: bytes) -> OutcomeEvent:
    return msgspec.json.decode(body, type=OutcomeEvent)


def _identity(item: OutcomeIn) -> tuple[str, ...] | None:
    return None if item.id is None else ("id", item.id)


async def store(request: ApiRequest, reported: Sequence[Reported]) -> OutcomeReceipt:
    """Store what was reported, in one transaction."""
    caller, state = request.auth, request.app.state
    database: Database = state.database
    organization_keys: OrganizationKeys = state.organization_keys
    settings: Settings = state.settings
    queue: Queue = state.queue
    hasher = await organization_keys.hasher(caller.organization_id)
    labels = {label for each in reported if (label := _team(caller, each.outcomes)) is not None}
    async with database.organization(caller.organization_id) as tenant:
        teams = await team_ids(tenant, labels, settings.team_limit)
        rows = [_stored(hasher, caller, each, teams) for each in reported]
        changed = await save_outcomes(tenant, rows)
    if changed:
        await queue.wake_together(Job.ROLL_UP_SPEND, caller.organization_id)
    return OutcomeReceipt(received=len(reported), changed=changed)


def _team(caller: Caller, outcomes: Outcomes) -> str | None:
    """Return the name of a team to look up; None for the key's team, and for the default team."""
    return None if caller.team_id is not None else team_label(outcomes.team)


def _stored(hasher: Hasher, caller: Caller, reported: Reported, teams: dict[str | None, int]) -> StoredOutcome:
    outcomes = reported.outcomes
    team_id = teams[_team(caller, outcomes)] if caller.team_id is None else caller.team_id
    at = reported.occurred_at.astimezone(UTC)
    named = (outcomes.feature, outcomes.workflow, at)
    content = ("content", team_id, *named, *((outcomes.prompt_template,) if outcomes.prompt_template else ()))
    # Keys of different teams cannot replace each other's outcomes.
    identity = content if reported.identity is None else (caller.team_id, *reported.identity)
    return StoredOutcome(
        identity=hasher.reference("outcome", msgspec.json.encode(identity)),
        team_id=team_id,
        hour=at.replace(minute=0, second=0, microsecond=0),
        feature=outcomes.feature,
        workflow=outcomes.workflow,
        number=outcomes.count,
        successes=_successes(outcomes),
        quality=None if outcomes.quality is None else round(outcomes.quality * MILLION),
        prompt_template=outcomes.prompt_template.strip(),
    )


def _successes(outcomes: Outcomes) -> int | None:
    if outcomes.success is None:
        return outcomes.successes
    return outcomes.count if outcomes.success else 0


ROUTES = [take_outcomes]
