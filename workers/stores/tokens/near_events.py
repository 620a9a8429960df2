"""Token events near those of some batches in time, and which witness reported each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schema.database import rows_as_columns
from schema.planner import PlannerSwitches
from vocabulary.layers import Layer, LayerPolicy
from vocabulary.tokens import TOKEN_KINDS
from workers.layers.neighbours import Span
from workers.stores.tokens.intake_batches import Batch

# Takes the arguments of `near_arguments`. Waiting events do not take part, except those of the batches. Counts are
# computed here once, because row-level security keeps computed expressions from index searches.
NEAR_EVENTS = f"""
SELECT event.event_id, event.occurred_at, event.session, event.request, event.model, event.team_id,
       event.input_uncached + event.cache_read + event.cache_write AS input,
       event.output_visible + event.output_reasoning AS output,
       event.batch_id = ANY($4::bigint[]) AS is_new, seen.number::int AS source_number,
       {", ".join(f"event.{kind}" for kind in TOKEN_KINDS)}
  FROM unnest($2::timestamptz[], $3::timestamptz[]) AS span (begins, ends)
  JOIN token_event AS event
    ON event.organization_id = $1 AND event.occurred_at BETWEEN span.begins AND span.ends
  JOIN unnest($5::text[]) WITH ORDINALITY AS seen (name, number) ON seen.name = event.source
 WHERE event.batch_id = ANY($4::bigint[])
    OR NOT EXISTS (SELECT FROM intake_batch AS open WHERE open.organization_id = $1
                      AND open.batch_id = event.batch_id AND open.state <> 'processed')
"""  # noqa: S608 - fixed names

# On tables without statistics, the planner expects a single event.
MANY: PlannerSwitches = {"enable_nestloop": "off"}


class Witness(NamedTuple):
    """The layer of a source, and its group within the layer: requests of one witness are all different."""

    layer: Layer
    group: str


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Sources and the witness of each, in the same order. A witness of lower rank counts before others."""

    sources: Sequence[str]
    of_source: Sequence[Witness]
    ranks: Sequence[int]

    @classmethod
    def of(cls, sources: Collection[str], policy: LayerPolicy) -> "Witnesses":
        """Return the witnesses of sources under a policy."""
        ordered = sorted(sources)
        found = [Witness(policy.layer_of(source), policy.group_of(source)) for source in ordered]
        ranked = sorted(set(found), key=lambda witness: (policy.order.index(witness.layer), witness.group))
        return cls(ordered, found, [ranked.index(witness) for witness in found])

    @property
    def is_single(self) -> bool:
        """Whether no request can have two reports."""
        return not any(self.ranks)


def near_arguments(spans: Sequence[Span], batches: Sequence[Batch], witnesses: Witnesses) -> list[object]:
    """Return `$2` to `$5` of `NEAR_EVENTS`; sources are numbered from 1 in the order of the witnesses."""
    columns = rows_as_columns(list(spans)) or [[], []]
    return [*columns, [batch.batch_id for batch in batches], list(witnesses.sources)]
