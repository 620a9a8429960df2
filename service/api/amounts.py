"""Conversion of token counts and money to the API's contracts."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from service.contracts.amounts import TokensShown
from service.contracts.attribution import EvidenceShares, ModelShare
from service.contracts.ledger import Amounts
from service.queries.ledger.spend import SPEND_COLUMNS
from vocabulary.tokens import TOKEN_KINDS, TokenCounts, usd_text

EVIDENCE = EvidenceShares.__struct_fields__
# Plain lists in the order of SPEND_COLUMNS: adding named tuples took twice the time, a twentieth of a frequent read.
COST = SPEND_COLUMNS.index("cost_nano_usd")
NOTHING = [0] * len(SPEND_COLUMNS)

_kinds = itemgetter(*TOKEN_KINDS)
_parts = itemgetter("evidence", "model", *SPEND_COLUMNS)


def read_tokens(row: Mapping[str, Any]) -> TokenCounts:
    """Return the token columns of a row."""
    return TokenCounts._make(_kinds(row))


def tokens_shown(tokens: Sequence[int]) -> TokensShown:
    """Return token counts, given in the order of TOKEN_KINDS, with their total."""
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
    """Return token counts with their total and cost."""
    return Amounts(**tokens._asdict(), total=tokens.total, cost_usd=usd_text(nano_usd))


def usd_each(nano_usd: int, number: int) -> str | None:
    """Divide money by a number, rounding half to even in nano-USD; None if the number is 0."""
    if not number:
        return None
    each, rest = divmod(nano_usd, number)
    return usd_text(each + (2 * rest > number or (2 * rest == number and each % 2)))


def tokens_each(total: int, number: int) -> float | None:
    """Divide tokens by a number; None if the number is 0."""
    return total / number if number else None


class AddedUp(NamedTuple):
    """The sum of several rows; `by_evidence` maps every kind of evidence to its tokens."""

    tokens: TokenCounts
    nano_usd: int
    by_model: list[ModelShare]
    by_evidence: dict[str, int]


def add_up(rows: Iterable[Mapping[str, Any]]) -> AddedUp:
    """Sum rows of tokens, cost, model and evidence in one pass; models are sorted by tokens, largest first."""
    models: dict[str, list[int]] = {}
    totals = dict.fromkeys(EVIDENCE, 0)
    for row in rows:
        evidence, model, *amounts = _parts(row)
        totals[evidence] += sum(amounts) - amounts[COST]
        known = models.get(model)
        models[model] = amounts if known is None else list(map(operator.add, known, amounts))
    shares = [model_share(model, *amounts) for model, amounts in models.items()]
    if len(shares) > 1:
        shares.sort(key=lambda share: (-share.tokens.total, share.model))
    *tokens, nano_usd = map(sum, zip(*models.values(), strict=True)) if models else NOTHING
    return AddedUp(TokenCounts._make(tokens), nano_usd, shares, totals)


def model_share(model: str, *amounts: int) -> ModelShare:
    """Return the tokens by kind and the cost of one model."""
    *tokens, nano_usd = amounts
    return ModelShare(model=model, tokens=tokens_shown(tokens), cost_usd=usd_text(nano_usd))


def by_model(rows: Iterable[Mapping[str, Any]]) -> list[ModelShare]:
    """Return the share of each model, largest first."""
    return add_up(rows).by_model


def by_evidence(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Sum tokens by kind of evidence; kinds without tokens are 0."""
    totals = dict.fromkeys(EVIDENCE, 0)
    for row in rows:
        totals[row["evidence"]] += sum(_kinds(row))
    return totals


def evidence_shares(rows: Iterable[Mapping[str, Any]]) -> EvidenceShares:
    """Return the share of the rows' tokens by kind of evidence; all 0 without tokens."""
    return shares_of(by_evidence(rows))


def shares_of(totals: Mapping[str, int]) -> EvidenceShares:
    """Convert tokens by kind of evidence to shares of their sum; all 0 without tokens."""
    whole = sum(totals.values()) or 1
    artifact, commit, branch, repository, cohort = [totals[name] / whole for name in EVIDENCE]
    return EvidenceShares(artifact=artifact, commit=commit, branch=branch, repository=repository, cohort=cohort)
