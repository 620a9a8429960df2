"""Model requests of gateways that count bytes: `POST /api/v1/gateway-usage`, calibrations and estimates.

    {"items": [{"event_id": "req_1", "occurred_at": "2026-11-22T01:45:52Z", "provider": "anthropic",
                "model": "claude-sonnet-4-5", "route": "/v1/messages", "stream": true,
                "request_bytes": 21480, "response_bytes": 9310}]}

Bytes are those of uncompressed bodies, without headers. Tokens are estimated from them. Requests with tokens count as
measured instead, and calibrate the estimates. Of `route`, only the kind of API is stored. Unknown fields are dropped.
"""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from schema.contracts.values import Instant
from schema.vocabulary.gateway_parts import MAXIMUM_BYTES
from service.contracts.token_event import MAXIMUM_ITEMS, Count, Identifier, Label

Bytes: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_BYTES)]
ModelText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
Route: TypeAlias = Annotated[str, Meta(max_length=2000)]


class GatewayRequestIn(Struct, frozen=True, kw_only=True):
    """One model request. It counts once per `event_id`, however often it is sent; the first version stays.

    Send `input_tokens` and `output_tokens` both or not at all: input includes cached tokens, output includes reasoning.
    If the gateway knows the token kinds, send token events instead. `request_id` is the provider's id of the request;
    it identifies the same request in an agent's telemetry. `team` is a `team.id` or a team's name; it is ignored if the
    key is pinned to a team. Requests with an HTTP `status` of 400 or more are not estimated, as providers do not bill
    them.
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
        """Whether the provider refused or failed the request."""
        return self.status is not None and self.status >= HTTPStatus.BAD_REQUEST

    @property
    def tells_tokens(self) -> bool:
        """Whether its tokens need no estimate."""
        return self.input_tokens is not None and self.output_tokens is not None


class GatewayUsageBatch(Struct, frozen=True):
    """Requests, stored in one transaction: all or none."""

    items: Annotated[list[GatewayRequestIn], Meta(max_length=MAXIMUM_ITEMS)]


class GatewayUsageReceipt(Struct, frozen=True):
    """The result of a bulk: `received` = `measured` + `to_estimate` + `duplicates`.

    `to_estimate` are requests with bytes only; they include failed requests and requests that use no tokens.
    """

    received: int
    measured: int
    to_estimate: int
    duplicates: int


class ErrorInterval(Struct, frozen=True, kw_only=True):
    """Factors of an estimate between which the truth lies with the probability `coverage`, for example 0.9 to 1.2."""

    low: float
    high: float
    coverage: float


class GatewayCalibrationShown(Struct, frozen=True, kw_only=True):
    """How bytes become tokens: for a model, for all models of a provider (`model` null), or for all (both null).

    `part` is input, output, or output_stream for streamed responses. `held_out_error` is the median relative error of
    one request and `held_out_sum_error` that of their sum, measured on requests left out of the fit; `interval` is for
    one request. `drift` becomes drifted at `drifted_at`; as soon as enough requests with tokens have arrived since, a
    new calibration replaces this one (`replaced`). `begins_at` is null for the first calibration.
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
    """Calibrations, including replaced ones."""

    items: list[GatewayCalibrationShown]
    next_cursor: str | None


class TokenBounds(Struct, frozen=True, kw_only=True):
    """Bounds between which the true tokens lie with the probability `coverage`."""

    low: int
    high: int
    coverage: float


class GatewayEstimateShown(Struct, frozen=True, kw_only=True):
    """Tokens estimated from bytes, for one model and UTC day; `interval` covers input plus output.

    For `unestimated_requests` no calibration covers the input, the output or both (`unestimated_bytes`); these tokens
    are not counted. If `counted_source` is set, that source counts instead of the estimate; `none` means that the
    organization does not count gateways.
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
    """Estimates by day, provider and model."""

    items: list[GatewayEstimateShown]
    next_cursor: str | None
