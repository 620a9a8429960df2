"""What a service tier does to the prices of a model: the price list's own variants, and surcharges of regions."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from genai_prices.types import ModelInfo, PriceContext, Provider

# How the price list names a part of a tier; providers use the same word for different conditions.
_CONDITIONS: Mapping[str, PriceContext] = {
    "batch": {"processing": "batch"},
    "fast": {"speed": "fast", "service_tier": "fast"},
}

# Factors of all token prices that the price list does not hold, by provider and part of a tier. Anthropic takes
# `inference_geo` for models that have this surcharge alone: platform.claude.com/docs, "Data residency".
_SURCHARGES: Mapping[tuple[str, str], Decimal] = {("anthropic", "us"): Decimal("1.1")}


class TierPrice(NamedTuple):
    """The conditions under which the price list is read, and the factor of its token prices."""

    context: PriceContext
    factor: Decimal


def tier_price(seller: Provider, model: ModelInfo, tier: str, occurred_at: datetime) -> TierPrice | None:
    """Return how a tier (see `service_tiers`) is priced at a time; None when the price list does not know it."""
    context, factor = dict[str, str](), Decimal(1)
    for part in filter(None, tier.split("+")):
        if found := _condition(model, part, occurred_at):
            context |= found
        elif (seller.id, part) in _SURCHARGES:
            factor *= _SURCHARGES[seller.id, part]
        else:
            return None
    return TierPrice(context, factor)


def _condition(model: ModelInfo, part: str, occurred_at: datetime) -> PriceContext | None:
    """Return the conditions that the price list has for a part of a tier at a time."""
    wanted = _CONDITIONS.get(part, {"service_tier": part})
    for variant in model.price_variants or ():
        if variant.constraint is not None and not variant.constraint.active(occurred_at):
            continue
        if all(wanted.get(name) == value for name, value in variant.when.items()):
            return dict(variant.when)
    return None
