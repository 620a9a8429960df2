from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.attribution.builders import at
from vocabulary.basis import Basis
from vocabulary.tokens import TokenCounts
from workers.attribution.derived import DerivedTokens, WindowKey, contributions, difference, key_of
from workers.attribution.model import Evidence
from workers.attribution.windows import Change, Dimensions, Surcharges, window

DIMENSIONS = Dimensions("anthropic", "anthropic", "claude-sonnet-4-5", "", "", "")
ROW = DerivedTokens(1, at(9), DIMENSIONS, Basis.DERIVED, TokenCounts(100, 20, 3, 4, 5), requests=2)


def free(_: DerivedTokens) -> int:
    return 0


def test_a_measured_window_keeps_the_id_that_it_had_before_there_were_others() -> None:
    old = "ef42aa8febccd297a26c61b013cb05a59e0bbf8ba69560934dadf172ec1e207a"
    assert window(1, at(9), DIMENSIONS, Evidence()).window_id.hex() == old


def test_tokens_known_otherwise_have_windows_of_their_own() -> None:
    assert len({window(1, at(9), DIMENSIONS, Evidence(), basis).window_id for basis in Basis}) == len(Basis)


def test_rows_of_one_window_add_up_and_rows_of_nothing_make_none() -> None:
    empty = replace(ROW, team_id=2, tokens=TokenCounts(), requests=0)
    (change,) = contributions([ROW, ROW, empty], lambda _: (7, 0)).values()
    assert (change.requests, change.tokens, change.cost_nano_usd) == (4, TokenCounts(200, 40, 6, 8, 10), 14)


def test_tokens_of_a_model_without_a_price_count_as_unpriced() -> None:
    (change,) = contributions([ROW], lambda _: None).values()
    assert (change.cost_nano_usd, change.unpriced_tokens) == (0, 132)


def test_a_repeated_report_changes_nothing() -> None:
    assert difference(contributions([ROW], free), contributions([ROW], free)) == []


def test_what_is_corrected_changes_by_the_difference_and_what_is_gone_is_taken_back() -> None:
    other = replace(ROW, hour=at(10))
    more = replace(ROW, tokens=TokenCounts(150, 20, 3, 4, 5), requests=3)
    changes = difference(contributions([ROW, other], free), contributions([more], free))
    assert [(each.place.hour, each.requests, each.tokens.input_uncached) for each in changes] == [
        (at(9), 1, 50),
        (at(10), -2, -100),
    ]


rows = st.lists(
    st.builds(
        DerivedTokens,
        team_id=st.integers(1, 2),
        hour=st.sampled_from([at(9), at(10)]),
        dimensions=st.sampled_from([DIMENSIONS, DIMENSIONS._replace(model="other")]),
        basis=st.sampled_from([Basis.DERIVED, Basis.ESTIMATED]),
        tokens=st.builds(TokenCounts, *(st.integers(0, 5) for _ in TokenCounts._fields)),
        requests=st.integers(0, 3),
    ),
    max_size=6,
)


@given(st.lists(rows, max_size=5))
def test_windows_hold_the_latest_report(tellings: list[list[DerivedTokens]]) -> None:
    windows: dict[WindowKey, list[int]] = {}
    before: dict[WindowKey, Change] = {}
    for telling in tellings:
        after = contributions(telling, lambda row: (row.tokens.total, 1))
        for change in difference(before, after):
            kept = windows.setdefault(key_of(change.place), [0] * 7)
            for place, count in enumerate((*change.tokens, change.requests, change.cost_nano_usd)):
                kept[place] += count
        before = after
    last = tellings[-1] if tellings else []
    held = [sum(column) for column in zip(*windows.values(), strict=True)] or [0] * 7
    assert held[:5] == [sum(row.tokens[kind] for row in last) for kind in range(5)]
    assert held[5] == sum(row.requests for row in last)
    assert all(count >= 0 for kept in windows.values() for count in kept)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hour": at(9.5)},
        {"hour": datetime(2026, 3, 2, 9) + timedelta()},  # noqa: DTZ001 - of no time zone, on purpose
        {"tokens": TokenCounts(-1)},
        {"requests": -1},
        {"basis": Basis.MEASURED},
    ],
)
def test_values_that_fit_no_window_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="tokens"):
        replace(ROW, **wrong)  # type: ignore[arg-type]  # values of several fields


def test_what_is_charged_by_piece_is_part_of_the_cost_and_taken_back_with_its_row() -> None:
    row = replace(ROW, surcharges=Surcharges(cache_write_1h=5, web_searches=2))
    after = contributions([row, row], lambda _: (9, 4))
    (change,) = after.values()
    assert (change.cost_nano_usd, change.surcharges) == (18, Surcharges(10, 4, 0, 8))
    (back,) = difference(after, {})
    assert (back.cost_nano_usd, back.surcharges) == (-18, Surcharges(-10, -4, 0, -8))
