"""The list of pull requests in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schema.errors import BadInputError
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.pull_requests.facts import ListFacts, Search
from service.dashboard.pull_requests.page import ORDERS, ListPage, build_list
from service.dashboard.pull_requests.routes import PARAMETERS
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import View, read_view
from service.queries.artifacts.pull_request_lists import Held
from service.queries.ledger.percentiles import Step
from service.queries.spend.merged_sums import MergedSum
from service.queries.upkeep.freshness import Freshness
from tests.unit.service.dashboard.pull_requests.shown import attribution
from vocabulary.tokens import NANO_USD

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("checkout", "web"), has_pull_requests=True, has_tokens=True)
FACTS = ListFacts(
    shown=[attribution(1, "28.18", 1.0), attribution(2, "30.00", 0.8), attribution(3, "20.00", 0.4)],
    has_more=True,
    merged=MergedSum(40, 1_000_000, 400 * NANO_USD),
    merged_before=MergedSum(32, 900_000, 420 * NANO_USD),
    linked_share=0.9,
    steps=[Step(36, 200 * NANO_USD), Step(4, 200 * NANO_USD)],
)


def view(**query: str) -> View:
    return read_view("/pull-requests", query.items(), PARAMETERS, TODAY, {"sort": ORDERS})


def page(facts: ListFacts = FACTS, **query: str) -> ListPage:
    return build_list(view(**query), facts, HEARD)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def why(built: ListPage) -> str:
    return plain("".join(text for text, _ in built.answer.why))


def test_the_answer_says_how_uneven_the_money_is() -> None:
    assert plain(page().answer.sentence) == "40 pull requests merged; the dearest tenth took 50 % of their money"
    assert why(page()).endswith("1 below is linked too weakly for a single figure and shows a range.")
    few = replace(FACTS, steps=FACTS.steps[1:])
    assert plain(page(few).answer.sentence) == "40 pull requests merged for $400"
    some = replace(FACTS, steps=[Step(20, 20 * NANO_USD)])
    assert "tenth of those linked well took" in page(some, team="web").answer.sentence
    assert page(some, team="web").answer.sentence.startswith("40 pull requests of web merged")


def test_each_row_looks_as_sure_as_it_is() -> None:
    sure, good, weak = page().table.rows
    assert (sure.cost.text, sure.cost.sureness) == ("$28.18", Sureness.SURE)
    assert (good.cost.text, good.cost.sureness) == ("$30.00", Sureness.GOOD)
    assert (weak.cost.text, weak.cost.sureness) == ("$10–40", Sureness.UNSURE)
    assert weak.range is not None
    assert weak.range.point is None
    assert plain(weak.evidence_text) == "40 % linked directly"
    assert page().table.has_estimates


def test_rows_lead_to_their_pages_in_this_view() -> None:
    built = page(period="4w", price="billed", sort="merged", page="2")
    assert built.table.rows[0].address == f"/pull-requests/a1_{1:064x}?period=4w&price=billed"
    assert built.pages.before == "/pull-requests?period=4w&price=billed&sort=merged"
    assert built.pages.after == "/pull-requests?period=4w&price=billed&sort=merged&page=3"
    assert built.states[1].address == "/pull-requests?period=4w&price=billed&state=open&sort=merged"


def test_heads_sort_the_list() -> None:
    order = page(sort="merged").order
    assert order is not None
    assert (order["cost"].address, order["cost"].is_current) == ("/pull-requests", False)
    assert order["merged"].is_current
    assert page(state="open").order is None


def test_open_and_abandoned_ones_say_what_they_hold() -> None:
    held = page(ListFacts(FACTS.shown, held=Held(6, 12 * NANO_USD)), state="open")
    assert held.answer.sentence == "6 open pull requests hold $12.00 so far"
    assert [figure.name for figure in held.strip] == ["Open now", "Spent on them so far"]
    lost = page(ListFacts(FACTS.shown, ended_nano_usd=29 * NANO_USD), state="abandoned")
    assert lost.answer.sentence == "$29.00 went to pull requests that were closed without a merge"


def test_a_search_says_what_it_found() -> None:
    found = page(ListFacts(FACTS.shown[:1], search=Search.PULL_REQUESTS), q="#1")
    assert found.answer.sentence == "1 pull request has this number or id"
    assert found.title == "Found"
    assert found.clear == "/pull-requests"
    nothing = page(ListFacts(search=Search.NOTHING), q="#9")
    assert nothing.answer.sentence == "Nothing was found for “#9”"
    assert "owner/repository#7" in nothing.empty_text


def test_a_model_is_said_to_choose_and_not_to_split() -> None:
    [notice] = page(model="opus").notices
    assert notice.title == "Only those that used opus, with everything spent on them."
    assert notice.link == "/pull-requests"


def test_without_any_the_page_says_so() -> None:
    built = page(ListFacts(merged=MergedSum()))
    assert built.answer.sentence == "No pull request was merged in these 12 weeks"
    assert built.table.rows == []


def test_before_the_first_one_the_page_leads_to_the_set_up() -> None:
    built = page(ListFacts(merged=MergedSum(), has_any=False))
    assert (built.empty, built.empty_link) == ("No pull request is known yet", "/setup")
    assert page().empty_link == ""


def test_a_small_team_is_withheld() -> None:
    built = page(ListFacts(withheld="the team has fewer than 5 people"), team="web")
    assert built.is_withheld
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}
    assert built.export.rows == []


def test_a_file_holds_no_single_figure_of_what_is_an_estimate() -> None:
    rows = [dict(zip(page().export.columns, row, strict=True)) for row in page().export.rows]
    assert (rows[0]["cost_usd"], rows[0]["tokens"]) == ("28.18", 1_000)
    assert (rows[2]["cost_usd"], rows[2]["tokens"]) == (None, None)
    assert (rows[2]["cost_low_usd"], rows[2]["tokens_high"]) == ("14.00", 1_600)


@pytest.mark.parametrize(("name", "value"), [("page", "0"), ("page", "41"), ("sort", "dearest"), ("state", "closed")])
def test_what_the_list_does_not_know_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadInputError) as refused:
        view(**{name: value})
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("facts", "query"),
    [
        (FACTS, {}),
        (FACTS, {"sort": "merged", "page": "2"}),
        (ListFacts(FACTS.shown, held=Held(3, 0)), {"state": "open"}),
        (ListFacts(search=Search.NOTHING), {"q": "x"}),
        (ListFacts(withheld="small"), {"team": "web"}),
    ],
)
def test_the_template_draws_it(facts: ListFacts, query: dict[str, str]) -> None:
    shown = view(**query)
    frame = build_frame("Pull requests", "/pull-requests", FRESH, NOW, shown)
    text = (
        templates()
        .get_template("pull_requests/page.html")
        .render(frame=frame, page=build_list(shown, facts, HEARD), view=shown)
    )
    assert " style=" not in text
    assert text.count("<h1>") == 1
