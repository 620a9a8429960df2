"""The page of spend in words."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from schema.errors import BadInputError
from service.api.ledger.team_changes import TeamChange
from service.dashboard.components.fates import FATES, Fates
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.spend.facts import Pair, SpendFacts, Week
from service.dashboard.spend.page import SpendPage, build_spend
from service.dashboard.spend.scope import Scope, scope_of
from service.dashboard.view.view import FILTERS, View, read_view
from service.queries.billing.reconciliation import COLUMNS
from service.queries.spend.reading import Amounts
from service.queries.upkeep.freshness import Freshness
from vocabulary.causes.split import Causes, Use
from vocabulary.tokens import NANO_USD, TokenCounts

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
PARAMETERS = ("period", "compare", *FILTERS, "unit", "price")
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("checkout", "web"), has_pull_requests=True, has_tokens=True)


def view(**query: str) -> View:
    return read_view("/spend", query.items(), PARAMETERS, TODAY)


def spent(dollars: int) -> Fates:
    """Return dollars, all on merged pull requests; a million tokens each."""
    some = {"merged": Amounts(TokenCounts(dollars * 1_000_000), dollars * NANO_USD)}
    return {fate: some.get(fate, Amounts()) for fate in FATES}


def forecast(period: str, likely: int, budget: int | None, **more: Any) -> dict[str, Any]:
    amounts = {"spent": likely - 900, "likely": likely, "low": likely - 10, "high": likely + 10}
    return {
        "team": None,
        "period": period,
        "of_model": "",
        "first_day": date(2026, 10, 1),
        "made_to": date(2026, 12, 1),
        "exceeded_on": None,
        "withheld_reason": None,
        "budget_nano_usd": None if budget is None else budget * NANO_USD,
        **{f"{name}_nano_usd": amount * NANO_USD for name, amount in amounts.items()},
        **more,
    }


def bill(billed: int, attributed: int, charged: int, covered: int) -> dict[str, int]:
    return dict.fromkeys(COLUMNS, 0) | {
        "billed_nano_usd": billed * NANO_USD,
        "attributed_nano_usd": attributed * NANO_USD,
        "charged_input_uncached": charged,
        "covered_tokens": covered,
    }


FACTS = SpendFacts(
    fates=[*([spent(100)] * 12), spent(30)],
    fates_before=[*([spent(80)] * 12), spent(0)],
    at_list=[Amounts(TokenCounts(100_000_000), 100 * NANO_USD)] * 13,
    at_effective=[Amounts(TokenCounts(100_000_000), 94 * NANO_USD)] * 13,
    by_model={
        "opus": Pair(Amounts(TokenCounts(100_000_000, 900_000_000), 900 * NANO_USD), Amounts(nano_usd=700 * NANO_USD)),
        "": Pair(Amounts(TokenCounts(10_000_000), 300 * NANO_USD), Amounts(nano_usd=300 * NANO_USD)),
    },
    changes=[
        TeamChange("web", 1, None, Use(1, nano_usd=900 * NANO_USD), Use(1, nano_usd=1_100 * NANO_USD), Causes(), {}),
        TeamChange(None, 2, "some are small", Use(1), Use(1, nano_usd=100 * NANO_USD), Causes(), {}),
    ],
    causes=Causes(200 * NANO_USD, 70 * NANO_USD, 0, -30 * NANO_USD, 0),
    list_before=960 * NANO_USD,
    list_after=1_200 * NANO_USD,
    bills={"anthropic": bill(1_000, 970, 100, 97), "openai": bill(300, 240, 100, 80)},
    budgets=[{"team": None, "model": "", "period": "quarter", "nano_usd": 2_500 * NANO_USD, "hard_nano_usd": None}],
    forecasts=[forecast("quarter", 2_600, 2_500, exceeded_on=date(2026, 12, 20)), forecast("month", 450, None)],
    quarter=[Week(date(2026, 10, 4), 100 * NANO_USD), Week(date(2026, 12, 1), 1_200 * NANO_USD)],
)


def page(facts: SpendFacts = FACTS, not_compared: str = "", **query: str) -> SpendPage:
    return build_spend(view(**query), facts, HEARD, not_compared, None)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_a_month_that_is_over_has_no_range() -> None:
    known = forecast("month", 450, None, first_day=date(2026, 11, 1))
    known |= {f"{name}_nano_usd": known["likely_nano_usd"] for name in ("spent", "low", "high")}
    built = page(replace(FACTS, forecasts=[known]))
    assert [line.text for line in built.strip[-1].lines] == ["November is over"]


def test_the_budget_of_a_small_team_is_shown_without_what_it_spent() -> None:
    hidden = forecast("month", 450, 500, team="tiny") | {
        **dict.fromkeys(f"{name}_nano_usd" for name in ("spent", "likely", "low", "high")),
        "withheld_reason": "the team has fewer than 5 people",
    }
    budget = {"team": "tiny", "model": "", "period": "month", "nano_usd": 500 * NANO_USD, "hard_nano_usd": None}
    built = page(replace(FACTS, budgets=[budget], forecasts=[hidden]))
    (row,) = built.budgets
    assert (row.budget, row.spent, row.likely) == ("$500", "–", "–")
    assert (row.verdict, row.needs_look) == ("withheld: the team has fewer than 5 people", False)
    assert built.strip[-1].shown.text == "–"


def test_the_answer_names_the_bill_its_coverage_and_the_budget() -> None:
    built = page()
    assert plain(built.answer.sentence) == "$1.3 k billed in 12 weeks; telemetry saw 88 % of it"
    why = plain("".join(text for text, _ in built.answer.why))
    assert why == (
        "Spend rose by $240 (25 %) on the 12 weeks before. "
        "This quarter is likely to end at $2.6 k; the budget of $2.5 k is likely exceeded on 20 Dec."
    )


def test_without_a_bill_the_price_is_named() -> None:
    built = page(replace(FACTS, bills={}))
    assert plain(built.answer.sentence) == "$1.2 k spent in 12 weeks, at list price"
    assert built.strip[1].shown.sureness is Sureness.NOTHING
    assert plain(page(replace(FACTS, bills={}), price="billed").answer.sentence).endswith("in 12 weeks, as billed")


def test_bills_add_up_and_what_was_not_seen_is_their_difference() -> None:
    rows = page().bills
    assert [(row.name, plain(row.billed), plain(row.unseen)) for row in rows] == [
        ("anthropic", "$1.0 k", "$30"),
        ("openai", "$300", "$60"),
        ("All", "$1.3 k", "$90"),
    ]
    assert plain(rows[0].share_text) == "97 %"


def test_models_have_share_price_and_caching() -> None:
    opus, unknown = page().models
    assert (opus.name, opus.dollars, plain(opus.share), plain(opus.before)) == ("opus", "$900", "75.0 %", "70.0 %")
    assert (opus.price, plain(opus.cached)) == ("$0.90", "90 %")
    assert opus.address == "/spend?model=opus"
    assert (unknown.name, unknown.address) == ("unknown model", "")


def test_many_models_end_with_the_rest_as_one() -> None:
    many = {f"model {number}": Pair(Amounts(TokenCounts(1), NANO_USD), Amounts()) for number in range(30)}
    rows = page(replace(FACTS, by_model=many)).models
    assert (len(rows), rows[-1].name, rows[-1].dollars) == (12, "19 others", "$19.00")


def test_small_teams_come_together_with_the_reason() -> None:
    web, others = page().teams
    assert (web.name, web.address, plain(web.dollars), web.change) == ("web", "/spend?team=web", "$1.1 k", "+$200")
    assert (others.name, others.address, others.note) == ("2 teams together", "", "some are small")


@pytest.mark.parametrize(
    ("budget", "says"),
    [(2_500, "likely exceeded on 20 Dec"), (2_605, "may be exceeded"), (2_700, "likely to hold"), (2_500, "likely")],
)
def test_a_budget_says_whether_it_will_hold(budget: int, says: str) -> None:
    rows = [{**FACTS.budgets[0], "nano_usd": budget * NANO_USD}]
    [row] = page(replace(FACTS, budgets=rows)).budgets
    assert says in row.verdict
    assert row.name == "All teams, this quarter"


def test_a_waterfall_and_a_forecast_are_drawn() -> None:
    built = page()
    assert built.change is not None
    assert built.change.table.rows[0].head == "This period"
    assert built.forecast is not None
    assert [text.text for text in built.forecast.texts] == ["Budget $2.5\u202fk"]
    assert page(replace(FACTS, forecasts=[])).forecast is None


def test_the_price_is_drawn_as_billed_beside_the_list_price() -> None:
    chart = page().price
    assert chart.table.columns == ("Week", "Effective price", "List price")
    assert chart.table.rows[-1].cells == ("$0.94", "$1.00")
    assert page(replace(FACTS, at_effective=FACTS.at_list)).price.table.columns == ("Week", "List price")


def test_a_region_is_said_to_be_ignored() -> None:
    [notice] = page(region="eu").notices
    assert notice.title == "Not limited to eu."
    assert notice.link == "/spend"


def test_silence_stops_forecasts() -> None:
    built = build_spend(view(), FACTS, HEARD, "days are missing", date(2026, 11, 20))
    assert built.forecast is None
    assert built.answer.as_of == "20 Nov 2026"
    assert built.strip[3].shown.sureness is Sureness.NOTHING


def test_a_small_team_is_withheld() -> None:
    built = page(
        SpendFacts(FACTS.fates, FACTS.fates, FACTS.at_list, FACTS.at_list, withheld="the team has fewer than 5 people"),
        team="web",
    )
    assert built.is_withheld
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}
    assert built.export.rows == []


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, causes=None, changes=[], bills={}, budgets=[], quarter=[])])
def test_the_template_draws_it(facts: SpendFacts) -> None:
    shown = view()
    built = build_spend(shown, facts, HEARD, "", None)
    frame = build_frame("Spend", "/spend", FRESH, NOW, shown)
    text = templates().get_template("spend/page.html").render(frame=frame, page=built, view=shown)
    assert " style=" not in text
    assert text.count("<h1>") == 1


def test_a_scope_is_a_team_and_one_more() -> None:
    assert scope_of(view(team="web", prompt="review@3"), 7) == Scope(7, "list", "prompt_version", "review@3")
    assert scope_of(view(region="eu"), None) == Scope(None, "list")
    with pytest.raises(BadInputError, match="cannot be combined: model and workflow"):
        scope_of(view(model="opus", workflow="ci"), None)
