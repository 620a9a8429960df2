import pytest

from service.api.effects.effect_sentence import effect_sentence
from service.contracts.effects.study import (
    AdoptionEffects,
    Answer,
    EffectsFound,
    EffectShown,
    LeftOut,
    OutcomeEffect,
    Shipped,
)

Said = tuple[Answer, str]


def outcome(name: Shipped, answer: Answer, verdict: str) -> OutcomeEffect:
    return OutcomeEffect(
        outcome=name,
        answer=answer,
        verdict=verdict,
        effect=EffectShown(change=0.02, low=-0.06, high=0.1, smallest_visible=0.12),
        actual=None,
        expected=None,
        weeks=[],
        weekly_growth_before=None,
        false_dates=[],
    )


def found(merged: Said, unreverted: Said, adopters: int = 8) -> EffectsFound:
    outcomes = [outcome("merged", *merged), outcome("unreverted", *unreverted)]
    left_out = LeftOut(small=0, too_early=0, without_comparison=0)
    adoption = AdoptionEffects(adopters=adopters, comparisons=8, left_out=left_out, outcomes=outcomes)
    return EffectsFound(adoption=adoption, models=[], associations=[], returns=None)


RISE = "Teams ship more after they adopt agents: +14 % (+3 to +26 %) merged pull requests."
MORE: Said = ("more", "ships more: +14 % (+3 to +26 %)")
NOTHING: Said = ("no_difference", "no difference seen (would have seen \N{PLUS-MINUS SIGN}12 %)")
FEW: Said = ("cannot_tell", "cannot tell: 3 teams that adopted")
GREW: Said = ("cannot_tell", "cannot tell: adopters grew differently before adoption")


@pytest.mark.parametrize(
    ("merged", "unreverted", "sentence"),
    [
        (
            MORE,
            MORE,
            f"{RISE} Released and not reverted: +14 % (+3 to +26 %).",
        ),
        (
            MORE,
            NOTHING,
            f"{RISE} Released and not reverted: no difference seen (would have seen \N{PLUS-MINUS SIGN}12 %).",
        ),
        (NOTHING, NOTHING, "We cannot tell yet whether agents ship more. Only a change of 12 % would have shown."),
        (GREW, FEW, "We cannot tell yet whether agents ship more: adopters grew differently before adoption."),
    ],
)
def test_the_answer_is_one_plain_sentence(merged: Said, unreverted: Said, sentence: str) -> None:
    assert effect_sentence(found(merged, unreverted)) == sentence


def test_too_few_teams_are_counted_with_what_is_needed() -> None:
    assert effect_sentence(found(FEW, FEW, adopters=3)) == (
        "We cannot tell yet whether agents ship more: 3 teams adopted them after 8 weeks with known tokens,"
        " and 8 can be compared with them; 5 of each are needed."
    )
