"""Sums of the overview's period, and of the one it is compared with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.dashboard.components.fates import FATES, Fates
from service.dashboard.numbers.units import usd_text
from service.dashboard.overview.facts import Evidence, OverviewFacts
from service.dashboard.view.periods import Period
from service.queries.spend.merged_sums import MergedSum

NO_SPEND = MergedSum()


@dataclass(frozen=True, slots=True)
class Sums:
    """What the period's full slots hold; `unfinished` says how far the running week is where only that holds anything.

    Costs by fate are in nano-USD.
    """

    by_fate: dict[str, int]
    by_fate_before: dict[str, int]
    tokens_by_fate: dict[str, int]
    merged: MergedSum
    merged_before: MergedSum
    evidence: Evidence
    received: int | None
    is_compared: bool
    releases: str = ""
    unfinished: str = ""

    @property
    def nano_usd(self) -> int:
        """All spend."""
        return sum(self.by_fate.values())

    @property
    def nano_usd_before(self) -> int:
        """All spend of the earlier period."""
        return sum(self.by_fate_before.values())

    @property
    def tokens(self) -> int:
        """All settled tokens."""
        return sum(self.tokens_by_fate.values())

    @property
    def shipped(self) -> float:
        """The share on merged pull requests."""
        return self.by_fate["merged"] / self.nano_usd if self.nano_usd else 0.0

    @property
    def shipped_before(self) -> float:
        """The same of the earlier period."""
        return self.by_fate_before["merged"] / self.nano_usd_before if self.nano_usd_before else 0.0


def sum_up(facts: OverviewFacts, period: Period, *, is_compared: bool) -> Sums:
    """Sum the full slots. If they hold nothing, but the running week does, sum that."""
    full = [place for place, slot in enumerate(period.slots) if slot.span != period.running]
    running = [place for place, slot in enumerate(period.slots) if slot.span == period.running]
    is_early = bool(running) and not _has_data(facts, full) and _has_data(facts, running)
    places = running if is_early else full
    cost_before = _by_fate(facts.fates_before, full) if is_compared and not is_early else dict.fromkeys(FATES, 0)
    return Sums(
        by_fate=_by_fate(facts.fates, places),
        by_fate_before=cost_before,
        tokens_by_fate={fate: sum(facts.fates[place][fate].tokens.total for place in places) for fate in FATES},
        merged=_merged([facts.merged[place] for place in places]),
        merged_before=_merged([facts.merged_before[place] for place in full]) if is_compared else NO_SPEND,
        evidence=Evidence() if is_early else facts.evidence,
        received=None if is_early else facts.received,
        is_compared=is_compared and not is_early,
        releases=_releases(facts),
        unfinished=period.slots[running[0]].note or "today" if is_early else "",
    )


def _has_data(facts: OverviewFacts, places: Sequence[int]) -> bool:
    return any(
        facts.merged[place].pull_requests or any(amount.tokens.total for amount in facts.fates[place].values())
        for place in places
    )


def _by_fate(fates: Sequence[Fates], places: Sequence[int]) -> dict[str, int]:
    return {fate: sum(fates[place][fate].nano_usd for place in places) for fate in FATES}


def _merged(sums: Sequence[MergedSum]) -> MergedSum:
    return MergedSum(*map(sum, zip(NO_SPEND, *sums, strict=True)))


def _releases(facts: OverviewFacts) -> str:
    if not facts.releases:
        return ""
    return f"the last release cost {usd_text(facts.releases[0].nano_usd)}"
