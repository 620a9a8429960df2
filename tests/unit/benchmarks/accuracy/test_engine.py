from datetime import UTC, datetime

import pytest

from service.simulation.plans import plan_varied_company
from service.simulation.simulator import simulate_company
from service.simulation.truth import TeamTruth, team_truth
from tests.benchmarks.accuracy.engine import estimate_tokens
from tests.benchmarks.accuracy.engine_inputs import MONDAY, facts, windows
from tests.benchmarks.accuracy.settings import ALL_SETTINGS, REFERENCE_SETTINGS, Setting
from tests.unit.benchmarks.accuracy.truths import event, pull_request, team
from workers.attribution.evidence import EvidenceIndex, Explored, Link, Pool
from workers.attribution.methods import CURRENT
from workers.attribution.model import Evidence


@pytest.fixture(scope="module")
def simulated() -> TeamTruth:
    plan = plan_varied_company(seed=1, ends_at=datetime(2026, 2, 1, 23, tzinfo=UTC), weeks=4, teams=1)
    return team_truth(0, simulate_company(plan).teams[0], plan.starts_at)


def test_the_settings_are_those_that_are_reported() -> None:
    assert [setting.name for setting in REFERENCE_SETTINGS] == [
        *("cohort", "repository", "links_30", "links_60", "links_90", "repository_links_60"),
    ]
    assert len({setting.name for setting in ALL_SETTINGS}) == 8


@pytest.mark.parametrize("setting", ALL_SETTINGS, ids=lambda setting: setting.name)
def test_every_token_goes_in_and_comes_out(simulated: TeamTruth, setting: Setting) -> None:
    received = sum(each.tokens for each in simulated.token_events)
    assert sum(window.tokens.total for window in windows(simulated, setting)) == received > 0
    estimate = estimate_tokens(simulated, setting, CURRENT)
    assert estimate.conservation_error == 0
    assert 0 < sum(estimate.tokens.values()) < received


def test_windows_show_only_the_evidence_of_the_setting(simulated: TeamTruth) -> None:
    assert {window.evidence for window in windows(simulated, Setting("cohort"))} == {Evidence()}
    of_repository = {window.evidence for window in windows(simulated, Setting("repository", repository=True))}
    assert of_repository
    assert all(evidence == Evidence(repository=evidence.repository) for evidence in of_repository)


def test_with_links_on_all_sessions_every_pull_request_gets_its_own(simulated: TeamTruth) -> None:
    estimate = estimate_tokens(simulated, Setting("all", links=1.0), CURRENT)
    assert estimate.tokens == {each.pull_request: each.tokens for each in simulated.pull_requests}


def test_the_engine_reads_links_repositories_and_exploration_as_meant() -> None:
    known = team(
        [event(3, 10, 1), event(4, 20), event(5, 40, 1, link_rank=0.9), event(6, 80, repository=1, link_rank=0.9)],
        pull_request(1, (3, 5)),
        pull_request(2, (3, 5), repository=1),
    )
    index = EvidenceIndex(facts(known))
    given = windows(known, Setting("both", links=0.6, repository=True))
    by_hour = {window.hour.hour: index.match(window) for window in given}
    assert isinstance(by_hour[3], Link)
    assert isinstance(by_hour[4], Explored)
    assert isinstance(by_hour[5], Pool)
    assert [len(index.members(pool)) for pool in by_hour.values() if isinstance(pool, Pool)] == [1, 1]
    assert by_hour[5] != by_hour[6]


def test_hours_are_counted_from_a_monday_and_what_was_never_opened_opens_after_the_end() -> None:
    assert MONDAY.weekday() == 0
    known = facts(team([event(50, 1)], pull_request(1, (7,), opened_hour=None, closed_hour=None, merged=False)))
    (unopened,) = known.pull_requests
    assert unopened.opened_at > datetime(2026, 1, 8, tzinfo=UTC)
    assert unopened.ended_at is None
    assert unopened.activity == (datetime(2026, 1, 5, 7, 30, tzinfo=UTC),)


def test_intervals_hold_the_estimate_and_are_wide_where_nothing_is_linked(simulated: TeamTruth) -> None:
    estimate = estimate_tokens(simulated, Setting("cohort"), CURRENT)
    assert estimate.intervals is not None
    for number, tokens in estimate.tokens.items():
        assert estimate.intervals[number].low <= tokens <= estimate.intervals[number].high
        assert tokens == 0 or estimate.intervals[number].high > 2 * tokens
