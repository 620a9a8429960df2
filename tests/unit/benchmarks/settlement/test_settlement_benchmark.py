import numpy as np

from tests.benchmarks.settlement.pure import plain_split_seconds
from tests.benchmarks.settlement.team_year import HOURS, MODELS, team_facts, team_windows
from workers.attribution.methods import CURRENT
from workers.attribution.settle import settle


def test_a_team_year_matches_its_description() -> None:
    windows, facts = team_windows(), team_facts(pull_requests=50)
    assert len(windows) == HOURS * len(MODELS) == 43_800
    assert len(np.unique(windows.hour)) == 8_760
    assert windows.amounts.min() >= 0
    assert len({each.artifact_id for each in facts.pull_requests}) == 50
    assert all(each.ended_at and each.ended_at >= each.opened_at for each in facts.pull_requests)


def test_it_settles_without_losing_anything_and_the_baseline_splits_as_many_rows() -> None:
    windows = team_windows()
    ledger = settle(windows, team_facts(pull_requests=50), 0.2, CURRENT)
    assert (ledger.rows.amounts.sum(axis=0) == windows.amounts.sum(axis=0)).all()
    assert len(ledger.rows) > len(windows)
    assert plain_split_seconds(ledger.rows) > 0
