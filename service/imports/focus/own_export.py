"""Rows of our own FOCUS export: one charge for tokens of every kind, told apart in columns of ours.

They are read so that totals can be checked. They must never be sent: the same money would count twice.
"""

from decimal import Decimal

from service.imports.focus.rows import Row
from service.imports.focus.token_skus import TokenSku
from service.imports.focus.values import quantity
from vocabulary.charges import ChargeKind
from vocabulary.model_keys import model_key

KINDS = {
    "x_TokensInputUncached": ChargeKind.INPUT_UNCACHED,
    "x_TokensCacheRead": ChargeKind.CACHE_READ,
    "x_TokensCacheWrite": ChargeKind.CACHE_WRITE,
    "x_TokensOutputVisible": ChargeKind.OUTPUT,
    "x_TokensOutputReasoning": ChargeKind.OUTPUT,
}


def own_charges(row: Row) -> list[tuple[TokenSku, Decimal]]:
    """Return a row's charges by kind, and the share of its cost: that of its tokens; empty for rows of others."""
    tokens = {column: quantity(row, column) for column in KINDS if column in row.values}
    if len(tokens) < len(KINDS):
        return []
    counts = {column: amount or Decimal(0) for column, amount in tokens.items()}
    total = sum(counts.values())
    provider, model = row.text("x_Provider"), model_key(row.text("x_Model"))
    # Without tokens the whole cost belongs to the first kind.
    shares = [count / total for count in counts.values()] if total else [Decimal(1), *[Decimal(0)] * (len(KINDS) - 1)]
    # Quotients may have endless digits: the last share is the rest.
    shares[-1] = Decimal(1) - sum(shares[:-1])
    return [
        (TokenSku(provider, model, KINDS[column], count), share)
        for (column, count), share in zip(counts.items(), shares, strict=True)
    ]
