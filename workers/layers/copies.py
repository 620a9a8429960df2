"""Finds reports that are copies of a counted one.

A copy has the same provider request id, or else what every layer knows: the same model, the same input and output
tokens, and nearly the same end.

How likely do two different requests agree in all of that? With inputs and outputs distributed like those of agents,
two agree once in 60 million; like those of applications (a median of 3,000 tokens in, 250 out), once in 6 million. So
of 1,000 requests that a gateway forwards within two minutes around one of an agent, none has its counts in at least
5,999 of 6,000 cases. Of small requests (titles, probes), two agree once in 20,000; of 80 requests within twenty
seconds around one, none agrees in 250 of 251 cases, and then less than 1,000 tokens count once instead of twice.
Copies are never found within one group of sources (see LayerPolicy.group_of).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from vocabulary.layers import Layer
from workers.layers.pairing import pair
from workers.layers.reports import MATCH_RULES, RequestReport, groups


def find_copies(reports: Iterable[RequestReport], order: Sequence[Layer]) -> dict[bytes, bytes]:
    """Return the ids of copies, each with the id of the report that counts instead.

    `order` lists the layers by precedence. Within a layer, the names of groups do. A request
    reported by three of them counts once and has two copies.
    """
    groups_of_layers: Mapping[tuple[int, str], list[RequestReport]] = defaultdict(list)
    for each in reports:
        groups_of_layers[order.index(each.layer), each.group].append(each)
    copies: dict[bytes, bytes] = {}
    counted: list[RequestReport] = []
    for place in sorted(groups_of_layers):
        pairs = dict(_pairs_of_group(counted, groups_of_layers[place]))
        copies.update(pairs)
        counted.extend(each for each in groups_of_layers[place] if each.event_id not in pairs)
    return copies


def _pairs_of_group(counted: Sequence[RequestReport], group: Sequence[RequestReport]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the copies in one group of reports counted in the groups before it."""
    free, open_ = {each.event_id: each for each in counted}, {each.event_id: each for each in group}
    for rule in MATCH_RULES:
        alike = groups(free.values(), rule)
        for key, copies in groups(open_.values(), rule).items():
            if (ones := alike.get(key)) is None:
                continue
            for one, copy in pair(ones, copies, rule.reach(copies[0])):
                del free[one.event_id], open_[copy.event_id]
                yield copy.event_id, one.event_id
