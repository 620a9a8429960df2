from vocabulary.causes.split import Causes, ModelUse, Use
from vocabulary.causes.words import MINUS, money, moved_models, named_causes, signed, words_of

DOLLAR = 10**9


def test_causes_are_named_from_the_largest_on_and_small_ones_are_not() -> None:
    assert named_causes(Causes(volume=10, price=-100, cache=5)) == ["price", "volume"]
    assert named_causes(Causes()) == []


def test_a_cause_is_called_by_what_it_does_to_spend() -> None:
    assert (words_of("cache", 1), words_of("cache", -1)) == ("less caching", "more caching")


def test_work_moves_from_the_model_that_lost_to_the_one_that_gained() -> None:
    old, new = ModelUse(before=Use(requests=10)), ModelUse(after=Use(requests=20))
    assert moved_models([[("sonnet", old), ("opus", new)]]) == "from sonnet to opus"
    assert moved_models([[("sonnet", old)]]) is None
    assert moved_models([[("sonnet", old)], [("opus", new)]]) is None


def test_money_has_cents_only_in_small_sentences() -> None:
    assert money(5 * DOLLAR, 20 * DOLLAR) == "$5.00"
    assert money(1_234 * DOLLAR, 200 * DOLLAR) == "$1,234"
    assert (signed(1, "$5"), signed(-1, "$5"), signed(0, "")) == ("+$5", f"{MINUS}$5", "0")
