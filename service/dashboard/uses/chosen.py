"""The page of one model, workflow or prompt, from facts to what its template shows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from service.dashboard.charts.parts import Chart
from service.dashboard.components.fates import FATES, fate_chart
from service.dashboard.components.figures import Answer, Export, Figure, Line, Trust
from service.dashboard.components.slots import leading_empty, slot_looks, without_leading
from service.dashboard.numbers.sureness import Shown, nothing
from service.dashboard.numbers.units import change_text, percent_text, points_text, usd_text
from service.dashboard.uses.by_team import TeamPart, note_of, team_parts
from service.dashboard.uses.facts import DIMENSIONS, ChosenFacts
from service.dashboard.uses.lists import (
    PromptRow,
    UseRow,
    VersionTable,
    price_text,
    prompt_rows,
    use_rows,
    version_table,
)
from service.dashboard.uses.page import build_trust, figures_of, spend_figure
from service.dashboard.view.view import View
from vocabulary.tokens import usd_text as decimal_usd

TITLES: Mapping[str, str] = {"model": "By model", "workflow": "By workflow", "prompt_version": "By prompt version"}
PARAMETERS: Mapping[str, str] = {dimension: parameter for parameter, dimension in DIMENSIONS.items()}


class PartTable(NamedTuple):
    """The parts of its spend by another dimension."""

    title: str
    head: str
    rows: list[UseRow]


@dataclass(frozen=True, slots=True)
class ChosenPage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    fates: Chart
    parts: list[PartTable]
    teams: list[TeamPart]
    teams_note: str
    versions: VersionTable
    ranked: list[PromptRow]
    others: str
    export: Export


def build_chosen(view: View, facts: ChosenFacts, heard: Trust, not_compared: str, silent: date | None) -> ChosenPage:
    """Build the page; `heard` opens the trust strip, `not_compared` is why no periods are compared, or empty."""
    is_compared = not not_compared
    number = leading_empty([any(amount.tokens.total for amount in each.values()) for each in facts.fates])
    drawn = without_leading(view, number)
    return ChosenPage(
        answer=_answer(view, facts, not_compared),
        strip=_strip(view, facts, is_compared=is_compared),
        trust=build_trust(heard, is_settled=facts.is_settled),
        is_withheld=bool(facts.withheld),
        fates=fate_chart(drawn, facts.fates[number:], slot_looks(drawn, silent)),
        parts=[
            PartTable(
                TITLES[dimension],
                TITLES[dimension].removeprefix("By ").capitalize(),
                use_rows(
                    uses,
                    dimension,
                    partial(_address, view, dimension),
                    is_compared=is_compared,
                ),
            )
            for dimension, uses in facts.by.items()
            if any(uses)
        ],
        teams=team_parts(
            facts.teams, facts.name, lambda name: view.carry(view.path, team=name, **{facts.parameter: facts.name})
        ),
        teams_note=note_of(facts.teams),
        versions=version_table(facts.versions),
        ranked=prompt_rows(facts.prompts),
        others=view.at(**{facts.parameter: ""}),
        export=_export(view, facts),
    )


def _address(view: View, dimension: str, name: str) -> str:
    page = "model" if dimension == "model" else "workflow"
    return view.carry(f"/compare/{page}", **{PARAMETERS[dimension]: name})


def _answer(view: View, facts: ChosenFacts, not_compared: str) -> Answer:
    if facts.withheld:
        return Answer(
            f"Figures of {view.team} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)]
        )
    now, before = facts.use.now.nano_usd, facts.use.before.nano_usd
    if not now and not facts.use.now.tokens.total:
        return Answer(f"{facts.name} was not used in these {view.period.name}", [(not_compared, False)])
    share = percent_text(now / facts.whole.now.nano_usd) if facts.whole.now.nano_usd else ""
    of_all = f", {share} of all spend" if share else ""
    shipped = f"; {percent_text(facts.use.shipped / now)} of it shipped" if now else ""
    sentence = f"{facts.name} cost {usd_text(now)} in {view.period.name}{of_all}{shipped}"
    if not_compared:
        return Answer(sentence, [(not_compared, False)])
    if not before:
        return Answer(sentence, [(f"It was not used in {view.period.before_name}.", False)])
    return Answer(sentence, [(f"{change_text(now, before)} on {view.period.before_name}.", False)])


def _strip(view: View, facts: ChosenFacts, *, is_compared: bool) -> list[Figure]:
    use, whole = facts.use, facts.whole
    share = use.now.nano_usd / whole.now.nano_usd if whole.now.nano_usd else None
    before = use.before.nano_usd / whole.before.nano_usd if whole.before.nano_usd else None
    moved = points_text(share, before) if share is not None and before is not None and is_compared else ""
    missing = nothing("nothing was spent")
    return figures_of(
        view,
        facts.withheld,
        {
            "Spend": spend_figure(use, view, is_compared=is_compared),
            "Share of all spend": (
                missing if share is None else Shown(percent_text(share)),
                [Line(moved, f"on {view.period.before_name}")],
            ),
            "Price of a million tokens": (Shown(price_text(use)) if use.now.tokens.total else missing, []),
            "Shipped share of spend": (
                Shown(percent_text(use.shipped / use.now.nano_usd)) if use.now.nano_usd else missing,
                [],
            ),
        },
        DIMENSIONS[facts.parameter],
    )


def _export(view: View, facts: ChosenFacts) -> Export:
    parts = [f"{fate}_{unit}" for unit in ("usd", "tokens") for fate in FATES]
    rows: list[tuple[object, ...]] = [
        (
            *(str(slot.span.first), str(slot.span.last), slot.days),
            *(decimal_usd(fates[fate].nano_usd) for fate in FATES),
            *(fates[fate].tokens.total for fate in FATES),
        )
        for slot, fates in zip(view.period.slots, facts.fates, strict=True)
    ]
    return Export(
        f"{facts.parameter}-spend", ("first_day", "last_day", "days_known", *parts), [] if facts.withheld else rows
    )
