"""The digest of a week says what changed, what was dearest, and what is not sure."""

from datetime import UTC, date, datetime

import pytest

from vocabulary.causes.sentence import Change
from vocabulary.causes.split import Causes
from vocabulary.digest import Dear, Week, digest_of, last_full_week

USD = 10**9
MONDAY = date(2026, 11, 23)
WEEK = Week(
    monday=MONDAY,
    changes=[Change(None, 100 * USD, 140 * USD, Causes(volume=40 * USD), ())],
    tokens=1_000,
    linked_tokens=420,
    merged=20,
    merged_nano_usd=90 * USD,
    unreliable=3,
    dearest=[Dear("web#7", 30 * USD, is_reliable=True), Dear("a1_0123abcd", 20 * USD, is_reliable=False)],
    is_settled=True,
)


def test_a_digest_has_the_change_and_its_cause_as_a_sentence_and_the_figures_as_facts() -> None:
    digest = digest_of(WEEK)
    assert digest.title == "Week of 23 November 2026"
    assert digest.sentence == "Spend rose $40.00 (+40 %): +$40.00 more requests."
    assert dict(digest.facts) == {
        "Spent": "$140",
        "Merged pull requests": "20 for $90.00",
        "Dearest": "web#7 $30.00, a1_0123abcd $20.00 (estimate)",
        "Certainty": "42 % of the tokens are linked to a pull request; the cost of 3 of 20 merged pull requests is an "
        "estimate, as less than 60 % of their tokens are linked",
    }
    assert digest.path == "/?period=2026-11-23..2026-11-29"


def test_a_week_without_anything_and_one_that_is_not_settled_say_so() -> None:
    empty = Week(MONDAY, [], 0, 0, 0, 0, 0, [], is_settled=False)
    digest = digest_of(empty)
    assert digest.sentence == "Nothing was spent in either period."
    assert dict(digest.facts)["Merged pull requests"] == "0"
    assert dict(digest.facts)["Certainty"] == "some days are not settled yet, so these figures will change"


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (datetime(2026, 11, 30, 7, 59, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 12, 6, 23, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_a_week_is_over_when_it_has_had_time_to_settle(now: datetime, monday: date) -> None:
    assert last_full_week(now) == monday
