"""What the dearest teams spend on which models or workflows. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from service.dashboard.charts.bars import Segment, whole_bar
from service.dashboard.numbers.units import NOTHING, exact_text, percent_text, usd_texts
from service.dashboard.uses.facts import TeamUses

# As many as have a colour of their own.
MOST_COLUMNS = 3
OTHERS = f"model-{MOST_COLUMNS + 1}"


class TeamRow(NamedTuple):
    """One team: what it spent, the bar of its parts, and their shares in the order of the columns."""

    name: str
    address: str
    spend: str
    bar: list[Segment]
    text: str
    shares: list[str]


class TeamTable(NamedTuple):
    """The rows; `columns` are the dearest parts of all, each with the class of its colour."""

    columns: list[tuple[str, str]]
    rows: list[TeamRow]
    note: str

    @property
    def is_worth_showing(self) -> bool:
        """Whether several teams divide their spend among several parts."""
        return len(self.rows) > 1 and len(self.columns) > 1


class TeamPart(NamedTuple):
    """What one team spent on one model or workflow, and how much of its spend that is."""

    name: str
    address: str
    spend: str
    share: str


def team_table(found: TeamUses, dearest: Sequence[str], unnamed: str, address: Callable[[str], str]) -> TeamTable:
    """Return the table; `dearest` names the parts of all spend, the dearest first."""
    used = {name for team in found.teams for name in team.parts}
    names = [name for name in dearest[:MOST_COLUMNS] if name in used]
    columns = [(f"model-{dearest.index(name) + 1}", name or unnamed) for name in names]
    has_others = bool(used - set(names))
    spends = usd_texts([team.nano_usd for team in found.teams])
    rows = []
    for team, spend in zip(found.teams, spends, strict=True):
        parts = [team.parts.get(name, 0) for name in names]
        parts += [team.nano_usd - sum(parts)] if has_others else []
        kinds = [kind for kind, _ in columns] + ([OTHERS] if has_others else [])
        shown = [percent_text(part / team.nano_usd) if team.nano_usd and part else NOTHING for part in parts]
        heads = [name for _, name in columns] + (["others"] if has_others else [])
        text = ", ".join(f"{head} {share}" for head, share in zip(heads, shown, strict=True))
        bar = whole_bar(dict(zip(kinds, parts, strict=True)))
        rows.append(TeamRow(team.name, address(team.name), spend, bar, text, shown))
    return TeamTable([*columns, *([(OTHERS, "Others")] if has_others else [])], rows, note_of(found))


def team_parts(found: TeamUses, name: str, address: Callable[[str], str]) -> list[TeamPart]:
    """Return what the dearest teams spent on one model or workflow, those that used it, the largest first."""
    using = sorted(
        (team for team in found.teams if team.parts.get(name)), key=lambda team: (-team.parts[name], team.name)
    )
    spends = usd_texts([team.parts[name] for team in using])
    return [
        TeamPart(team.name, address(team.name), spend, percent_text(team.parts[name] / team.nano_usd, 1))
        for team, spend in zip(using, spends, strict=True)
    ]


def note_of(found: TeamUses) -> str:
    """Return which teams are not there."""
    more = f"The {exact_text(len(found.teams))} dearest teams. " if found.more else ""
    return f"{more}Teams that are too small to be compared are left out." if found.hidden else more.strip()
