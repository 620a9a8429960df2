"""Counts and money as the API shows them."""

from collections.abc import Iterable, Mapping
from operator import add, itemgetter
from typing import Any

from schema.contracts.attribution import EvidenceShares, ModelShare
from schema.contracts.ledger import Amounts
from schema.contracts.values import TokensShown
from schema.tokens import TOKEN_KINDS, TokenCounts, usd_text

EVIDENCE = EvidenceShares.__struct_fields__

_kinds = itemgetter(*TOKEN_KINDS)
_model_and_amounts = itemgetter("model", *TOKEN_KINDS, "cost_nano_usd")


def read_tokens(row: Mapping[str, Any]) -> TokenCounts:
    """The token columns of a row."""
    return TokenCounts._make(_kinds(row))


def tokens_shown(tokens: TokenCounts) -> TokensShown:
    """Tokens with their total."""
    uncached, read, write, visible, reasoning = tokens
    return TokensShown(
        input_uncached=uncached,
        cache_read=read,
        cache_write=write,
        output_visible=visible,
        output_reasoning=reasoning,
        total=sum(tokens),
    )


def amounts_shown(tokens: TokenCounts, nano_usd: int) -> Amounts:
    """Tokens with their total and cost."""
    return Amounts(**tokens._asdict(), total=tokens.total, cost_usd=usd_text(nano_usd))


def usd_each(nano_usd: int, number: int) -> str | None:
    """Money divided by a number, rounded half to even in nano-USD; None when there is nothing to divide by."""
    if not number:
        return None
    each, rest = divmod(nano_usd, number)
    return usd_text(each + (2 * rest > number or (2 * rest == number and each % 2)))


def tokens_each(total: int, number: int) -> float | None:
    """Tokens divided by a number; None when there is nothing to divide by."""
    return total / number if number else None


def by_model(rows: Iterable[Mapping[str, Any]]) -> list[ModelShare]:
    """Rows of tokens, cost and model as one share a model, the largest first."""
    grouped: dict[str, list[int]] = {}
    for row in rows:
        model, *amounts = _model_and_amounts(row)
        known = grouped.get(model)
        grouped[model] = amounts if known is None else list(map(add, known, amounts))
    shares = [
        ModelShare(model=model, tokens=tokens_shown(TokenCounts._make(kinds)), cost_usd=usd_text(nano_usd))
        for model, (*kinds, nano_usd) in grouped.items()
    ]
    return sorted(shares, key=lambda share: (-share.tokens.total, share.model)) if len(shares) > 1 else shares


def evidence_shares(rows: Iterable[Mapping[str, Any]]) -> EvidenceShares:
    """Which part of the tokens each kind of evidence gave; all 0 without tokens."""
    totals = dict.fromkeys(EVIDENCE, 0)
    for row in rows:
        totals[row["evidence"]] += sum(_kinds(row))
    whole = sum(totals.values()) or 1
    artifact, commit, branch, repository, cohort = [total / whole for total in totals.values()]
    return EvidenceShares(artifact=artifact, commit=commit, branch=branch, repository=repository, cohort=cohort)
