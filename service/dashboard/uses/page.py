"""The comparisons of models, and of workflows with their prompts, from facts to what templates show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from service.dashboard.components.comparisons import comparison_choices
from service.dashboard.components.figures import Answer, Export, Figure, Line, Trust
from service.dashboard.components.view_bar import Choice
from service.dashboard.numbers.sureness import Shown, nothing, withheld
from service.dashboard.numbers.units import change_text, exact_text, exact_usd_text, percent_text, usd_text
from service.dashboard.uses.by_team import TeamTable, team_table
from service.dashboard.uses.facts import Use, Used, UsesFacts, sum_uses
from service.dashboard.uses.lists import (
    UNNAMED,
    PromptRow,
    ReworkRow,
    UseRow,
    VersionTable,
    cached_text,
    dearest_first,
    price_text,
    prompt_rows,
    rework_rows,
    use_rows,
    version_table,
)
from service.dashboard.view.view import View
from vocabulary.tokens import usd_text as decimal_usd

NAMES: Mapping[Used, tuple[str, str]] = {"model": ("model", "models"), "workflow": ("workflow", "workflows")}
REWORK: Mapping[str, tuple[str, str]] = {
    "model_family": ("by model", "unknown model"),
    "context_tier": ("by context window", "standard window"),
    "prompt_version": ("by prompt version", "no named prompt"),
    "ai_share": ("by share of AI", "unknown share"),
}
# A price this much above the others is worth a word.
NOTABLE = 1.2


class ReworkTable(NamedTuple):
    """How often work was redone, by one dimension of the study."""

    title: str
    sentence: str
    rows: list[ReworkRow]


@dataclass(frozen=True, slots=True)
class UsesPage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    title: str
    choices: list[Choice]
    rows: list[UseRow]
    prompts: list[UseRow]
    has_prompts: bool
    versions: VersionTable
    rework: list[ReworkTable]
    ranked: list[PromptRow]
    teams: TeamTable
    not_compared: str
    export: Export


def build_uses(view: View, facts: UsesFacts, heard: Trust, not_compared: str) -> UsesPage:
    """Build the page; `heard` opens the trust strip, `not_compared` is why no periods are compared, or empty."""
    is_compared = not not_compared
    uses = facts.by.get(facts.dimension, {})
    return UsesPage(
        answer=_answer(view, facts, uses, not_compared),
        strip=_strip(view, facts, uses, is_compared=is_compared),
        trust=build_trust(heard, is_settled=facts.is_settled),
        is_withheld=bool(facts.withheld),
        title=NAMES[facts.dimension][0].capitalize(),
        choices=comparison_choices(view, facts.dimension),
        rows=use_rows(uses, facts.dimension, lambda name: view.at(**{facts.dimension: name}), is_compared=is_compared),
        prompts=use_rows(
            {name: use for name, use in facts.by.get("prompt_version", {}).items() if name},
            "prompt_version",
            lambda name: view.at(prompt=name),
            is_compared=is_compared,
        ),
        has_prompts=facts.dimension == "workflow",
        versions=version_table(facts.versions),
        rework=[
            ReworkTable(f"Rework {REWORK[name][0]}", found.sentence, rework_rows(found, REWORK[name][1]))
            for name, found in facts.iterations.items()
        ],
        ranked=prompt_rows(facts.prompts),
        teams=team_table(facts.teams, dearest_first(uses), UNNAMED[facts.dimension], lambda name: view.at(team=name)),
        not_compared=not_compared,
        export=_export(facts.dimension, uses),
    )


def _answer(view: View, facts: UsesFacts, uses: Mapping[str, Use], not_compared: str) -> Answer:
    if facts.withheld:
        return Answer(
            f"Figures of {view.team} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)]
        )
    whole, (one, many) = sum_uses(uses), NAMES[facts.dimension]
    named = {name: use for name, use in uses.items() if name and use.now.nano_usd}
    why = [(f"{each} ", False) for each in (not_compared, _found(facts)) if each]
    if not named or not whole.now.nano_usd:
        return Answer(f"No {one} is known in these {view.period.name}", why)
    first, use = max(named.items(), key=lambda item: (item[1].now.nano_usd, item[0]))
    share = percent_text(use.now.nano_usd / whole.now.nano_usd)
    if len(named) == 1:
        return Answer(f"{first} is the only {one}: {usd_text(use.now.nano_usd)}, {share} of spend", why)
    dearest = _dearest(named)
    sentence = f"{first} takes {share} of spend"
    if dearest and facts.dimension == "model":
        name, times = dearest
        verb = "its tokens" if name == first else f"tokens of {name}"
        sentence = f"{sentence}; {verb} cost {times:.1f} times as much as those of the other {many}"
    moved = _moved(named, uses) if not not_compared else ""
    return Answer(sentence, [*([(moved, False)] if moved else []), *why])


def _dearest(named: Mapping[str, Use]) -> tuple[str, float] | None:
    """Return the one whose tokens are dearest, and how many times as dear as those of all others."""
    priced = {name: use for name, use in named.items() if use.now.tokens.total}
    if len(priced) < 2:  # noqa: PLR2004 - another to compare with
        return None
    name = max(priced, key=lambda each: (_price(priced[each]), each))
    others = sum_uses({each: use for each, use in priced.items() if each != name})
    times = _price(priced[name]) / _price(others) if _price(others) else 0
    return (name, times) if times >= NOTABLE else None


def _price(use: Use) -> float:
    return use.now.nano_usd / use.now.tokens.total if use.now.tokens.total else 0.0


def _moved(named: Mapping[str, Use], uses: Mapping[str, Use]) -> str:
    """Return whose share of spend changed most."""
    whole = sum_uses(uses)
    if not whole.before.nano_usd:
        return ""

    def moved(use: Use) -> float:
        return use.now.nano_usd / whole.now.nano_usd - use.before.nano_usd / whole.before.nano_usd

    name = max(named, key=lambda each: (abs(moved(named[each])), each))
    points = round(100 * moved(named[name]))
    if not points:
        return "Shares of spend hardly changed. "
    verb = "rose" if points > 0 else "fell"
    return f"The share of {name} {verb} by {abs(points)} point{'' if abs(points) == 1 else 's'}. "


def _found(facts: UsesFacts) -> str:
    """Return what studies found of versions, if they found anything."""
    table = version_table(facts.versions)
    return table.rows[0].sentence if table.rows else ""


def _strip(view: View, facts: UsesFacts, uses: Mapping[str, Use], *, is_compared: bool) -> list[Figure]:
    whole, (_, many) = sum_uses(uses), NAMES[facts.dimension]
    number = sum(1 for name, use in uses.items() if name and use.now.tokens.total)
    return figures_of(
        view,
        facts.withheld,
        {
            "Total spend": spend_figure(whole, view, is_compared=is_compared),
            "Price of a million tokens": (
                Shown(price_text(whole)) if whole.now.tokens.total else nothing("nothing was spent"),
                [],
            ),
            f"{many.capitalize()} used": (Shown(exact_text(number)), []),
            "Cache reads of input": (
                Shown(cached_text(whole)) if whole.now.tokens.total else nothing("nothing was read"),
                [],
            ),
        },
        facts.dimension,
    )


DEFINITIONS = {
    "Total spend": "All tokens received in the period: merged, in flight, abandoned and overhead.",
    "Price of a million tokens": "All spend of the period divided by its tokens of every kind, in millions.",
    "Models used": "Models with any tokens in the period.",
    "Workflows used": "Workflows that agents named, with any tokens in the period.",
    "Cache reads of input": "Tokens read from a cache, divided by all input tokens. They cost least.",
    "Spend": "All tokens of it in the period: merged, in flight, abandoned and overhead.",
    "Share of all spend": "Its spend divided by all spend of the period.",
    "Shipped share of spend": "Its spend on merged pull requests divided by all its spend.",
}


def figures_of(
    view: View, reason: str, shown: Mapping[str, tuple[Shown, Sequence[Line]]], group_by: str
) -> list[Figure]:
    """Return figures with definition and request; with a `reason` all are withheld."""
    query = {"from": str(view.period.span.first), "to": str(view.period.span.last), "group_by": group_by}
    if view.team:
        query["team"] = view.team
    if view.price != "list":
        query["cost_kind"] = view.price
    basis = f"{view.period.shown}, UTC days. {view.price_name.capitalize()}."
    return [
        Figure(
            name,
            withheld(reason) if reason else value,
            DEFINITIONS[name],
            basis,
            f"/api/v1/spend?{urlencode(query)}",
            [] if reason else [line for line in lines if line.strong],
        )
        for name, (value, lines) in shown.items()
    ]


def spend_figure(use: Use, view: View, *, is_compared: bool) -> tuple[Shown, list[Line]]:
    """Return spend, and its change."""
    shown = Shown(usd_text(use.now.nano_usd), exact=exact_usd_text(use.now.nano_usd))
    change = change_text(use.now.nano_usd, use.before.nano_usd) if is_compared else ""
    return shown, [Line(change, f"on {view.period.before_name}")]


def build_trust(heard: Trust, *, is_settled: bool) -> list[Trust]:
    """Return the trust strip."""
    if is_settled:
        return [heard]
    return [heard, Trust("", "Some days are not settled yet", "and may still change", "off")]


def _export(dimension: str, uses: Mapping[str, Use]) -> Export:
    """Return all uses as a file, the dearest first."""
    columns = (dimension, "spend_usd", "spend_before_usd", "shipped_usd", "tokens", "requests", "failed_requests")
    ordered = sorted(uses.items(), key=lambda item: (-item[1].now.nano_usd, item[0]))
    rows = [
        (
            name,
            *map(decimal_usd, (use.now.nano_usd, use.before.nano_usd, use.shipped)),
            *(use.now.tokens.total, use.now.requests, use.now.failed_requests),
        )
        for name, use in ordered
    ]
    return Export(f"compare-{dimension.replace('_', '-')}", columns, rows)
