"""The list of pull requests, from facts to what its template shows. Pure."""

from dataclasses import dataclass

from service.contracts.attribution import AttributionShown
from service.dashboard.components.costs import direct_share, ends_of
from service.dashboard.components.figures import Answer, Export, Figure, Notice, Trust
from service.dashboard.components.listing import Pages, Sorting, build_pages, sortings
from service.dashboard.components.pull_requests import PullRequestTable, pull_request_table
from service.dashboard.components.view_bar import Choice, Hidden, hidden, scope_text
from service.dashboard.numbers.units import exact_text, percent_text, usd_text
from service.dashboard.pull_requests.facts import ListFacts, Search
from service.dashboard.pull_requests.strip import build_strip, build_trust
from service.dashboard.pull_requests.sums import Spread, spread_of
from service.dashboard.view.view import View
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.tokens import usd_text as decimal_usd

ORDERS = ("least", "merged")
STATES = {"merged": "Merged", "open": "Open", "abandoned": "Abandoned"}
TITLES = {
    "merged": "Merged in this period",
    "open": "Open now",
    "abandoned": "Closed in this period without a merge",
}
NEARLY_ALL = 0.95
NEVER = "Pull requests may be looked up; they are never grouped, filtered or ranked by person."


@dataclass(frozen=True, slots=True)
class ListPage:
    """All values that the template shows."""

    answer: Answer
    notices: list[Notice]
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    title: str
    line: str
    states: list[Choice]
    search: str
    kept: list[Hidden]
    table: PullRequestTable
    order: dict[str, Sorting] | None
    pages: Pages
    empty: str
    empty_text: str
    empty_link: str
    clear: str
    export: Export


def build_list(view: View, facts: ListFacts, heard: Trust) -> ListPage:
    """Build the page; `heard` opens the trust strip."""
    spread = spread_of(facts.steps)
    orders = sortings(view, ORDERS)
    is_found = facts.search is Search.PULL_REQUESTS
    is_merged = view.value("state") == "merged" and not is_found
    empty, empty_text = _empty(facts)
    return ListPage(
        answer=_answer(view, facts, spread),
        notices=_notices(view, facts),
        strip=build_strip(view, facts, spread),
        trust=build_trust(facts, heard),
        is_withheld=bool(facts.withheld),
        title="Found" if is_found else TITLES[view.value("state")],
        line=_line(view, facts),
        states=[Choice(text, view.at(state=state), state == view.value("state")) for state, text in STATES.items()],
        search=view.value("q"),
        kept=[each for each in hidden(view) if each.name != "q"],
        table=pull_request_table(view, facts.shown),
        order={"cost": orders["least"], "merged": orders["merged"]} if is_merged else None,
        pages=build_pages(view, has_more=facts.has_more and not is_found),
        empty=empty,
        empty_text=empty_text,
        empty_link="" if facts.has_any else "/setup",
        clear=view.at(q=""),
        export=_export(facts),
    )


def _answer(view: View, facts: ListFacts, spread: Spread | None) -> Answer:
    scope = scope_text(view)
    if facts.withheld:
        return Answer(f"Figures{scope} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)])
    if facts.search is Search.NOTHING:
        return Answer(f"Nothing was found for “{view.value('q')}”")
    if facts.search is Search.PULL_REQUESTS:
        number = len(facts.shown)
        what = "1 pull request has" if number == 1 else f"{number} pull requests have"
        return Answer(f"{what} this number or id", [("Found in every state, at any time.", False)])
    return Answer(_sentence(view, facts, spread, scope), [(_why(facts), False)] if facts.shown else [])


def _sentence(view: View, facts: ListFacts, spread: Spread | None, scope: str) -> str:
    state = view.value("state")
    if facts.held is not None and facts.held.pull_requests:
        number = facts.held.pull_requests
        noun = "open pull request holds" if number == 1 else "open pull requests hold"
        return f"{exact_text(number)} {noun} {usd_text(facts.held.nano_usd)} so far{scope}"
    if facts.ended_nano_usd:
        return f"{usd_text(facts.ended_nano_usd)} went to pull requests{scope} that were closed without a merge"
    if facts.merged is not None and facts.merged.pull_requests:
        number = facts.merged.pull_requests
        sentence = f"{exact_text(number)} {'pull request' if number == 1 else 'pull requests'}{scope} merged"
        if spread is not None:
            which = "" if spread.number >= NEARLY_ALL * number else " of those linked well"
            return f"{sentence}; the dearest tenth{which} took {percent_text(spread.dearest_tenth)} of their money"
        return f"{sentence} for {usd_text(facts.merged.nano_usd)}"
    if not facts.shown:
        verb = {"merged": "was merged", "open": "is open", "abandoned": "was closed without a merge"}[state]
        return f"No pull request{scope} {verb}{'' if state == 'open' else f' in these {view.period.name}'}"
    return f"{STATES[state]} pull requests{scope}, the dearest first"


def _why(facts: ListFacts) -> str:
    weak = sum(bool(each.tokens.total) and direct_share(each) < RELIABLE_SHARE for each in facts.shown)
    sentence = "Sorted by what each cost at least: the low end of its 80 % interval."
    if not weak:
        return sentence
    many = f"{weak} below are linked too weakly for a single figure and show ranges."
    one = "1 below is linked too weakly for a single figure and shows a range."
    return f"{sentence} {one if weak == 1 else many}"


def _line(view: View, facts: ListFacts) -> str:
    if facts.search is Search.PULL_REQUESTS or not facts.shown:
        return NEVER
    first = (view.page - 1) * len(facts.shown) + 1 if facts.has_more else 0
    total = facts.merged.pull_requests if facts.merged else facts.held.pull_requests if facts.held else 0
    if not first or not total:
        return NEVER
    return f"{first} to {first + len(facts.shown) - 1} of {exact_text(total)}. {NEVER}"


def _notices(view: View, facts: ListFacts) -> list[Notice]:
    if facts.withheld or facts.search in {Search.NOTHING, Search.PULL_REQUESTS} or not view.value("model"):
        return []
    title = f"Only those that used {view.value('model')}, with everything spent on them."
    return [Notice(title, "Among the 5,000 dearest of the period.", view.at(model=""), "Show all", is_plain=True)]


def _empty(facts: ListFacts) -> tuple[str, str]:
    if facts.search is Search.NOTHING:
        forms = "Enter a number (#7), owner/repository, owner/repository#7, or an artifact id (a1_…)."
        return "Nothing was found", f"{forms} Short names such as repository#7 work where labels are on."
    if not facts.has_any:
        return "No pull request is known yet", "They come from webhooks, a backfill, or an import of a clone."
    return "Nothing to list", "Choose another period, team or state."


def _export(facts: ListFacts) -> Export:
    columns = (
        *("artifact_id", "label", "team", "state", "merged_at", "reliable", "linked_share"),
        *("cost_usd", "cost_low_usd", "cost_high_usd", "tokens", "tokens_low", "tokens_high"),
    )
    return Export("pull-requests", columns, [_exported(each) for each in facts.shown])


def _exported(each: AttributionShown) -> tuple[object, ...]:
    """Return a row; what is linked too weakly has only an interval."""
    ends, interval = ends_of(each), each.interval
    is_sure = each.reliable or not each.tokens.total
    return (
        *(each.artifact_id, each.label, each.team, each.state, each.merged_at and each.merged_at.isoformat()),
        *(each.reliable, round(direct_share(each), 3)),
        each.cost_usd if is_sure else None,
        decimal_usd(round(ends.low)) if interval else None,
        decimal_usd(round(ends.high)) if interval and ends.high is not None else None,
        each.tokens.total if is_sure else None,
        interval.low if interval else None,
        interval.high if interval else None,
    )
