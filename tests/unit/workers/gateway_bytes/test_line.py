import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.gateway_bytes.line import Line, Real, fit_line, usable


def texts(count: int = 400, seed: int = 1) -> tuple[Real, Real]:
    """Bytes and tokens: four bytes a token, ten percent apart, in an envelope of 500."""
    generator = np.random.default_rng(seed)
    tokens = np.rint(generator.lognormal(7, 1, count))
    return np.rint(500 + 4 * tokens * generator.lognormal(0, 0.1, count)), tokens


def test_tokens_and_envelope_bytes_are_separated() -> None:
    line = fit_line(*texts())
    assert line is not None
    assert line.a_byte == pytest.approx(1 / 4, rel=0.03)
    assert line.a_request == pytest.approx(-500 / 4, rel=0.15)


def test_the_sum_of_what_it_was_fitted_on_comes_out_right() -> None:
    size, tokens = texts()
    line = fit_line(size, tokens)
    assert line is not None
    assert line.tokens(size).sum() == pytest.approx(tokens.sum(), rel=0.01)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 9.0]))
def test_one_wrong_count_in_twenty_hardly_changes_the_line(seed: int, factor: float) -> None:
    size, tokens = texts(seed=seed)
    line = fit_line(size, tokens)
    wrong = tokens.copy()
    wrong[::20] = np.rint(wrong[::20] * factor)
    moved = fit_line(size, wrong)
    assert line is not None
    assert moved is not None
    # By about what those tokens are of all, however many times as many they tell.
    share = 1.5 * tokens[::20].sum() / tokens.sum()
    assert moved.a_byte == pytest.approx(line.a_byte, rel=share + 0.03)
    assert moved.tokens(size).sum() == pytest.approx(line.tokens(size).sum(), rel=share + 0.03)


def test_pictures_are_not_taken_for_text() -> None:
    size, tokens = texts()
    size[::20] += 400_000
    line = fit_line(size, tokens)
    assert line is not None
    assert line.a_byte == pytest.approx(1 / 4, rel=0.05)
    assert line.tokens(size).sum() == pytest.approx(tokens.sum(), rel=0.02)
    assert line.largest < 400_000


@given(
    st.floats(1e-6, 1),
    st.floats(-1e6, 1e6),
    st.floats(1, 1e9),
    st.lists(st.integers(0, 10**10), min_size=2, max_size=20),
)
def test_more_bytes_are_never_fewer_tokens_and_tokens_are_never_negative(
    a_byte: float, a_request: float, largest: float, sizes: list[int]
) -> None:
    for line in (Line(a_byte, a_request, largest), Line(a_byte, a_request)):
        tokens = line.tokens(np.sort(np.array(sizes, dtype=np.float64)))
        assert (tokens >= 0).all()
        assert (np.diff(tokens) >= 0).all()


def test_nothing_is_no_tokens_even_where_each_request_adds_some() -> None:
    line = Line(0.25, 10.0)
    assert line.tokens(np.array([0.0, 0.0]), np.array([0.0, 2.0])).tolist() == [0.0, 20.0]


def test_a_sum_of_requests_equals_the_sum_of_each_without_outliers() -> None:
    size, tokens = texts()
    line = fit_line(size, tokens)
    assert line is not None
    large = size[size > 2000]
    together = line.tokens(np.array([large.sum()]), np.array([float(len(large))]))
    assert together[0] == pytest.approx(line.tokens(large).sum())


def test_tokens_that_do_not_grow_with_bytes_make_no_line() -> None:
    size = np.linspace(1000, 9000, 100)
    assert fit_line(size, 2000 - size / 10) is None
    assert fit_line(size, np.zeros(100)) is None
    assert fit_line(np.empty(0), np.empty(0)) is None


def test_requests_equal_to_the_last_byte_make_a_line() -> None:
    line = fit_line(np.full(60, 4000.0), np.full(60, 1000.0))
    assert line is not None
    assert line.tokens(np.array([4000.0]))[0] == pytest.approx(1000)


def test_more_tokens_than_bytes_cannot_be() -> None:
    size, tokens = np.array([10.0, 10.0, 0.0, 10.0]), np.array([10.0, 11.0, 0.0, -1.0])
    assert usable(size, tokens).tolist() == [True, False, False, False]
