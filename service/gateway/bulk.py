"""A bulk of requests through a gateway, read into rows: names are hashed, of a route only its API is kept."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from schema.errors import BadInputError
from schema.gateway_parts import Part
from schema.gateway_routes import FAILED, STREAMED, reported_parts, route_label
from schema.identifiers import Hasher
from schema.model_names import model_name
from schema.tokens import TokenCounts
from service.contracts.gateway_usage import GatewayRequestIn, GatewayUsageBatch
from service.http.event_packing import EventRow
from service.telemetry.hashing.rows import hash_readings
from service.telemetry.reading.normalised import Readings, TokenEvent
from service.telemetry.reading.values import EARLIEST, LATEST

# The source of tokens that a gateway tells or that are estimated of its bytes; a name space for its event ids, too.
GATEWAY = "gateway"


class GatewayRow(NamedTuple):
    """A `gateway_usage`: the token event that it is, whose tokens are 0 where they are not told, and its bytes."""

    event: EventRow
    tells_tokens: bool
    route: str
    stream: bool
    request_bytes: int
    response_bytes: int

    def parts(self) -> Iterator[tuple[Part, int]]:
        """What its bytes tell of, and how many they are."""
        for part in reported_parts(self.route, stream=self.stream):
            yield part, self.request_bytes if part is Part.INPUT else self.response_bytes


class GatewayRows(Struct, frozen=True):
    """The rows of one request. `team_id` is set when its key is pinned to a team, and then decides for all of them."""

    rows: Sequence[GatewayRow]
    team_id: int | None


def read_bulk(batch: GatewayUsageBatch) -> Readings:
    """The requests of a bulk as token events, in order.

    Raises BadInputError that names the item and field at fault, never its value.
    """
    return Readings(events=[_event(index, item) for index, item in enumerate(batch.items)])


def hash_bulk(hasher: Hasher, batch: GatewayUsageBatch, readings: Readings, team_id: int | None) -> GatewayRows:
    """The rows of a bulk and what was read of it."""
    events = hash_readings(hasher, readings, team_id).events
    rows = [_row(event, item) for event, item in zip(events, batch.items, strict=True)]
    return GatewayRows(rows, team_id)


def _row(event: EventRow, item: GatewayRequestIn) -> GatewayRow:
    route = FAILED if item.has_failed else route_label(item.route)
    stream = item.stream or route.endswith(STREAMED)
    return GatewayRow(event, item.tells_tokens, route, stream, item.request_bytes, item.response_bytes)


def _event(index: int, item: GatewayRequestIn) -> TokenEvent:
    if not EARLIEST <= item.occurred_at < LATEST:
        raise BadInputError("must be between the years 2000 and 2100", field=f"items[{index}].occurred_at")
    if (item.input_tokens is None) != (item.output_tokens is None):
        missing = "input_tokens" if item.input_tokens is None else "output_tokens"
        raise BadInputError("is missing; send both kinds of tokens, or neither", field=f"items[{index}].{missing}")
    model = model_name(item.model, item.provider)
    if not model.model:
        raise BadInputError("is missing; write the model as the provider does", field=f"items[{index}].model")
    return TokenEvent(
        source=GATEWAY,
        identity=(GATEWAY, item.event_id),
        occurred_at=item.occurred_at,
        tokens=TokenCounts(input_uncached=item.input_tokens or 0, output_visible=item.output_tokens or 0),
        provider=model.provider,
        model=model.model,
        context_tier=model.context_tier,
        team=item.team,
        request=item.request_id,
        failed=item.has_failed,
    )
