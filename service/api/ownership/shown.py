"""Converts factors and sums to the API's contract. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from service.api.amounts import tokens_shown
from service.api.ownership.parts import ALWAYS, UNITS, Factor
from service.api.ownership.sums import UNITS_PER_KG, UNITS_PER_KWH, Range, Sums
from service.contracts.spend.ownership import EstimateShown, FactorShown, OwnershipFigures, OwnershipOverhead
from vocabulary.tokens import usd_text

MILLION = 10**6
ESTIMATES = (
    "Energy and carbon are estimates from published factors, or from those that you set; no provider measures them by"
    " request. low and high are the ends of the sources, not a confidence interval."
)


def factor_shown(factor: Factor) -> FactorShown:
    """Return a factor with its unit."""
    return FactorShown(
        id=factor.factor_id,
        part=factor.part,  # type: ignore[arg-type]  # checked when it was stored
        unit=UNITS[factor.part],
        low=_decimal(factor.low),
        value=_decimal(factor.value),
        high=_decimal(factor.high),
        first_day=None if factor.first_day == ALWAYS else factor.first_day,
        provider=factor.provider,
        model=factor.model,
        source=factor.source,
        note=factor.note,
    )


def _decimal(millionths: int) -> str:
    return f"{(Decimal(millionths) / MILLION).normalize():f}"


def figures_of(sums: Sums, overhead: Mapping[str, int]) -> OwnershipFigures:
    """Return the figures of a row; `overhead` has the rounded nano-USD of each part."""
    added = sum(overhead.values())
    return OwnershipFigures(
        tokens=tokens_shown(sums.tokens),
        token_cost_usd=usd_text(sums.nano_usd),
        overhead=OwnershipOverhead(
            **{f"{part}_usd": usd_text(amount) for part, amount in overhead.items()}, total_usd=usd_text(added)
        ),
        total_cost_of_ownership_usd=usd_text(sums.nano_usd + added),
        multiplier=(sums.nano_usd + added) / sums.nano_usd if sums.nano_usd else None,
        energy_kwh=_estimate(sums.energy, UNITS_PER_KWH),
        carbon_kg=_estimate(sums.carbon, UNITS_PER_KG),
    )


def _estimate(found: Range, unit: int) -> EstimateShown:
    return EstimateShown(low=found.low / unit, likely=found.likely / unit, high=found.high / unit)
