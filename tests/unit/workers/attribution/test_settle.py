import time
from collections import defaultdict
from random import Random

import pytest

from tests.unit.workers.attribution.builders import DOCS, MONDAY, SHOP_NAME, at, facts, pull_request, window
from vocabulary.tokens import TokenCounts
from workers.attribution.ledger import Ledger, Total
from workers.attribution.methods import METHODS
from workers.attribution.model import OVERHEAD, Facts
from workers.attribution.settle import settle

DEAR_AND_CHEAP = (("dear", 9_000), ("cheap", 1_000))


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
    known = facts(pull_request("near", 5), pull_request("far", 6))
    shares = tokens_of(settle([window(4, 1000)], known, 0.0, METHODS["activity-kernel-1"]))
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
    assert (row.day, row.artifact_id, row.evidence, row.model) == (MONDAY.date(), b"a", "artifact", "claude-sonnet-4-5")
    assert (row.tokens.total, row.cost_nano_usd) == (30, 3)


def test_rows_are_written_only_for_the_requested_days() -> None:
    windows = [window(4, 10, artifact=b"a"), window(28, 20, artifact=b"a"), window(52, 30, artifact=b"a")]
    ledger = settle(windows, facts(pull_request("a", 5)), 0.2, days={at(24).date(), at(96).date()})
    assert tokens_of(ledger) == {(b"a", "artifact"): 20}
    assert {row.day for row in ledger.rollup} == {at(24).date()}
    assert ledger.totals == {at(24).date(): Total(TokenCounts(20), 0), at(96).date(): Total(TokenCounts(), 0)}


def test_the_share_of_a_pool_follows_tokens_from_other_evidence() -> None:
    known = facts(pull_request("dear", 5, ended=40), pull_request("cheap", 5, ended=40))
    links = [
        window(hour, tokens, name=name, artifact=name.encode()) for hour in (3, 4) for name, tokens in DEAR_AND_CHEAP
    ]
    pooled = tokens_of(settle([*links, window(5, 100_000)], known, 0.2, METHODS["fitted-activity-2"]))
    assert pooled[b"dear", "cohort"] > pooled[b"cheap", "cohort"]


def test_each_ledger_names_its_method() -> None:
    assert {settle([], Facts(), 0.2, method).method for method in METHODS.values()} == set(METHODS)


def test_a_day_without_windows_has_an_empty_ledger() -> None:
    ledger = settle([], facts(pull_request("a", 5)), 0.2, days=[at(0).date()])
    assert (len(ledger.rows), len(ledger.rollup), ledger.tokens, ledger.cost_nano_usd) == (0, 0, TokenCounts(), 0)


def test_a_day_of_more_than_can_be_counted_is_refused_and_never_wraps_around() -> None:
    with pytest.raises(OverflowError, match="exceed what the ledger can count"):
        settle([window(3, 2**62), window(4, 2**62)], facts(), 0.2)
    assert settle([window(3, 2**62), window(4, 2**62 - 1)], facts(), 0.2).tokens.total == 2**63 - 1


def test_a_large_day_settles_at_once() -> None:
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
    assert time.process_time() - began < 5
    assert ledger.tokens.total == 24 * 200 * 50_000 == ledger.rows.amounts[:, :5].sum()


def test_linked_sessions_determine_the_exploratory_share() -> None:
    known = facts(pull_request("a", 5, 24 * 14, base_branch=b"main"))
    reported = [
        part
        for hour in range(24 * 14)
        for part in (
            window(hour, 600, name="linked", artifact=b"a"),
            window(hour, 400, name="explored", branch=b"main", repository=SHOP_NAME),
        )
    ]
    pooled = [window(hour, 1000, name="pooled") for hour in range(24 * 14)]
    assumed = _share_of_overhead(settle(pooled, known, 0.2))
    calibrated = _share_of_overhead(settle([*reported, *pooled], known, 0.2))
    assert assumed == pytest.approx(0.2, abs=0.01)
    assert 0.3 < calibrated < 0.4, "drawn towards the assumed share, for want of more hours"


def _share_of_overhead(ledger: Ledger) -> float:
    totals = tokens_of(ledger)
    pooled = sum(tokens for (_, evidence), tokens in totals.items() if evidence == "cohort")
    explored = 400 * sum(1 for row in ledger.rows if row.window_id.endswith(b"explored"))
    overhead = totals[OVERHEAD, "overhead"] - explored
    return overhead / (overhead + pooled)
