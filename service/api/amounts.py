"""Conversion of token counts and money to the API's contracts."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import itemgetter
from typing import Any, NamedTuple

from service.contracts.amounts import TokensShown
from service.contracts.attribution import EvidenceShares, ModelShare
from service.contracts.ledger import Amounts
from service.queries.ledger.spend import Spend
from vocabulary.tokens import TOKEN_KINDS, TokenCounts, usd_text

EVIDENCE = EvidenceShares.__struct_fields__

_kinds = itemgetter(*TOKEN_KINDS)
_parts = itemgetter("evidence", "model", "cost_nano_usd", *TOKEN_KINDS)


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
    models: dict[str, Spend] = {}
    totals = dict.fromkeys(EVIDENCE, 0)
    for row in rows:
        evidence, model, nano_usd, *kinds = _parts(row)
        spend = Spend(TokenCounts(*kinds), nano_usd)
        totals[evidence] += spend.tokens.total
        models[model] = models[model].plus(spend) if model in models else spend
    shares = [model_share(model, spend) for model, spend in models.items()]
    if len(shares) > 1:
        shares.sort(key=lambda share: (-share.tokens.total, share.model))
    whole = reduce(Spend.plus, models.values()) if models else Spend()
    return AddedUp(whole.tokens, whole.nano_usd, shares, totals)


def model_share(model: str, spend: Spend) -> ModelShare:
    """Return the tokens and the cost of one model."""
    return ModelShare(model=model, tokens=tokens_shown(spend.tokens), cost_usd=usd_text(spend.nano_usd))


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
