from datetime import UTC, datetime, timedelta

from workers.forges.breaker import FAILURES, FIRST_REST, LONGEST_REST, Breaker

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_forge_that_fails_five_times_in_a_row_rests() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(NOW)
    assert breaker.open_at(NOW) == NOW
    breaker.failed(NOW)
    assert breaker.open_at(NOW) == NOW + FIRST_REST
    later = NOW + timedelta(hours=1)
    assert breaker.open_at(later) == later


def test_each_further_failure_doubles_the_rest_up_to_a_limit() -> None:
    breaker = Breaker()
    for _ in range(FAILURES + 1):
        breaker.failed(NOW)
    assert breaker.open_at(NOW) == NOW + 2 * FIRST_REST
    for _ in range(20):
        breaker.failed(NOW)
    assert breaker.open_at(NOW) == NOW + LONGEST_REST


def test_a_success_forgets_failures() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(NOW)
    breaker.succeeded()
    breaker.failed(NOW)
    assert breaker.open_at(NOW) == NOW
