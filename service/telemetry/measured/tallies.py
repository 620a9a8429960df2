"""Counting once what a service tells several times: by spans, by counters, and by a histogram.

Which of them a service sends is its own choice, and may change; spans may be sampled, metrics lost, and either may
come first. So no signal is chosen. For each service (namespace, name, team) a tally keeps how many input and output
tokens every signal has told, and what counts is the largest of them: a span, or what a series has grown by, counts
only as far as it lifts that maximum. Therefore

- nothing counts twice, however the signals are ordered, cut and repeated: the total is the largest of three sums, and
  a sum has no order;
- a signal that tells all is enough, whatever the others lack;
- where spans come first, as they do (SDKs export them every few seconds, metrics every minute), spans say all and the
  metrics add nothing.

A resource has no say in it: seen from one process, its signals often differ in it (Codex tells `os` with metrics only,
collectors strip instance ids from one pipeline). The price is that of two processes of one service and team of which
one tells by spans only and the other by metrics only, the smaller counts as told by the larger.

When a service changes from one signal to another, the new one begins at nothing and would count only once it reached
the old one's sum. So a signal that is told more than a day after all others fell silent is lifted to their sum; what it
tells of the time before that was theirs to tell, and does not count.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from schema.tokens import TokenCounts
from service.telemetry.reading.normalised import Part, Teller
from service.telemetry.reading.usage import within

SILENCE = timedelta(days=1)


class Voice(NamedTuple):
    """What one signal has told: sums, until when, and since when it is the only one."""

    input: int = 0
    output: int = 0
    until: datetime | None = None
    since: datetime | None = None


def tell(
    tally: Mapping[Teller, Voice], teller: Teller, tokens: TokenCounts, moment: datetime
) -> tuple[Voice, TokenCounts]:
    """What the teller has told with these tokens, and the part of them that no other signal has told."""
    others = [voice for name, voice in tally.items() if name is not teller]
    reported_input, reported_output = max(voice.input for voice in others), max(voice.output for voice in others)
    mine = _lifted(
        tally[teller], reported_input, reported_output, [voice.until for voice in others if voice.until], moment
    )
    if mine.since is not None and moment <= mine.since:
        return mine, TokenCounts()
    after = mine._replace(
        input=mine.input + tokens.input_uncached + tokens.cache_read + tokens.cache_write,
        output=mine.output + tokens.output_visible + tokens.output_reasoning,
        until=max(moment, mine.until or moment),
    )
    new_input = max(after.input, reported_input) - max(mine.input, reported_input)
    new_output = max(after.output, reported_output) - max(mine.output, reported_output)
    return after, cut(tokens, new_input, new_output)


def _lifted(voice: Voice, reported_input: int, reported_output: int, others: list[datetime], moment: datetime) -> Voice:
    if (
        not others
        or moment <= max(others) + SILENCE
        or (voice.input >= reported_input and voice.output >= reported_output)
    ):
        return voice
    return voice._replace(
        input=max(voice.input, reported_input), output=max(voice.output, reported_output), since=max(others)
    )


def cut(tokens: TokenCounts, new_input: int, new_output: int) -> TokenCounts:
    """The tokens less what was told before, which is taken from fresh input and visible output first.

    Metrics that tell no kinds told them as such.
    """
    fresh, read, written, visible, reasoning = tokens
    known = fresh + read + written - new_input
    known_output = visible + reasoning - new_output
    from_fresh = min(known, fresh)
    from_written = min(known - from_fresh, written)
    from_visible = min(known_output, visible)
    return TokenCounts(
        fresh - from_fresh,
        read - (known - from_fresh - from_written),
        written - from_written,
        visible - from_visible,
        reasoning - (known_output - from_visible),
    )


def combine(parts: Mapping[Part, int]) -> TokenCounts:
    """The disjoint kinds of what the series of one group have grown by at one time.

    A part whose whole is not told with it says nothing: how many tokens there are, the wholes tell alone.
    """
    nested = within(
        parts.get(Part.INPUT, 0),
        parts.get(Part.READ_OF_INPUT, 0),
        parts.get(Part.WRITTEN_OF_INPUT, 0),
        parts.get(Part.OUTPUT, 0),
        parts.get(Part.REASONING_OF_OUTPUT, 0),
    )
    return nested.plus(TokenCounts(0, parts.get(Part.CACHE_READ, 0), parts.get(Part.CACHE_WRITE, 0)))
