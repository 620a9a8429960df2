"""Records per second of each way, in turns over the same bodies in one process."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import asyncpg
import uvloop

from schema.database import Database
from schema.interpreter import collect_rarely, switch_often
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.settings import Settings
from service.auth.caller import Caller
from service.http.fair_thread import FairThread
from service.server import GARBAGE
from service.telemetry.intake import TokenIntake
from service.telemetry.otlp.limits import BodyLimits
from tests.benchmarks.intake import ways
from tests.benchmarks.intake.bodies import make_body
from tests.harness.organization import make_organization
from tests.harness.servers import TEMPLATE, postgres, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "intake"
TEAM_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Rate:
    """Records per elapsed second, and CPU time of this process per record."""

    records_per_second: float
    cpu_microseconds: float

    @property
    def per_core(self) -> float:
        """Return records per CPU second, independent of other programs on the machine."""
        return 1e6 / self.cpu_microseconds


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of each way."""

    plain: Rate
    wanted: Rate
    rows: Rate
    stored: Rate


@dataclass(frozen=True, slots=True)
class Rates:
    """Medians over the turns, and medians of the ratios within a turn."""

    plain: Rate
    wanted: Rate
    rows: Rate
    stored: Rate
    rows_to_plain: float
    stored_to_plain: float
    stored_to_plain_cpu: float
    stored_to_wanted: float
    records: int


def measure(records: int, bodies: int, turns: int) -> Rates:
    """Measure on a separate PostgreSQL with durable commits.

    Event loop and garbage collector are set as in the service, also for the baseline.
    """
    collect_rarely(GARBAGE)
    switch_often()
    with postgres() as socket_folder:
        return uvloop.run(_measure(socket_folder, records, bodies, turns))


async def _measure(socket_folder: str, records: int, bodies: int, turns: int) -> Rates:
    await make_database(socket_folder)
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        organization = await make_organization(database, MASTER_SECRET)
        limits = BodyLimits.of(Settings())
        intake = TokenIntake(
            database, OrganizationKeys(database, KeyRing.of(MASTER_SECRET)), limits, TEAM_LIMIT, FairThread("bodies")
        )
        caller = Caller(organization.organization_id, frozenset({"intake"}))
        done = []
        # The first turn is a warm-up.
        for turn in range(turns + 1):
            reported = [make_body(turn * bodies + number, records) for number in range(bodies)]
            plain, wanted, rows = (
                _rate(records, reported, way)
                for way in (ways.plain, ways.wanted, lambda body: ways.rows(organization.hasher, body))
            )
            done.append(Turn(plain, wanted, rows, await _stored_rate(records, reported, intake, caller)))
    finally:
        await database.close()
    return _medians(done[1:], records)


def _rate(records: int, bodies: Sequence[bytes], way: Callable[[bytes], object]) -> Rate:
    began, used = time.perf_counter(), time.process_time()
    for body in bodies:
        way(body)
    return _since(began, used, records * len(bodies))


async def _stored_rate(records: int, bodies: Sequence[bytes], intake: TokenIntake, caller: Caller) -> Rate:
    began, used = time.perf_counter(), time.process_time()
    new = await ways.stored(intake, caller, bodies)
    rate = _since(began, used, records * len(bodies))
    if new != records * len(bodies):
        raise RuntimeError(f"{new} of {records * len(bodies)} records were stored as new")
    return rate


def _since(began: float, used: float, records: int) -> Rate:
    seconds, busy = time.perf_counter() - began, time.process_time() - used
    return Rate(records / seconds, busy / records * 1e6)


def _medians(turns: Sequence[Turn], records: int) -> Rates:
    def middle(way: Callable[[Turn], Rate]) -> Rate:
        rates = [way(turn) for turn in turns]
        return Rate(median(rate.records_per_second for rate in rates), median(rate.cpu_microseconds for rate in rates))

    def ratio(one: Callable[[Turn], Rate], other: Callable[[Turn], Rate]) -> float:
        return median(one(turn).records_per_second / other(turn).records_per_second for turn in turns)

    return Rates(
        plain=middle(lambda turn: turn.plain),
        wanted=middle(lambda turn: turn.wanted),
        rows=middle(lambda turn: turn.rows),
        stored=middle(lambda turn: turn.stored),
        rows_to_plain=ratio(lambda turn: turn.rows, lambda turn: turn.plain),
        stored_to_plain=ratio(lambda turn: turn.stored, lambda turn: turn.plain),
        stored_to_plain_cpu=median(turn.plain.cpu_microseconds / turn.stored.cpu_microseconds for turn in turns),
        stored_to_wanted=ratio(lambda turn: turn.stored, lambda turn: turn.wanted),
        records=records,
    )


async def make_database(socket_folder: str) -> None:
    """Create an empty database with durable commits, unlike that of the tests."""
    connection = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = on")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} OWNER shipledger")
    await connection.close()
