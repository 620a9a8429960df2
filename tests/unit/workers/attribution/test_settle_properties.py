"""What holds of every ledger, whatever the windows, the lives of pull requests, the days and the method."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workers.attribution.builders import DOCS, MONDAY, REPOSITORIES, SHOP, at
from vocabulary.tokens import TokenCounts
from workers.attribution.blocks import data_span
from workers.attribution.ledger import AttributionRow, Ledger, RollupRow, Total
from workers.attribution.methods import METHODS, Method
from workers.attribution.model import OVERHEAD, Evidence, Facts, PullRequest, Window
from workers.attribution.settle import settle

WEEKS = 9
DAYS = [MONDAY.date() + timedelta(days=day) for day in range(7 * WEEKS)]
ARTIFACTS = [f"pr{number}".encode() for number in range(6)]
HASHES = st.none() | st.sampled_from([b"x", b"y"])
INSTANTS = st.integers(-60 * 24 * 60, 120 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
NEAR = st.integers(-36 * 60, 60 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
HOURS = st.integers(0, 23) | st.integers(0, len(DAYS) * 24 - 1)
AMOUNTS = st.integers(0, 50) | st.integers(0, 10**12) | st.integers(0, 2**59)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    pull_requests = tuple(
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
            changed_lines=draw(st.none() | st.integers(0, 10_000)),
            activity=tuple(sorted(draw(st.lists(INSTANTS | NEAR, max_size=4)))),
        )
        for artifact_id in ARTIFACTS[: draw(st.integers(0, len(ARTIFACTS)))]
    )
    commits = st.dictionaries(
        st.sampled_from([b"x", b"y"]), st.dictionaries(st.sampled_from(ARTIFACTS), INSTANTS | NEAR, max_size=3)
    )
    return Facts(pull_requests, draw(commits), REPOSITORIES)


@st.composite
def windows(draw: st.DrawFn) -> list[Window]:
    return [
        Window(
            window_id=bytes([index]),
            hour=at(draw(HOURS)),
            tokens=TokenCounts(*(draw(AMOUNTS) for _ in range(5))),
            cost_nano_usd=draw(AMOUNTS),
            model=draw(st.sampled_from(["", "m"])),
            workflow=draw(st.sampled_from(["", "w"])),
            evidence=Evidence(
                artifact=draw(st.none() | st.sampled_from(ARTIFACTS)),
                number=draw(st.none() | st.sampled_from([b"1", b"2"])),
                commit=draw(HASHES),
                branch=draw(HASHES),
                repository=draw(st.none() | st.sampled_from([*REPOSITORIES, b"unknown"])),
            )
            if draw(st.booleans())
            else Evidence(repository=draw(st.none() | st.sampled_from([*REPOSITORIES]))),
        )
        for index in range(draw(st.integers(0, 8)))
    ]


def sums(rows: Iterable[AttributionRow | RollupRow]) -> Total:
    tokens, cost = TokenCounts(), 0
    for row in rows:
        tokens, cost = tokens.plus(row.tokens), cost + row.cost_nano_usd
    return Total(tokens, cost)


def content(ledger: Ledger) -> tuple[list[AttributionRow], list[RollupRow], dict[date, Total]]:
    return list(ledger.rows), list(ledger.rollup), dict(ledger.totals)


METHOD = st.sampled_from(list(METHODS.values()))
SHARE = st.floats(0, 1)


@settings(max_examples=200, deadline=None)
@given(windows(), facts(), SHARE, METHOD)
def test_every_token_and_nano_dollar_of_a_window_is_given_exactly_once(
    windows: list[Window], facts: Facts, share: float, method: Method
) -> None:
    ledger = settle(windows, facts, share, method)
    rows = defaultdict[bytes, list[AttributionRow]](list)
    for row in ledger.rows:
        assert min(*row.tokens, row.cost_nano_usd) >= 0
        assert row.cost_nano_usd or any(row.tokens)
        assert (row.artifact_id == OVERHEAD) == (row.evidence == "overhead")
        rows[row.window_id].append(row)
    for each in windows:
        assert sums(rows[each.window_id]) == Total(each.tokens, each.cost_nano_usd)
        assert {row.hour for row in rows[each.window_id]} <= {each.hour}
    assert len({(row.window_id, row.artifact_id) for row in ledger.rows}) == len(ledger.rows)
    assert sums(ledger.rollup) == sums(ledger.rows) == Total(ledger.tokens, ledger.cost_nano_usd)
    if not facts.pull_requests:
        assert all(row.artifact_id == OVERHEAD for row in ledger.rows)


@settings(max_examples=100, deadline=None)
@given(windows(), facts(), SHARE, METHOD, st.randoms(use_true_random=False))
def test_the_order_in_which_windows_and_pull_requests_come_does_not_show(
    windows: list[Window], facts: Facts, share: float, method: Method, order: Random
) -> None:
    shuffled, others = list(windows), list(facts.pull_requests)
    order.shuffle(shuffled)
    order.shuffle(others)
    reordered = Facts(tuple(others), facts.commits, facts.repositories)
    assert content(settle(shuffled, reordered, share, method)) == content(settle(windows, facts, share, method))


@settings(max_examples=100, deadline=None)
@given(windows(), facts(), SHARE, METHOD, st.sets(st.sampled_from(DAYS[:3]) | st.sampled_from(DAYS), min_size=1))
def test_days_settle_alone_as_they_do_among_others(
    windows: list[Window], facts: Facts, share: float, method: Method, days: set[date]
) -> None:
    rows, rollup, totals = content(settle(windows, facts, share, method))
    needed = data_span(days, method)
    loaded = [each for each in windows if needed[0] <= each.hour.date() < needed[1]]
    assert content(settle(loaded, facts, share, method, days)) == (
        [row for row in rows if row.hour.date() in days],
        [row for row in rollup if row.day in days],
        {day: totals.get(day, Total(TokenCounts(), 0)) for day in days},
    )


@settings(max_examples=100, deadline=None)
@given(windows(), facts(), SHARE, METHOD, INSTANTS)
def test_a_pull_request_that_nothing_is_known_of_near_changes_no_days(
    windows: list[Window], facts: Facts, share: float, method: Method, opened_at: datetime
) -> None:
    far = PullRequest(b"far", SHOP, b"3", opened_at + timedelta(days=500), activity=())
    among = Facts((*facts.pull_requests, far), facts.commits, facts.repositories)
    assert content(settle(windows, among, share, method)) == content(settle(windows, facts, share, method))
