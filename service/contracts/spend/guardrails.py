"""What guardrails refused, and what was asked again: the response of `GET /api/v1/guardrails`."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.reconciliation import CostKind


class GuardedShown(Struct, frozen=True, kw_only=True):
    """Requests, their tokens and their cost."""

    requests: int
    tokens: TokensShown
    cost_usd: UsdText


class GuardrailFigures(Struct, frozen=True, kw_only=True):
    """Refused requests and retries. Both were paid for, so both are what guardrails cost."""

    refused: Annotated[GuardedShown, Meta(description="Requests that a guardrail refused")]
    retries: Annotated[GuardedShown, Meta(description="Requests that were made again after a refusal")]
    cost_usd: Annotated[UsdText, Meta(description="Cost of both")]


class GuardrailsShown(Struct, frozen=True, kw_only=True):
    """One period and group; only the dimension in `group_by` is present."""

    period_start: Annotated[date, Meta(description="First UTC day of the period")]
    team: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    workflow: Annotated[str | UnsetType, Meta(description="Workflow tag; empty without one")] = UNSET
    prompt_version: Annotated[str | UnsetType, Meta(description="Version of a prompt template; empty without one")] = (
        UNSET
    )
    figures: Annotated[GuardrailFigures | None, Meta(description="Null if withheld")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class GuardrailList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name. Items sum to the total, withheld ones included."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]
    cost_kind: CostKind
    settled: Annotated[bool, Meta(description="Whether all tokens of the period are settled")]
    total: Annotated[GuardrailFigures | None, Meta(description="Null if the requested team is withheld")]
    share_of_cost: Annotated[float | None, Meta(description="Part of all spend; null without any, or if withheld")]
    items: list[GuardrailsShown]
    next_cursor: NextCursor
