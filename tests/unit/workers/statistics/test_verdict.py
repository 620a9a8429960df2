from math import log

import pytest

from workers.statistics.estimates import Estimate
from workers.statistics.verdict import Answer, Outcome, judge


def estimate(change: float, error: float) -> Estimate:
    return Estimate(log(1 + change), error, 40)


def test_a_clear_rise_ships_more() -> None:
    verdict = judge(Outcome.MERGED, 12, 9, estimate(0.14, 0.05), None)

    assert verdict.answer is Answer.MORE
    assert verdict.words == "ships more: +14 % (+3 to +26 %)"


def test_a_clear_fall_ships_less() -> None:
    verdict = judge(Outcome.RELEASED, 12, 9, estimate(-0.2, 0.05), None)

    assert verdict.answer is Answer.LESS
    assert verdict.words == "ships less: \N{MINUS SIGN}20 % (\N{MINUS SIGN}28 to \N{MINUS SIGN}11 %)"


def test_more_tokens_are_used_not_shipped() -> None:
    assert judge(Outcome.TOKENS, 12, 9, estimate(1.0, 0.05), None).words.startswith("uses more: +100 %")


def test_no_difference_names_the_smallest_change_that_would_have_been_seen() -> None:
    verdict = judge(Outcome.MERGED, 12, 9, estimate(0.02, 0.04), None)

    assert verdict.answer is Answer.NO_DIFFERENCE
    assert verdict.words == "no difference seen (would have seen ±12 %)"


@pytest.mark.parametrize(
    ("adopters", "comparisons", "total", "differed", "words"),
    [
        (3, 9, None, None, "cannot tell: 3 teams that adopted"),
        (9, 1, None, None, "cannot tell: 1 team to compare with"),
        (9, 9, None, None, "cannot tell: nothing before adoption to compare with"),
        (9, 9, estimate(0.5, 0.05), "adopters grew differently before adoption",
         "cannot tell: adopters grew differently before adoption"),
        (9, 9, estimate(0.1, 0.2), None, "cannot tell: only a change of 78 % would have shown"),
    ],
)  # fmt: skip
def test_an_unknown_answer_says_why(
    adopters: int, comparisons: int, total: Estimate | None, differed: str | None, words: str
) -> None:
    verdict = judge(Outcome.MERGED, adopters, comparisons, total, differed)

    assert verdict.answer is Answer.CANNOT_TELL
    assert verdict.words == words
