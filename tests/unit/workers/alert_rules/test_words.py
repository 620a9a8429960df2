from datetime import date

import pytest

from vocabulary.causes.split import Causes
from workers.alert_rules.use import Change
from workers.alert_rules.words import candidate_of, causes_sentence, change_sentence, link, period_text, rise_sentence
from workers.statistics.leading_causes import Candidate

DOLLAR = 10**9
DAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            Change("model", DAY, "web", "", "sonnet-4", "sonnet-5"),
            "The model changed from sonnet-4 to sonnet-5 for team web on 3 Nov 2026.",
        ),
        (
            Change("prompt_template", DAY, None, "support", "", "v7"),
            "The prompt template changed to v7 in workflow support on 3 Nov 2026.",
        ),
        (Change("rollout", DAY, "web", "", "", ""), "A rollout took place for team web on 3 Nov 2026."),
        (Change("temperature", DAY, None, "", "", ""), "The temperature changed on 3 Nov 2026."),
    ],
)
def test_a_change_is_said_as_far_as_it_is_known(change: Change, sentence: str) -> None:
    assert change_sentence(change) == sentence


def test_models_and_prompts_begin_series_and_other_changes_do_not() -> None:
    assert candidate_of(Change("prompt_template", DAY, None, "", "v6", "v7")) == Candidate("prompt", "v7")
    assert candidate_of(Change("temperature", DAY, None, "", "0.2", "0.8")) is None


def test_a_rise_says_what_since_when_and_how_much() -> None:
    said = rise_sentence("team web", DAY, 100 * DOLLAR, 250 * DOLLAR)
    assert said == "Spend of team web since 3 Nov 2026: $250, 2.5 times the usual $100."
    assert rise_sentence("organization", DAY, 0, DOLLAR) == (
        "Spend of the organization since 3 Nov 2026: $1.00, and nothing is usual."
    )


def test_its_parts_are_said_from_the_largest_on() -> None:
    causes = Causes(volume=100 * DOLLAR, model_mix=300 * DOLLAR, cache=-50 * DOLLAR)
    said = "Of the rise: +$300 from sonnet to opus, +$100 more requests, \N{MINUS SIGN}$50 more caching."
    assert causes_sentence(causes, "from sonnet to opus") == said
    assert causes_sentence(Causes(), None) == ""


def test_periods_and_links_are_calendar_days() -> None:
    assert (period_text("month", DAY), period_text("quarter", date(2026, 10, 1))) == ("November 2026", "Q4 2026")
    address = link(Candidate("prompt", "support/7"), DAY, date(2026, 11, 9))
    assert address == "/spend?period=2026-11-03..2026-11-09&prompt=support/7"
    assert link(Candidate("organization", ""), DAY, DAY) == "/spend?period=2026-11-03..2026-11-03"
