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
from service.contracts.amounts import NextCursor
from service.contracts.token_event import MAXIMUM_ITEMS, Count, Identifier, Label
from vocabulary.gateway_parts import MAXIMUM_BYTES

Bytes: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_BYTES)]
ModelText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
Route: TypeAlias = Annotated[str, Meta(max_length=2000)]


class GatewayRequestIn(Struct, frozen=True, kw_only=True):
    """One model request. It counts once per `event_id`, however often it is sent; the first version stays.

    If the gateway knows the token kinds, send token events instead.
    """

    event_id: Annotated[Identifier, Meta(description="Unique id of the request, chosen by you")]
    occurred_at: Instant
    model: Annotated[ModelText, Meta(description="Name of the model")]
    request_bytes: Annotated[Bytes, Meta(description="Size of the uncompressed request body, without headers")]
    response_bytes: Annotated[Bytes, Meta(description="Size of the uncompressed response body, without headers")]
    provider: Annotated[Label, Meta(description="Provider of the model, such as anthropic")] = ""
    route: Annotated[Route, Meta(description="Path of the provider's API; only the kind of API is stored")] = ""
    stream: Annotated[bool, Meta(description="True if the response was streamed")] = False
    status: (
        Annotated[
            int,
            Meta(
                ge=100,
                le=599,
                description="HTTP status of the response; requests with 400 or more are not estimated, as providers "
                "do not bill them",
            ),
        ]
        | None
    ) = None
    team: (
        Annotated[Identifier, Meta(description="`team.id` or name of a team; ignored if the key is pinned to a team")]
        | None
    ) = None
    request_id: (
        Annotated[
            Identifier,
            Meta(description="Provider's id of the request; it identifies the same request in an agent's telemetry"),
        ]
        | None
    ) = None
    input_tokens: (
        Annotated[
            Count,
            Meta(
                description="Input tokens, including cached ones; send it together with `output_tokens` or not at all"
            ),
        ]
        | None
    ) = None
    output_tokens: Annotated[Count, Meta(description="Output tokens, including reasoning")] | None = None

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
    """The result of a bulk: `received` = `measured` + `to_estimate` + `duplicates`."""

    received: Annotated[int, Meta(description="Requests in the bulk")]
    measured: Annotated[int, Meta(description="Requests with tokens")]
    to_estimate: Annotated[
        int, Meta(description="Requests with bytes only, including failed requests and requests that use no tokens")
    ]
    duplicates: Annotated[int, Meta(description="Requests that had been sent before")]


class ErrorInterval(Struct, frozen=True, kw_only=True):
    """Range of the ratio between true and estimated tokens."""

    low: Annotated[float, Meta(description="Lower bound as a factor of the estimate, such as 0.9")]
    high: Annotated[float, Meta(description="Upper bound as a factor of the estimate, such as 1.2")]
    coverage: Annotated[float, Meta(description="Probability that the truth is within the bounds, between 0 and 1")]


class GatewayCalibrationShown(Struct, frozen=True, kw_only=True):
    """How bytes become tokens.

    A calibration is for a model, for all models of a provider (`model` null), or for all providers (both null).
    """

    provider: Annotated[str | None, Meta(description="Null for all providers")]
    model: Annotated[str | None, Meta(description="Null for all models")]
    part: Annotated[str, Meta(description="input, output, or output_stream for streamed responses")]
    begins_at: Annotated[
        datetime | None, Meta(description="Time from which the calibration is used; null for the first one")
    ]
    rows: Annotated[int, Meta(description="Number of requests in the fit")]
    tokens_per_byte: Annotated[float, Meta(description="Estimated tokens for each byte")]
    tokens_per_request: Annotated[
        float, Meta(description="Estimated tokens for each request, in addition to its bytes")
    ]
    largest_bytes: Annotated[
        int | None, Meta(description="Size above which more bytes add no tokens; null without a limit")
    ]
    held_out_error: Annotated[
        float, Meta(description="Median relative error of one request, measured on requests left out of the fit")
    ]
    held_out_sum_error: Annotated[
        float, Meta(description="Relative error of their sum, measured on requests left out of the fit")
    ]
    interval: Annotated[ErrorInterval, Meta(description="Range of the error of one request")]
    drift: Annotated[Literal["steady", "drifted"], Meta(description="`drifted` if recent requests no longer fit")]
    drifted_at: Annotated[datetime | None, Meta(description="Time since which requests no longer fit; null if steady")]
    replaced: Annotated[bool, Meta(description="True if a newer calibration replaces this one")]
    fitted_at: datetime


class GatewayCalibrationList(Struct, frozen=True):
    """Calibrations, including replaced ones."""

    items: list[GatewayCalibrationShown]
    next_cursor: NextCursor


class TokenBounds(Struct, frozen=True, kw_only=True):
    """Bounds of the true number of tokens."""

    low: Annotated[int, Meta(description="Lower bound in tokens")]
    high: Annotated[int, Meta(description="Upper bound in tokens")]
    coverage: Annotated[float, Meta(description="Probability that the truth is within the bounds, between 0 and 1")]


class GatewayEstimateShown(Struct, frozen=True, kw_only=True):
    """Tokens estimated from bytes, for one model and UTC day."""

    day: Annotated[date, Meta(description="UTC day")]
    provider: str
    model: str
    requests: Annotated[int, Meta(description="Number of requests")]
    input_tokens: Annotated[int, Meta(description="Estimated input tokens")]
    output_tokens: Annotated[int, Meta(description="Estimated output tokens")]
    interval: Annotated[TokenBounds, Meta(description="Bounds of input plus output")]
    unestimated_requests: Annotated[
        int,
        Meta(description="Requests whose input, output or both no calibration covers; these tokens are not counted"),
    ]
    unestimated_bytes: Annotated[int, Meta(description="Bytes that no calibration covers")]
    counted_source: Annotated[
        str | None,
        Meta(
            description="Source that counts instead of the estimate; `none` if the organization does not count "
            "gateways; null if the estimate counts"
        ),
    ]


class GatewayEstimateList(Struct, frozen=True):
    """Estimates by day, provider and model."""

    items: list[GatewayEstimateShown]
    next_cursor: NextCursor
    withheld_reason: Annotated[str | None, Meta(description="Why the items of a small team are left out")] = None
