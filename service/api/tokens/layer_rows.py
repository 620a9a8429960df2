"""Conversion of amounts by source to the layers of `GET /api/v1/coverage`."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from service.contracts.coverage import DoubleCountingShown, LayerCoverage, SourceCoverage, SupersededShown
from service.queries.tokens.double_counting import DoubleCounting
from service.queries.tokens.layer_amounts import SourceAmount, SupersededAmount
from vocabulary.layers import Layer, LayerPolicy


def layer_coverage(
    policy: LayerPolicy,
    counted: Sequence[SourceAmount],
    superseded: Sequence[SupersededAmount],
    double_counting: Sequence[DoubleCounting],
) -> LayerCoverage:
    """Return sources in the order of their layers, each with its counted and superseded amounts."""
    amounts = {amount.source: amount for amount in counted}
    sources = sorted({*amounts, *(amount.source for amount in superseded)})
    sources.sort(key=lambda source: policy.order.index(policy.layer_of(source)))
    return LayerCoverage(
        order=list(policy.order),
        sources=[
            _source(policy, amounts.get(source, SourceAmount(source, 0, 0)), superseded) for source in sources if source
        ],
        double_counting=[
            DoubleCountingShown(source=doubt.source, detail=doubt.detail, remedy=doubt.remedy)
            for doubt in double_counting
        ],
    )


def _source(policy: LayerPolicy, amount: SourceAmount, superseded: Sequence[SupersededAmount]) -> SourceCoverage:
    mine = [each for each in superseded if each.source == amount.source]
    reported = amount.requests + sum(each.requests for each in mine)
    return SourceCoverage(
        source=amount.source,
        layer=policy.layer_of(amount.source),
        requests=amount.requests,
        tokens=amount.tokens,
        superseded=[
            SupersededShown(counted_source=each.counted_source or None, requests=each.requests, tokens=each.tokens)
            for each in sorted(mine)
        ],
        also_reported_share=_also_reported(policy, amount.source, superseded) / reported if reported else None,
    )


def _also_reported(policy: LayerPolicy, source: str, superseded: Sequence[SupersededAmount]) -> int:
    """Count the requests of a source that another layer also reported.

    These are its superseded copies, and the copies of its counted requests in the layer that has most of them.
    """
    own = sum(each.requests for each in superseded if each.source == source and each.counted_source)
    copies: defaultdict[Layer, Counter[str]] = defaultdict(Counter)
    for each in superseded:
        if each.counted_source == source:
            copies[policy.layer_of(each.source)][each.source] += each.requests
    return own + max((counts.total() for counts in copies.values()), default=0)
