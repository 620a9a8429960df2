from dataclasses import replace
from datetime import date

from service.dashboard.facts import Amount, LedgerFacts, Merges, PageFacts, SetUpFacts, TeamFacts
from service.dashboard.page import build_page

URL = "http://127.0.0.1:8787"
WEEKS = (date(2026, 11, 9), date(2026, 11, 16))


def facts() -> PageFacts:
    weeks = (Merges(2, Amount(3_000_000, 4_000_000_000)), Merges())
    return PageFacts(
        weeks=WEEKS,
        teams=(TeamFacts("web", 8, weeks, weeks[0]), TeamFacts("small", 3, (Merges(), Merges()), Merges(), "so few")),
        all_weeks=weeks,
        period=weeks[0],
        ledger=LedgerFacts(
            received=Amount(1_000, 900),
            merged=Amount(700, 600),
            in_flight=Amount(100, 100),
            abandoned=Amount(50, 50),
            overhead=Amount(100, 150),
            pending=Amount(50, 0),
        ),
        evidence={"commit": 600, "cohort": 250},
        set_up=SetUpFacts(1, 2, 30),
    )


def test_ratios_are_sums_over_sums_and_unknown_where_nothing_was_merged() -> None:
    page = build_page(facts(), URL)
    assert page.overall.tokens.text == "1.50 M"
    assert page.overall.tokens.exact == "1,500,000 tokens"
    assert page.overall.cost.text == "$2.00"
    assert [week.tokens.text for week in page.teams[0].weeks] == ["1.50 M", "\N{EN DASH}"]
    assert page.week_names == ["9 Nov", "16 Nov"]
    assert page.period == "9 Nov \N{EN DASH} 22 Nov 2026"


def test_a_week_without_merges_shows_what_was_spent() -> None:
    spent = Amount(4_000_000, 12_340_000_000)
    weeks = (Merges(2, Amount(3_000_000, 4_000_000_000), spent), Merges(spent=spent))
    page = build_page(replace(facts(), all_weeks=weeks), URL)
    assert [week.is_only_spent for week in page.all_teams.weeks] == [False, True]
    assert page.all_teams.weeks[1].spent.text == "$12.34"
    assert not build_page(facts(), URL).all_teams.weeks[1].is_only_spent, "nothing was spent either"


def test_merges_that_nothing_was_spent_on_cost_a_dash_and_not_nothing() -> None:
    page = build_page(replace(facts(), period=Merges(3, spent=Amount(4_000_000, 12_340_000_000))), URL)
    assert (page.overall.cost.text, page.overall.tokens.exact) == ("\N{EN DASH}", "3 merged without any tokens")
    assert (page.overall.merged, page.overall.is_only_spent) == (3, True)


def test_tokens_on_no_pull_request_are_not_called_exploration() -> None:
    overhead = build_page(facts(), URL).fates.parts[-1]
    assert overhead.description == "no pull request was active, or the work is not linked to one"


def test_a_team_too_small_to_be_compared_is_withheld_with_the_reason() -> None:
    page = build_page(facts(), URL)
    assert page.teams[0].withheld == ""
    assert page.teams[1].withheld == "Withheld: so few"


def test_shares_are_of_the_settled_tokens_and_pending_stands_apart() -> None:
    page = build_page(facts(), URL)
    assert [part.share for part in page.fates.parts] == ["73.7 %", "10.5 %", "5.3 %", "10.5 %"]
    assert page.shipped_share == "73.7 %"
    assert page.conservation.pending.text == "50"
    assert page.conservation.holds
    assert page.fates.text.startswith("Where the settled tokens went: merged 73.7 %, in flight 10.5 %")


def test_a_difference_is_never_hidden() -> None:
    broken = build_page(PageFacts(weeks=WEEKS, ledger=LedgerFacts(difference=Amount(7, 0))), URL)
    assert not broken.conservation.holds
    assert broken.conservation.difference == "7 tokens, $0.00"


def test_an_instance_without_anything_is_empty_and_one_with_only_pull_requests_is_not() -> None:
    assert build_page(PageFacts(weeks=WEEKS), URL).is_empty
    assert not build_page(PageFacts(weeks=WEEKS, set_up=SetUpFacts(pull_requests=1)), URL).is_empty
    assert build_page(PageFacts(weeks=WEEKS), URL).shipped_share == "\N{EN DASH}"
