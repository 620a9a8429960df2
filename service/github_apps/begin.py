"""Start of a registration: build the manifest, and store it encrypted for the page that sends it to GitHub."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from key_services.configured import ring_of
from schema.database import Database
from schema.github_apps import AppVault
from schema.settings import Settings
from service.audit.acts import note_made
from service.connections.forge_addresses import forge_base, forge_host
from service.connections.names import ConnectionName
from service.connections.reachability import UNREACHABLE, is_reachable, web_address
from service.contracts.github_app import GithubAppStarted, NewGithubApp
from service.github_apps.manifest import AppRequest, build_manifest, chosen_name, form_action
from service.github_apps.states import REGISTRATION_LIFETIME, new_state, parse_state
from service.queries.forge.github_apps import add_registration

DEFAULT_BASE = "https://github.com"


class Planned(NamedTuple):
    """A registration to store, with the host and base URL of GitHub."""

    host: str
    base_url: str
    started: GithubAppStarted


async def begin_registration(
    database: Database, settings: Settings, organization_id: int, requested: NewGithubApp, own_url: str
) -> GithubAppStarted:
    """Store a registration, unless it is a dry run, and return the page to open; raises BadInputError."""
    registration = ConnectionName(organization_id, uuid4())
    planned = plan(registration, requested, own_url, settings.public_url)
    if requested.dry_run:
        return planned.started
    state = new_state(organization_id)
    parsed = parse_state(state)
    assert parsed is not None, "it was just made"
    expires_at = datetime.now(UTC) + REGISTRATION_LIFETIME
    form = {name: getattr(planned.started, name) for name in ("action", "manifest", "warnings")}
    vault = AppVault(ring_of(settings))
    async with database.organization(organization_id) as tenant:
        await add_registration(
            tenant,
            registration.connection_id,
            host=planned.host,
            base_url=planned.base_url,
            state_digest=parsed.digest,
            expires_at=expires_at,
            sealed_form=vault.seal(organization_id, form),
        )
    note_made(registration)
    started = planned.started
    started.id, started.page, started.expires_at = str(registration), f"{own_url}/github/register/{state}", expires_at
    return started


def plan(registration: ConnectionName, requested: NewGithubApp, own_url: str, public_url: str | None) -> Planned:
    """Build a registration without storing it; raises BadInputError."""
    host = forge_host("github", requested.base_url)
    base_url = forge_base(requested.base_url) or DEFAULT_BASE
    account = requested.organization.strip() or None if requested.organization is not None else None
    address = (
        web_address(requested.public_url, "public_url") if requested.public_url is not None else (public_url or own_url)
    )
    reachable = is_reachable(address, host)
    manifest = build_manifest(
        AppRequest(
            name=chosen_name(requested.name, account, str(registration)),
            own_url=own_url,
            webhook_url=address.rstrip("/") if reachable else None,
            registration=str(registration),
            reads_teams=requested.team_sync,
            writes_checks=requested.summaries,
        )
    )
    warnings = [] if reachable else [UNREACHABLE.format(url=address)]
    started = GithubAppStarted(
        id=None,
        page=None,
        action=form_action(base_url, account),
        manifest=manifest,
        expires_at=None,
        warnings=warnings,
    )
    return Planned(host, base_url, started)
