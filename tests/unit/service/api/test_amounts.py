"""Counts and money as the API shows them."""

from typing import Any

import pytest

from service.api.amounts import by_model, evidence_shares, tokens_each, usd_each
from vocabulary.tokens import TOKEN_KINDS


def row(model: str, evidence: str, tokens: int, cost: int = 0) -> dict[str, Any]:
    return {**dict.fromkeys(TOKEN_KINDS, 0), "cache_read": tokens, "model": model, "evidence": evidence} | {
        "cost_nano_usd": cost
    }


def test_models_are_summed_over_evidence_the_largest_first() -> None:
    rows = [row("a", "branch", 1, 5), row("b", "branch", 7), row("a", "cohort", 2, 6)]
    shares = [(share.model, share.tokens.cache_read, share.tokens.total, share.cost_usd) for share in by_model(rows)]
    assert shares == [("b", 7, 7, "0.00"), ("a", 3, 3, "0.000000011")]


def test_shares_of_evidence_sum_to_one() -> None:
    shares = evidence_shares([row("a", "branch", 1), row("b", "branch", 1), row("a", "cohort", 1)])
    assert (shares.branch, shares.cohort, shares.artifact) == (pytest.approx(2 / 3), pytest.approx(1 / 3), 0)


def test_without_tokens_every_share_is_zero() -> None:
    shares = evidence_shares([])
    assert {getattr(shares, name) for name in shares.__struct_fields__} == {0.0}


def test_nothing_is_divided_by_nothing() -> None:
    assert usd_each(5, 0) is tokens_each(5, 0) is None


def test_money_is_divided_exactly_and_rounded_half_to_even() -> None:
    assert usd_each(10**27, 3) == "333333333333333333.333333333"
    assert (usd_each(1, 2), usd_each(3, 2)) == ("0.00", "0.000000002")
    assert tokens_each(7, 2) == 3.5
