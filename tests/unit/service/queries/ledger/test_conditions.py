"""Conditions that do not apply are left out, and the values of the others are numbered."""

from service.queries.ledger.conditions import where


def test_only_conditions_with_a_value_are_in_the_statement() -> None:
    text, arguments = where(
        [("team_id = {}", (7,)), ("state = {}", (None,)), ("(cost, id) < ({}, {})", (5, b"id"))], taken=2
    )
    assert text == " AND team_id = $3 AND (cost, id) < ($4, $5)"
    assert arguments == [7, 5, b"id"]


def test_without_values_nothing_is_asked() -> None:
    assert where([("state = {}", (None,))], taken=1) == ("", [])
