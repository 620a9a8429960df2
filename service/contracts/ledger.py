"""The ledger of a period: the response of `GET /api/v1/ledger`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import TokensShown, UsdText
from service.contracts.reconciliation import CostKind, OverheadShown


class Amounts(TokensShown, frozen=True, kw_only=True):
    """Tokens by kind, their total, and their cost of the requested `cost_kind`."""

    cost_usd: UsdText


class LedgerShown(Struct, frozen=True, kw_only=True):
    """received = merged + in flight + abandoned + overhead + pending + difference, for whole UTC days.

    Tokens have a cost once they are folded and priced; billed cost is the part of the bills in the ledger. The overhead
    multiplier applies to `received` and is in none of the costs.
    """

    first_day: Annotated[date | None, Meta(description="First UTC day; null without `from`")]
    last_day: Annotated[date | None, Meta(description="Last UTC day, inclusive; null without `to`")]
    team: Annotated[str | None, Meta(description="Requested team; null for all teams")]
    cost_kind: Annotated[CostKind, Meta(description="Kind of all costs in this response")]
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
    overhead_multiplier: Annotated[
        OverheadShown | None, Meta(description="Costs besides the bills; null unless it is set")
    ]
