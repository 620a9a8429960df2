"""Which stored events a better report replaces: the same as by looking at each of them, in much less time."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.http.event_packing import EventRow, LinkHashes
from service.telemetry.measured.replacements import DETAIL, Replacements, take
from service.telemetry.measured.standing import REACH, Standing
from service.telemetry.measured.tallies import cut
from service.telemetry.reading.normalised import TokenSignal
from vocabulary.tokens import TokenCounts

BEGIN = datetime(2026, 11, 18, 12, tzinfo=UTC)
TALLY = b"tally"
COUNTS = st.integers(0, 30)
TOKENS = st.builds(TokenCounts, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
MINUTES = st.integers(0, 200)
MODELS = st.sampled_from(["a", "b", "c"])
STORED = st.tuples(MINUTES, MODELS, st.sampled_from([TokenSignal.COUNTERS, TokenSignal.HISTOGRAM]), TOKENS)
REPORTED = st.tuples(MINUTES, MODELS, st.sampled_from(DETAIL[:3]), TOKENS)


def event(number: int, minute: int, model: str, tokens: TokenCounts) -> EventRow:
    at = BEGIN + timedelta(minutes=minute)
    links = LinkHashes(None, None, None, None, None)
    identity = number.to_bytes(32, "big")
    return EventRow(identity, at, None, "x", "p", model, "", "", "", None, links, tokens, remembered=False)


def standing_of(stored: list[tuple[int, str, TokenSignal, TokenCounts]]) -> list[Standing]:
    in_time = sorted(stored, key=lambda each: each[0])
    return [
        Standing(1, event(number, minute, model, tokens), signal, tokens)
        for number, (minute, model, signal, tokens) in enumerate(in_time)
    ]


def by_looking_at_each(
    standing: list[Standing], signal: TokenSignal, report: EventRow, new: TokenCounts
) -> TokenCounts:
    absorbed, stored_input, stored_output = report.tokens.minus(new), 0, 0
    less = DETAIL[DETAIL.index(signal) + 1 :]
    near = [
        each for each in standing if each.signal in less and abs(each.row.occurred_at - report.occurred_at) <= REACH
    ]
    for each in sorted(near, key=lambda each: each.row.model != report.model):
        wanted = cut(absorbed, sum(absorbed[:3]) - stored_input, sum(absorbed[3:]) - stored_output)
        taken = take(each.left, wanted)
        each.left = each.left.minus(taken)
        stored_input, stored_output = stored_input + sum(taken[:3]), stored_output + sum(taken[3:])
    return cut(report.tokens, sum(new[:3]) + stored_input, sum(new[3:]) + stored_output)


@given(st.lists(STORED, max_size=12), st.lists(REPORTED, max_size=12))
def test_a_report_replaces_the_nearest_of_its_model_first_and_each_token_once(
    stored: list[tuple[int, str, TokenSignal, TokenCounts]], reported: list[tuple[int, str, TokenSignal, TokenCounts]]
) -> None:
    quick, slow = standing_of(stored), standing_of(stored)
    replacements = Replacements({TALLY: quick})
    for number, (minute, model, signal, tokens) in enumerate(reported):
        report = event(1000 + number, minute, model, tokens)
        new = TokenCounts(tokens.input_uncached // 2, 0, 0, tokens.output_visible // 2, 0)
        assert replacements.replaced(TALLY, signal, report, new) == by_looking_at_each(slow, signal, report, new)
        assert [each.left for each in quick] == [each.left for each in slow]


def test_many_reports_meet_many_stored_events_in_a_second() -> None:
    number = 15_000
    only_input, output = TokenCounts(1, 0, 0, 0, 0), TokenCounts(0, 0, 0, 1, 0)
    stored = [(0, f"model {place}", TokenSignal.COUNTERS, only_input) for place in range(number)]
    replacements = Replacements({TALLY: standing_of(stored)})
    began = time.process_time()
    for place in range(number):
        replacements.replaced(TALLY, TokenSignal.SPANS, event(place, 1, "another", output), TokenCounts())
        replacements.replaced(TALLY, TokenSignal.SPANS, event(place, 1, "another", only_input), TokenCounts())
    assert time.process_time() - began < 2.0
