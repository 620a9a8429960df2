import numpy as np
import pytest

from workers.statistics.estimates import Estimate
from workers.statistics.version_changes import (
    VersionChange,
    VersionUses,
    all_changes,
    any_model,
    newest_changes,
    pairs,
    prompt_of,
    sentence,
)
from workers.statistics.versions import Change, Design

TEAMS, WEEKS = 6, 8


def uses(versions: tuple[str, ...], since: tuple[int, ...], factors: tuple[float, ...], *, beside: bool) -> VersionUses:
    """Return 100 requests of 1,000 input tokens times a factor; without `beside`, a version replaces the one before."""
    team, week, place = (each.ravel() for each in np.indices((TEAMS, WEEKS, len(versions))))
    begun = np.array(since)[place] + (0 if beside else team % 2)
    ended = np.append(np.array(since), WEEKS)[place + 1] + (0 if beside else team % 2)
    used = (week >= begun) & (beside | (week < ended))
    requests = np.where(used, 100.0, 0.0)
    tokens = requests * 1000 * (1 + team) * np.array(factors)[place]
    amounts = dict.fromkeys(("output_tokens", "cost", "failed", "reverted"), requests * 1.0)
    amounts |= {"input_tokens": tokens, "ended": 0.5 * requests, "merged": 0.4 * requests}
    names = tuple(versions[each] for each in place[used])
    kept = {name: values[used] for name, values in amounts.items()}
    return VersionUses(names, team[used], week[used], 0 * week[used], requests[used], kept)


def changes(known: VersionUses) -> tuple[VersionChange, ...]:
    return newest_changes(known, prompt_of, all_changes(known, prompt_of))


def test_the_newest_version_of_a_prompt_is_compared_side_by_side() -> None:
    found = changes(uses(("review/6", "review/7"), (0, 3), (1.0, 0.82), beside=True))

    (change,) = found
    assert (change.old, change.new, change.design, change.teams) == ("review/6", "review/7", Design.SIDE_BY_SIDE, TEAMS)
    tokens, merged = change.effects["input_tokens"], change.effects["merged"]
    assert tokens is not None
    assert merged is not None
    assert tokens.change == pytest.approx(-0.18, abs=1e-6)
    assert merged.change == pytest.approx(0, abs=1e-6)
    assert change.sentence.startswith("review/7 used 18 % fewer input tokens for each request than review/6 (")
    assert change.sentence.endswith("), at equal outcome.")


def test_a_version_that_replaced_another_is_compared_before_and_after() -> None:
    (change,) = changes(uses(("review/6", "review/7"), (0, 4), (1.0, 0.82), beside=False))

    assert change.design is Design.BEFORE_AFTER
    tokens = change.effects["input_tokens"]
    assert tokens is not None
    assert tokens.change == pytest.approx(-0.18, abs=1e-6)


def test_versions_of_different_prompts_are_not_compared() -> None:
    assert changes(uses(("review/6", "plan/1"), (0, 3), (1.0, 0.5), beside=True)) == ()


def test_a_prompt_without_a_version_is_not_compared() -> None:
    assert pairs(uses(("review", "plan"), (0, 3), (1.0, 0.5), beside=True), prompt_of) == []


def test_all_versions_of_a_prompt_are_compared_in_each_possible_way() -> None:
    found = all_changes(uses(("review/5", "review/6", "review/7"), (0, 2, 4), (1.0, 0.9, 0.8), beside=True), prompt_of)

    assert {(each.old, each.new) for each in found} == {
        ("review/5", "review/6"),
        ("review/5", "review/7"),
        ("review/6", "review/7"),
    }
    assert {each.design for each in found} == {Design.SIDE_BY_SIDE, Design.BEFORE_AFTER}
    for each in found:
        tokens = each.effects["input_tokens"]
        assert tokens is not None
        assert (
            tokens.low
            < {"review/5": 1.0, "review/6": 0.9, "review/7": 0.8}[each.new]
            / {"review/5": 1.0, "review/6": 0.9}[each.old]
            - 1
            + 1e-6
        )


def test_the_newest_model_is_compared_with_the_one_used_most() -> None:
    known = uses(("sonnet", "haiku", "opus"), (0, 2, 3), (1.0, 1.0, 2.0), beside=True)

    assert pairs(known, any_model) == [("sonnet", "opus")]


def change(log_ratio: float, error: float) -> Change:
    return Change(Estimate(log_ratio, error, 30), TEAMS)


SAME = "new compared with old: no difference in input tokens seen (would have seen \N{PLUS-MINUS SIGN}16 %)"
MORE = "new used 22 % more input tokens for each request than old (+10 to +35 %)"
LESS_MERGED = "\N{MINUS SIGN}26 % (\N{MINUS SIGN}33 to \N{MINUS SIGN}18 %)"


@pytest.mark.parametrize(
    ("tokens", "merged", "words"),
    [
        (change(0.2, 0.05), None, f"{MORE}, outcome not known yet."),
        (change(0.01, 0.05), change(0.0, 0.02), f"{SAME}, at equal outcome."),
        (change(0.01, 0.05), change(-0.3, 0.05), f"{SAME}, with less of its work merged: {LESS_MERGED}."),
        (
            change(0.01, 0.05),
            change(0.0, 0.05),
            f"{SAME}, no difference in outcome seen (would have seen \N{PLUS-MINUS SIGN}16 %).",
        ),
    ],
)
def test_a_change_is_one_sentence_with_its_outcome(tokens: Change, merged: Change | None, words: str) -> None:
    assert sentence("old", "new", tokens, merged) == words
