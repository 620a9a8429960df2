"""Which tellings are copies of one that counts.

A copy has the same provider's id of the request; or else, by what every layer knows, the same model, the same input and
output tokens, and nearly the same end.

How likely do two different requests agree in all of that? Drawn from inputs and outputs as spread as those of agents,
two agree once in 60 million times; as those of applications (a median of 3,000 tokens in, 250 out), once in 6 million
times. So of 1,000 requests that a gateway passes on for others in the two minutes around one of an agent, none has its
counts in at least 5,999 of 6,000 cases. Of small ones (titles, probes), two agree once in 20,000 times; of 80 requests
in the twenty seconds around one, none does in 250 of 251 cases, and what then counts once instead of twice is less than
1,000 tokens. Nothing is ever a copy within one layer, nor where there is but one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from schema.layers import Layer
from workers.layers.pairing import pair
from workers.layers.reports import LIKENESSES, RequestReport, groups


def find_copies(reported: Iterable[RequestReport], order: Sequence[Layer]) -> dict[bytes, bytes]:
    """The ids of tellings to set aside, each with the id of the one that counts in its place.

    `order` says which layer counts first. A request that is told by three layers counts once, and has two copies.
    """
    layers: Mapping[Layer, list[RequestReport]] = defaultdict(list)
    for each in reported:
        layers[each.layer].append(each)
    copies: dict[bytes, bytes] = {}
    counted: list[RequestReport] = []
    for layer in order:
        pairs = dict(_pairs_of_layer(counted, layers[layer]))
        copies.update(pairs)
        counted.extend(each for each in layers[layer] if each.event_id not in pairs)
    return copies


def _pairs_of_layer(counted: Sequence[RequestReport], layer: Sequence[RequestReport]) -> Iterator[tuple[bytes, bytes]]:
    """The copies within one layer of what is counted of the layers before it."""
    free, open_ = {each.event_id: each for each in counted}, {each.event_id: each for each in layer}
    for likeness in LIKENESSES:
        alike = groups(free.values(), likeness)
        for key, copies in groups(open_.values(), likeness).items():
            if (ones := alike.get(key)) is None:
                continue
            for one, copy in pair(ones, copies, likeness.reach(copies[0])):
                del free[one.event_id], open_[copy.event_id]
                yield copy.event_id, one.event_id
