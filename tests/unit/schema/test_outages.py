"""What counts as an outage of PostgreSQL, and how often it is logged."""

import socket
import ssl

import asyncpg
import pytest
from structlog.testing import capture_logs

from schema.outages import REPEAT_SECONDS, SETTLED_SECONDS, Outage, OutageLog, connect_outage, outage_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (ConnectionRefusedError(), Outage.UNREACHABLE),
        (ConnectionResetError(), Outage.UNREACHABLE),
        (socket.gaierror(), Outage.UNREACHABLE),
        (ssl.SSLError(), Outage.UNREACHABLE),
        (asyncpg.ConnectionDoesNotExistError("lost"), Outage.UNREACHABLE),
        (asyncpg.InternalClientError("another operation is in progress"), Outage.UNREACHABLE),
        (TimeoutError(), Outage.TOO_SLOW),
        (asyncpg.QueryCanceledError("statement timeout"), Outage.TOO_SLOW),
        (asyncpg.LockNotAvailableError("lock timeout"), Outage.TOO_SLOW),
        (asyncpg.AdminShutdownError("ends"), Outage.RESTARTING),
        (asyncpg.CrashShutdownError("ends"), Outage.RESTARTING),
        (asyncpg.CannotConnectNowError("in recovery mode"), Outage.RESTARTING),
        (asyncpg.TooManyConnectionsError("too many"), Outage.CROWDED),
        (asyncpg.DiskFullError("could not extend file"), Outage.DISK_FULL),
        (asyncpg.OutOfMemoryError("out of memory"), Outage.EXHAUSTED),
        (asyncpg.PostgresIOError("could not read"), Outage.BROKEN),
        (asyncpg.ReadOnlySQLTransactionError("read-only"), Outage.READ_ONLY),
        (asyncpg.InvalidPasswordError("no"), Outage.REFUSED),
        (asyncpg.InvalidCatalogNameError("no"), Outage.MISSING),
        (asyncpg.UndefinedTableError("no"), Outage.NOT_MIGRATED),
    ],
)
def test_however_postgresql_goes_away_it_is_an_outage(error: Exception, outage: Outage) -> None:
    assert outage_of(error) is outage


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("twice"),
        asyncpg.NumericValueOutOfRangeError("much"),
        asyncpg.PostgresSyntaxError("wrong"),
        asyncpg.DeadlockDetectedError("two at once"),
        asyncpg.InsufficientPrivilegeError("not allowed"),
        asyncpg.InterfaceError("a missing argument"),
        ValueError("x"),
    ],
)
def test_an_error_of_a_value_or_a_statement_is_no_outage(error: Exception) -> None:
    assert outage_of(error) is None


def test_an_extension_of_a_file_that_fails_is_a_full_disk_whatever_its_code() -> None:
    error = asyncpg.InternalServerError('could not extend file "base/1/2": wrote only 4096 of 8192 bytes')
    assert outage_of(error) is Outage.DISK_FULL


def test_any_error_while_connecting_is_an_outage() -> None:
    assert connect_outage(asyncpg.InsufficientPrivilegeError("no CONNECT")) is Outage.REFUSED
    assert connect_outage(TimeoutError()) is Outage.UNREACHABLE


def test_an_outage_is_logged_once_and_so_is_its_end() -> None:
    clock = Clock()
    log = OutageLog(clock)
    with capture_logs() as logs:
        for _ in range(3):
            log.failed(Outage.UNREACHABLE, ConnectionRefusedError())
        log.failed(Outage.DISK_FULL, asyncpg.DiskFullError("full"))
        clock.now += SETTLED_SECONDS
        log.succeeded()
        log.succeeded()
        log.failed(Outage.UNREACHABLE, ConnectionRefusedError())
    assert [entry["event"] for entry in logs] == [
        "database_unavailable",
        "database_unavailable",
        "database_available",
        "database_unavailable",
    ]
    assert logs[0]["reason"] == "PostgreSQL does not answer"
    assert "DATABASE_URL" in logs[0]["remedy"]


def test_reads_that_succeed_while_a_disk_is_full_do_not_end_the_outage() -> None:
    clock = Clock()
    log = OutageLog(clock)
    with capture_logs() as logs:
        for _ in range(10):
            log.failed(Outage.DISK_FULL, asyncpg.DiskFullError("full"))
            clock.now += 1.0
            log.succeeded()
    assert [entry["event"] for entry in logs] == ["database_unavailable"]


def test_an_outage_that_lasts_is_logged_again_after_a_minute() -> None:
    clock = Clock()
    log = OutageLog(clock)
    with capture_logs() as logs:
        log.failed(Outage.UNREACHABLE, ConnectionRefusedError())
        clock.now += REPEAT_SECONDS
        log.failed(Outage.UNREACHABLE, ConnectionRefusedError())
    assert len(logs) == 2
