"""Where a repository's own numbers begin, and by which names its trailers call it."""

import pytest

from service.imports.git.numbering import own_numbers_begin, own_places, taken_over

UPSTREAM = (2, 3, 4, 38, 40)


@pytest.mark.parametrize(
    ("numbers", "own"),
    [
        ((*UPSTREAM, 1, 2, 3, 4, 5), 5),
        ((*UPSTREAM, 2, 1, 4, 6), 5),
        ((*range(9000, 9100), *range(3, 400, 3)), 100),
        ((*range(9000, 9100), *range(120, 20_000, 25)), 100),
        ((5000, 5001, *range(3, 3000, 7), 2, 5, 6, 9), 431),
    ],
)
def test_numbers_begin_again_where_a_fork_began(numbers: tuple[int, ...], own: int) -> None:
    assert own_numbers_begin(numbers) == own


@pytest.mark.parametrize(
    "numbers",
    [
        (),
        (1,),
        tuple(range(1, 500)),
        (100, 101, 7, 102, 103, 9, 104),
        (500, 501, 12, 15, 20, 33, 40, 502, 503),
        (500, 501, 502, 40, 12),
        (500, 501, 502, 120, 150, 180),
        (10, 11, 99_999, 12, 13, 14, 15, 16, 17, 18, 19, 20),
    ],
)
def test_pull_requests_that_were_open_for_long_begin_nothing(numbers: tuple[int, ...]) -> None:
    assert own_numbers_begin(numbers) == 0


def test_commits_taken_over_after_the_fork_are_not_its_own() -> None:
    numbers = (*range(9000, 9020), 1, 2, 9050, 3, 4, 6, 9060, 7, 9, 11)
    assert own_numbers_begin(numbers) == 20
    assert taken_over(numbers, 20) == {22, 26}
    assert taken_over(tuple(range(1, 50)), 0) == set()


def test_a_name_that_the_repository_had_before_or_has_since_is_its_own() -> None:
    assert own_places([(1, "old/shop"), (2, None), (3, "old/shop"), (4, "acme/shop")], "acme/shop") == {"old/shop"}
    assert own_places([(1, "acme/shop"), (4, "new/shop"), (5, "new/shop")], "acme/shop") == {"new/shop"}


def test_another_project_among_its_trailers_is_not() -> None:
    assert own_places([(1, "acme/shop"), (900, "other/shop"), (2, "acme/shop")], "acme/shop") == set()
    assert own_places([(9000, "upstream/shop"), (1, "acme/shop")], "acme/shop") == set()
    assert own_places([(1, "upstream/shop"), (2, "upstream/shop")], "acme/shop") == set()


def test_a_forge_under_a_path_leaves_the_path_out() -> None:
    assert own_places([(1, "acme/shop"), (2, "acme/shop")], "gitlab/acme/shop") == set()
