"""Spend logs from a LiteLLM gateway's PostgreSQL, read-only."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import asyncpg

from schema.errors import SetUpError
from service.imports.left_out import UnusableRow
from service.imports.litellm import SpendLog, read_row
from vocabulary.store_urls import check_database_url

ROWS_A_PAGE = 5_000
SECONDS = 30

_COLUMNS = """
SELECT column_name FROM information_schema.columns WHERE table_name = 'LiteLLM_SpendLogs'
"""

# Only usage and tier in the metadata leave the database. Older versions store the object as text, which may not be
# whole: then a cast would fail for all rows, so it is parsed here.
_USAGE = """
CASE WHEN jsonb_typeof(metadata::jsonb) = 'string' THEN metadata::jsonb #>> '{}'
     ELSE jsonb_build_object(
         'usage_object', metadata::jsonb -> 'usage_object', 'service_tier', metadata::jsonb -> 'service_tier',
         'additional_usage_values', metadata::jsonb -> 'additional_usage_values')::text END
"""

_ROWS = """
SELECT request_id, "startTime", "endTime", model, {provider} AS custom_llm_provider, {team} AS team_id,
       prompt_tokens, completion_tokens, {total} AS total_tokens, cache_hit, call_type, {usage} AS usage
  FROM "LiteLLM_SpendLogs"
 WHERE "startTime" >= $1::timestamp AND "startTime" < $2::timestamp AND ("startTime", request_id) > ($3::timestamp, $4)
 ORDER BY "startTime", request_id LIMIT $5
"""
# Before any id: a row may have an empty one.
_BEFORE_ALL = timedelta(microseconds=1)


class SpendLogsTable:
    """The table, read page by page on a read-only connection. Raises SetUpError."""

    def __init__(self, url: str) -> None:
        try:
            self._url = check_database_url(url)
        except ValueError as error:
            raise SetUpError(str(error), field="database") from None
        self._runner = asyncio.Runner()
        self._statement = ""

    def __enter__(self) -> Self:
        try:
            self._connection = self._runner.run(self._connect())
            columns = {row["column_name"] for row in self._runner.run(self._connection.fetch(_COLUMNS))}
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TimeoutError) as error:
            self._runner.close()
            # The error's text could contain the URL with its password.
            raise SetUpError(
                f"cannot be reached ({type(error).__name__}); check host, port and password", field="database"
            ) from None
        if "request_id" not in columns:
            self.__exit__(None, None, None)
            raise SetUpError(
                "has no table LiteLLM_SpendLogs that this role may read; grant it SELECT", field="database"
            )
        self._statement = _ROWS.format(
            provider="custom_llm_provider" if "custom_llm_provider" in columns else "NULL::text",
            team="team_id" if "team_id" in columns else "NULL::text",
            total="total_tokens" if "total_tokens" in columns else "NULL::int",
            usage=_USAGE,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()

    def read(self, start: datetime, end: datetime) -> Iterator[SpendLog | UnusableRow]:
        """Yield the rows of requests that began at or after `start` and before `end`."""
        first, last = (instant.astimezone(UTC).replace(tzinfo=None) for instant in (start, end))
        after: tuple[Any, str] = (first - _BEFORE_ALL, "")
        while True:
            try:
                rows = self._runner.run(self._connection.fetch(self._statement, first, last, *after, ROWS_A_PAGE))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                raise SetUpError(
                    f"stopped answering ({type(error).__name__}); run the command again later", field="database"
                ) from None
            for row in rows:
                yield read_row(dict(row))
            if len(rows) < ROWS_A_PAGE:
                return
            after = rows[-1]["startTime"], rows[-1]["request_id"]

    async def _connect(self) -> asyncpg.Connection:
        settings = {"default_transaction_read_only": "on", "TimeZone": "UTC", "application_name": "shipledger"}
        return await asyncpg.connect(self._url, server_settings=settings, timeout=SECONDS, command_timeout=SECONDS)
