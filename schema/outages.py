"""Why PostgreSQL cannot serve: the reasons by SQLSTATE, what clients read, and what an operator should do."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import asyncpg
import structlog

logger = structlog.get_logger()

# The same reason is logged again only after this time, however many requests meet it.
REPEAT_SECONDS = 60.0
# Reads succeed while a disk is full: an outage is over once nothing has failed for this long.
SETTLED_SECONDS = 2.0

# What connecting and statements raise when PostgreSQL cannot serve, among other errors; `outage_of` tells them apart.
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Outage(StrEnum):
    """A reason, with the sentence that clients read and the remedy for the operator."""

    sentence: str
    remedy: str

    def __new__(cls, value: str, sentence: str, remedy: str) -> Self:
        """Create a member with its sentence and remedy."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        member.remedy = remedy
        return member

    def explained(self, error: BaseException) -> str:
        """Return one line for the operator: what happened, and what to do."""
        return f"PostgreSQL at DATABASE_URL {self} ({type(error).__name__}); {self.remedy}"

    UNREACHABLE = (
        "does not answer",
        "the database cannot be reached; try again in a moment",
        "start PostgreSQL, or correct host and port in DATABASE_URL",
    )
    REFUSED = (
        "refuses the connection",
        "the database cannot be reached; try again in a moment",
        "correct user and password in DATABASE_URL, or allow the role to connect to the database",
    )
    MISSING = (
        "does not have the database in DATABASE_URL",
        "the database cannot be reached; try again in a moment",
        "create the database, or correct its name in DATABASE_URL",
    )
    NOT_MIGRATED = (
        "does not have the tables of this version",
        "the database is being set up; try again in a moment",
        "run: shipledger migrate",
    )
    RESTARTING = (
        "is starting or stopping",
        "the database cannot be reached; try again in a moment",
        "wait until it runs; if it does not, read the log of PostgreSQL",
    )
    CROWDED = (
        "accepts no more connections",
        "the database is busy; try again in a moment",
        "raise max_connections in PostgreSQL, or lower SHIPLEDGER_DATABASE_POOL_SIZE",
    )
    POOL_IN_USE = (
        "answers, but every connection of this process is in use",
        "the database is busy; try again in a moment",
        "raise SHIPLEDGER_DATABASE_POOL_SIZE, or start another process",
    )
    DISK_FULL = (
        "has a full disk",
        "the database has a full disk; try again once there is room",
        "free space on the disk of PostgreSQL",
    )
    EXHAUSTED = (
        "has too little memory, or another limit is reached",
        "the database is busy; try again in a moment",
        "read the log of PostgreSQL, and give it more memory",
    )
    READ_ONLY = (
        "accepts no changes",
        "the database accepts no changes at the moment; try again later",
        "set DATABASE_URL to the primary server, and default_transaction_read_only to off",
    )
    TOO_SLOW = (
        "takes too long",
        "the database took too long; try again in a moment",
        "look for long statements and locks in pg_stat_activity",
    )
    BROKEN = (
        "reports a failure of its disk or system",
        "the database cannot be reached; try again in a moment",
        "read the log of PostgreSQL",
    )


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_CODE = {
    "25006": Outage.READ_ONLY,
    "25P03": Outage.TOO_SLOW,
    "25P04": Outage.TOO_SLOW,
    "3D000": Outage.MISSING,
    "42883": Outage.NOT_MIGRATED,
    "42P01": Outage.NOT_MIGRATED,
    "53100": Outage.DISK_FULL,
    "53300": Outage.CROWDED,
    "55P03": Outage.TOO_SLOW,
    "57014": Outage.TOO_SLOW,
    "57P04": Outage.MISSING,
}
_BY_CLASS = {
    "08": Outage.UNREACHABLE,
    "28": Outage.REFUSED,
    "53": Outage.EXHAUSTED,
    "57": Outage.RESTARTING,
    "58": Outage.BROKEN,
}
_INTERNAL_ERROR = "XX000"


def outage_of(error: BaseException) -> Outage | None:
    """Return why PostgreSQL cannot serve; None for other errors, such as those of a value or a statement."""
    if isinstance(error, asyncpg.PostgresError):
        code = error.sqlstate or ""
        if code == _INTERNAL_ERROR and "could not extend file" in str(error):
            return Outage.DISK_FULL
        return _BY_CODE.get(code) or _BY_CLASS.get(code[:2])
    if isinstance(error, TimeoutError):
        return Outage.TOO_SLOW
    return Outage.UNREACHABLE if isinstance(error, OSError | asyncpg.InternalClientError) else None


def connect_outage(error: BaseException) -> Outage:
    """Return why PostgreSQL cannot be connected to, where any error means that it cannot."""
    outage = outage_of(error)
    if outage is None:
        return Outage.REFUSED
    return Outage.UNREACHABLE if outage is Outage.TOO_SLOW else outage


class OutageLog:
    """Logs when PostgreSQL stops and starts serving this process: once, not for each request that fails."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged: dict[Outage, float] = {}
        self._failed_at: float | None = None

    def failed(self, outage: Outage, error: BaseException) -> None:
        """Note a failure, and log it unless its reason was logged in the last minute of this outage."""
        now = self._failed_at = self._clock()
        if now - self._logged.get(outage, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return
        self._logged[outage] = now
        # The time makes it another problem than that of an earlier outage; the same problem is logged once an hour.
        since = datetime.now(UTC).isoformat(timespec="seconds")
        logger.warning(
            "database_unavailable",
            reason=f"PostgreSQL {outage}",
            error=type(error).__name__,
            remedy=outage.remedy,
            since=since,
        )

    def succeeded(self) -> None:
        """Note a success, and log the end of an outage."""
        if self._failed_at is not None and self._clock() - self._failed_at >= SETTLED_SECONDS:
            self._failed_at = None
            self._logged.clear()
            logger.info("database_available")
