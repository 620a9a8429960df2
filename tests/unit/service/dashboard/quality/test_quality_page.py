"""The page of data quality in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schema.work_rows import WorkKind
from service.dashboard.components.fates import FATES
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.quality.balance import exact_dollars
from service.dashboard.quality.facts import Heard, QualityFacts, TeamLinks
from service.dashboard.quality.page import QualityPage, build_quality
from service.dashboard.quality.sources import seconds_text
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import View, read_view
from service.queries.forge.repair_sentences import Limit
from service.queries.spend.reading import Amounts
from service.queries.tokens.double_counting import DoubleCounting
from service.queries.tokens.dropped import DroppedTotal
from service.queries.tokens.layer_amounts import SupersededAmount
from service.queries.tokens.recent_requests import Delay, NamedRepositories, SourceRequests
from service.queries.upkeep.freshness import Freshness
from vocabulary.layers import Layer
from vocabulary.tokens import NANO_USD, TokenCounts

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("mobile", "web"), has_pull_requests=True, has_tokens=True)
NOTHING = dict.fromkeys(FATES, Amounts())
WEEK = {"commit": 50, "branch": 25, "repository": 15, "cohort": 10, "overhead": 40}


def requests(source: str, number: int, *, ago: timedelta = timedelta(minutes=3)) -> SourceRequests:
    half = number // 2
    return SourceRequests(source, number, 10 * number, NOW - ago, 0, half, number, number, 0, Delay(41.2, 360.0))


FACTS = QualityFacts(
    spent={fate: Amounts(TokenCounts(1_000), place * NANO_USD) for place, fate in enumerate(FATES)},
    links=[*([WEEK] * 12), {}],
    linked=WEEK,
    linked_before={"commit": 40, "cohort": 60},
    received=4_000,
    teams=[TeamLinks("mobile", 100, 30), TeamLinks("web", 300, 270)],
    withheld_teams={"data": "the team has fewer than 5 people", "ops": "the team has fewer than 5 people"},
    calibrated=2,
    by_model={"opus": Amounts(TokenCounts(996), 5 * NANO_USD), "new": Amounts(TokenCounts(4))},
    billed=(100, 94),
    requests=[requests("claude-code", 70), requests("codex", 30), requests("", 100)],
    known={"claude-code": NOW, "codex": NOW - timedelta(days=6), "litellm": NOW - timedelta(days=1)},
    layers={"claude-code": "agent", "litellm": "gateway"},
    superseded=[SupersededAmount("litellm", "claude-code", 70, 700)],
    forges=[Heard("GitHub", "App, github.com", NOW - timedelta(minutes=2)), Heard("GitLab", "webhook", None)],
    accounts=[Heard("anthropic", "usage and cost reports", None, "The key was refused", "up to 1 Dec")],
)


def view(**query: str) -> View:
    return read_view("/quality", query.items(), ("period", "compare", "team"), TODAY)


def page(facts: QualityFacts = FACTS, silent_since: date | None = None, **query: str) -> QualityPage:
    return build_quality(view(**query), facts, HEARD, NOW, silent_since, 2)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def sentence(facts: QualityFacts, **query: str) -> str:
    return page(facts, **query).answer.sentence


def test_the_answer_names_the_teams_whose_pull_requests_are_estimates() -> None:
    built = page()
    assert built.answer.sentence == "Good enough for every total; not for single pull requests of mobile"
    why = plain("".join(text for text, _ in built.answer.why))
    assert why.startswith("75 % of the tokens on pull requests are linked to them directly. All 4,000 tokens received")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"teams": []}, "Good enough for totals and for single pull requests"),
        ({"linked": {"commit": 1, "cohort": 9}}, "Good enough for totals; single pull requests are mostly estimates"),
        ({"linked": {}}, "Good enough for totals; no tokens are on pull requests yet"),
        ({"received": 4_007}, "Do not trust these figures: 7 tokens do not add up"),
        ({"received": 0, "spent": NOTHING, "linked": {}}, "Nothing was received in these 12 weeks"),
        ({"double_counting": [DoubleCounting("litellm", Layer.GATEWAY, ("codex",))]}, "Some tokens may be counted"),
        ({"withheld": "the team has fewer than 5 people"}, "Figures are withheld"),
    ],
)
def test_the_answer_says_what_matters_most(changes: dict[str, Any], says: str) -> None:
    assert sentence(replace(FACTS, **changes)).startswith(says)


def test_figures_have_their_change_and_what_is_missing() -> None:
    difference, linked, billed, priced, delay = page().strip
    assert (difference.shown.text, difference.shown.sureness) == ("0", Sureness.SURE)
    assert plain(linked.shown.text) == "75 %"
    assert plain(linked.lines[0].strong) == "+35 points"
    assert (plain(billed.shown.text), billed.lines[0].text) == ("94 %", "6 tokens not seen")
    assert (plain(priced.shown.text), priced.lines[0].text) == ("99.6 %", "unknown: new")
    assert (delay.shown.text, delay.lines[0].text) == ("41 s", "half of the requests; 95 % within 6 min")


def test_a_difference_that_is_not_known_is_never_zero() -> None:
    built = page(replace(FACTS, is_settled=False))
    assert built.strip[0].shown.sureness is Sureness.NOTHING
    assert built.strip[0].shown.note == "some days are not settled yet"
    assert built.balance.difference == ""


def test_cents_of_the_ledger_line_add_up() -> None:
    third = NANO_USD // 3
    assert exact_dollars([third, third, third]) == ["$0.34", "$0.33", "$0.33"]
    balance = page().balance
    assert [row.dollars for row in balance.rows] == ["$0.00", "$1.00", "$2.00", "$3.00"]
    assert (balance.total.dollars, balance.total.tokens, balance.difference) == ("$6.00", "4,000", "0")


def test_sources_say_when_they_were_heard() -> None:
    rows = {row.name: row for row in page().sources}
    assert (rows["claude-code"].heard, plain(rows["claude-code"].share)) == ("just now", "70 %")
    assert plain(rows["claude-code"].names) == "commit 50 %, branch 100 %, session 100 %"
    assert (rows["litellm"].share, rows["litellm"].what) == ("superseded", "gateway")
    assert (rows["GitHub"].heard, rows["GitHub"].dot) == ("2 min ago", "on")
    assert (rows["GitLab"].heard, rows["GitLab"].dot) == ("never", "off")
    assert (rows["anthropic"].heard, rows["anthropic"].note) == ("up to 1 Dec", "The key was refused")


def test_a_source_that_fell_silent_is_the_first_thing_to_do() -> None:
    facts = replace(FACTS, requests=[requests("claude-code", 70)])
    silent = {row.name: row for row in page(facts).sources}["codex"]
    assert (silent.heard, silent.dot) == ("6 days ago", "warn")
    first, second, *_ = page(facts).steps
    assert first.title == "Find out why codex is silent"
    assert plain(second.why).startswith("If mobile were linked as well as web (90 %), 90 % of all would be")


def test_where_nothing_came_the_first_step_is_an_agent() -> None:
    [step] = page(QualityFacts(NOTHING, [{}] * 13)).steps
    assert step.title == "Let agents report"


def test_the_least_linked_team_comes_first_and_small_ones_are_counted() -> None:
    built = page()
    assert [(row.name, row.needs_look) for row in built.teams] == [("mobile", True), ("web", False)]
    assert built.teams_footer == "2 teams are withheld: the team has fewer than 5 people."
    assert page(team="web").teams == []


def test_everything_that_is_not_counted_has_a_reason_and_a_remedy() -> None:
    facts = replace(
        FACTS,
        dropped=[
            DroppedTotal("", "traces", "not_read", 12, 0, TODAY),
            DroppedTotal("codex", "metrics", "repeated", 7, 0, TODAY),
        ],
        repositories=NamedRepositories(9, 2, 500),
        dead={WorkKind.DELIVERY: 3},
        limits=[Limit("1 of 1 connection without an access token", "give it one")],
    )
    gaps = page(facts).gaps
    assert [gap.what for gap in gaps] == [
        "Dropped: unknown source",
        "Dropped: codex",
        "No price: new",
        "Unknown repositories",
        "Dead letters",
        "Superseded: litellm",
        "Missed webhooks",
    ]
    assert all(gap.why.endswith(".") and gap.remedy.endswith(".") for gap in gaps)
    assert "Nothing to do" in gaps[1].remedy
    assert "12 records that hold tokens could not be counted" in "".join(text for text, _ in page(facts).answer.why)


def test_shares_are_drawn_with_the_line_of_reliability() -> None:
    chart = page().links
    assert chart is not None
    assert [tick.text for tick in chart.axis.ticks][-1] == "100\u202f%"
    assert chart.paths[-1][0] == "ln s-line"
    assert page(QualityFacts(NOTHING, [{}] * 13)).links is None


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (61, "1 min"), (7_200, "2 h"), (86_400, "1 day")])
def test_delays_are_read_in_their_unit(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize("facts", [FACTS, QualityFacts(NOTHING, [{}] * 13), replace(FACTS, withheld="few people")])
def test_the_template_draws_it(facts: QualityFacts) -> None:
    shown = view()
    frame = build_frame("Data quality", "/quality", FRESH, NOW, shown)
    text = templates().get_template("quality/page.html").render(frame=frame, page=page(facts), view=shown)
    assert " style=" not in text
    assert text.count("<h1>") == 1
