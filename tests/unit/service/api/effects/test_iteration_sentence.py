"""How a group of pull requests differs from the reference, in one sentence."""

from service.api.effects.iteration_sentence import figures_sentence, group_sentence
from service.contracts.effects.iterations import (
    IterationEffects,
    IterationFigures,
    IterationGroup,
    IterationRates,
    RateShown,
)
from service.contracts.effects.study import EffectShown

MORE = EffectShown(change=0.24, low=0.05, high=0.46, smallest_visible=0.2)
SAME = EffectShown(change=0.01, low=-0.08, high=0.11, smallest_visible=0.12)
FEWER = EffectShown(change=-0.5, low=-0.7, high=-0.2, smallest_visible=None)


def group(name: str | None, **effects: EffectShown) -> IterationGroup:
    all_effects = dict.fromkeys(IterationEffects.__struct_fields__) | effects
    return IterationGroup(
        group=name, withheld_reason=None, design="side_by_side", effects=IterationEffects(**all_effects)
    )


def test_what_differs_comes_before_what_does_not() -> None:
    words = group_sentence("context_tier", group("1m", review_rounds=MORE, reverted=SAME), "")

    assert words == (
        "Pull requests made with the 1m context window had 24 % more review rounds (+5 to +46 %) than those made with "
        "the standard context window in the same teams and weeks and of the same size; no difference seen in reverts "
        "(would have seen \N{PLUS-MINUS SIGN}12 %)."
    )


def test_a_group_that_does_not_differ_says_what_would_have_been_seen() -> None:
    words = group_sentence("prompt_version", group("review/7", pushes_after_opening=SAME), "review/6")

    assert words == (
        "Pull requests made with review/7 compared with those made with review/6 in the same teams and weeks and of "
        "the same size: no difference seen in pushes after opening (would have seen \N{PLUS-MINUS SIGN}12 %)."
    )


def test_pull_requests_without_tokens_have_a_name() -> None:
    words = group_sentence("ai_share", group(None, reverted=FEWER), "low")

    assert words is not None
    assert words.startswith("Pull requests made with no known tokens had 50 % fewer reverts (\N{MINUS SIGN}70 to")
    assert "a low AI share" in words


def test_the_reference_and_unknown_effects_have_no_sentence() -> None:
    reference = IterationGroup(group="", withheld_reason=None)
    assert group_sentence("model_family", reference, "") is None
    assert group_sentence("model_family", group("claude"), "") is None


def test_a_period_is_one_sentence() -> None:
    rates = [RateShown(total=total, each=total / 40, low=None, high=None) for total in (50, 80, 2, 1)]
    figures = IterationFigures(
        pull_requests=40, rates=IterationRates(**dict(zip(IterationRates.__struct_fields__, rates, strict=True)))
    )
    assert figures_sentence(figures) == (
        "40 merged pull requests: 1.2 pushes after opening and 2.0 review rounds each; 5 % reverted and 2 % fixed by a "
        "release within 14 days."
    )
