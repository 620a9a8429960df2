"""How tokens on pull requests were linked: shares, their chart over time, and the teams. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from service.dashboard.charts.bars import bar_chart
from service.dashboard.charts.curves import SlotLook
from service.dashboard.charts.parts import STRETCHED, Chart, Key, Table, TableRow
from service.dashboard.components.slots import bucket_name, slot_head, slot_note
from service.dashboard.numbers.units import NOTHING, count_text, percent_text, shares
from service.dashboard.quality.facts import QualityFacts, TeamLinks
from service.dashboard.view.view import View
from vocabulary.intervals import RELIABLE_SHARE

EVIDENCE: Final = ("artifact", "commit", "branch", "repository", "cohort")
DIRECT: Final = EVIDENCE[:3]
NAMES: Final[Mapping[str, str]] = {
    "artifact": "Pull request",
    "commit": "Commit",
    "branch": "Branch",
    "repository": "Repository",
    "cohort": "Team and hour",
}
MOST_TEAMS: Final = 12


class TeamRow(NamedTuple):
    """One team, and how its tokens were linked. `needs_look` if a single pull request is an estimate there."""

    name: str
    address: str
    tokens: str
    share: float
    share_text: str
    needs_look: bool


def linked_share(linked: Mapping[str, int]) -> float | None:
    """Return the share of tokens on pull requests that is linked directly; None without any."""
    whole = sum(linked.get(kind, 0) for kind in EVIDENCE)
    return sum(linked.get(kind, 0) for kind in DIRECT) / whole if whole else None


def link_chart(view: View, links: Sequence[Mapping[str, int]], looks: Sequence[SlotLook]) -> Chart:
    """Return the shares of each slot, with a line from which on a single pull request is shown as one figure."""
    by_slot = [shares([each.get(kind, 0) for kind in EVIDENCE]) for each in links]
    parts = {kind: [each[place] for each in by_slot] for place, kind in enumerate(EVIDENCE)}
    rows = [
        TableRow(
            slot_head(slot),
            tuple(percent_text(share, 1) if any(each) else NOTHING for share in each),
            slot_note(slot),
        )
        for slot, each in zip(view.period.slots, by_slot, strict=True)
    ]
    legend = [Key(kind, NAMES[kind]) for kind in EVIDENCE]
    if any(slot.is_partial for slot in view.period.slots):
        legend.append(Key("veil", f"unfinished {bucket_name(view)}"))
    chart = bar_chart(
        f"Tokens on pull requests by evidence and {bucket_name(view)}",
        "% of tokens on pull requests",
        "share",
        looks,
        parts,
        Table((bucket_name(view).capitalize(), *NAMES.values()), rows[::-1]),
        legend=legend,
    )
    line = chart.axis.y(RELIABLE_SHARE)
    return replace(chart, paths=[*chart.paths, ("ln s-line", f"M0 {line}L{STRETCHED} {line}")])


def team_rows(view: View, teams: Sequence[TeamLinks]) -> list[TeamRow]:
    """Return the teams, those with the smallest linked share first."""
    ordered = sorted((each for each in teams if each.tokens), key=lambda each: (each.share, each.team))
    return [
        TeamRow(
            each.team,
            view.at(team=each.team),
            count_text(each.tokens),
            round(100 * each.share, 1),
            percent_text(each.share, 1),
            each.share < RELIABLE_SHARE,
        )
        for each in ordered[:MOST_TEAMS]
    ]


def gain(facts: QualityFacts) -> tuple[TeamLinks, TeamLinks, float] | None:
    """Return the team that would gain most, the best linked one, and the share of all if the first equalled it."""
    known = [each for each in facts.teams if each.tokens]
    if len(known) < 2 or linked_share(facts.linked) is None:  # noqa: PLR2004 - one to learn from another
        return None
    best = max(known, key=lambda each: each.share)
    worst = max(known, key=lambda each: (best.share - each.share) * each.tokens)
    whole = sum(each.tokens for each in facts.teams)
    direct = sum(each.direct for each in facts.teams) + (best.share - worst.share) * worst.tokens
    return (worst, best, direct / whole) if worst != best else None
