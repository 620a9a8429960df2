"""A forge that loses, repeats and delays, and processes that are killed: after the repair nothing is missing."""

import tempfile
from pathlib import Path

import pytest

from tests.benchmarks.soak.__main__ import VICTIMS, run


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_after_losses_and_outages_the_tables_are_those_of_an_undisturbed_run() -> None:
    # PostgreSQL runs as another user, to whom pytest's own folders are closed.
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        Path(folder).chmod(0o755)
        results = run(300, Path(folder), kills_of_each=1)
    assert results["killed"] == list(VICTIMS)
    assert results["never_accepted_at_first"] > 0
    for repaired in results["repaired"].values():
        assert repaired["found"] == repaired["recovered"] > 0
    assert results["rows"]["pull_request"] > 0
    assert results["rows"]["release"] > 0
    assert (results["lost"], results["differing"]) == (0, {})
