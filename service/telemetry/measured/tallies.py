"""Count tokens once that a service reports in several signals: spans, counters and a histogram.

A service may send any of these signals and may change its choice; spans may be sampled, metrics lost, and either may
arrive first. So no signal is preferred. For each service (namespace, name, team) a tally keeps the input and output
tokens that every signal has reported, and the largest sum counts: a span, or the growth of a series, counts only as far
as it raises that maximum. Therefore

- nothing counts twice, however the signals are ordered, split and repeated: the total is the largest of three sums;
- one complete signal is enough, whatever the others lack;
- spans usually arrive first (SDKs export them every few seconds, metrics every minute), and the metrics add nothing;
- where metrics came first, what a more detailed signal repeats replaces them: see replacements.

Log records of agents whose other signals name no session are compared by service, too. They always count in full: where
neither span nor metric near in time reported the same, another process did, and the logs' sum is raised by it.

Resource attributes other than these do not separate services, because the signals of one process often differ in them
(Codex sends `os` with metrics only, collectors strip instance ids from one pipeline). The drawback: if one process of a
service and team sends only spans and another only metrics, the smaller sum does not count.

When a service switches to another signal, the new signal starts at 0 and would count only after it reached the old sum.
So a signal that reports more than a day after all others fell silent is raised to their sum; what it reports about the
time before that does not count.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from service.telemetry.reading.normalised import TokenSignal
from vocabulary.tokens import TokenCounts

SILENCE = timedelta(days=1)


class SignalTotal(NamedTuple):
    """Sums that one signal has reported, the time of the last report, and since when it is the only signal."""

    input: int = 0
    output: int = 0
    until: datetime | None = None
    since: datetime | None = None


def add_tokens(
    tally: Mapping[TokenSignal, SignalTotal], signal: TokenSignal, tokens: TokenCounts, moment: datetime
) -> tuple[SignalTotal, TokenCounts]:
    """Return the signal's total with these tokens, and the part of the tokens that no other signal has reported."""
    others = [total for name, total in tally.items() if name is not signal]
    other_input, other_output = max(total.input for total in others), max(total.output for total in others)
    before = _raised(tally[signal], other_input, other_output, [total.until for total in others if total.until], moment)
    if before.since is not None and moment <= before.since:
        return before, TokenCounts()
    after = before._replace(
        input=before.input + tokens.input_uncached + tokens.cache_read + tokens.cache_write,
        output=before.output + tokens.output_visible + tokens.output_reasoning,
        until=max(moment, before.until or moment),
    )
    new_input = max(after.input, other_input) - max(before.input, other_input)
    new_output = max(after.output, other_output) - max(before.output, other_output)
    return after, cut(tokens, new_input, new_output)


def raised_by(tally: Mapping[TokenSignal, SignalTotal], signal: TokenSignal, more: TokenCounts) -> SignalTotal:
    """Return the signal's total after tokens counted that another signal seemed to have reported, and had not."""
    total, more_input, more_output = tally[signal], sum(more[:3]), sum(more[3:])
    return total._replace(
        input=max(each.input for each in tally.values()) + more_input if more_input else total.input,
        output=max(each.output for each in tally.values()) + more_output if more_output else total.output,
    )


def _raised(
    total: SignalTotal, other_input: int, other_output: int, others_until: list[datetime], moment: datetime
) -> SignalTotal:
    if not others_until or moment <= max(others_until) + SILENCE:
        return total
    if total.input >= other_input and total.output >= other_output:
        return total
    return total._replace(
        input=max(total.input, other_input), output=max(total.output, other_output), since=max(others_until)
    )


def cut(tokens: TokenCounts, new_input: int, new_output: int) -> TokenCounts:
    """Return the new part of the tokens. Known tokens are taken from fresh input and visible output first.

    Metrics without token kinds report all their tokens as these two.
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
