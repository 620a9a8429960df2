"""What the soak's forge does to the events before it sends them."""

from datetime import UTC, datetime, timedelta

from service.simulation.github_payloads import Webhook
from tests.benchmarks.soak.forge import DELAYED_BY, Disturbance, disturbed

EVENTS = [Webhook(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=n), "push", str(n), b"{}") for n in range(4000)]


def test_shares_are_dropped_repeated_and_delayed() -> None:
    sent = [int(each.delivery) for each in disturbed(EVENTS, Disturbance())]
    kept = set(sent)
    assert 0.03 < 1 - len(kept) / len(EVENTS) < 0.07
    assert 0.03 < len(sent) / len(kept) - 1 < 0.07
    first = list(dict.fromkeys(sent))
    overtaken = sum(max(first[: place + 1]) > number for place, number in enumerate(first))
    assert 0.07 < overtaken / len(first) < 0.13
    assert all(abs(first.index(number) - number) < 3 * DELAYED_BY for number in first)


def test_nothing_is_done_when_nothing_shall_go_wrong() -> None:
    assert disturbed(EVENTS, Disturbance(dropped=0, repeated=0, delayed=0)) == EVENTS
