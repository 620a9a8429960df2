"""A comparison in words: who differs, from whom, and from before."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from service.dashboard.compare.facts import CompareFacts, Fated, Group
from service.dashboard.compare.ordering import in_order
from service.dashboard.compare.page import ComparePage, build_comparison
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.overview.facts import Evidence, TokenRange
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import View, read_view
from service.queries.spend.merged_sums import MergedSum
from service.queries.teams.comparisons import WOULD_REVEAL, Thresholds
from service.queries.upkeep.freshness import Freshness
from vocabulary.tokens import NANO_USD

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 0, ("checkout", "web"), has_pull_requests=True, has_tokens=True)
PARAMETERS = ("period", "compare", "team", "price", "sort")


def view(path: str = "/compare/team", **query: str) -> View:
    return read_view(path, query.items(), PARAMETERS, TODAY)


def group(name: str, dollars: float, before: float, share: float = 0.95, merged: int = 50, spent: int = 100) -> Group:
    """Return a group whose merged pull requests cost so many dollars each, a tenth more or less."""
    tokens = merged * 1_000_000
    return Group(
        name,
        spent * NANO_USD,
        spent * NANO_USD // 2,
        MergedSum(merged, tokens, round(merged * dollars * NANO_USD)),
        MergedSum(merged, tokens, round(merged * before * NANO_USD)),
        Evidence(tokens, round(share * tokens), TokenRange(round(0.9 * tokens), round(1.1 * tokens))),
        9,
        weeks=[dollars * NANO_USD, before * NANO_USD, None],
        shipped=spent * NANO_USD * 3 // 4,
    )


GROUPS = [group("platform", 6, 3, spent=500), group("search", 3, 3.1), group("web", 2.8, 5.6)]
FACTS = CompareFacts("team", GROUPS, fated=Fated(700 * NANO_USD, 350 * NANO_USD))


def page(facts: CompareFacts = FACTS, not_compared: str = "", **query: str) -> ComparePage:
    return build_comparison(view(**query), facts, Thresholds(), HEARD, not_compared)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def why(built: ComparePage) -> str:
    return plain("".join(text for text, _ in built.answer.why))


def test_the_answer_names_who_differs_from_the_mean_and_who_from_before() -> None:
    built = page()
    assert built.answer.sentence == (
        "platform: a pull request costs 1.5 times the mean; the other two teams lie between $2.80 and $3.00"
    )
    assert why(built) == (
        "Work differs, so read a row against its own past first. "
        "web changed most: −50 % for each pull request on the 12 weeks before. "
    )


def test_a_group_whose_interval_holds_the_mean_does_not_differ() -> None:
    same = replace(FACTS, groups=[group("web", 3, 3), group("search", 3.1, 3.1)])
    built = page(same)
    assert built.answer.sentence == "No team differs clearly: a pull request costs between $3.00 and $3.10"
    assert "Each costs about as much as in the 12 weeks before." in why(built)


def test_an_estimate_is_no_figure_and_is_not_compared_by_its_point() -> None:
    built = page(replace(FACTS, groups=[*GROUPS, group("mobile", 90, 3, share=0.3, merged=20)]))
    assert "mobile" not in built.answer.sentence
    assert "One is only estimated." in why(built)
    mobile = built.table.rows[-1]
    assert (mobile.each.sureness, plain(mobile.each.text), mobile.interval) == (Sureness.UNSURE, "$80–100", "")
    assert mobile.range is not None
    assert mobile.range.point is None
    assert mobile.is_doubtful


def test_many_pull_requests_make_a_figure_of_little_evidence() -> None:
    [row] = page(replace(FACTS, groups=[group("mobile", 3, 3, share=0.3)])).table.rows
    assert (row.each.text, row.each.sureness) == ("$3.00", Sureness.GOOD)


def test_withheld_groups_are_one_sum_with_reasons_and_no_figures_of_their_own() -> None:
    reasons = {"web": Thresholds().too_few_people, "search": WOULD_REVEAL}
    built = page(replace(FACTS, reasons=reasons))
    assert [row.name for row in built.table.rows] == ["platform"]
    assert built.table.together is not None
    assert plain(" ".join(built.table.together)) == (
        "2 more, together $200 Withheld one by one: search (the next smallest), web (fewer than 5 people)"
    )
    assert "Two teams are too small to be shown beside others; their money is in the total." in why(built)
    assert built.export.rows[-1][:4] == ("2 more, together", "200.00", None, None)
    assert not any("web" in str(row[0]) for row in built.export.rows)


def test_the_total_holds_all_groups() -> None:
    whole = page(replace(FACTS, reasons={"web": "small", "search": "small"})).table.whole
    assert (whole.spend, whole.merged, plain(whole.each.text), plain(whole.shipped)) == ("$700", "150", "$3.93", "50 %")


def test_all_intervals_and_points_of_before_share_one_scale() -> None:
    table = page().table
    assert table.ends == ("$2", "", "$10")
    first = table.rows[0].range
    assert first is not None
    assert first.before is not None
    assert first.low < (first.point or 0) < first.high
    assert first.text == "$5.40 to $6.60; before $3.00"


def test_without_a_comparison_nothing_of_before_is_shown() -> None:
    built = page(not_compared="It is not compared with an earlier period.", compare="none")
    assert not built.has_before
    assert built.table.rows[0].before == "–"
    assert "It is not compared" in why(built)
    assert "spend_before_usd" not in built.export.columns


def test_one_team_is_compared_with_all() -> None:
    built = page(team="web")
    assert built.answer.sentence == "A pull request of web costs $2.80, 0.7 times the mean of all teams, $3.93"
    assert [row.is_chosen for row in built.table.rows] == [False, False, True]
    assert "small" in page(replace(FACTS, reasons={"web": "small"}), team="web").answer.sentence


def test_a_withheld_team_has_no_repositories() -> None:
    facts = CompareFacts("repository", withheld=Thresholds().too_few_people)
    built = build_comparison(view("/compare/repository", team="web"), facts, Thresholds(), HEARD, "")
    assert built.answer.sentence == "Figures of web are withheld"
    assert built.is_withheld
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}
    assert built.export.rows == []


def test_a_repository_leads_to_its_spend_and_one_without_label_is_short() -> None:
    name = f"a1_{'0f' * 32}"
    facts = CompareFacts("repository", [group(name, 3, 3), group("", 0, 0, merged=0)])
    rows = build_comparison(view("/compare/repository", period="4w"), facts, Thresholds(), HEARD, "").table.rows
    assert (rows[0].name, rows[0].address) == ("a1_0f0f0f0f…", f"/spend?period=4w&repository={name}")
    assert (rows[1].name, rows[1].address, rows[1].each.text) == ("no repository", "", "–")


def test_nothing_to_compare_is_said() -> None:
    built = page(CompareFacts("team"))
    assert built.answer.sentence == "Nothing was spent or merged in these 12 weeks"
    assert not built.table.is_known


@pytest.mark.parametrize(
    ("sort", "first"), [("spend", "platform"), ("cost", "platform"), ("name", "platform"), ("tokens", "web")]
)
def test_rows_sort_by_a_column(sort: str, first: str) -> None:
    groups = [*GROUPS[:2], replace(GROUPS[2], merged=MergedSum(1, 90_000_000, NANO_USD))]
    assert in_order(groups, sort)[0].name == first


def test_costs_rank_by_the_low_end() -> None:
    wide = replace(group("wide", 3.2, 3), evidence=Evidence(100, 50, TokenRange(10, 200)))
    assert [each.name for each in in_order([wide, group("web", 3, 3)], "cost")] == ["web", "wide"]


def test_a_head_sorts_and_says_so() -> None:
    columns = page(sort="cost").columns
    assert (columns["cost"].order, columns["spend"].address) == ("descending", "/compare/team")
    assert columns["name"].address == "/compare/team?sort=name"


@pytest.mark.parametrize("facts", [FACTS, CompareFacts("team"), replace(FACTS, reasons={"web": "a", "search": "b"})])
def test_the_template_shows_all(facts: CompareFacts) -> None:
    frame = build_frame("Compare", "/compare/team", FRESH, NOW, view())
    text = templates().get_template("compare/page.html").render(frame=frame, page=page(facts), view=view())
    assert "Side by side" in text
    assert ">None<" not in text
