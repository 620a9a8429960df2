"""The page of a team, from facts to what its template shows. Pure."""

from dataclasses import dataclass, replace
from datetime import date

from service.dashboard.compare.lists import short_name
from service.dashboard.components.figures import Answer, Export, Figure, Line, Notice, Trust
from service.dashboard.numbers.days import full_day_text
from service.dashboard.numbers.units import exact_text, percent_text, usd_text
from service.dashboard.overview.page import OverviewPage, build_overview
from service.dashboard.overview.strip import build_strip
from service.dashboard.overview.sums import Sums, sum_up
from service.dashboard.spend.lists import BudgetRow, GroupRow, budgets, groups
from service.dashboard.team.facts import TeamFacts
from service.dashboard.view.view import View
from vocabulary.intervals import RELIABLE_SHARE

MOST_REPOSITORIES = 4


@dataclass(frozen=True, slots=True)
class TeamPage:
    """All values that the template shows; `overview` holds what the team shares with the organization."""

    answer: Answer
    notices: list[Notice]
    strip: list[Figure]
    overview: OverviewPage
    models: list[GroupRow]
    workflows: list[GroupRow]
    budgets: list[BudgetRow]
    links: dict[str, str]
    export: Export

    @property
    def is_withheld(self) -> bool:
        """Whether the team is too small to be shown."""
        return self.overview.is_withheld


def build_team(view: View, facts: TeamFacts, heard: Trust, not_compared: str, silent_since: date | None) -> TeamPage:
    """Build the page; `heard` opens the trust strip, `not_compared` says why there is no comparison."""
    is_compared = not not_compared
    is_stale = silent_since is not None and silent_since < view.period.span.last
    overview = build_overview(view, facts.overview, heard, not_compared, silent_since)
    # The address of the page names the team in its path, that of a request as a parameter.
    of_team = replace(view, values={**view.values, "team": facts.name})
    sums = sum_up(facts.overview, view.period, is_compared=is_compared)
    answer = Answer(
        _sentence(facts, sums), _why(facts, overview), full_day_text(silent_since) if silent_since and is_stale else ""
    )
    return TeamPage(
        answer=answer,
        notices=_notices(facts, sums),
        strip=_strip(build_strip(of_team, sums, facts.overview.withheld, None)),
        overview=overview,
        models=groups(
            facts.by_model, lambda name: of_team.carry("/spend", model=name), "unknown model", is_compared=is_compared
        ),
        workflows=groups(
            facts.by_workflow, lambda name: of_team.carry("/spend", workflow=name), "untagged", is_compared=is_compared
        )
        if any(facts.by_workflow)
        else [],
        budgets=budgets(facts.budgets, [] if is_stale else facts.forecasts),
        links={
            "compare": view.carry("/compare/team", team=facts.name),
            **{path: of_team.carry(path) for path in ("/pull-requests", "/releases", "/spend", "/alerts")},
        },
        export=replace(overview.export, name="team"),
    )


def _sentence(facts: TeamFacts, sums: Sums) -> str:
    if facts.overview.withheld:
        return f"Figures of {facts.name} are withheld"
    merged = sums.merged.pull_requests
    spent = f"{facts.name} spent {usd_text(sums.nano_usd)}"
    if sums.unfinished:
        return f"{spent} so far this week ({sums.unfinished})"
    if not sums.nano_usd:
        return f"{facts.name} spent nothing, and merged {_pull_requests(merged)}"
    if not merged:
        return f"{spent}, and merged no pull request yet"
    return f"{spent}; {percent_text(sums.shipped)} of it shipped, with {_pull_requests(merged)} merged"


def _pull_requests(number: int) -> str:
    return f"{exact_text(number)} pull request{'' if number == 1 else 's'}"


def _why(facts: TeamFacts, overview: OverviewPage) -> list[tuple[str, bool]]:
    """Return why spend changed, and who the team is."""
    labelled = [each for each in facts.repositories if short_name(each) == each][:MOST_REPOSITORIES]
    more = len(facts.repositories) - len(labelled)
    others = f"{more}{' more' if labelled else ''} {'repository' if more == 1 else 'repositories'}"
    people = [f"{facts.people} people"] if facts.people else []
    who = ", ".join([*people, *labelled, *([others] if more else [])])
    why = list(overview.answer.why)
    return [*why, (f" {who}.", False)] if who else why


def _strip(figures: list[Figure]) -> list[Figure]:
    """Leave out the last release of the organization, which is another team's."""
    return [replace(each, lines=[line for line in each.lines if not _is_release(line)]) for each in figures]


def _is_release(line: Line) -> bool:
    return line.text.startswith("the last release")


def _notices(facts: TeamFacts, sums: Sums) -> list[Notice]:
    evidence = sums.evidence
    if facts.overview.withheld or not evidence.tokens or evidence.share >= RELIABLE_SHARE:
        return []
    return [
        Notice(
            f"{percent_text(evidence.share)} of the tokens of {facts.name} are linked directly.",
            "Its sums are sound; its single pull requests are estimates.",
            "/setup#telemetry",
            "Link more of them",
        )
    ]
