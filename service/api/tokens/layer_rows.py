"""From amounts by source to what `GET /api/v1/coverage` shows of layers."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from schema.layers import Layer, LayerPolicy
from service.contracts.coverage import DoubtShown, LayerCoverage, SetAsideShown, SourceCoverage
from service.queries.tokens.double_counting import DoubleCounting
from service.queries.tokens.layer_amounts import SourceAmount, SupersededAmount


def layer_coverage(
    policy: LayerPolicy,
    counted: Sequence[SourceAmount],
    set_aside: Sequence[SupersededAmount],
    doubts: Sequence[DoubleCounting],
) -> LayerCoverage:
    """Sources in the order of their layers, each with what counts and what was set aside of it."""
    amounts = {amount.source: amount for amount in counted}
    sources = sorted({*amounts, *(each.source for each in set_aside)})
    sources.sort(key=lambda source: policy.order.index(policy.layer_of(source)))
    return LayerCoverage(
        order=list(policy.order),
        sources=[
            _source(policy, amounts.get(source, SourceAmount(source, 0, 0)), set_aside) for source in sources if source
        ],
        doubts=[DoubtShown(source=each.source, detail=each.detail, remedy=each.remedy) for each in doubts],
    )


def _source(policy: LayerPolicy, amount: SourceAmount, set_aside: Sequence[SupersededAmount]) -> SourceCoverage:
    mine = [each for each in set_aside if each.source == amount.source]
    reported = amount.requests + sum(each.requests for each in mine)
    return SourceCoverage(
        source=amount.source,
        layer=policy.layer_of(amount.source),
        requests=amount.requests,
        tokens=amount.tokens,
        set_aside=[
            SetAsideShown(counted_source=each.counted_source or None, requests=each.requests, tokens=each.tokens)
            for each in sorted(mine)
        ],
        also_reported_share=_also_reported(policy, amount.source, set_aside) / reported if reported else None,
    )


def _also_reported(policy: LayerPolicy, source: str, set_aside: Sequence[SupersededAmount]) -> int:
    """Requests of a source that another layer told too: its own copies, and those it has in the layer with the most."""
    own = sum(each.requests for each in set_aside if each.source == source and each.counted_source)
    copies: defaultdict[Layer, Counter[str]] = defaultdict(Counter)
    for each in set_aside:
        if each.counted_source == source:
            copies[policy.layer_of(each.source)][each.source] += each.requests
    return own + max((counts.total() for counts in copies.values()), default=0)
