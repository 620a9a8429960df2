"""Why spend changed between two periods: the response of `GET /api/v1/spend/change`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import TokensShown, UsdText


class Spent(TokensShown, frozen=True, kw_only=True):
    """Requests, tokens and list price of one period."""

    requests: Annotated[int, Meta(description="Model requests, as far as sources count them")]
    cost_usd: UsdText


class CausesShown(Struct, frozen=True, kw_only=True):
    """The change by cause; the causes sum to it, whatever their order."""

    volume_usd: Annotated[UsdText, Meta(description="More or fewer requests")]
    size_usd: Annotated[UsdText, Meta(description="More or fewer tokens per request")]
    model_mix_usd: Annotated[UsdText, Meta(description="Requests that moved to other models or providers")]
    cache_usd: Annotated[UsdText, Meta(description="A larger or smaller share of input from the cache")]
    price_usd: Annotated[UsdText, Meta(description="Other prices, service tiers and charges per piece")]


class TeamChangeShown(Struct, frozen=True, kw_only=True):
    """The change of one team, or of several together."""

    team: Annotated[str | None, Meta(description="Name of the team; null for several teams together")]
    teams: Annotated[int, Meta(description="Number of teams in this item")]
    together_reason: Annotated[str | None, Meta(description="Why these teams are shown together; null for one team")]
    before_usd: UsdText
    after_usd: UsdText
    change_usd: UsdText
    causes: CausesShown
    sentence: Annotated[str, Meta(description="What changed, and why")]


class SpendChangeShown(Struct, frozen=True, kw_only=True):
    """How much the spend of one period differs from that of another, and why. The items sum to the whole."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]
    compared_first_day: Annotated[date, Meta(description="First UTC day of the period before")]
    compared_last_day: Annotated[date, Meta(description="Last UTC day of the period before, inclusive")]
    team: Annotated[str | None, Meta(description="Requested team; null for all teams")]
    before: Spent | None
    after: Spent | None
    change_usd: UsdText | None
    change_share: Annotated[float | None, Meta(description="Change divided by the spend before; null without any")]
    causes: CausesShown | None
    sentence: Annotated[str, Meta(description="What changed, and why")]
    items: Annotated[list[TeamChangeShown], Meta(description="The change by team, largest first")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")] = None
