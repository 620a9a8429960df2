"""How far totals would move."""

from workers.attribution.model import OVERHEAD
from workers.resettlement.movement import compare

STATES = {b"merged": "merged", b"open": "open", b"closed": "abandoned"}


def test_tokens_are_listed_by_place_before_and_after_the_change() -> None:
    before = {b"merged": 60, b"open": 20, OVERHEAD: 20}
    after = {b"merged": 50, b"closed": 30, OVERHEAD: 20}
    movement = compare("platform", 3, before, after, STATES)
    assert movement.before == {"merged": 60, "in_flight": 20, "abandoned": 0, "overhead": 20}
    assert movement.after == {"merged": 50, "in_flight": 0, "abandoned": 30, "overhead": 20}
    assert (movement.team, movement.days, movement.total) == ("platform", 3, 100)


def test_moved_tokens_count_once_at_their_new_place() -> None:
    assert compare("t", 1, {b"merged": 60, b"open": 40}, {b"merged": 30, b"open": 70}, STATES).moved == 30
    assert compare("t", 1, {b"merged": 60}, {b"merged": 60}, STATES).moved == 0


def test_tokens_that_move_within_a_place_move_all_the_same() -> None:
    states = {b"one": "merged", b"two": "merged"}
    movement = compare("t", 1, {b"one": 10}, {b"two": 10}, states)
    assert movement.before == movement.after
    assert movement.moved == 10
