from service.http.admission.rates import KNOWN_LIMIT, RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(2.0, 4.0, clock)
    assert [limit.take("a") for _ in range(5)] == [0, 0, 0, 0, 1]
    clock.now += 0.5
    assert [limit.take("a") for _ in range(2)] == [0, 1]


def test_the_wait_is_the_time_until_the_next_one_in_whole_seconds() -> None:
    clock = Clock()
    limit = RateLimit(0.25, 1.0, clock)
    assert (limit.take("a"), limit.wait("a"), limit.take("a")) == (0, 4, 4)
    clock.now += 4
    assert limit.wait("a") == 0


def test_nobody_waits_for_somebody_else() -> None:
    limit = RateLimit(1.0, 1.0, Clock())
    assert [limit.take("a"), limit.take("a"), limit.take("b"), limit.wait("c")] == [0, 1, 0, 0]


def test_a_rate_of_0_limits_nothing() -> None:
    limit = RateLimit(0.0, 0.0, Clock())
    assert not any(limit.take("a") for _ in range(100))


def test_a_long_pause_allows_no_more_than_a_burst() -> None:
    clock = Clock()
    limit = RateLimit(1.0, 3.0, clock)
    limit.take("a")
    clock.now += 1_000_000
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_clients_that_went_away_are_forgotten() -> None:
    clock = Clock()
    limit = RateLimit(1.0, 1.0, clock)
    for number in range(KNOWN_LIMIT):
        limit.take(str(number))
    clock.now += 10
    limit.take("new")
    assert len(limit._buckets) == 1
