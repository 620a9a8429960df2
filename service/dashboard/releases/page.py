"""The list of releases, from facts to what its template shows. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

from service.contracts.release import ReleaseShown
from service.dashboard.charts.bars import Segment
from service.dashboard.charts.ranges import Range, range_column
from service.dashboard.components.costs import cost_phrase, cost_shown, direct_share, ends_of, evidence_bar, name_of
from service.dashboard.components.figures import Answer, Export, Figure, Trust
from service.dashboard.components.listing import Pages, Sorting, build_pages, sortings
from service.dashboard.components.view_bar import scope_text
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.sureness import Shown, Sureness
from service.dashboard.numbers.units import exact_text, percent_text, usd_text
from service.dashboard.releases.facts import ROWS, ReleasesFacts
from service.dashboard.releases.strip import build_strip, build_trust
from service.dashboard.view.view import View
from vocabulary.tokens import usd_text as decimal_usd

ORDERS = ("newest", "least")
STATES = {"prerelease": "prerelease", "tag": "tag"}
MOVING = "a tag that moves: ships nothing"


class ReleaseRow(NamedTuple):
    """One release; `came_back` says what was reverted and whether a fix followed."""

    name: str
    address: str
    note: str
    team: str
    released: str
    pull_requests: str
    cost: Shown
    range: Range | None
    evidence: list[Segment]
    evidence_text: str
    came_back: str
    is_moving: bool


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    line: str
    rows: list[ReleaseRow]
    ends: tuple[str, str, str]
    has_estimates: bool
    order: dict[str, Sorting]
    pages: Pages
    export: Export


def build_releases(view: View, facts: ReleasesFacts, heard: Trust) -> ReleasesPage:
    """Build the page; `heard` opens the trust strip."""
    ends = [ends_of(each) for each in facts.shown]
    column = range_column([None if each.high is None else (each.low, each.high, each.point) for each in ends], "usd")
    rows = [_row(view, facts, each, place) for each, place in zip(facts.shown, column.ranges, strict=True)]
    return ReleasesPage(
        answer=_answer(view, facts),
        strip=build_strip(view, facts),
        trust=build_trust(facts, heard),
        is_withheld=bool(facts.withheld),
        line=_line(view, facts),
        rows=rows,
        ends=column.ends,
        has_estimates=any(row.cost.sureness is Sureness.UNSURE for row in rows),
        order=sortings(view, ORDERS),
        pages=build_pages(view, has_more=facts.has_more, rows=ROWS),
        export=_export(facts),
    )


def came_back(each: ReleaseShown) -> str:
    """Return what came back of a release: `2 reverted, a fix after 3 days`."""
    reverted = each.reverted.pull_requests
    said = [f"{reverted} reverted"] if reverted else []
    if each.fix_released_at is not None:
        days = (each.fix_released_at - each.released_at).days
        when = f"after {days} day{'s' * (days != 1)}" if days else "within a day"
        said.append(f"a fix {when}")
    return ", ".join(said)


def _answer(view: View, facts: ReleasesFacts) -> Answer:
    scope = scope_text(view)
    if facts.withheld:
        return Answer(f"Figures{scope} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)])
    number = facts.sums.releases
    if not number:
        return Answer(f"No release{scope} in these {view.period.name}", [(_waiting(facts), False)])
    count = f"{exact_text(number)} release{'s' * (number != 1)}{scope}"
    shipping = [each for each in facts.shown if each.artifact_id not in facts.moving]
    if view.page > 1 or not shipping:
        return Answer(f"{count} for {usd_text(facts.sums.nano_usd)}", [(_why(facts), False)])
    first = shipping[0]
    which = "the newest" if view.value("sort") != ORDERS[1] else "the dearest"
    name = name_of(first.label, first.artifact_id)
    return Answer(f"{count}; {which}, {name}, cost {cost_phrase(first)}", [(_why(facts), False)])


def _why(facts: ReleasesFacts) -> str:
    fixed = facts.sums.fixed
    came = f"A fix release followed {exact_text(fixed)} of them within 14 days. " if fixed else ""
    return f"{came}A release costs what its pull requests cost, whenever they were worked on. {_waiting(facts)}".strip()


def _waiting(facts: ReleasesFacts) -> str:
    if not facts.waiting_nano_usd:
        return ""
    return f"{usd_text(facts.waiting_nano_usd)} of the period’s spend is merged and waits for a release."  # noqa: RUF001 - an apostrophe


def _line(view: View, facts: ReleasesFacts) -> str:
    sorted_by = "by what each cost at least" if view.value("sort") == ORDERS[1] else "the newest first"
    if not facts.shown or not (facts.has_more or view.page > 1):
        return f"Sorted {sorted_by}."
    first = (view.page - 1) * ROWS + 1
    return f"{first} to {first + len(facts.shown) - 1} of {exact_text(facts.sums.releases)}, {sorted_by}."


def _row(view: View, facts: ReleasesFacts, each: ReleaseShown, place: Range | None) -> ReleaseRow:
    is_moving = each.artifact_id in facts.moving
    return ReleaseRow(
        name_of(each.label, each.artifact_id),
        view.lead(f"/releases/{each.artifact_id}"),
        MOVING if is_moving else STATES.get(each.state, ""),
        each.team,
        day_text(each.released_at.date()),
        exact_text(each.pull_requests),
        cost_shown(each),
        place,
        evidence_bar(each),
        f"{percent_text(direct_share(each))} linked directly",
        came_back(each),
        is_moving,
    )


def _export(facts: ReleasesFacts) -> Export:
    columns = (
        *("artifact_id", "label", "team", "state", "released_at", "pull_requests", "reverted_pull_requests"),
        *("fix_released_at", "is_moving_tag", "reliable", "linked_share"),
        *("cost_usd", "cost_low_usd", "cost_high_usd", "tokens"),
    )
    return Export("releases", columns, [_exported(facts, each) for each in facts.shown])


def _exported(facts: ReleasesFacts, each: ReleaseShown) -> tuple[object, ...]:
    """Return a row; what is linked too weakly has only an interval."""
    ends, fixed = ends_of(each), each.fix_released_at
    is_sure = each.reliable or not each.tokens.total
    return (
        *(each.artifact_id, each.label, each.team, each.state, each.released_at.isoformat(), each.pull_requests),
        *(each.reverted.pull_requests, fixed and fixed.isoformat(), each.artifact_id in facts.moving),
        *(each.reliable, round(direct_share(each), 3)),
        each.cost_usd if is_sure else None,
        decimal_usd(round(ends.low)) if each.interval else None,
        decimal_usd(round(ends.high)) if each.interval and ends.high is not None else None,
        each.tokens.total if is_sure else None,
    )
