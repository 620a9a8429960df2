from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.causes.split import USUAL_PRICES, Causes, ModelUse, Use, split_change
from vocabulary.tokens import TokenCounts

COUNTS = st.builds(TokenCounts, *[st.integers(0, 10**9)] * 5)
USES = st.one_of(st.just(Use()), st.builds(Use, st.integers(0, 10**6), COUNTS, st.integers(-(10**9), 10**15)))
PRICES = st.tuples(*[st.floats(0.01, 100)] * 5)
MODELS = st.lists(st.builds(ModelUse, USES, USES, PRICES), max_size=6)

DOLLAR = 10**9
# 1,000 requests of $1 each: 80,000 units of input, 20,000 of output.
TOKENS = TokenCounts(30_000, 400_000, 8_000, 4_000, 0)
USED = Use(1_000, TOKENS, 1_000 * DOLLAR)


def changed(before: Use, after: Use) -> Causes:
    return split_change([ModelUse(before, after)])


def times(use: Use, factor: int) -> Use:
    return Use(use.requests * factor, TokenCounts(*(each * factor for each in use.tokens)), use.nano_usd * factor)


@given(MODELS)
def test_the_causes_sum_to_the_change(models: list[ModelUse]) -> None:
    assert sum(split_change(models)) == sum(each.after.nano_usd - each.before.nano_usd for each in models)


@given(MODELS, st.randoms())
def test_the_order_of_models_does_not_matter(models: list[ModelUse], random: Callable[..., None]) -> None:
    shuffled = list(models)
    random.shuffle(shuffled)
    assert split_change(shuffled) == split_change(models)


@given(MODELS)
def test_looking_back_finds_the_same_causes_with_the_other_sign(models: list[ModelUse]) -> None:
    back = split_change([ModelUse(each.after, each.before, each.prices) for each in models])
    assert list(back) == pytest.approx([-cause for cause in split_change(models)], rel=1e-6, abs=10)


@given(MODELS)
def test_nothing_changed_if_both_periods_are_equal(models: list[ModelUse]) -> None:
    assert split_change([ModelUse(each.before, each.before, each.prices) for each in models]) == Causes()


def test_no_use_at_all_is_no_change() -> None:
    assert split_change([]) == Causes()


def test_more_requests_of_the_same_kind_are_volume() -> None:
    assert changed(USED, times(USED, 3)) == Causes(volume=2_000 * DOLLAR)


def test_more_tokens_per_request_are_size() -> None:
    assert changed(USED, times(USED, 3)._replace(requests=1_000)) == Causes(size=2_000 * DOLLAR)


def test_longer_answers_are_size() -> None:
    longer = USED._replace(tokens=TOKENS._replace(output_visible=20_000), nano_usd=1_800 * DOLLAR)
    assert changed(USED, longer) == Causes(size=800 * DOLLAR)


def test_a_lower_share_of_cached_input_is_cache() -> None:
    units = 30_000 + 40_000 + 10_000 + 20_000
    assert units == 100_000
    uncached = USED._replace(tokens=TokenCounts(430_000, 0, 8_000, 4_000, 0), nano_usd=4_600 * DOLLAR)
    assert changed(USED, uncached) == Causes(cache=3_600 * DOLLAR)


def test_the_same_tokens_for_less_money_are_price() -> None:
    assert changed(USED, USED._replace(nano_usd=700 * DOLLAR)) == Causes(price=-300 * DOLLAR)


def test_requests_that_move_to_a_dearer_model_are_model_mix() -> None:
    dearer = times(USED, 1)._replace(nano_usd=5_000 * DOLLAR)
    assert split_change([ModelUse(USED, Use()), ModelUse(Use(), dearer)]) == Causes(model_mix=4_000 * DOLLAR)


def test_a_new_team_is_volume_and_so_is_one_that_stopped() -> None:
    assert changed(Use(), USED) == Causes(volume=1_000 * DOLLAR)
    assert changed(USED, Use()) == Causes(volume=-1_000 * DOLLAR)


def test_two_causes_share_what_they_make_together_equally() -> None:
    # Twice the requests and twice the price: 1 -> 4, of which each makes 1 alone and both make 1 together.
    assert changed(USED, times(USED, 2)._replace(nano_usd=4_000 * DOLLAR)) == Causes(
        volume=1_500 * DOLLAR, price=1_500 * DOLLAR
    )


def test_what_rounding_leaves_goes_to_the_largest_cause() -> None:
    found = changed(Use(3, TOKENS, 10), Use(7, TOKENS, 101))
    assert sum(found) == 91
    assert found.volume > 0 > found.size
    assert found.price > found.volume


def test_requests_that_were_not_counted_are_as_large_as_in_the_other_period() -> None:
    assert changed(USED._replace(requests=0), times(USED, 2)) == Causes(volume=1_000 * DOLLAR)


def test_charges_without_tokens_are_split_too() -> None:
    searched = Use(100, TokenCounts(), DOLLAR)
    assert changed(searched, Use(300, TokenCounts(), 3 * DOLLAR)) == Causes(volume=2 * DOLLAR)
    assert changed(searched, Use(100, TokenCounts(), 3 * DOLLAR)) == Causes(price=2 * DOLLAR)


def test_a_model_that_begins_to_have_tokens_changes_the_mix() -> None:
    assert changed(Use(1_000, TokenCounts(), DOLLAR), USED) == Causes(model_mix=999 * DOLLAR)


def test_tokens_without_a_price_count_once_they_have_one() -> None:
    assert changed(USED._replace(nano_usd=0), USED) == Causes(price=1_000 * DOLLAR)


def test_usual_prices_have_one_for_each_kind() -> None:
    assert len(USUAL_PRICES) == len(TokenCounts._fields)
