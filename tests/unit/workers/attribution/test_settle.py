import time
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.tokens import TokenCounts
from tests.unit.workers.attribution.builders import (
    DOCS,
    MONDAY,
    REPOSITORIES,
    SHOP,
    SHOP_NAME,
    at,
    facts,
    pull_request,
    window,
)
from workers.attribution.model import OVERHEAD, Evidence, Facts, Ledger, PullRequest, Window
from workers.attribution.settle import settle


def tokens_of(ledger: Ledger) -> dict[tuple[bytes, str], int]:
    totals = defaultdict[tuple[bytes, str], int](int)
    for row in ledger.rows:
        totals[row.artifact_id, row.evidence] += row.tokens.total
    return dict(totals)


def test_linked_tokens_go_whole_to_their_pull_request() -> None:
    known = facts(pull_request("a", 5, head_branch=b"fix"), pull_request("b", 5))
    ledger = settle([window(4, 1001, branch=b"fix", repository=SHOP_NAME)], known, 0.2)
    assert tokens_of(ledger) == {(b"a", "branch"): 1001}


def test_the_exploratory_share_of_a_teams_tokens_is_overhead() -> None:
    ledger = settle([window(4, 1000)], facts(pull_request("a", 5)), 0.2)
    assert tokens_of(ledger) == {(OVERHEAD, "overhead"): 200, (b"a", "cohort"): 800}


def test_the_exploratory_share_of_a_repositorys_tokens_is_overhead() -> None:
    known = facts(pull_request("a", 5), pull_request("b", 5, repository_id=DOCS, head_repository_id=DOCS))
    ledger = settle([window(4, 1000, repository=SHOP_NAME)], known, 0.25)
    assert tokens_of(ledger) == {(OVERHEAD, "overhead"): 250, (b"a", "repository"): 750}


def test_the_rest_is_split_by_activity() -> None:
    ledger = settle([window(4, 1000)], facts(pull_request("near", 5), pull_request("far", 6)), 0.0)
    shares = tokens_of(ledger)
    assert shares[b"near", "cohort"] + shares[b"far", "cohort"] == 1000
    assert 2.7 < shares[b"near", "cohort"] / shares[b"far", "cohort"] < 2.75  # e, to a whole token


def test_with_nothing_active_all_is_overhead() -> None:
    known = facts(pull_request("ended", -50, ended=-40), pull_request("far", 90))
    assert tokens_of(settle([window(4, 1000)], known, 0.2)) == {(OVERHEAD, "overhead"): 1000}


def test_tokens_of_a_repository_where_nothing_is_active_do_not_go_to_another() -> None:
    known = facts(pull_request("elsewhere", 5, repository_id=DOCS, head_repository_id=DOCS))
    ledger = settle([window(4, 1000, repository=SHOP_NAME)], known, 0.2)
    assert tokens_of(ledger) == {(OVERHEAD, "overhead"): 1000}


def test_an_exploratory_share_of_one_makes_all_unlinked_tokens_overhead() -> None:
    assert tokens_of(settle([window(4, 7)], facts(pull_request("a", 5)), 1.0)) == {(OVERHEAD, "overhead"): 7}


def test_money_is_split_like_tokens_and_to_the_last_nano_dollar() -> None:
    ledger = settle([window(4, 1000, cost=1_000_000_001)], facts(pull_request("a", 5)), 0.2)
    assert {row.artifact_id: row.cost_nano_usd for row in ledger.rows} == {OVERHEAD: 200_000_000, b"a": 800_000_001}


def test_the_rollup_sums_windows_of_one_pull_request_evidence_model_and_workflow() -> None:
    known = facts(pull_request("a", 5))
    ledger = settle([window(3, 10, artifact=b"a", cost=1), window(4, 20, artifact=b"a", cost=2)], known, 0.2)
    (row,) = ledger.rollup
    assert (row.artifact_id, row.evidence, row.model) == (b"a", "artifact", "claude-sonnet-4-5")
    assert (row.tokens.total, row.cost_nano_usd) == (30, 3)


def test_a_day_without_windows_has_an_empty_ledger() -> None:
    assert settle([], facts(pull_request("a", 5)), 0.2) == Ledger((), (), TokenCounts(), 0)


ARTIFACTS = [f"pr{number}".encode() for number in range(6)]
HASHES = st.none() | st.sampled_from([b"x", b"y"])
INSTANTS = st.integers(-60 * 24 * 60, 60 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
NEAR = st.integers(-36 * 60, 60 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@st.composite
def pull_requests(draw: st.DrawFn) -> tuple[PullRequest, ...]:
    return tuple(
        PullRequest(
            artifact_id=artifact_id,
            repository_id=draw(st.sampled_from([SHOP, DOCS])),
            number=draw(st.sampled_from([b"1", b"2"])),
            opened_at=draw(INSTANTS | NEAR),
            ended_at=draw(st.none() | INSTANTS | NEAR),
            head_repository_id=draw(st.sampled_from([None, SHOP, DOCS])),
            head_branch=draw(HASHES),
            base_branch=draw(HASHES),
            in_team=draw(st.booleans()),
            activity=tuple(sorted(draw(st.lists(INSTANTS | NEAR, max_size=4)))),
        )
        for artifact_id in ARTIFACTS[: draw(st.integers(0, len(ARTIFACTS)))]
    )


@st.composite
def days(draw: st.DrawFn) -> list[Window]:
    amounts = st.integers(0, 50) | st.integers(0, 10**12)
    return [
        Window(
            window_id=bytes([index]),
            hour=at(draw(st.integers(0, 23))),
            tokens=TokenCounts(*(draw(amounts) for _ in range(5))),
            cost_nano_usd=draw(amounts),
            model=draw(st.sampled_from(["", "m"])),
            workflow=draw(st.sampled_from(["", "w"])),
            evidence=Evidence(
                artifact=draw(st.none() | st.sampled_from(ARTIFACTS)),
                number=draw(st.none() | st.sampled_from([b"1", b"2"])),
                commit=draw(HASHES),
                branch=draw(HASHES),
                repository=draw(st.none() | st.sampled_from([*REPOSITORIES, b"unknown"])),
            ),
        )
        for index in range(draw(st.integers(0, 8)))
    ]


HOLDERS = st.dictionaries(st.sampled_from(ARTIFACTS), st.integers(0, 9).map(at), max_size=3)
COMMITS = st.dictionaries(st.sampled_from([b"x", b"y"]), HOLDERS)


@settings(max_examples=300, deadline=None)
@given(
    windows=days(),
    known=pull_requests(),
    commits=COMMITS,
    share=st.floats(0, 1),
    order=st.randoms(use_true_random=False),
)
def test_every_token_and_nano_dollar_is_given_exactly_once_whatever_the_order(
    windows: list[Window],
    known: tuple[PullRequest, ...],
    commits: dict[bytes, dict[bytes, datetime]],
    share: float,
    order: Random,
) -> None:
    ledger = settle(windows, Facts(known, commits, REPOSITORIES), share)

    given_tokens = defaultdict[bytes, TokenCounts](TokenCounts)
    given_cost = defaultdict[bytes, int](int)
    for row in ledger.rows:
        assert min(*row.tokens, row.cost_nano_usd) >= 0
        assert (row.artifact_id == OVERHEAD) == (row.evidence == "overhead")
        given_tokens[row.window_id] = given_tokens[row.window_id].plus(row.tokens)
        given_cost[row.window_id] += row.cost_nano_usd
    for each in windows:
        assert given_tokens[each.window_id] == each.tokens
        assert given_cost[each.window_id] == each.cost_nano_usd
    assert len({(row.window_id, row.artifact_id) for row in ledger.rows}) == len(ledger.rows)

    for rows in (ledger.rows, ledger.rollup):
        assert sum(row.tokens.total for row in rows) == ledger.tokens.total
        assert sum(row.cost_nano_usd for row in rows) == ledger.cost_nano_usd

    if not known:
        assert all(row.artifact_id == OVERHEAD for row in ledger.rows)

    shuffled, others = list(windows), list(known)
    order.shuffle(shuffled)
    order.shuffle(others)
    assert settle(shuffled, Facts(tuple(others), commits, REPOSITORIES), share) == ledger


def test_a_large_day_settles_in_seconds() -> None:
    random = Random(7)
    known = facts(
        *(
            pull_request(f"{index}", random.uniform(-24, 24), activity=[random.uniform(-24, 48) for _ in range(20)])
            for index in range(300)
        )
    )
    windows = [window(hour, 50_000, name=str(index), cost=10**9) for hour in range(24) for index in range(200)]
    began = time.process_time()
    ledger = settle(windows, known, 0.2)
    assert time.process_time() - began < 20
    assert ledger.tokens.total == 24 * 200 * 50_000 == sum(row.tokens.total for row in ledger.rows)
