from datetime import date

import pytest

from workers.alert_rules.budgets import Budget, BudgetKey, Expected, budget_alerts

DOLLAR = 10**9
DAY = date(2026, 11, 20)
TEAMS = {7: "web"}
MONTH = BudgetKey(7, "", "month")


def subjects(expected: Expected, budget: Budget, key: BudgetKey = MONTH) -> list[str]:
    return [each.subject for each in budget_alerts(key, budget, expected, DAY, TEAMS)]


@pytest.mark.parametrize(
    ("spent", "said"),
    [(49, []), (50, ["month 50 %"]), (99, ["month 80 %"]), (100, ["month 100 %"]), (119, ["month 100 %"])],
)
def test_the_largest_part_that_is_spent_is_said(spent: int, said: list[str]) -> None:
    assert subjects(Expected(spent * DOLLAR), Budget(100 * DOLLAR, 120 * DOLLAR)) == said


def test_a_hard_limit_has_an_alert_of_its_own() -> None:
    assert subjects(Expected(120 * DOLLAR), Budget(100 * DOLLAR, 120 * DOLLAR)) == ["month 100 %", "month hard limit"]


def test_what_will_be_exceeded_is_said_with_its_day_until_it_is() -> None:
    expected = Expected(60 * DOLLAR, 130 * DOLLAR, date(2026, 11, 23), date(2026, 11, 28))
    budget = Budget(100 * DOLLAR, 120 * DOLLAR)
    half, soft, hard = budget_alerts(MONTH, budget, expected, DAY, TEAMS)
    assert half.sentence == "Team web has spent $60.00, 60 % of its budget of $100 for November 2026."
    assert soft.sentence == (
        "Team web will exceed its budget of $100 for November 2026 on 23 Nov 2026; $130 are likely at its end."
    )
    assert (hard.subject, "hard limit of $120" in hard.sentence) == ("month hard forecast", True)
    assert soft.link == "/spend?period=2026-11-01..2026-11-20&team=web", "pages show no days to come"
    assert subjects(expected._replace(spent=110 * DOLLAR), budget) == ["month 100 %", "month hard forecast"]


def test_a_budget_of_a_model_and_of_the_organization_are_named() -> None:
    key = BudgetKey(0, "claude-opus-4", "quarter")
    (alert,) = budget_alerts(key, Budget(DOLLAR), Expected(2 * DOLLAR), DAY, TEAMS)
    assert alert.subject == "model claude-opus-4 quarter 100 %"
    assert alert.sentence == (
        "The organization has spent $2.00, 200 % of its budget of $1.00 for model claude-opus-4 in Q4 2026."
    )
    assert alert.link == "/spend?period=2026-10-01..2026-11-20&model=claude-opus-4"
