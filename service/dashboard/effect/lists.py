"""The tables of effects: the chain of outcomes, false dates, use, models and roll-outs by chance. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from service.contracts.effects.study import AdoptionEffects, Association, EffectsFound, EffectShown
from service.dashboard.components.effects import EffectCell, effect_column
from service.dashboard.numbers.units import count_text, exact_text

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "tokens": ("Tokens", "what was used"),
    "merged": ("Merged", "pull requests that were merged"),
    "released": ("Released", "of them, shipped within four weeks"),
    "unreverted": ("Not reverted", "of those, what stays"),
}


class EffectRow(NamedTuple):
    """One effect on the column's scale, and the verdict on it in words."""

    name: str
    note: str
    cell: EffectCell
    words: str


class EffectTable(NamedTuple):
    """The rows, and the texts of the scale's head."""

    rows: list[EffectRow]
    ends: tuple[str, str, str]

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return any(row.cell.range for row in self.rows)


def chain_table(adoption: AdoptionEffects) -> EffectTable:
    """Return the chain from tokens to what stays shipped."""
    rows = []
    for each in adoption.outcomes:
        name, note = NAMES[each.outcome]
        if each.actual is not None and each.expected is not None:
            note = f"{count_text(each.actual)}; {count_text(each.expected)} expected without"
        rows.append((name, note, each.effect, each.verdict))
    # Use rises by far more than what ships; its range would flatten the others.
    return _table(rows, [each.effect for each in adoption.outcomes if each.outcome != "tokens"])


def false_dates(adoption: AdoptionEffects) -> EffectTable:
    """Return what the same method finds of merged pull requests at dates on which nothing happened."""
    merged = next(each for each in adoption.outcomes if each.outcome == "merged")
    return _table(
        [
            (f"{each.weeks_before} weeks before", "", each.effect, _false(each.effect))
            for each in sorted(merged.false_dates, key=lambda each: each.weeks_before)
        ]
    )


def use_table(associations: Sequence[Association]) -> EffectTable:
    """Return what goes with doubled use."""
    return _table([(*NAMES[each.outcome], each.doubled_use, _together(each.doubled_use)) for each in associations])


def model_table(found: EffectsFound) -> EffectTable:
    """Return what switching to a model did to merged pull requests."""
    rows = []
    for each in found.models:
        merged = next(outcome for outcome in each.outcomes if outcome.outcome == "merged")
        rows.append((each.model, f"{exact_text(each.adopters)} teams switched", merged.effect, merged.verdict))
    return _table(rows)


def trial_table(found: EffectsFound) -> EffectTable:
    """Return what roll-outs by chance did to merged pull requests."""
    rows = []
    for each in found.randomised:
        merged = next(outcome for outcome in each.outcomes if outcome.outcome == "merged")
        note = f"{each.given} teams given it, {each.held_back} held back, {each.weeks} weeks"
        rows.append((each.name, note, merged.effect, merged.verdict))
    return _table(rows)


def _table(
    rows: Sequence[tuple[str, str, EffectShown | None, str]], scaled: Sequence[EffectShown | None] | None = None
) -> EffectTable:
    column = effect_column([effect for *_, effect, _ in rows], scaled)
    return EffectTable(
        [EffectRow(name, note, cell, words) for (name, note, _, words), cell in zip(rows, column.cells, strict=True)],
        column.ends,
    )


def _false(effect: EffectShown | None) -> str:
    if effect is None or effect.low is None or effect.high is None:
        return "cannot be measured"
    return "nothing found, as it should be" if effect.low <= 0 <= effect.high else "found something, so be careful"


def _together(effect: EffectShown | None) -> str:
    if effect is None or effect.low is None or effect.high is None:
        return "too few teams, or constant use"
    if effect.low <= 0 <= effect.high:
        return "goes with no clear difference"
    return "goes with more" if effect.low > 0 else "goes with less"
