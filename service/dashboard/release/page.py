"""The page of a release, from facts to what its template shows. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from schema.identifiers import artifact_text
from service.contracts.attribution import AttributionShown
from service.contracts.release import TeamShare
from service.dashboard.charts.axis import Unit
from service.dashboard.charts.bars import Segment, bar_chart, whole_bar
from service.dashboard.charts.curves import SlotLook
from service.dashboard.charts.parts import Chart, Event, Table, TableRow
from service.dashboard.components.costs import cost_phrase, direct_share, evidence_bar, name_of, nano_of
from service.dashboard.components.figures import Answer, Chip, Export, Figure, Notice, Trust
from service.dashboard.components.pull_requests import PullRequestTable, pull_request_table
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.units import count_text, exact_text, percent_text, shares, usd_text
from service.dashboard.release.coming_back import Came, came_back_lines, nothing_came_back
from service.dashboard.release.facts import ReleaseFacts
from service.dashboard.release.strip import build_strip, build_trust
from service.dashboard.view.view import View
from vocabulary.tokens import nano_usd

STATES: Final = {"published": "Released", "prerelease": "Prerelease of", "tag": "Tagged"}
FORGES: Final = {"github": ("GitHub", "/releases/tag/"), "gitlab": ("GitLab", "/-/releases/")}
MODELS: Final = 3
# A smaller difference from the release before is none.
ABOUT: Final = 0.1
MOST_TEAMS: Final = 12
WEEK = timedelta(days=7)
_TAG = re.compile(r"[^@]*@(?P<tag>[\w.@/+-]+)")
_REPOSITORY = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[\w.-]+){2,}", re.IGNORECASE)


class Share(NamedTuple):
    """A model or team, and its part; of an estimate only the share. `reason` says why a team is withheld."""

    name: str
    kind: str
    dollars: str
    share: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """All values that the template shows."""

    answer: Answer
    notices: list[Notice]
    chips: list[Chip]
    strip: list[Figure]
    trust: list[Trust]
    weeks: Chart | None
    models: list[Share]
    model_bar: list[Segment]
    teams: list[Share]
    evidence: list[Segment]
    evidence_line: str
    dearest: PullRequestTable
    dearest_line: str
    came_back: list[Came]
    nothing_came_back: str
    export: Export


def build_release(view: View, facts: ReleaseFacts, heard: Trust, now: datetime | None = None) -> ReleasePage:
    """Build the page; `heard` ends the trust strip."""
    shown = facts.shown
    number, is_part = exact_text(shown.pull_requests), len(facts.dearest) < shown.pull_requests
    share = percent_text(direct_share(shown))
    return ReleasePage(
        answer=_answer(facts),
        notices=_notices(facts),
        chips=_chips(view, facts),
        strip=build_strip(view, facts),
        trust=build_trust(facts, heard),
        weeks=week_chart(view, facts),
        models=_models(facts),
        model_bar=whole_bar({row.kind: part for row, part in zip(_models(facts), _model_parts(facts), strict=True)}),
        teams=_teams(shown.by_team, is_estimate=facts.is_estimate, whole=nano_of(shown)),
        evidence=evidence_bar(shown),
        evidence_line=f"{share} of the tokens are linked to its pull requests directly.",
        dearest=pull_request_table(view, facts.dearest),
        dearest_line="By what each cost at least" + (f", {len(facts.dearest)} of {number}." if is_part else "."),
        came_back=came_back_lines(view, facts),
        nothing_came_back=nothing_came_back(facts, now or datetime.now(shown.released_at.tzinfo)),
        export=_export(facts),
    )


def week_chart(view: View, facts: ReleaseFacts) -> Chart | None:
    """Return when it was spent; of an estimate only shares. None without tokens."""
    if not facts.weeks:
        return None
    first, last = facts.weeks[0].week, facts.weeks[-1].week
    slots = [first + WEEK * place for place in range((last - first) // WEEK + 1)]
    has_cost = any(each.nano_usd for each in facts.weeks)
    values = [0.0] * len(slots)
    for each in facts.weeks:
        values[(each.week - first) // WEEK] = each.nano_usd if has_cost else each.tokens
    whole = sum(values)
    if facts.is_estimate:
        values = [value / whole for value in values]
    unit: Unit = "share" if facts.is_estimate else "usd" if has_cost else "tokens"
    texts: Mapping[Unit, Callable[[float], str]] = {"share": percent_text, "usd": usd_text, "tokens": count_text}
    text = texts[unit]
    rows = [TableRow(day_text(slot), (text(value),)) for slot, value in zip(slots, values, strict=True)]
    place = (facts.shown.released_at.date() - first).days / (len(slots) * 7)
    names = {"share": "% of its cost a week", "usd": f"$ a week, {view.price_name}", "tokens": "tokens a week"}
    return bar_chart(
        "Spend on what it ships, by week",
        names[unit],
        unit,
        [SlotLook(day_text(slot), is_partial=facts.is_estimate) for slot in slots],
        {"merged": values},
        Table(("Week", "Spent"), rows[::-1]),
        events=[Event(place, "released")] if 0 <= place <= 1 else [],
    )


def forge_link(forge: str, repository: str | None, label: str | None) -> str:
    """Return the address at the forge, from the labels `host/owner/name` and `…@tag`; empty without them."""
    found = _TAG.fullmatch(label or "")
    if forge not in FORGES or found is None or not _REPOSITORY.fullmatch(repository or ""):
        return ""
    return f"https://{repository}{FORGES[forge][1]}{found['tag']}"


def _answer(facts: ReleaseFacts) -> Answer:
    shown = facts.shown
    name = name_of(shown.label, shown.artifact_id)
    if facts.is_moving:
        return Answer(f"{name} names other releases and ships nothing itself")
    if not shown.pull_requests and not shown.reverted.pull_requests:
        return Answer(f"{name} ships no pull request that is known", [(_ships_nothing(facts), False)])
    return Answer(f"{name} cost {cost_phrase(shown)}", _why(facts))


def _ships_nothing(facts: ReleaseFacts) -> str:
    state = " Prereleases before it may have shipped everything." if facts.shown.state == "published" else ""
    return f"What it holds was shipped by earlier releases, or is not known.{state}"


def _why(facts: ReleaseFacts) -> list[tuple[str, bool]]:
    shown = facts.shown
    number = shown.pull_requests
    said = [(f"It ships {exact_text(number)} pull request{'s' * (number != 1)}. ", False)]
    if facts.before is not None and not facts.is_estimate and nano_of(shown):
        name = name_of(facts.before.label, artifact_text(facts.before.artifact_id))
        said.append((_beside(nano_of(shown), facts.before.nano_usd, name), True))
    reverted = shown.reverted.pull_requests
    if reverted:
        were = f"{reverted} more {'was' if reverted == 1 else 'were'} reverted and are not counted. "
        said.append((were.replace("are", "is") if reverted == 1 else were, False))
    if facts.fixed_by:
        days = (facts.fixed_by[0].released_at - shown.released_at).days
        said.append((f"A fix release followed {f'after {days} days' if days > 1 else 'within a day'}.", True))
    return said


def _beside(now: int, before: int, name: str) -> str:
    of = f"{name} ({usd_text(before)}). "
    if abs(now - before) < before * ABOUT:
        return f"About as much as {of}"
    if now < before:
        return f"{percent_text(1 - now / before)} less than {of}"
    return f"{percent_text(now / before - 1)} more than {of}" if now < 2 * before else f"{now / before:.1f} times {of}"


def _notices(facts: ReleaseFacts) -> list[Notice]:
    if facts.is_estimate:
        text = "Few pull requests, and below 60 % of direct links: the cost is a range, and inside are shares only."
        return [Notice("An estimate, not a measurement.", text, is_plain=True)]
    if facts.shown.by_package_folder is False:
        text = "Its tag names a package, but the paths of changes are not known, so every pull request counts."
        return [Notice("It may hold more than the package.", text, is_plain=True)]
    return []


def _chips(view: View, facts: ReleaseFacts) -> list[Chip]:
    shown = facts.shown
    day = day_text(shown.released_at.date())
    chips = [Chip(f"{STATES.get(shown.state, 'Released')} {day}", "merged" if shown.state == "published" else "")]
    chips.append(Chip(shown.team, link=view.carry("/releases", team=shown.team)))
    chips += [Chip("a tag that moves")] if facts.is_moving else []
    if address := forge_link(shown.forge, facts.repository, shown.label):
        chips.append(Chip(f"Open on {FORGES[shown.forge][0]}", link=address, is_away=True))
    return chips


def _model_parts(facts: ReleaseFacts) -> list[int]:
    amounts = sorted((nano_usd(Decimal(each.cost_usd)) for each in facts.shown.by_model), reverse=True)
    return amounts if len(amounts) <= MODELS + 1 else [*amounts[:MODELS], sum(amounts[MODELS:])]


def _models(facts: ReleaseFacts) -> list[Share]:
    named = sorted(facts.shown.by_model, key=lambda each: (-nano_usd(Decimal(each.cost_usd)), each.model))
    names = [each.model or "unknown model" for each in named]
    if len(names) > MODELS + 1:
        names = [*names[:MODELS], f"{len(names) - MODELS} others"]
    parts = _model_parts(facts)
    whole = sum(parts)
    return [
        Share(name, f"model-{place}", "" if facts.is_estimate else usd_text(part, whole), percent_text(share, 1))
        for place, (name, part, share) in enumerate(zip(names, parts, shares(parts), strict=True), 1)
    ]


def _teams(teams: list[TeamShare], *, is_estimate: bool, whole: int) -> list[Share]:
    found = []
    for each in teams[:MOST_TEAMS]:
        part = None if each.cost_usd is None else nano_usd(Decimal(each.cost_usd))
        dollars = "" if part is None or is_estimate else usd_text(part, whole)
        share = percent_text(part / whole) if part is not None and whole else ""
        found.append(Share(each.team, "", dollars, share, each.withheld_reason or ""))
    return found


def _export(facts: ReleaseFacts) -> Export:
    columns = (
        *("artifact_id", "label", "team", "merged_at", "reverted"),
        *("reliable", "linked_share", "cost_usd", "tokens"),
    )
    unknown = (None,) * 4
    reverted = [(artifact_text(each.artifact_id), each.label, None, None, True, *unknown) for each in facts.reverted]
    return Export(facts.shown.artifact_id, columns, [*map(_exported, facts.dearest), *reverted])


def _exported(each: AttributionShown) -> tuple[object, ...]:
    is_sure = each.reliable or not each.tokens.total
    return (
        *(each.artifact_id, each.label, each.team, each.merged_at and each.merged_at.isoformat(), False),
        *(each.reliable, round(direct_share(each), 3)),
        *((each.cost_usd, each.tokens.total) if is_sure else (None, None)),
    )
