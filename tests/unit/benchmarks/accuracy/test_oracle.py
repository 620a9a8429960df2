from tests.benchmarks.accuracy.oracle import sessions_known
from tests.benchmarks.accuracy.settings import Setting
from tests.unit.benchmarks.accuracy.truths import event, pull_request, team

KNOWN = team(
    [event(3, 10, 1), event(3, 21, 2), event(3, 40), event(4, 7, 1), event(3, 100, 2, link_rank=0.1, repository=1)],
    pull_request(1, (3, 5)),
    pull_request(2, (3, 5)),
)


def test_an_hour_is_split_evenly_over_the_sessions_at_work_in_it() -> None:
    # 171 tokens of four sessions in hour 3: 43, 43, 43 and 42.
    assert sessions_known(KNOWN, Setting("cohort")) == {1: 43 + 7, 2: 43 + 42, None: 43}


def test_what_is_linked_goes_to_its_pull_request_and_repositories_are_split_apart() -> None:
    assert sessions_known(KNOWN, Setting("links", links=0.3)) == {1: 24 + 7, 2: 100 + 24, None: 23}
    assert sessions_known(KNOWN, Setting("repository", repository=True)) == {1: 24 + 7, 2: 100 + 24, None: 23}
