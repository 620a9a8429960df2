"""The page of a team in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from service.dashboard.components.fates import FATES, Fates
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.overview.facts import Evidence, OverviewFacts, TokenRange
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.spend.facts import Pair
from service.dashboard.team.facts import TeamFacts
from service.dashboard.team.page import TeamPage, build_team
from service.dashboard.view.view import View, path_text, read_view
from service.queries.spend.merged_sums import MergedSum
from service.queries.spend.reading import Amounts
from service.queries.upkeep.freshness import Freshness
from vocabulary.tokens import NANO_USD, TokenCounts

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 0, ("mobile", "web"), has_pull_requests=True, has_tokens=True)
SPENT = Pair(Amounts(TokenCounts(60_000_000), 60 * NANO_USD), Amounts(TokenCounts(1), NANO_USD))


def view(**query: str) -> View:
    return read_view("/teams/mobile", query.items(), ("period", "compare", "unit", "price"), TODAY)


def week(merged: int, overhead: int) -> Fates:
    dollars = {"merged": merged, "overhead": overhead}
    return {
        fate: Amounts(TokenCounts(dollars.get(fate, 0) * 1_000_000), dollars.get(fate, 0) * NANO_USD) for fate in FATES
    }


def overview(merged: int = 8, share: float = 0.95) -> OverviewFacts:
    """Return 12 weeks of $20, 80 % of it on merged pull requests."""
    tokens = 12 * merged * 2_000_000
    return OverviewFacts(
        fates=[*([week(16, 4)] * 12), week(0, 0)],
        fates_before=[*([week(16, 4)] * 12), week(0, 0)],
        merged=[*([MergedSum(merged, merged * 2_000_000, 16 * NANO_USD)] * 12), MergedSum()],
        merged_before=[*([MergedSum(8, 16_000_000, 16 * NANO_USD)] * 12), MergedSum()],
        evidence=Evidence(tokens, round(share * tokens), TokenRange(round(0.9 * tokens), round(1.1 * tokens))),
    )


FACTS = TeamFacts(
    "mobile",
    7,
    overview(),
    ["github.com/acme/android", "github.com/acme/ios"],
    {"opus": SPENT},
    {"": SPENT},
    budgets=[{"team": "mobile", "model": "", "period": "quarter", "nano_usd": 500 * NANO_USD, "hard_nano_usd": None}],
)


def page(facts: TeamFacts = FACTS, not_compared: str = "", **query: str) -> TeamPage:
    return build_team(view(**query), facts, HEARD, not_compared, None)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_the_answer_says_what_the_team_spent_shipped_and_merged() -> None:
    built = page()
    assert plain(built.answer.sentence) == "mobile spent $240; 80 % of it shipped, with 96 pull requests merged"
    why = plain("".join(text for text, _ in built.answer.why))
    assert why == "As much as in the 12 weeks before. 7 people, github.com/acme/android, github.com/acme/ios."


def test_repositories_without_labels_are_counted() -> None:
    built = page(replace(FACTS, repositories=["github.com/acme/ios", f"a1_{'0f' * 32}"]))
    assert built.answer.why[-1][0] == " 7 people, github.com/acme/ios, 1 more repository."
    assert page(replace(FACTS, repositories=[f"a1_{'0f' * 32}"])).answer.why[-1][0] == " 7 people, 1 repository."


def test_requests_and_links_are_about_the_team() -> None:
    built = page(compare="year")
    assert all("team=mobile" in figure.request for figure in built.strip)
    assert built.links["/spend"] == "/spend?compare=year&team=mobile"
    assert built.links["compare"] == "/compare/team?compare=year&team=mobile"
    assert built.models[0].address == "/spend?compare=year&team=mobile&model=opus"
    assert built.overview.units[1].address == "/teams/mobile?compare=year&unit=tokens"


def test_untagged_work_alone_is_no_workflow() -> None:
    assert page().workflows == []
    [row] = page(replace(FACTS, by_workflow={"review": SPENT})).workflows
    assert row.name == "review"


def test_a_budget_without_a_forecast_says_so() -> None:
    [row] = page().budgets
    assert (row.name, row.budget, row.verdict) == ("mobile, this quarter", "$500", "no forecast yet")


def test_little_evidence_is_a_notice() -> None:
    assert page().notices == []
    [notice] = page(replace(FACTS, overview=overview(share=0.5))).notices
    assert plain(notice.title) == "50 % of the tokens of mobile are linked directly."


def test_a_withheld_team_has_no_figures() -> None:
    empty = OverviewFacts(
        [week(0, 0)] * 13, [week(0, 0)] * 13, [MergedSum()] * 13, [MergedSum()] * 13, withheld="it has 3 people"
    )
    built = page(TeamFacts("mobile", 3, empty))
    assert built.answer.sentence == "Figures of mobile are withheld"
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}
    assert built.export.rows == []


def test_a_team_without_merges_says_so() -> None:
    assert "merged no pull request yet" in page(replace(FACTS, overview=overview(merged=0))).answer.sentence


def test_a_name_is_one_part_of_the_path() -> None:
    assert path_text("platform/infra team") == "platform%2Finfra%20team"


@pytest.mark.parametrize("facts", [FACTS, TeamFacts("mobile", None, overview(merged=0))])
def test_the_template_shows_all(facts: TeamFacts) -> None:
    frame = build_frame("mobile", "/teams/mobile", FRESH, NOW, view())
    text = templates().get_template("team/page.html").render(frame=frame, page=page(facts), view=view())
    assert "Dearest pull requests" in text
    assert "By workflow" in text
