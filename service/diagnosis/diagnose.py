"""All checks, each after those that it depends on."""

import asyncpg

from schema.settings import Settings
from service.diagnosis.accounts import check_accounts
from service.diagnosis.api import check_api, check_key
from service.diagnosis.data import check_data
from service.diagnosis.database import check_database, connect, has_organizations
from service.diagnosis.dropped import check_dropped
from service.diagnosis.finding import Finding, State, missing, skipped
from service.diagnosis.hooks import check_hooks
from service.diagnosis.layers import check_layers
from service.diagnosis.links import check_links
from service.diagnosis.machine import check_protobuf, check_python, check_secret_key
from service.diagnosis.processes import check_redis, check_service, check_worker
from service.diagnosis.repairs import check_repairs
from service.diagnosis.roles import stored_data
from service.diagnosis.sealed_values import check_sealed_values
from service.diagnosis.team_syncs import check_team_syncs


async def diagnose(settings: Settings, url: str, key: str | None = None) -> list[Finding]:
    """Run all checks; `url` is the address of the service, and `key` one to try there."""
    connection = await connect(settings)
    has_data = None if isinstance(connection, Finding) else await has_organizations(connection)
    findings = [check_python(), check_secret_key(settings, has_data=has_data)]
    if isinstance(connection, Finding):
        stored = [connection, skipped("migrations", "postgresql")]
        arrived = [skipped("worker", "postgresql"), skipped("data", "postgresql")]
    else:
        try:
            stored = await check_database(connection, settings)
            arrived = await _check_contents(connection, settings, stored)
        finally:
            await connection.close()
    service = [await check_service(url), *([await check_key(url, key)] if key else [])]
    return [*findings, *stored, await check_redis(settings), *service, *arrived, check_protobuf()]


async def diagnose_remote(url: str, key: str | None) -> list[Finding]:
    """Run the checks of a service on another machine, which only its API can answer."""
    service = await check_service(url)
    if service.state != State.OK:
        return [check_python(), service]
    if not key:
        return [check_python(), service, missing("api key", "not given", "pass --key, or set SHIPLEDGER_API_KEY")]
    return [check_python(), service, *await check_api(url, key)]


async def _check_contents(connection: asyncpg.Connection, settings: Settings, stored: list[Finding]) -> list[Finding]:
    if any(finding.state == State.MISSING for finding in stored):
        return [skipped("worker", "migrations"), skipped("data", "migrations")]
    async with stored_data(connection, settings) as reading:
        if reading is None:
            needs = "SHIPLEDGER_OWNER_DATABASE_URL, because there are several organizations"
            return [skipped("worker", needs), skipped("data", needs)]
        return [
            await check_sealed_values(reading, settings),
            await check_worker(reading),
            *await check_data(reading),
            await check_layers(reading),
            await check_dropped(reading),
            await check_links(reading),
            *await check_accounts(reading),
            *await check_repairs(reading),
            *await check_hooks(reading),
            *await check_team_syncs(reading),
        ]
