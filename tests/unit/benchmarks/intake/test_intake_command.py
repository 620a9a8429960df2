import dataclasses
import json

import pytest
from click.testing import CliRunner

from tests.benchmarks.intake.__main__ import Measured, as_object, main
from tests.benchmarks.intake.folding import Folded
from tests.benchmarks.intake.measure import Rate, Rates
from tests.benchmarks.intake.memory import Memory
from tests.benchmarks.intake.pouring import Poured
from tests.benchmarks.intake.services import Services
from tests.benchmarks.intake.written import Written

RATE = Rate(100_000, 10)
RATES = Rates(RATE, RATE, RATE, RATE, 0.9, 0.65, 0.72, 0.7, 1000)
WRITTEN = Written(70_000, 100_000, 0.7, 7, 0)
FOLDED = Folded(300_000, 10, 10, 4, 2)
POURED = Poured(30, 20_000, 0, 60_000, 1)
MEMORY = Memory(10, 1_000_000, 399, 300, 315)
SERVICES = Services(20_000, 20_000, 1.0, 7, 1000)
ENOUGH = Measured(RATES, WRITTEN, FOLDED, POURED, MEMORY, SERVICES)


def test_no_bar_is_missed_by_figures_that_just_reach_them_nor_by_what_was_not_measured() -> None:
    assert ENOUGH.missed == Measured().missed == []


@pytest.mark.parametrize(
    ("part", "figures"),
    [
        ("decoding", {"rates": dataclasses.replace(RATES, stored_to_plain=0.649)}),
        ("decoding", {"rates": dataclasses.replace(RATES, wanted=Rate(100_000, 15.5))}),
        ("written", {"written": dataclasses.replace(WRITTEN, ratio=0.699)}),
        ("services", {"services": dataclasses.replace(SERVICES, ratio=0.99)}),
        ("folding", {"folded": dataclasses.replace(FOLDED, working_seconds=2.01)}),
        ("folding", {"poured": dataclasses.replace(POURED, late_backlog=60_001)}),
        ("memory", {"memory": dataclasses.replace(MEMORY, peak=400)}),
        ("memory", {"memory": dataclasses.replace(MEMORY, late=316)}),
    ],
)
def test_a_figure_below_its_bar_names_its_part(part: str, figures: dict[str, object]) -> None:
    measured = dataclasses.replace(ENOUGH, **figures)
    assert measured.missed == as_object(measured)["missed"] == [part]


def test_json_holds_what_was_measured_and_what_follows_from_it() -> None:
    shown = json.loads(json.dumps(as_object(dataclasses.replace(ENOUGH, written=None))))
    assert shown["folded"]["events_per_working_second"] == 150_000
    assert (shown["memory"]["growth"], shown["written"], shown["missed"]) == (1.05, None, [])


def test_an_unknown_part_is_refused_with_the_known_ones() -> None:
    refused = CliRunner().invoke(main, ["--part", "everything"])
    assert refused.exit_code == 2
    assert all(part in refused.output for part in ("decoding", "written", "services", "folding", "memory"))
