import pytest

from vocabulary.intervals import Bounds, Doubt
from vocabulary.reliability import PHRASES, REMEDIES, doubt_phrase, doubts_of, remedy_text

NARROW, BROAD = Bounds(80, 120), Bounds(50, 120)
TEAM = (Doubt.EXPLORATION_ASSUMED, Doubt.ACTIVITY_LAGS)


@pytest.mark.parametrize(("direct", "reliable"), [(60, True), (59, False), (0, False)])
def test_a_single_figure_needs_sixty_percent_of_its_tokens_linked(direct: int, reliable: bool) -> None:
    assert (not doubts_of(direct, 100 - direct, 1, NARROW, ())) is reliable


def test_a_single_figure_needs_a_narrow_interval_as_well() -> None:
    assert doubts_of(70, 30, 1, BROAD, ()) == (Doubt.WIDE,)
    assert doubts_of(70, 30, 1, None, ()) == ()


def test_a_sum_needs_thirty_percent_and_links_that_tell_what_is_exploration() -> None:
    assert doubts_of(30, 70, 25, BROAD, ()) == ()
    assert doubts_of(29, 71, 25, BROAD, ()) == (Doubt.FEW_LINKS,)
    assert doubts_of(30, 70, 24, BROAD, ()) == (Doubt.FEW_LINKS, Doubt.WIDE)
    assert doubts_of(30, 70, 25, BROAD, (Doubt.EXPLORATION_ASSUMED,)) == (Doubt.EXPLORATION_ASSUMED,)
    assert doubts_of(85, 15, 25, BROAD, (Doubt.EXPLORATION_ASSUMED,)) == ()


def test_what_disturbs_the_team_is_said_beside_what_makes_a_figure_unreliable() -> None:
    assert doubts_of(70, 30, 1, NARROW, TEAM) == ()
    assert doubts_of(10, 90, 1, NARROW, TEAM) == (Doubt.FEW_LINKS, *TEAM)


def test_nothing_spent_is_no_reliable_figure() -> None:
    assert doubts_of(0, 0, 1, None, TEAM) == (Doubt.FEW_LINKS,)


def test_every_doubt_has_a_phrase_and_a_remedy() -> None:
    assert set(PHRASES) == set(REMEDIES) == set(Doubt)
    assert "agent-config" in remedy_text(["few_links"])
    assert doubt_phrase(["few_links", "wide"]) == "too few tokens are linked, the interval is wide"
    assert remedy_text([]) == doubt_phrase([]) == ""
