"""Texts, shares and bars of the dashboard page, computed from facts. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from service.dashboard.charts import Segment, TrendBar, stacked_bar, trend_bars, trend_width
from service.dashboard.facts import Amount, LedgerFacts, Merges, PageFacts, TeamFacts
from service.dashboard.next_steps import Command, Step, linked_share, next_steps, quickest_imports, telemetry_step
from service.dashboard.numbers import NOTHING, exact_count, percent, shares, short_count, short_usd
from vocabulary.tokens import usd_text

FATES: tuple[tuple[str, str, str, Callable[[LedgerFacts], Amount]], ...] = (
    ("merged", "Merged", "on pull requests that were merged", lambda ledger: ledger.merged),
    ("in-flight", "In flight", "on pull requests that are open", lambda ledger: ledger.in_flight),
    ("abandoned", "Abandoned", "on pull requests closed without a merge", lambda ledger: ledger.abandoned),
    (
        "overhead",
        "Overhead",
        "no pull request was active, or the work is not linked to one",
        lambda ledger: ledger.overhead,
    ),
)
EVIDENCE = (
    ("artifact", "Artifact", "the agent named the pull request"),
    ("commit", "Commit", "the session made one of its commits"),
    ("branch", "Branch", "the session was on its branch"),
    ("repository", "Repository", "split over active pull requests in the repository"),
    ("cohort", "Team and hour", "split over the team's active pull requests"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as shown, and its exact value as text."""

    text: str
    exact: str

    @property
    def is_known(self) -> bool:
        """Return whether there is a value to show."""
        return self.text != NOTHING


@dataclass(frozen=True, slots=True)
class Ratio:
    """Tokens and cost per merged pull request in one period, the number of merges, and what was spent in the period."""

    merged: int
    tokens: Figure
    cost: Figure
    spent_tokens: Figure
    spent: Figure

    @property
    def is_only_spent(self) -> bool:
        """Return whether something was spent in the period, but nothing that was merged in it cost anything."""
        return self.spent_tokens.text != "0" and not self.tokens.is_known


@dataclass(frozen=True, slots=True)
class Trend:
    """A small bar chart of tokens per merged pull request; `text` is read by screen readers."""

    bars: list[TrendBar]
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; `withheld` is the reason why its figures are hidden."""

    name: str
    note: str
    period: Ratio
    weeks: list[Ratio]
    trend: Trend
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a whole with its amounts."""

    kind: str
    name: str
    description: str
    share: str
    tokens: Figure
    cost: Figure


@dataclass(frozen=True, slots=True)
class Bar:
    """A stacked bar and its legend; `text` is read by screen readers."""

    segments: list[Segment]
    parts: list[Part]
    text: str


@dataclass(frozen=True, slots=True)
class Conservation:
    """The ledger's sum as shown; `holds` if the difference is 0."""

    received: Figure
    received_cost: Figure
    pending: Figure
    superseded: Figure
    holds: bool
    difference: str


@dataclass(frozen=True, slots=True)
class Page:
    """All values that the template shows."""

    period: str
    week_names: list[str]
    overall: Ratio
    shipped_share: str
    all_teams: Row
    teams: list[Row]
    fates: Bar
    evidence: Bar
    linked: str
    conservation: Conservation
    steps: list[Step]
    imports: tuple[Command, ...]
    telemetry: Step
    url: str
    is_empty: bool
    has_merges: bool
    has_tokens: bool


def build_page(facts: PageFacts, url: str) -> Page:
    """Build the page; `url` is the instance's address without a trailing slash."""
    fates = _fates(facts.ledger)
    return Page(
        period=_period(facts.weeks[0], facts.last_day),
        week_names=[_day(week) for week in facts.weeks],
        overall=_ratio(facts.period),
        shipped_share=fates.parts[0].share if facts.ledger.settled else NOTHING,
        all_teams=_row("All teams", "", facts.period, facts.all_weeks),
        teams=[_team_row(team) for team in facts.teams],
        fates=fates,
        evidence=_evidence(facts.evidence),
        linked=f"{100 * linked_share(facts.evidence):.0f} %",
        conservation=_conservation(facts.ledger),
        steps=next_steps(facts, url),
        imports=quickest_imports(),
        telemetry=telemetry_step(url),
        url=url,
        is_empty=facts.is_empty,
        has_merges=facts.period.merged > 0,
        has_tokens=facts.ledger.received.tokens > 0,
    )


def _tokens(count: int) -> Figure:
    return Figure(short_count(count), f"{exact_count(count)} tokens")


def _cost(nano: int) -> Figure:
    return Figure(short_usd(nano), f"${usd_text(nano)}")


def _ratio(merges: Merges) -> Ratio:
    """Divide the sums, never average ratios; unknown if nothing was merged, or nothing was spent on what was."""
    spent = (_tokens(merges.spent.tokens), _cost(merges.spent.nano_usd))
    if not merges.merged or merges.amount == Amount():
        reason = f"{merges.merged} merged without any tokens" if merges.merged else "nothing was merged"
        unknown = Figure(NOTHING, reason)
        return Ratio(merges.merged, unknown, unknown, *spent)
    tokens, nano_usd = (
        round(Fraction(amount, merges.merged)) for amount in (merges.amount.tokens, merges.amount.nano_usd)
    )
    return Ratio(merges.merged, _tokens(tokens), _cost(nano_usd), *spent)


def _row(name: str, note: str, period: Merges, weeks: Sequence[Merges], withheld: str = "") -> Row:
    ratios = [_ratio(week) for week in weeks]
    values = [week.amount.tokens // week.merged if week.merged else None for week in weeks]
    spoken = ", ".join(ratio.tokens.text if ratio.tokens.is_known else "no merges" for ratio in ratios)
    trend = Trend(trend_bars(values), trend_width(len(values)), f"Tokens per merged pull request by week: {spoken}")
    return Row(name, note, _ratio(period), ratios, trend, withheld)


def _team_row(team: TeamFacts) -> Row:
    note = f"{team.size} people" if team.size else "size unknown"
    withheld = f"Withheld: {team.withheld}" if team.withheld else ""
    return _row(team.name, note, team.period, team.weeks, withheld)


def _fates(ledger: LedgerFacts) -> Bar:
    amounts = [(kind, name, description, amount(ledger)) for kind, name, description, amount in FATES]
    return _bar("Where the settled tokens went", amounts)


def _evidence(evidence: dict[str, int]) -> Bar:
    amounts = [(kind, name, description, Amount(evidence.get(kind, 0))) for kind, name, description in EVIDENCE]
    return _bar("How tokens were linked to pull requests", amounts)


def _bar(title: str, amounts: list[tuple[str, str, str, Amount]]) -> Bar:
    percentages = [percent(share) for share in shares([amount.tokens for *_, amount in amounts])]
    parts = [
        Part(kind, name, description, share, _tokens(amount.tokens), _cost(amount.nano_usd))
        for (kind, name, description, amount), share in zip(amounts, percentages, strict=True)
    ]
    text = f"{title}: " + ", ".join(f"{part.name.lower()} {part.share}" for part in parts)
    return Bar(stacked_bar([(kind, amount.tokens) for kind, _, _, amount in amounts]), parts, text)


def _conservation(ledger: LedgerFacts) -> Conservation:
    difference = ledger.difference
    return Conservation(
        received=_tokens(ledger.received.tokens),
        received_cost=_cost(ledger.received.nano_usd),
        pending=_tokens(ledger.pending.tokens),
        superseded=_tokens(ledger.superseded.tokens),
        holds=difference == Amount(),
        difference=f"{exact_count(difference.tokens)} tokens, ${usd_text(difference.nano_usd)}",
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _period(first: date, last: date) -> str:
    begins = _day(first) if first.year == last.year else f"{_day(first)} {first.year}"
    return f"{begins} \N{EN DASH} {_day(last)} {last.year}"
