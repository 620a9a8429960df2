"""Counts and money as the API shows them."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from schema.contracts.attribution import EvidenceShares, ModelShare
from schema.contracts.ledger import Amounts
from schema.contracts.values import TokensShown
from schema.tokens import TOKEN_KINDS, TokenCounts, sum_tokens, usd_text

EVIDENCE = EvidenceShares.__struct_fields__


def read_tokens(row: Mapping[str, Any]) -> TokenCounts:
    """The token columns of a row."""
    return TokenCounts(*(int(row[kind]) for kind in TOKEN_KINDS))


def tokens_shown(tokens: TokenCounts) -> TokensShown:
    """Tokens with their total."""
    return TokensShown(**tokens._asdict(), total=tokens.total)


def amounts_shown(tokens: TokenCounts, nano_usd: int) -> Amounts:
    """Tokens with their total and cost."""
    return Amounts(**tokens._asdict(), total=tokens.total, cost_usd=usd_text(nano_usd))


def usd_each(nano_usd: int, number: int) -> str | None:
    """Money divided by a number, rounded half to even in nano-USD; None when there is nothing to divide by."""
    return usd_text(round(Fraction(nano_usd, number))) if number else None


def tokens_each(total: int, number: int) -> float | None:
    """Tokens divided by a number; None when there is nothing to divide by."""
    return total / number if number else None


def by_model(rows: Iterable[Mapping[str, Any]]) -> list[ModelShare]:
    """Rows of tokens, cost and model as one share a model, the largest first."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["model"], []).append(row)
    shares = [
        ModelShare(
            model=model,
            tokens=tokens_shown(sum_tokens(read_tokens(row) for row in group)),
            cost_usd=usd_text(sum(int(row["cost_nano_usd"]) for row in group)),
        )
        for model, group in grouped.items()
    ]
    return sorted(shares, key=lambda share: (-share.tokens.total, share.model))


def evidence_shares(rows: Iterable[Mapping[str, Any]]) -> EvidenceShares:
    """Which part of the tokens each kind of evidence gave; all 0 without tokens."""
    totals = dict.fromkeys(EVIDENCE, 0)
    for row in rows:
        totals[row["evidence"]] += read_tokens(row).total
    whole = sum(totals.values())
    return EvidenceShares(**{name: total / whole if whole else 0.0 for name, total in totals.items()})
