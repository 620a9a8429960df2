"""All checks, each after those that it depends on."""

import asyncpg

from schema.settings import Settings
from service.diagnosis.accounts import check_accounts
from service.diagnosis.data import check_data
from service.diagnosis.database import check_database, connect
from service.diagnosis.finding import Finding, State, skipped
from service.diagnosis.hooks import check_hooks
from service.diagnosis.layers import check_layers
from service.diagnosis.machine import check_protobuf, check_python, check_secret_key
from service.diagnosis.processes import check_redis, check_service, check_worker
from service.diagnosis.repairs import check_repairs
from service.diagnosis.team_syncs import check_team_syncs


async def diagnose(settings: Settings, url: str) -> list[Finding]:
    """Run all checks; `url` is the address of the service."""
    findings = [check_python(), check_secret_key(settings)]
    connection = await connect(settings)
    if isinstance(connection, Finding):
        stored = [connection, skipped("migrations", "postgresql")]
        arrived = [skipped("worker", "postgresql"), skipped("data", "postgresql")]
    else:
        try:
            stored = await check_database(connection, settings)
            arrived = await _check_contents(connection, stored)
        finally:
            await connection.close()
    service = await check_service(url)
    return [*findings, *stored, await check_redis(settings), service, *arrived, check_protobuf()]


async def _check_contents(connection: asyncpg.Connection, stored: list[Finding]) -> list[Finding]:
    if any(finding.state == State.MISSING for finding in stored):
        return [skipped("worker", "migrations"), skipped("data", "migrations")]
    async with connection.transaction():
        await connection.execute("SET LOCAL shipledger.operator = 'on'")
        return [
            await check_worker(connection),
            *await check_data(connection),
            await check_layers(connection),
            *await check_accounts(connection),
            *await check_repairs(connection),
            *await check_hooks(connection),
            *await check_team_syncs(connection),
        ]
