"""Bulks of requests through a gateway, read into rows. Names are hashed; only the API of a route is kept."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from schema.errors import BadInputError
from schema.identifiers import Hasher
from service.contracts.gateway_usage import GatewayRequestIn, GatewayUsageBatch
from service.contracts.token_event import EARLIEST, LATEST
from service.gateway.routes import route_label
from service.http.event_packing import EventRow
from service.telemetry.hashing.rows import hash_readings
from service.telemetry.reading.normalised import Readings, TokenEvent
from vocabulary.gateway_parts import Part
from vocabulary.gateway_routes import FAILED, STREAMED, billed_parts
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

# The source of tokens that a gateway reports or that are estimated from its bytes; also the namespace of event ids.
GATEWAY = "gateway"


class GatewayRow(NamedTuple):
    """A row of `gateway_usage`: a token event, whose tokens are 0 if the gateway reports none, and the bytes."""

    event: EventRow
    has_tokens: bool
    route: str
    stream: bool
    request_bytes: int
    response_bytes: int

    def parts(self) -> Iterator[tuple[Part, int]]:
        """Yield the parts of the request whose tokens depend on bytes, with the number of bytes."""
        for part in billed_parts(self.route, stream=self.stream):
            yield part, self.request_bytes if part is Part.INPUT else self.response_bytes


class GatewayRows(Struct, frozen=True):
    """The rows of one request. `team_id` is set if its key is pinned to a team, and then applies to every row."""

    rows: Sequence[GatewayRow]
    team_id: int | None


def read_bulk(batch: GatewayUsageBatch) -> Readings:
    """Return the requests of a bulk as token events, in order.

    Raises BadInputError, which names the item and the field but never the value.
    """
    return Readings(events=[_event(index, item) for index, item in enumerate(batch.items)])


def hash_bulk(hasher: Hasher, batch: GatewayUsageBatch, readings: Readings, team_id: int | None) -> GatewayRows:
    """Return the rows of a bulk; `readings` is the result of `read_bulk`."""
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
        raise BadInputError(
            "is missing; send both input_tokens and output_tokens, or neither", field=f"items[{index}].{missing}"
        )
    model = model_name(item.model, item.provider)
    if not model.model:
        raise BadInputError("is missing; send the provider's name of the model", field=f"items[{index}].model")
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
