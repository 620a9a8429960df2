"""`python -m tests.benchmarks.spikes.alerts`: how many alerts one cause raises in a company, watched day by day."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

import click
import numpy as np

from tests.benchmarks.spikes.causes import DIMENSIONS, LABELS, STEP, company, values_of
from tests.benchmarks.spikes.simulated import WORLDS, costs
from workers.alert_rules.alert import Alert, Kind, KnownAlert, sort_out
from workers.alert_rules.words import subject_name
from workers.statistics.spend_watch import Rise, find_rises

FIRST_DAY = date(2026, 1, 1)
BEFORE, DAYS, FACTOR = 7, 98, 2.5
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Raised:
    """What rose, the share of companies with exactly one alert about it, and the mean number of all others."""

    risen: str
    once: float
    others: float


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=1_000, show_default=True, help="Seed of the first company.")
@click.option("--companies", default=30, show_default=True, help="Number of companies for each dimension.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(seed: int, companies: int, as_json: bool) -> None:
    """Let nothing, a team, a model or a prompt version rise, and watch four weeks around it."""
    found = [_measure(risen, range(seed, seed + companies)) for risen in (NOTHING, *DIMENSIONS)]
    if as_json:
        click.echo(json.dumps({"first_seed": seed, "companies": companies, "found": [*map(asdict, found)]}))
        return
    for each in found:
        once = "" if each.risen == NOTHING else f"one alert about it {each.once:.0%}, "
        click.echo(f"{each.risen:>8} rises: {once}{each.others:.1f} other alerts in four weeks")


def _measure(risen: str, seeds: Sequence[int]) -> Raised:
    counts = np.array([_watch(risen, seed) for seed in seeds])
    return Raised(risen, float((counts[:, 0] == 1).mean()), float(counts[:, 1].mean()))


def _watch(risen: str, seed: int) -> tuple[int, int]:
    """Return the number of alerts about what rose, and of all others."""
    random = np.random.default_rng(seed)
    cells, weights = company(random)
    name = ""
    if risen != NOTHING:
        shares = {value: weights[[each[risen] == value for each in LABELS]].sum() for value in values_of(risen)}
        value = str(random.choice([each for each in shares if shares[each] > 0.05]))
        cells[[each[risen] == value for each in LABELS], STEP - BEFORE :] *= FACTOR
        name = f"{risen} {value}"
    spend = costs(random, WORLDS["usual"], cells)
    known: list[KnownAlert] = []
    for place in range(STEP - 2 * BEFORE, DAYS):
        day = FIRST_DAY + timedelta(days=place)
        news, holding = sort_out([as_alert(each) for each in find_rises(spend[:, : place + 1], LABELS)], known)
        known = [replace(each, seen_on=day) if each.alert_id in holding else each for each in known]
        known += [as_known(each, len(known) + number, day) for number, each in enumerate(news)]
    about = sum(name in {each.subject, each.cause} for each in known)
    return about, len(known) - about


def as_alert(rise: Rise) -> Alert:
    cause = subject_name(rise.cause) if rise.cause and rise.cause != rise.subject else None
    began, found = (FIRST_DAY + timedelta(days=place) for place in (rise.spike.began, rise.spike.found))
    return Alert(
        kind=Kind.RISE,
        subject=subject_name(rise.subject),
        team_id=0,
        began_on=began,
        found_on=found,
        usual_nano_usd=0,
        spent_nano_usd=0,
        sentence="",
        link="",
        cause=cause,
    )


def as_known(alert: Alert, alert_id: int, day: date) -> KnownAlert:
    return KnownAlert(
        alert_id, alert.kind, alert.subject, alert.team_id, alert.cause, alert.began_on, day, "open", None
    )


if __name__ == "__main__":
    main()
