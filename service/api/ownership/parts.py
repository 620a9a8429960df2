"""Factors of the cost of ownership, and which of them holds for a provider or model on a day. Pure."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from service.api.ownership.published_factors import PUBLISHED
from service.contracts.spend.ownership import MONEY_PARTS
from service.queries.ledger.overhead import Parts
from vocabulary.model_keys import model_key

ESTIMATED_PARTS = ("energy_per_input", "energy_per_output", "carbon_per_kwh")
UNITS = {
    **dict.fromkeys(MONEY_PARTS, "share of the token cost"),
    "energy_per_input": "Wh for 1,000 tokens",
    "energy_per_output": "Wh for 1,000 tokens",
    "carbon_per_kwh": "kg CO2e for 1 kWh",
}
ALWAYS = date.min
# Where the parts without days are set, which existed before factors with days did.
WITHOUT_DAYS = "PUT /api/v1/overhead-multiplier"


class Factor(NamedTuple):
    """A factor in millionths, from a UTC day on; for all spend unless it names a provider or a model."""

    part: str
    provider: str
    model: str
    first_day: date
    low: int
    value: int
    high: int
    source: str
    factor_id: int | None = None
    note: str = ""

    @property
    def scope(self) -> str:
        """The dimension that the factor is for: provider, model, or empty for all spend."""
        return "provider" if self.provider else "model" if self.model else ""

    @property
    def member(self) -> str:
        """The provider or model that the factor is for; empty for all."""
        return self.provider or self.model


def family_of(part: str) -> str:
    """Return the name of the parts that share a scope: carbon is energy multiplied, so both need the same one."""
    return part if part in MONEY_PARTS else "energy and carbon"


def scopes_of(factors: Iterable[Factor]) -> dict[str, set[str]]:
    """Return the scopes of each family, other than all spend."""
    scopes: dict[str, set[str]] = {}
    for factor in factors:
        if factor.scope:
            scopes.setdefault(family_of(factor.part), set()).add(factor.scope)
    return scopes


def general_factors(parts: Parts | None) -> list[Factor]:
    """Return the factors that hold where no other does: the parts without days, and the published ones."""
    shares = {"orchestration": 0, "observability": 0, "energy": 0}
    if parts is not None:
        shares = {"orchestration": parts.orchestration, "observability": parts.observability, "energy": parts.power}
    given = [Factor(part, "", "", ALWAYS, share, share, share, WITHOUT_DAYS) for part, share in shares.items() if share]
    published = [
        Factor(each.part, "", "", ALWAYS, each.low, each.value, each.high, each.url, None, each.note)
        for each in PUBLISHED
    ]
    return [*given, *published]


def member_key(scope: str, name: str) -> str:
    """Return what a name in the tokens' spelling is called in factors."""
    return model_key(name) if scope == "model" else name


class Book:
    """All factors of an organization, to look up which one holds."""

    def __init__(self, factors: Sequence[Factor]) -> None:
        self.factors = factors
        self._by_member: dict[tuple[str, str], list[Factor]] = {}
        for factor in sorted(factors, key=lambda each: each.first_day):
            self._by_member.setdefault((factor.part, factor.member), []).append(factor)
        # The same few are looked up for each row of a page.
        self._found: dict[tuple[str, str, date], Factor | None] = {}

    @property
    def scopes(self) -> dict[str, str]:
        """The scope of each family whose factors are for providers or models."""
        return {family: min(scopes) for family, scopes in scopes_of(self.factors).items()}

    def find(self, part: str, member: str, day: date) -> Factor | None:
        """Return the factor of a part on a day: that of the provider or model before one for all; the latest holds."""
        key = part, member, day
        if key not in self._found:
            self._found[key] = self._find(part, member, day)
        return self._found[key]

    def _find(self, part: str, member: str, day: date) -> Factor | None:
        for name in dict.fromkeys((member, "")):
            known = self._by_member.get((part, name), [])
            if (place := bisect_right(known, day, key=lambda each: each.first_day)) > 0:
                return known[place - 1]
        return None

    def changes(self, first: date, last: date, families: Collection[str] | None = None) -> list[date]:
        """Return the days after `first`, until `last`, on which a factor of some families (default: any) begins."""
        begin = {
            each.first_day
            for each in self.factors
            if first < each.first_day <= last and (families is None or family_of(each.part) in families)
        }
        return sorted(begin)

    def held(self, first: date, last: date) -> list[Factor]:
        """Return the factors that hold on any day of a period, in their order."""
        days = (first, *self.changes(first, last))
        found = {self.find(each.part, each.member, day) for each in self.factors for day in days}
        return [each for each in self.factors if each in found]
