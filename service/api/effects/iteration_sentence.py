"""How a group of pull requests differs from the reference, in one sentence. Pure."""

from service.contracts.effects.iterations import IterationFigures, IterationGroup
from service.contracts.effects.study import EffectShown

NOT_STUDIED = "We cannot tell yet. The first study is made when tokens are known for at least five weeks."
TOO_FEW = "We cannot tell yet whether groups differ: too few teams merged pull requests of both."
COUNTS = {
    "pushes_after_opening": "pushes after opening",
    "review_rounds": "review rounds",
    "reverted": "reverts",
    "fix_released": "fix releases",
}
_NAMES = {
    "context_tier": ("the {} context window", "the standard context window"),
    "model_family": ("{}", "an unknown model"),
    "prompt_version": ("{}", "no named prompt"),
    "ai_share": ("a {} AI share", "an unknown AI share"),
}


def figures_sentence(figures: IterationFigures) -> str:
    """Return what was counted in a period."""
    if not figures.pull_requests:
        return "Nothing was merged in this period."
    rates = figures.rates
    number = f"{figures.pull_requests:,} merged pull request{'' if figures.pull_requests == 1 else 's'}"
    return (
        f"{number}: {rates.pushes_after_opening.each:.1f} pushes after opening and {rates.review_rounds.each:.1f} "
        f"review rounds each; {_percent(rates.reverted.each)} reverted and {_percent(rates.fix_released.each)} fixed "
        "by a release within 14 days."
    )


def group_sentence(dimension: str, found: IterationGroup, reference: str | None) -> str | None:
    """Return how a group differs from the reference; None without a comparison."""
    if found.effects is None:
        return None
    differing, same = [], []
    for name, words in COUNTS.items():
        effect: EffectShown | None = getattr(found.effects, name)
        if effect is None or effect.change is None or effect.low is None or effect.high is None:
            continue
        if effect.low > 0 or effect.high < 0:
            more = "more" if effect.change > 0 else "fewer"
            interval = f"{_signed(effect.low)} to {_signed(effect.high)} %"
            differing.append(f"{_percent(abs(effect.change))} {more} {words} ({interval})")
        else:
            visible = effect.smallest_visible
            same.append(f"{words} (would have seen ±{_percent(visible)})" if visible is not None else words)
    subject = f"Pull requests made with {name_of(dimension, found.group)}"
    unlike = f"those made with {name_of(dimension, reference)}"
    of = (
        "in the same teams and weeks and of the same size"
        if found.design == "side_by_side"
        else ("in the same teams and of the same size")
    )
    parts = []
    if differing:
        parts.append(f"{subject} had {', '.join(differing)} than {unlike} {of}")
    if same:
        seen = f"no difference seen in {', '.join(same)}"
        parts.append(seen if differing else f"{subject} compared with {unlike} {of}: {seen}")
    return f"{'; '.join(parts)}." if parts else None


def name_of(dimension: str, group: str | None) -> str:
    """Return a group in words."""
    if group is None:
        return "no known tokens"
    named, unnamed = _NAMES[dimension]
    return named.format(group) if group else unnamed


def _percent(share: float | None) -> str:
    return "?" if share is None else f"{100 * share:.0f} %"


def _signed(share: float) -> str:
    sign = "+" if share > 0 else "\N{MINUS SIGN}" if share < 0 else ""
    return f"{sign}{abs(share) * 100:.0f}"
