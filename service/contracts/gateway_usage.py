"""What a gateway logs of model requests, as JSON: `POST /api/v1/gateway-usage`, for gateways that count bytes.

    {"items": [{"event_id": "req_1", "occurred_at": "2026-11-22T01:45:52Z", "provider": "anthropic",
                "model": "claude-sonnet-4-5", "route": "/v1/messages", "stream": true,
                "request_bytes": 21480, "response_bytes": 9310}]}

Bytes are those of bodies, uncompressed and without headers. Tokens are estimated from them; a request whose tokens the
gateway knows counts as measured instead, and is what estimates are calibrated on. Of a route only which API it is of is
kept. Fields that are not named here are dropped, as everywhere at intake.
"""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from schema.contracts.token_event import MAXIMUM_ITEMS, Count, Identifier, Label
from schema.contracts.values import Instant
from schema.gateway_parts import MAXIMUM_BYTES

Bytes: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_BYTES)]
ModelText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
Route: TypeAlias = Annotated[str, Meta(max_length=2000)]


class GatewayRequestIn(Struct, frozen=True, kw_only=True):
    """One model request. `event_id` makes it count once, however often it is sent; what was told first stays.

    `input_tokens` and `output_tokens` are told both or not at all: all input, cached or not, and all output, reasoning
    too. A gateway that knows more of them sends token events instead. `request_id` is the provider's own id of the
    request; with it an agent's telling of the same request is recognised, and counted once. `team` is a `team.id` or a
    team's name, and ignored when the key is pinned to a team. Of a `status` (HTTP) of 400 or more nothing is estimated,
    since providers bill no request that failed.
    """

    event_id: Identifier
    occurred_at: Instant
    model: ModelText
    request_bytes: Bytes
    response_bytes: Bytes
    provider: Label = ""
    route: Route = ""
    stream: bool = False
    status: Annotated[int, Meta(ge=100, le=599)] | None = None
    team: Identifier | None = None
    request_id: Identifier | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the provider refused it or broke off."""
        return self.status is not None and self.status >= HTTPStatus.BAD_REQUEST

    @property
    def tells_tokens(self) -> bool:
        """Whether its tokens need no estimate."""
        return self.input_tokens is not None and self.output_tokens is not None


class GatewayUsageBatch(Struct, frozen=True):
    """A bulk of requests, stored in one transaction: all of them or none."""

    items: Annotated[list[GatewayRequestIn], Meta(max_length=MAXIMUM_ITEMS)]


class GatewayUsageReceipt(Struct, frozen=True):
    """What became of a bulk: `received` = `measured` + `to_estimate` + `duplicates`.

    Those `to_estimate` tell bytes alone; some may be of requests that failed, or that make no tokens.
    """

    received: int
    measured: int
    to_estimate: int
    duplicates: int


class ErrorInterval(Struct, frozen=True, kw_only=True):
    """Between which multiples of an estimate the truth lies with the probability `coverage`: 0.9 to 1.2 of it, say."""

    low: float
    high: float
    coverage: float


class GatewayCalibrationShown(Struct, frozen=True, kw_only=True):
    """How bytes become tokens: of a model; of all models of a provider (`model` null); or of all (both null).

    `part` is input, output, or output_stream for answers in a stream. `held_out_error` is the median relative error of
    one request, and `held_out_sum_error` that of their sum, measured on requests left out of the fit; `interval` is of
    one request. `drift` is steady, or drifted since `drifted_at`: from then on it waits for enough requests that tell
    their tokens, and is replaced by one that begins there (`replaced` is then true). `begins_at` is null for the first.
    """

    provider: str | None
    model: str | None
    part: str
    begins_at: datetime | None
    rows: int
    tokens_per_byte: float
    tokens_per_request: float
    largest_bytes: int | None
    held_out_error: float
    held_out_sum_error: float
    interval: ErrorInterval
    drift: Literal["steady", "drifted"]
    drifted_at: datetime | None
    replaced: bool
    fitted_at: datetime


class GatewayCalibrationList(Struct, frozen=True):
    """Every calibration, and every one that it replaced."""

    items: list[GatewayCalibrationShown]
    next_cursor: str | None


class TokenBounds(Struct, frozen=True, kw_only=True):
    """Where the true tokens lie with the probability `coverage`."""

    low: int
    high: int
    coverage: float


class GatewayEstimateShown(Struct, frozen=True, kw_only=True):
    """Tokens estimated from bytes, of one model and UTC day; `interval` is of both kinds together.

    Of `unestimated_requests` no calibration reaches the input, the output or both, which are `unestimated_bytes`: of
    these no tokens are counted. Where `counted_source` is told, that source tells the same tokens better, and the
    estimate counts nowhere; it is `none` where the organization does not count gateways.
    """

    day: date
    provider: str
    model: str
    requests: int
    input_tokens: int
    output_tokens: int
    interval: TokenBounds
    unestimated_requests: int
    unestimated_bytes: int
    counted_source: str | None


class GatewayEstimateList(Struct, frozen=True):
    """A page of estimates, by day, provider and model."""

    items: list[GatewayEstimateShown]
    next_cursor: str | None
