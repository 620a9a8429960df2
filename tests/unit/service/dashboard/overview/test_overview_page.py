"""The overview in words: what it says, and what it says when it cannot."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.fates import FATES, Fates
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.overview.facts import Evidence, OverviewFacts, TokenRange
from service.dashboard.overview.page import OverviewPage, build_overview
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame, silent_since
from service.dashboard.view.view import View, read_view
from service.queries.spend.merged_sums import MergedSum
from service.queries.spend.reading import Amounts
from service.queries.upkeep.freshness import Freshness
from vocabulary.causes.split import Causes
from vocabulary.tokens import NANO_USD, TokenCounts

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
PARAMETERS = ("period", "compare", "team", "unit", "price")
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness(
    organization="Acme",
    heard_at=datetime(2026, 12, 2, 11, 57, tzinfo=UTC),
    first_day=date(2026, 1, 1),
    last_day=date(2026, 12, 2),
    open_alerts=0,
    teams=("checkout", "web"),
    has_pull_requests=True,
    has_tokens=True,
)


def view(**query: str) -> View:
    return read_view("/", query.items(), PARAMETERS, TODAY)


def spent(merged: int, in_flight: int, abandoned: int, overhead: int) -> Fates:
    """Return dollars by fate, a million tokens each."""
    dollars = zip(FATES, (merged, in_flight, abandoned, overhead), strict=True)
    return {fate: Amounts(TokenCounts(each * 1_000_000), each * NANO_USD) for fate, each in dollars}


NOTHING = spent(0, 0, 0, 0)


def facts(now: Fates = NOTHING, before: Fates = NOTHING, running: Fates = NOTHING, **more: object) -> OverviewFacts:
    """Return the same sums in each of 12 weeks."""
    per_week, per_week_before = MergedSum(10, 20_000_000, 30 * NANO_USD), MergedSum(8, 16_000_000, 20 * NANO_USD)
    known: dict[str, object] = {
        "fates": [*([now] * 12), running],
        "fates_before": [*([before] * 12), NOTHING],
        "merged": [*([per_week if now is not NOTHING else MergedSum()] * 12), MergedSum()],
        "merged_before": [*([per_week_before] * 12), MergedSum()],
        "evidence": Evidence(240_000_000, 180_000_000, TokenRange(230_000_000, 260_000_000)),
    }
    return OverviewFacts(**{**known, **more})  # type: ignore[arg-type]  # as written


def page(found: OverviewFacts, not_compared: str = "", **query: str) -> OverviewPage:
    return build_overview(view(**query), found, HEARD, not_compared, None)


def said(built: OverviewPage) -> tuple[str, str]:
    """Return the sentence and its reasons with plain spaces."""
    return built.answer.sentence.replace("\u202f", " "), "".join(text for text, _ in built.answer.why).replace(
        "\u202f", " "
    )


BUSY = facts(
    spent(120, 5, 20, 40),
    spent(100, 5, 5, 30),
    causes=Causes(250 * NANO_USD, 40 * NANO_USD, 0, -5 * NANO_USD, 0),
    change=285 * NANO_USD,
)


def test_the_answer_says_how_much_and_how_much_of_it_shipped() -> None:
    sentence, why = said(page(BUSY))
    assert sentence == "$2.2 k spent in 12 weeks, 65 % of it on pull requests that were merged"
    assert why.startswith("Spend rose by $540 (32 %) on the 12 weeks before. ")
    assert "56 % of the rise, $300, is work that did not ship" in why
    assert why.endswith("More requests added $250, more tokens per request added $40; prices did not change.")


def test_without_a_comparison_the_reason_is_said() -> None:
    reason = why_not_compared(view(), replace_first(date(2026, 8, 1)), None)
    assert reason == "It cannot be compared with the 12 weeks before: data begins on 1 Aug 2026."
    built = page(BUSY, reason)
    assert said(built)[1] == reason
    assert not any(line.text.startswith("on ") for figure in built.strip for line in figure.lines)
    assert why_not_compared(view(), FRESH, None) == ""
    assert "not compared" in why_not_compared(view(compare="none"), FRESH, None)


def replace_first(day: date) -> Freshness:
    return FRESH._replace(first_day=day)


def test_figures_have_interval_change_definition_and_request() -> None:
    total, dollars, tokens, merged, shipped = page(BUSY).strip
    assert total.shown.text.replace("\u202f", " ") == "$2.2 k"
    assert dollars.shown.text == "$3.00"
    assert dollars.shown.note.replace("\u202f", " ") == "$2.88 – $3.25, 80 % interval"
    assert dollars.lines[0].strong.replace("\u202f", " ") == "+20 %"
    assert tokens.shown.text.replace("\u202f", " ") == "2.0 M"
    assert merged.shown.text == "120"
    assert shipped.lines[0].strong.replace("\u202f", " ") == "−7 points"
    assert dollars.request == "/api/v1/metrics/tokens-per-pr?from=2026-09-07&to=2026-11-29&bucket=total"
    assert all(figure.definition and figure.basis for figure in (total, dollars, tokens, merged, shipped))


def test_an_estimate_is_a_range() -> None:
    unsure = Evidence(240_000_000, 100_000_000, TokenRange(120_000_000, 400_000_000))
    few = [*([MergedSum()] * 10), *BUSY.merged[10:]]
    shown = page(replace(BUSY, evidence=unsure, merged=few)).strip[1].shown
    assert shown.sureness is Sureness.UNSURE
    assert shown.text == "$1–5"
    of_many = page(replace(BUSY, evidence=unsure)).strip[1].shown
    assert of_many.sureness is Sureness.GOOD


def test_each_week_leads_to_its_pull_requests_and_its_days() -> None:
    built = page(BUSY, team="web")
    assert built.cost.table.rows[1].link == "/pull-requests?period=2026-11-23..2026-11-29&team=web"
    assert built.fates.table.rows[0].link == "/spend?period=2026-11-30..2026-12-02&team=web"


def test_the_running_week_is_in_no_figure() -> None:
    assert page(replace(BUSY, fates=[*BUSY.fates[:12], spent(1_000, 0, 0, 0)])).strip == page(BUSY).strip


def test_before_the_first_full_week_the_running_one_is_shown_as_unfinished() -> None:
    built = page(facts(running=spent(3, 0, 0, 1)), "It cannot be compared.")
    sentence, why = said(built)
    assert sentence == "$4.00 spent so far this week (3 of 7 days)"
    assert "6 Dec 2026" in why
    assert built.strip[0].shown.sureness is Sureness.UNFINISHED


def test_nothing_is_never_zero() -> None:
    built = page(facts(), "It cannot be compared.")
    assert said(built)[0] == "Nothing was spent in these 12 weeks"
    assert built.strip[1].shown.text == "–"
    assert built.strip[1].shown.note == "no pull request was merged"


def test_a_team_that_is_too_small_is_withheld_with_its_reason() -> None:
    built = page(replace(facts(), withheld="the team has fewer than 5 people"), team="web")
    assert said(built)[0] == "Figures of web are withheld"
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}
    assert built.export.rows == []


def test_silence_is_said_in_the_answer_and_stops_comparisons() -> None:
    silent = FRESH._replace(heard_at=datetime(2026, 11, 26, 12, 4, tzinfo=UTC))
    since = silent_since(silent, NOW)
    assert since == date(2026, 11, 26)
    reason = why_not_compared(view(), silent, since)
    built = build_overview(view(), BUSY, HEARD, reason, since)
    assert built.answer.as_of == "26 Nov 2026"
    assert "are missing" in said(built)[1]
    assert "Nothing heard since" in build_frame("Overview", "/", silent, NOW, view()).notices[0].title
    assert silent_since(FRESH, NOW) is None


def test_the_balance_adds_up_to_the_cent() -> None:
    built = page(replace(BUSY, received=2_220_000_000))
    assert built.balance.startswith("Spent $2,220.00 = 1,440.00 + 60.00 + 240.00 + 480.00;")
    assert built.balance.endswith("difference 0.")
    assert [part.share.replace("\u202f", " ") for part in built.parts] == ["64.9 %", "2.7 %", "10.8 %", "21.6 %"]


@pytest.mark.parametrize("query", [{}, {"unit": "tokens"}, {"period": "4w", "compare": "none"}])
def test_the_template_draws_it_without_inline_styles_or_scripts(query: dict[str, str]) -> None:
    shown = view(**query)
    number = len(shown.period.slots)
    found = replace(
        BUSY, **{name: getattr(BUSY, name)[-number:] for name in ("fates", "fates_before", "merged", "merged_before")}
    )
    built = build_overview(shown, found, HEARD, "", None)
    frame = build_frame("Overview", "/", FRESH, NOW, shown)
    text = templates().get_template("overview/page.html").render(frame=frame, page=built, view=shown)
    assert " style=" not in text
    assert "<script>" not in text
    assert text.count("<h1>") == 1


def test_the_table_of_the_page_is_that_of_its_slots() -> None:
    export = page(BUSY).export
    assert export.columns[:4] == ("first_day", "last_day", "days_known", "merged_usd")
    assert export.rows[0][:4] == ("2026-09-07", "2026-09-13", 7, "120.00")
    assert export.rows[-1][2] == 3


def test_weeks_before_the_first_data_are_not_drawn_and_change_no_figure() -> None:
    late = facts(spent(120, 5, 20, 40), merged_before=[MergedSum()] * 13)
    empty = [*([NOTHING] * 7), *late.fates[7:]]
    built = page(replace(late, fates=empty, merged=[*([MergedSum()] * 7), *late.merged[7:]]), "It cannot be compared.")
    assert built.cost.slots == built.fates.slots == 6
    assert built.cost.labels[0].text == "26 Oct"
    assert built.strip[0].shown.text == "$925"
    assert "12 weeks" in built.answer.sentence


def test_tokens_without_a_price_are_said_and_no_measured_zero() -> None:
    unpriced = {fate: Amounts(TokenCounts(1_000)) for fate in FATES}
    built = page(facts(unpriced), "It cannot be compared.", price="billed")
    assert said(built)[0] == "Nothing of what was used in these 12 weeks has a price"
    assert built.strip[0].shown.sureness is Sureness.NOTHING
