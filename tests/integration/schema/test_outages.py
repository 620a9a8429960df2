"""PostgreSQL goes away in each way that it can: always UnavailableError, in time, and then it works again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest
from structlog.testing import capture_logs

from schema.database import CONNECT_SECONDS, Database, require_database
from schema.errors import SetUpError, UnavailableError
from tests.harness.servers import Administration, url_of

SILENT, WITHOUT_TLS = b"", b"N"


@asynccontextmanager
async def opened(url: str, pool_size: int = 2) -> AsyncIterator[Database]:
    database = Database(url, pool_size)
    await database.open()
    yield database
    await database.close()


@asynccontextmanager
async def listener(answer: bytes) -> AsyncIterator[int]:
    """Run a server that answers with some bytes, or is silent; yield its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(answer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def works(database: Database) -> bool:
    return await last_of(database, "SELECT true")


async def last_of(database: Database, *statements: str) -> bool:
    async with database.operator() as connection:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])


async def unavailable(database: Database, *statements: str) -> UnavailableError:
    with pytest.raises(UnavailableError) as raised:
        await last_of(database, *(statements or ("SELECT true",)))
    return raised.value


def raising(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'CANARY' USING ERRCODE = '{code}'; END $$"


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("postgresql://u@127.0.0.1:1/x", "does not answer"),
        ("postgresql://u@database.invalid/x", "does not answer"),
        ("postgresql://u@/x?host=/nonexistent", "does not answer"),
    ],
)
async def test_a_server_that_does_not_run_is_unavailable_at_once(url: str, remedy: str) -> None:
    async with opened(url) as database:
        assert remedy in (await unavailable(database)).remedy


async def test_a_silent_server_is_unavailable_within_three_seconds() -> None:
    async with listener(SILENT) as port, opened(f"postgresql://u@127.0.0.1:{port}/x") as database:
        began = time.monotonic()
        assert "does not answer" in (await unavailable(database)).remedy
        assert time.monotonic() - began < CONNECT_SECONDS + 1.0


async def test_a_server_without_tls_is_unavailable_where_tls_is_required() -> None:
    async with (
        listener(WITHOUT_TLS) as port,
        opened(f"postgresql://u@127.0.0.1:{port}/x?sslmode=require") as database,
    ):
        assert "does not answer" in (await unavailable(database)).remedy


async def test_a_role_and_a_database_that_do_not_exist_are_unavailable(postgres_socket: str) -> None:
    async with opened(url_of(postgres_socket, "postgres", "nobody_here")) as database:
        assert "refuses the connection" in (await unavailable(database)).remedy
    missing = url_of(postgres_socket, "nothing_here")
    async with opened(missing) as database:
        assert "does not have the database" in (await unavailable(database)).remedy
    with pytest.raises(SetUpError, match="DATABASE_URL does not have the database"):
        await require_database(missing)
    await require_database("postgresql://u@127.0.0.1:1/x")


async def test_a_database_that_takes_no_connections_is_unavailable_until_it_does(
    administration: Administration, database_url: str
) -> None:
    name = database_url.partition("@/")[2].partition("?")[0]
    async with opened(database_url) as database:
        for setting, remedy in (("CONNECTION LIMIT 0", "no more connections"), ("ALLOW_CONNECTIONS false", "refuses")):
            administration.execute(f"ALTER DATABASE {name} {setting}")
            assert remedy in (await unavailable(database)).remedy
            administration.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1 ALLOW_CONNECTIONS true")
        assert await works(database)


async def test_a_connection_that_is_terminated_is_unavailable_once(
    administration: Administration, database_url: str
) -> None:
    name = database_url.partition("@/")[2].partition("?")[0]
    async with opened(database_url) as database:
        ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        waiting = asyncio.create_task(unavailable(database, "SELECT pg_sleep(30)"))
        while not waiting.done():
            administration.execute(ending)
            await asyncio.sleep(0.01)
        assert waiting.result().remedy
        assert await works(database)


async def test_timeouts_and_a_read_only_server_are_unavailable(database: Database) -> None:
    slow = await unavailable(database, "SET LOCAL statement_timeout = 10", "SELECT pg_sleep(5)")
    assert "takes too long" in slow.remedy
    async with database.operator() as holder:
        await holder.execute("LOCK TABLE team")
        locked = await unavailable(database, "SET LOCAL lock_timeout = 10", "SELECT true FROM team")
        assert "takes too long" in locked.remedy
    read_only = await unavailable(database, "SET TRANSACTION READ ONLY", "SELECT setval('team_team_id_seq', 1)")
    assert "accepts no changes" in read_only.remedy
    assert await works(database)


@pytest.mark.parametrize("code", ["53100", "53200", "53400", "57014", "57P01", "58030", "08006"])
async def test_each_class_of_failure_of_the_server_is_unavailable(database: Database, code: str) -> None:
    assert "CANARY" not in (await unavailable(database, raising(code))).remedy
    assert await works(database)


async def test_a_full_pool_is_unavailable_and_says_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schema.database.ACQUIRE_SECONDS", 0.1)
    async with opened(database_url, pool_size=1) as database, database.operator():
        assert "every connection of this process is in use" in (await unavailable(database)).remedy


async def test_a_beginning_that_is_not_answered_ends_the_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(database_url, pool_size=1) as database:
        assert await works(database)
        monkeypatch.setattr("schema.database.BEGIN_SECONDS", 0.0)
        assert "takes too long" in (await unavailable(database)).remedy
        monkeypatch.undo()
        assert await works(database)


async def test_an_outage_is_logged_once_for_all_requests() -> None:
    async with opened("postgresql://CANARY@127.0.0.1:1/x") as database:
        with capture_logs() as logs:
            for _ in range(5):
                await unavailable(database)
    assert [entry["event"] for entry in logs] == ["database_unavailable"]
    assert "CANARY" not in str(logs)


async def test_an_error_of_a_value_is_no_outage(database: Database) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await last_of(database, raising("23505"))


class Link:
    """A network between the process and PostgreSQL that can go dead: it takes everything and passes nothing on."""

    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path
        self._passes = asyncio.Event()
        self._passes.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def die(self) -> None:
        self._passes.clear()

    def heal(self) -> None:
        self._passes.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())  # type: ignore[arg-type]  # a task runs this
        behind, ahead = await asyncio.open_unix_connection(self._socket_path)
        await asyncio.gather(self._pass(reader, ahead), self._pass(behind, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def linked(database_url: str, folder: str) -> AsyncIterator[tuple[Link, Database]]:
    """Open a database behind a link, with a short patience."""
    link = Link(f"{folder}/.s.PGSQL.5432")
    server = await asyncio.start_server(link.serve, "127.0.0.1", 0)
    name = database_url.partition("@/")[2].partition("?")[0]
    port = server.sockets[0].getsockname()[1]
    try:
        async with opened(f"postgresql://shipledger@127.0.0.1:{port}/{name}?sslmode=disable") as database:
            yield link, database
            link.heal()
    finally:
        link.close()
        server.close()


async def test_a_statement_that_runs_while_the_server_freezes_is_given_up_within_seconds(
    administration: Administration, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.server_watch.PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("schema.server_watch.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("schema.database.CONNECT_SECONDS", 0.4)
    async with linked(database_url, administration.socket_folder) as (link, database):
        assert await works(database)
        # The server answers others meanwhile, so that a long statement may end.
        assert await last_of(database, "SELECT pg_sleep(0.6)", "SELECT true")
        running = asyncio.create_task(unavailable(database, "SELECT pg_sleep(0.2)", "SELECT true"))
        await asyncio.sleep(0.1)
        link.die()
        began = time.monotonic()
        assert "does not answer" in (await running).remedy
        assert time.monotonic() - began < 3.0
        link.heal()
        assert await works(database)
