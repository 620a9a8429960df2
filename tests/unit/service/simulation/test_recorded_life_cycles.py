import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schema.errors import BadInputError
from service.simulation.draws import Draws
from service.simulation.habits import BUSY
from service.simulation.life_cycles import Circumstances
from service.simulation.plans import plan_varied_company
from service.simulation.recorded_life_cycles import parse_life_cycles
from service.simulation.simulator import simulate_company

TUESDAY = datetime(2026, 3, 3, 9, tzinfo=UTC)


def recorded(*commits: str, merged_at: str) -> bytes:
    pull_request = {"merged_at": merged_at, "commits": [{"authored_at": commit} for commit in commits]}
    return json.dumps({"pull_requests": [pull_request]}).encode()


ONE = recorded("2020-06-19T16:00:00-07:00", "2020-06-17T10:30:00-07:00", merged_at="2020-06-23T08:00:00Z")


def circumstances(*, merged: bool = True, zone: float = 0.0) -> Circumstances:
    return Circumstances(TUESDAY, zone, merged, background=False, habits=BUSY)


def test_commits_and_merge_keep_their_distances_weekdays_and_local_hours() -> None:
    life = parse_life_cycles(ONE).draw(Draws(1), circumstances())
    # A Wednesday and a Friday; the merge at 01:00 of the first commit's clock.
    assert life.commits == (datetime(2026, 3, 4, 10, 30, tzinfo=UTC), datetime(2026, 3, 6, 16, tzinfo=UTC))
    assert life.closed_at == datetime(2026, 3, 10, 1, tzinfo=UTC)
    assert life.commits[0] < life.opened_at < life.closed_at
    assert all(life.opened_at <= reviewed <= life.closed_at for reviewed in life.reviewed_at)


def test_hours_are_those_of_the_developers_zone() -> None:
    life = parse_life_cycles(ONE).draw(Draws(1), circumstances(zone=5.5))
    assert life.commits[0] == datetime(2026, 3, 4, 5, tzinfo=UTC)


def test_what_is_abandoned_closes_at_a_time_of_the_model() -> None:
    life = parse_life_cycles(ONE).draw(Draws(1), circumstances(merged=False))
    assert life.closed_at > datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert life.closed_at != datetime(2026, 3, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON",
        b"[]",
        b"{}",
        b'{"pull_requests": []}',
        b'{"pull_requests": [{"commits": []}]}',
        b'{"pull_requests": [{"commits": [{"authored_at": "2020-06-19T16:00:00Z"}]}]}',
        recorded("2020-06-19T16:00:00", merged_at="2020-06-23T08:00:00Z"),
        recorded("yesterday", merged_at="2020-06-23T08:00:00Z"),
    ],
)
def test_a_file_without_life_cycles_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(BadInputError) as refusal:
        parse_life_cycles(content)
    assert refusal.value.field == "life-cycles"


def test_a_real_history_gives_a_company_with_long_lives_and_quick_ones(shared: Path) -> None:
    life_cycles = parse_life_cycles((shared / "history" / "github-api.json").read_bytes())
    plan = plan_varied_company(seed=1, ends_at=datetime(2026, 3, 15, tzinfo=UTC), weeks=10, teams=2)
    company = simulate_company(plan, life_cycles)
    assert company == simulate_company(plan, life_cycles)
    pull_requests = [each for team in company.teams for each in team.pull_requests]
    assert sum(len(each.commits) == 1 for each in pull_requests) > len(pull_requests) / 2
    assert any(each.closed_at and each.closed_at - each.opened_at > timedelta(weeks=3) for each in pull_requests)
    assert company.merged_pull_requests > 100
    assert all(each.commits[0].at >= plan.starts_at for each in pull_requests)
