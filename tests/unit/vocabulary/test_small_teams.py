"""What is said of small teams."""

import pytest

from vocabulary.small_teams import is_small, too_few_people, withheld_alert

REASON = too_few_people(5)


@pytest.mark.parametrize(("size", "expected"), [(4, True), (5, False), (None, False), (0, True)])
def test_a_team_is_small_if_its_size_is_known_and_below_the_threshold(size: int | None, expected: bool) -> None:
    assert is_small(size, 5) is expected


def test_an_alert_of_a_small_team_says_what_happened_and_not_how_much() -> None:
    assert withheld_alert("rise", "team tiny", "tiny", REASON) == (
        "Spend of team tiny rose. Its figures are withheld, because the team has fewer than 5 people."
    )


def test_an_alert_names_its_subject_where_the_team_does_not() -> None:
    said = withheld_alert("budget", "month 80 %", "tiny", REASON)
    assert said.startswith("A budget of team tiny needs a look (month 80 %). ")


def test_a_kind_of_a_newer_version_is_said_in_general_words() -> None:
    assert withheld_alert("new", "team tiny", "tiny", REASON).startswith("Spend of team tiny needs a look. ")
