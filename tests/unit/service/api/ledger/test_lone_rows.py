from service.api.ledger.lone_rows import withhold_teams

REASON = "the team has fewer than 5 people"


def test_a_withheld_team_that_is_alone_in_a_figure_is_joined_by_the_next_smallest() -> None:
    rows = {(1, "a"): (5, 1), (1, "b"): (9, 0), (1, "c"): (7, 0), (2, "b"): (1, 1)}
    found = withhold_teams(rows, {"a": REASON}, {})
    assert found[1, "a"] == REASON
    assert set(found) == {(1, "a"), (1, "c")}


def test_two_withheld_teams_are_joined_where_only_one_of_them_has_a_figure() -> None:
    rows = {(1, "a"): (5, 3), (1, "b"): (4, 0), (1, "c"): (7, 8), (1, "d"): (6, 9)}
    assert set(withhold_teams(rows, {"a": REASON, "b": REASON}, {})) == {(1, "a"), (1, "b"), (1, "c")}


def test_nothing_is_withheld_without_a_reason() -> None:
    assert withhold_teams({(1, "a"): (1,), (1, "b"): (2,)}, {}, {}) == {}
