from dataclasses import replace

from schema.tokens import TokenCounts
from tests.unit.workers.attribution.builders import at
from workers.attribution.model import Evidence
from workers.attribution.windows import Dimensions, Move, TokenEvent, add_up, place

DIMENSIONS = Dimensions("claude-code", "anthropic", "claude-sonnet-4-5", "", "", "")
EVENT = TokenEvent(b"e", 1, at(9.75), DIMENSIONS, TokenCounts(100, 20, 3, 4, 5), Evidence(branch=b"fix"))


def test_events_of_one_hour_with_equal_dimensions_and_evidence_share_a_window() -> None:
    assert place(EVENT, EVENT.evidence) == place(replace(EVENT, event_id=b"other", occurred_at=at(9)), EVENT.evidence)
    assert place(EVENT, EVENT.evidence).hour == at(9)


def test_team_hour_each_dimension_and_each_kind_of_evidence_tell_windows_apart() -> None:
    others = [
        place(replace(EVENT, team_id=2), EVENT.evidence),
        place(replace(EVENT, occurred_at=at(10)), EVENT.evidence),
        *(
            place(replace(EVENT, dimensions=DIMENSIONS._replace(**{name: "x"})), EVENT.evidence)
            for name in DIMENSIONS._fields
        ),
        *(place(EVENT, Evidence(**{name: b"fix"})) for name in ("artifact", "number", "commit", "repository")),
        place(EVENT, Evidence()),
    ]
    assert len({place(EVENT, EVENT.evidence).window_id, *(other.window_id for other in others)}) == len(others) + 1


def test_neighbouring_dimensions_do_not_run_into_each_other() -> None:
    one = replace(EVENT, dimensions=DIMENSIONS._replace(source="ab", provider="c"))
    two = replace(EVENT, dimensions=DIMENSIONS._replace(source="a", provider="bc"))
    assert place(one, Evidence()).window_id != place(two, Evidence()).window_id


def test_new_events_add_up_in_their_window() -> None:
    here = place(EVENT, EVENT.evidence)
    (change,) = add_up([Move(EVENT, here, 7), Move(replace(EVENT, event_id=b"f"), here, None)])
    assert (change.requests, change.tokens) == (2, TokenCounts(200, 40, 6, 8, 10))
    assert (change.cost_nano_usd, change.unpriced_tokens) == (7, 132)


def test_a_moved_event_leaves_its_old_window_as_much_as_it_brings_to_the_new_one() -> None:
    old, new = place(EVENT, EVENT.evidence), place(EVENT, Evidence(commit=b"c"))
    changes = add_up([Move(replace(EVENT, window_id=old.window_id), new, 7)])
    found = {change.place.window_id: (change.requests, change.tokens.total, change.cost_nano_usd) for change in changes}
    assert found == {old.window_id: (-1, -132, -7), new.window_id: (1, 132, 7)}


def test_changes_come_in_the_order_of_their_keys() -> None:
    moves = [Move(event := replace(EVENT, occurred_at=at(hour)), place(event, Evidence()), 1) for hour in (5, 3, 4)]
    assert [change.place.hour for change in add_up(moves)] == [at(3), at(4), at(5)]
