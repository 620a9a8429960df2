"""Replace token events made from metrics as soon as a more detailed signal reports the same tokens.

A counter or histogram that comes before its spans knows less: a histogram has no kinds, and neither has sessions and
times of requests. What a late span repeats adds nothing to the total, but it says better what the tokens were. So the
events of less detailed signals are withdrawn as far as the new report covers them, and the report counts in full.

What is left of a stored event that is withdrawn follows as a new one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from schema.database import Tenant, rows_as_columns
from service.http.event_packing import EventRow
from service.telemetry.measured.standing import Standing, StandingEvents, has_input, has_output
from service.telemetry.measured.tallies import cut
from service.telemetry.measured.withdrawals import COLUMNS, derived_id, stored_event, withdrawal
from service.telemetry.reading.normalised import TokenSignal
from vocabulary.tokens import TokenCounts

# The most detailed first.
DETAIL = (TokenSignal.LOGS, TokenSignal.SPANS, TokenSignal.COUNTERS, TokenSignal.HISTOGRAM)

FIND = f"""
    SELECT metric.tally_id, metric.signal, {", ".join(f"event.{name}" for name in COLUMNS)}
      FROM metric_event AS metric
      JOIN LATERAL (SELECT * FROM token_event AS known
                     WHERE known.organization_id = $1 AND known.event_id = metric.event_id
                       AND known.received_at = metric.received_at LIMIT 1) AS event ON true
     WHERE metric.organization_id = $1 AND metric.tally_id = ANY($2::bytea[])
     ORDER BY event.occurred_at, event.event_id
"""  # noqa: S608 - fixed names
ADD = """
    INSERT INTO metric_event (organization_id, event_id, tally_id, signal)
    SELECT $1::bigint, metric.* FROM unnest($2::bytea[], $3::bytea[], $4::text[]) AS metric
    ON CONFLICT (organization_id, event_id) DO NOTHING
"""
FORGET = "DELETE FROM metric_event WHERE organization_id = $1 AND event_id = ANY($2::bytea[])"


class Replacements:
    """The stored metric events of some tallies, while better reports replace them."""

    def __init__(self, standing: Mapping[bytes, list[Standing]]) -> None:
        self._standing = {tally: StandingEvents(events) for tally, events in standing.items()}

    def replaced(self, tally: bytes, signal: TokenSignal, event: EventRow, new: TokenCounts) -> TokenCounts:
        """Return the tokens of an event that count: the new ones, and those that replace stored ones.

        They replace events of less detailed signals near in time, those of the same model first.
        """
        absorbed = event.tokens.minus(new)
        if not absorbed.total or tally not in self._standing:
            return new
        standing, less = self._standing[tally], DETAIL[DETAIL.index(signal) + 1 :]
        stored_input = sum(_replace(standing.side(less, has_input).near(event), _only_input(absorbed))[:3])
        stored_output = sum(_replace(standing.side(less, has_output).near(event), _only_output(absorbed))[3:])
        return cut(event.tokens, sum(new[:3]) + stored_input, sum(new[3:]) + stored_output)

    async def save(
        self, tenant: Tenant, added: Sequence[tuple[bytes, bytes, TokenSignal]]
    ) -> list[tuple[int, EventRow]]:
        """Store which metric events stand now, given new ones as (event, tally, signal).

        Returns withdrawals of the others, and what is left of them, with the ids of their teams.
        """
        replaced = [
            (tally, each)
            for tally, standing in self._standing.items()
            for each in standing.all
            if each.left != each.row.tokens
        ]
        rows, standing = [], list(added)
        for tally, each in replaced:
            rows.append((each.team_id, withdrawal(each.row)))
            if each.left.total:
                rest = each.row._replace(event_id=derived_id(b"rest", each.row.event_id), tokens=each.left)
                rows.append((each.team_id, rest))
                standing.append((rest.event_id, tally, each.signal))
        if replaced:
            await tenant.execute(FORGET, [each.row.event_id for _, each in replaced])
        if standing:
            await tenant.execute(ADD, *rows_as_columns(standing))
        return rows


def _replace(standing: Iterable[Standing], wanted: TokenCounts) -> TokenCounts:
    """Take the wanted tokens from events, and return what was taken of them."""
    found = TokenCounts()
    if not wanted.total:
        return found
    for each in standing:
        rest = cut(wanted, sum(wanted[:3]) - sum(found[:3]), sum(wanted[3:]) - sum(found[3:]))
        taken = take(each.left, rest)
        each.left = each.left.minus(taken)
        found = found.plus(taken)
        if found.total == wanted.total:
            break
    return found


def _only_input(tokens: TokenCounts) -> TokenCounts:
    return tokens._replace(output_visible=0, output_reasoning=0)


def _only_output(tokens: TokenCounts) -> TokenCounts:
    return TokenCounts(0, 0, 0, *tokens[3:])


def take(left: TokenCounts, wanted: TokenCounts) -> TokenCounts:
    """Return what of `left` the wanted tokens replace: kind by kind, and then whatever else is input or output."""
    same = TokenCounts._make(map(min, left, wanted))
    rest, missing = left.minus(same), wanted.minus(same)
    more_input, more_output = min(sum(rest[:3]), sum(missing[:3])), min(sum(rest[3:]), sum(missing[3:]))
    # `cut` takes fresh input and visible output first: metrics without kinds report all of their tokens so.
    return same.plus(rest.minus(cut(rest, sum(rest[:3]) - more_input, sum(rest[3:]) - more_output)))


async def load_replacements(tenant: Tenant, tallies: Collection[bytes]) -> Replacements:
    """Load the stored metric events of these tallies, whose lock must be held."""
    standing: defaultdict[bytes, list[Standing]] = defaultdict(list)
    if tallies:
        for row in await tenant.fetch(FIND, sorted(tallies)):
            event = stored_event(row)
            signal = TokenSignal(row["signal"])
            standing[row["tally_id"]].append(Standing(row["team_id"], event, signal, event.tokens))
    return Replacements(dict(standing))
