"""What the soak does to events before they are sent."""

from collections import Counter

from tests.benchmarks.soak.events import DELAYED_BY, Disturbance, Event, Sent, disturbed, reported_by_both
from tests.harness.bodies import Delivery

EVENTS = [Event("github", str(number), Delivery("push", {})) for number in range(4000)]


def test_shares_are_dropped_repeated_and_delayed() -> None:
    sent = disturbed(EVENTS, Disturbance())
    lost = [each for each in sent if each.is_lost]
    again = [each for each in sent if each.is_again]
    assert 0.03 < len(lost) / len(EVENTS) < 0.07
    assert 0.03 < len(again) / len(EVENTS) < 0.07
    assert len(sent) - len(again) == len({each.event.key for each in sent}) == len(EVENTS)
    first = [int(each.event.key) for each in sent if not each.is_again]
    overtaken = sum(max(first[: place + 1]) > number for place, number in enumerate(first))
    assert 0.07 < overtaken / len(first) < 0.13
    assert all(abs(first.index(number) - number) < 3 * DELAYED_BY for number in first)


def test_nothing_happens_without_faults() -> None:
    assert disturbed(EVENTS, Disturbance(dropped=0, repeated=0, delayed=0)) == [Sent(each) for each in EVENTS]


def test_both_forges_send_as_much_and_every_event_once() -> None:
    reported = reported_by_both(300)
    assert Counter(each.forge for each in reported) == {"github": 150, "gitlab": 150}
    assert len({each.key for each in reported}) == 300
