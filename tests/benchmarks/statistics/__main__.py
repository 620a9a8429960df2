"""`python -m tests.benchmarks.statistics`: measure the errors of effects and verdicts on simulated organizations."""

import json
import time
from dataclasses import asdict
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.benchmarks.statistics import panels, reworked
from tests.benchmarks.statistics.replications import accuracy, replicate
from tests.benchmarks.statistics.simulated import Setting
from workers.statistics.verdict import Answer, Outcome

CHAIN = (Outcome.MERGED, Outcome.RELEASED, Outcome.UNREVERTED)
EVENT_STUDIES = (
    Setting("staggered"),
    Setting("shared shocks", shocks=0.3),
    Setting("large, slow, shared shocks", lift=0.5, growing=15, shocks=0.3),
    Setting("everyone adopts, shared shocks", adopting=1.0, shocks=0.3),
    Setting("16 teams, shared shocks", teams=16, shocks=0.3),
    Setting("2 merges a week, shared shocks", merges=2, shocks=0.3),
)
NOTHING_CHANGED = (
    Setting("nothing changed", lift=0),
    Setting("nothing changed, shared shocks", lift=0, shocks=0.3),
    Setting("nothing changed, 16 teams", lift=0, teams=16, shocks=0.3),
    Setting("nothing changed, adopters rise 26 % a year", lift=0, rising=0.0045),
)
OTHERS = {
    "association with doubled use": panels.association,
    "randomised rollout (CUPED)": panels.randomised,
    "versions, side by side": panels.side_by_side,
    "versions, before and after": panels.before_after,
    "iterations: rounds, same team, weeks and size": reworked.adjusted,
    "iterations: reverts, same team, weeks and size": reworked.rare,
    "iterations: rounds, bare means (not shown)": reworked.bare,
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--replications", default=500, show_default=True, type=click.IntRange(2), help="Organizations a setting.")
@click.option("--seed", default=100, show_default=True, help="Seed of the first organization of each setting.")
@click.option("--only", type=click.Choice(["events", "verdicts", "others"]), help="Measure only one of the tables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(replications: int, seed: int, only: str | None, as_json: bool) -> None:
    """Estimate known effects on simulated organizations, and print bias, coverage and wrong verdicts."""
    began = time.process_time()
    tables = {"events": event_studies, "verdicts": verdicts, "others": others}
    found = {name: run(seed, replications) for name, run in tables.items() if only in {None, name}}
    about = {"seed": seed, "replications": replications, "processor_seconds": round(time.process_time() - began, 1)}
    if as_json:
        click.echo(json.dumps({**about, **found}, indent=2))
        return
    for name, rows in found.items():
        Console(width=160).print(table(f"{name}: seed {seed}, {replications} replications", rows))
    click.echo(f"{about['processor_seconds']} s of one processor")


def event_studies(seed: int, replications: int) -> list[dict[str, Any]]:
    """Return the errors of the effect on merged pull requests; two-way fixed effects (TWFE) beside it."""
    return [_event_study(setting, seed, replications) for setting in EVENT_STUDIES]


def _event_study(setting: Setting, seed: int, replications: int) -> dict[str, Any]:
    drawn = list(replicate(setting, seed, replications, (Outcome.MERGED,)))
    truths = [each.truth for each in drawn]
    two_way = accuracy([each.two_way for each in drawn], truths)
    return {
        "setting": setting.name,
        "true log ratio": sum(truths) / len(truths),
        **asdict(accuracy([each.effect for each in drawn], truths)),
        "seen": sum(each.answers[0] is Answer.MORE for each in drawn) / len(drawn),
        "smallest visible": sum(each.effect.smallest_visible for each in drawn) / len(drawn),
        "TWFE bias": two_way.bias,
        "TWFE coverage": two_way.coverage,
    }


def verdicts(seed: int, replications: int) -> list[dict[str, Any]]:
    """Return the shares of verdicts on all outcomes of organizations in which adoption changed nothing."""
    return [_verdicts(setting, seed, replications) for setting in NOTHING_CHANGED]


def _verdicts(setting: Setting, seed: int, replications: int) -> dict[str, Any]:
    answers = [answer for each in replicate(setting, seed, replications, CHAIN) for answer in each.answers]
    shares = {answer.value: answers.count(answer) / len(answers) for answer in Answer}
    return {"setting": setting.name, "verdicts": len(answers), **shares}


def others(seed: int, replications: int) -> list[dict[str, Any]]:
    """Return the errors of the other methods."""
    measured = ({"method": name, **asdict(panels.measure(draw, seed, replications))} for name, draw in OTHERS.items())
    curve = panels.returns_coverage(seed, max(1, replications // 5))
    return [*measured, {"method": "diminishing returns, points of the curve", "coverage": curve}]


def table(title: str, rows: list[dict[str, Any]]) -> Table:
    """Return the rows as a table, numbers as shares."""
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for place, name in enumerate(rows[0]):
        shown.add_column(name, justify="right" if place else "left")
    for row in rows:
        shown.add_row(*(_cell(row.get(name, "")) for name in rows[0]))
    return shown


def _cell(value: float | str) -> str:
    return f"{value:.1%}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
