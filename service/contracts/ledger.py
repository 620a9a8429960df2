"""The ledger of a period: the response of `GET /api/v1/ledger`."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.reconciliation import CostKind, OverheadShown
from service.contracts.spend.groups import DaySpan


class Amounts(TokensShown, frozen=True, kw_only=True):
    """Tokens by kind, their total, and their cost of the requested `cost_kind`."""

    cost_usd: UsdText


class LedgerParts(Struct, frozen=True, kw_only=True):
    """The parts of a ledger."""

    received: Annotated[
        Amounts, Meta(description="Tokens counted on arrival; tokens that several layers report are received once")
    ]
    merged: Annotated[Amounts, Meta(description="Tokens on merged pull requests")]
    in_flight: Annotated[Amounts, Meta(description="Tokens on open pull requests")]
    abandoned: Annotated[Amounts, Meta(description="Tokens on pull requests that were closed without a merge")]
    overhead: Annotated[Amounts, Meta(description="Tokens that no pull request earned")]
    pending: Annotated[Amounts, Meta(description="Tokens that are stored but not yet settled")]
    difference: Annotated[Amounts, Meta(description="0 unless tokens were lost")]
    superseded: Annotated[
        Amounts, Meta(description="Copies that other layers reported; outside all other parts, and without cost")
    ]


class LedgerItem(Struct, frozen=True, kw_only=True):
    """The ledger of one period, and of one team with `group_by=team`."""

    period_start: Annotated[date | None, Meta(description="First UTC day of the period; null without `from`")]
    team: str | UnsetType = UNSET
    parts: Annotated[LedgerParts | None, Meta(description="Null if withheld")]
    before: Annotated[LedgerParts | None, Meta(description="The compared period; null without `compare`")]
    change: Annotated[LedgerParts | None, Meta(description="What changed since the compared period")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class LedgerShown(Struct, frozen=True, kw_only=True):
    """received = merged + in flight + abandoned + overhead + pending + difference, for whole UTC days.

    Items, by period and then by team, sum to it. Tokens have a cost once they are folded and priced; billed
    cost is the part of the bills in the ledger. The overhead multiplier applies to `received` and is in none of the
    costs.
    """

    received: Annotated[Amounts | None, Meta(description="Tokens counted on arrival; null if withheld")]
    merged: Annotated[Amounts | None, Meta(description="Tokens on merged pull requests")]
    in_flight: Annotated[Amounts | None, Meta(description="Tokens on open pull requests")]
    abandoned: Annotated[Amounts | None, Meta(description="Tokens on pull requests that were closed without a merge")]
    overhead: Annotated[Amounts | None, Meta(description="Tokens that no pull request earned")]
    pending: Annotated[Amounts | None, Meta(description="Tokens that are stored but not yet settled")]
    difference: Annotated[Amounts | None, Meta(description="0 unless tokens were lost")]
    superseded: Annotated[
        Amounts | None, Meta(description="Copies that other layers reported; outside all other parts")
    ]
    first_day: Annotated[date | None, Meta(description="First UTC day; null without `from`")]
    last_day: Annotated[date | None, Meta(description="Last UTC day, inclusive; null without `to`")]
    team: Annotated[str | None, Meta(description="Requested team; null for all teams")]
    cost_kind: Annotated[CostKind, Meta(description="Kind of all costs in this response")]
    overhead_multiplier: Annotated[
        OverheadShown | None, Meta(description="Costs besides the bills; null unless it is set")
    ]
    compared_with: Annotated[DaySpan | None, Meta(description="The compared period; null without `compare`")]
    before: Annotated[LedgerParts | None, Meta(description="The compared period; null without `compare`")]
    change: Annotated[LedgerParts | None, Meta(description="What changed since the compared period")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]
    items: list[LedgerItem]
    next_cursor: NextCursor
