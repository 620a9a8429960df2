"""The tables of models, workflows and prompts: uses, versions side by side, rework, and cost of an outcome. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from service.contracts.effects.iterations import IterationGroup, IterationsShown, RateShown
from service.contracts.effects.study import VersionEffect
from service.contracts.spend.outcomes import PromptShown
from service.dashboard.components.effects import EffectCell, effect_column, is_clear, share_text
from service.dashboard.numbers.sureness import interval_text
from service.dashboard.numbers.units import NOTHING, count_text, exact_text, percent_text, shares, usd_text, usd_texts
from service.dashboard.uses.facts import Use

MOST_ROWS = 50
MOST_VERSIONS = 20
MODELS_WITH_COLOUR = 3
MILLION = 1_000_000
UNNAMED: Final[Mapping[str, str]] = {
    "model": "unknown model",
    "workflow": "untagged",
    "prompt_version": "without a version",
}
DESIGNS: Final[Mapping[str, str]] = {
    "side_by_side": "in the same weeks",
    "before_after": "before and after",
}
# What a version changes for each request.
CHANGES: Final[Mapping[str, str]] = {
    "input_tokens": "input tokens",
    "output_tokens": "output tokens",
    "failed": "failed requests",
    "merged": "merged",
    "reverted": "reverted",
}


class UseRow(NamedTuple):
    """One model, workflow or prompt. `kind` is the class of its colour."""

    name: str
    address: str
    kind: str
    spend: str
    share: str
    before: str
    shipped: str
    tokens: str
    price: str
    cached: str
    failed: str


class VersionRow(NamedTuple):
    """What a newer version changed: its cost on the column's scale, and what else changed clearly."""

    new: str
    old: str
    note: str
    cost: EffectCell
    others: str
    sentence: str


class VersionTable(NamedTuple):
    """The rows, and the texts of the scale's head."""

    rows: list[VersionRow]
    ends: tuple[str, str, str]


class ReworkRow(NamedTuple):
    """How often pull requests made with something were reworked; `note` compares them, or says why they are hidden."""

    name: str
    pull_requests: str
    pushes: str
    reviews: str
    reverted: str
    fixed: str
    note: str
    is_withheld: bool


class PromptRow(NamedTuple):
    """What a prompt spends for an outcome."""

    name: str
    workflow: str
    rank: str
    outcomes: str
    tokens: str
    interval: str
    cost: str
    success: str
    than_first: str


def use_rows(
    uses: Mapping[str, Use], dimension: str, address: Callable[[str], str], *, is_compared: bool
) -> list[UseRow]:
    """Return the dearest, and the rest as one."""
    ordered = [(name, uses[name]) for name in dearest_first(uses)]
    rest = ""
    if len(ordered) > MOST_ROWS:
        others = Use()
        for _, use in ordered[MOST_ROWS - 1 :]:
            others = others.plus(use)
        rest = f"{exact_text(len(ordered) - MOST_ROWS + 1)} others"
        ordered = [*ordered[: MOST_ROWS - 1], (rest, others)]
    costs = usd_texts([use.now.nano_usd for _, use in ordered])
    now = shares([use.now.nano_usd for _, use in ordered])
    before = shares([use.before.nano_usd for _, use in ordered])
    has_before = is_compared and any(before)
    return [
        UseRow(
            name or UNNAMED[dimension],
            address(name) if name and name != rest else "",
            f"model-{min(place, MODELS_WITH_COLOUR) + 1}",
            costs[place],
            percent_text(now[place], 1),
            percent_text(before[place], 1) if has_before else NOTHING,
            percent_text(use.shipped / use.now.nano_usd) if use.now.nano_usd else NOTHING,
            count_text(use.now.tokens.total),
            price_text(use),
            cached_text(use),
            percent_text(use.now.failed_requests / use.now.requests, 1) if use.now.requests else NOTHING,
        )
        for place, (name, use) in enumerate(ordered)
    ]


def dearest_first(uses: Mapping[str, Use]) -> list[str]:
    """Return the names of what was used, the dearest first."""
    ordered = sorted(uses.items(), key=lambda item: (-item[1].now.nano_usd, item[0]))
    return [name for name, use in ordered if use.now.tokens.total or use.now.nano_usd]


def price_text(use: Use) -> str:
    """Return what a million tokens cost."""
    tokens = use.now.tokens.total
    return usd_text(use.now.nano_usd * MILLION / tokens) if tokens else NOTHING


def cached_text(use: Use) -> str:
    """Return the share of input that was read from a cache."""
    tokens = use.now.tokens
    read = tokens.input_uncached + tokens.cache_read + tokens.cache_write
    return percent_text(tokens.cache_read / read) if read else NOTHING


def version_table(versions: Sequence[VersionEffect]) -> VersionTable:
    """Return what newer versions changed; the clearest come first."""
    # Where a pair was used in the same weeks, before and after says less.
    beside = {(each.new, each.old) for each in versions if each.design == "side_by_side"}
    best = [each for each in versions if each.design == "side_by_side" or (each.new, each.old) not in beside]
    ordered = sorted(best, key=lambda each: (not _clear_changes(each), not is_clear(each.cost), each.new, each.old))
    ordered = ordered[:MOST_VERSIONS]
    column = effect_column([each.cost for each in ordered])
    rows = [
        VersionRow(
            each.new,
            each.old,
            f"{each.teams} team{'' if each.teams == 1 else 's'}, {DESIGNS[each.design]}",
            cell,
            ", ".join(_clear_changes(each)) or "nothing else differs clearly",
            each.sentence,
        )
        for each, cell in zip(ordered, column.cells, strict=True)
    ]
    return VersionTable(rows, column.ends)


def rework_rows(found: IterationsShown, unnamed: str) -> list[ReworkRow]:
    """Return the groups of a study, the reference first."""
    return [_rework(each, unnamed, is_first=place == 0) for place, each in enumerate(found.items)]


def prompt_rows(prompts: Sequence[PromptShown]) -> list[PromptRow]:
    """Return prompts by workflow and rank."""
    return [
        PromptRow(
            each.prompt_version or UNNAMED["prompt_version"],
            each.workflow or UNNAMED["workflow"],
            NOTHING if each.rank is None else str(each.rank),
            exact_text(each.outcomes),
            NOTHING if each.tokens_per_outcome is None else count_text(each.tokens_per_outcome),
            "" if each.low is None or each.high is None else interval_text(each.low, each.high, count_text),
            NOTHING if each.cost_per_outcome_usd is None else f"${each.cost_per_outcome_usd}",
            NOTHING if each.success_rate is None else percent_text(each.success_rate),
            share_text(each.than_first.change)
            if each.than_first is not None and each.than_first.change is not None
            else NOTHING,
        )
        for each in prompts
    ]


def _clear_changes(version: VersionEffect) -> list[str]:
    found = []
    for name, words in CHANGES.items():
        effect = getattr(version, name)
        if is_clear(effect) and effect.change is not None:
            found.append(f"{words} {share_text(effect.change)}")
    return found


def _rework(group: IterationGroup, unnamed: str, *, is_first: bool) -> ReworkRow:
    name = "without tokens" if group.group is None else group.group or unnamed
    rates = group.rates
    if rates is None or group.pull_requests is None:
        reason = f"Withheld: {group.withheld_reason}"
        return ReworkRow(name, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, reason, is_withheld=True)
    note = group.sentence or ("what others are compared with" if is_first else "too few teams to compare")
    return ReworkRow(
        name,
        exact_text(group.pull_requests),
        _each(rates.pushes_after_opening),
        _each(rates.review_rounds),
        NOTHING if rates.reverted.each is None else percent_text(rates.reverted.each),
        NOTHING if rates.fix_released.each is None else percent_text(rates.fix_released.each),
        note,
        is_withheld=False,
    )


def _each(rate: RateShown) -> str:
    return NOTHING if rate.each is None else f"{rate.each:.1f}"
