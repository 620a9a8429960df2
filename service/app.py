"""The Litestar application: routes, dependencies and shared resources."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import ASGIApp, ControllerRouterHandler

from key_services.configured import ring_of
from schema.database import Database
from schema.organization_keys import OrganizationKeys, organization_vault
from schema.queue import Queue
from schema.settings import MEBIBYTE, Settings
from service import health
from service.administration.readiness import Readiness
from service.api.access import audit, dashboard_links, members, shared_links, sign_in_rules
from service.api.alerts import channels, deliveries, digest, mutes
from service.api.billing import billing_charges, prices, provider_accounts, reconciliation
from service.api.effects import effects, iterations
from service.api.forge import (
    backfills,
    connections,
    features,
    github_apps,
    imports,
    labels,
    registrations,
    repairs,
    summaries,
)
from service.api.ledger import (
    attributions,
    changes,
    conversion,
    exports,
    ledger,
    metrics,
    overview,
    percentiles,
    policies,
    spend,
    spend_change,
    watched,
)
from service.api.ownership import factors, ownership
from service.api.releases import releases
from service.api.reported import guardrails, outcome_intake, outcome_list, outcome_study, registry_events
from service.api.teams import keys, team_syncs, teams
from service.api.tokens import (
    coverage,
    engagement,
    gateway_estimates,
    gateway_usage,
    layers,
    session_evidence,
    token_events,
)
from service.api.upkeep import dead_letters
from service.audit.acts import store_acts
from service.auth.caller import KnownKeys, provide_caller
from service.auth.page_guard import guard_page
from service.auth.providers.configured import configured_providers
from service.auth.sessions.middleware import Sessions
from service.dashboard import routes as dashboard_routes
from service.dashboard.shell.explaining import answer_anything
from service.dashboard.shell.recent import RecentReads
from service.exports.lists import check_query
from service.http.admission.admission import Admission
from service.http.admission.limits import limits_of
from service.http.fair_thread import FairThread
from service.http.json_bodies import JsonRequest
from service.http.reads import open_reads
from service.http.request_counts import RequestCounts
from service.openapi import StructDescriptions, openapi
from service.queries.teams.comparisons import thresholds_of
from service.reference import page
from service.telemetry import routes as telemetry_routes
from service.telemetry.otlp.decode import require_fast_protobuf
from service.webhooks import routes as webhook_routes
from service.webhooks.intake import WebhookIntake

# For JSON imports; webhooks and telemetry have their own limits.
BODY_LIMIT = 16 * MEBIBYTE
# Percent of the PostgreSQL connections that the requests of one organization may use at a time.
CONNECTION_SHARE = 60

ROUTES: list[ControllerRouterHandler] = [
    *webhook_routes.ROUTES,
    *telemetry_routes.ROUTES,
    *token_events.ROUTES,
    *session_evidence.ROUTES,
    *gateway_usage.ROUTES,
    *imports.ROUTES,
    *releases.ROUTES,
    *billing_charges.ROUTES,
    *prices.ROUTES,
    *attributions.ROUTES,
    *metrics.ROUTES,
    *spend.ROUTES,
    *conversion.ROUTES,
    *percentiles.ROUTES,
    *ledger.ROUTES,
    *overview.ROUTES,
    *spend_change.ROUTES,
    *changes.ROUTES,
    *registry_events.ROUTES,
    *outcome_intake.ROUTES,
    *outcome_list.ROUTES,
    *outcome_study.ROUTES,
    *guardrails.ROUTES,
    *ownership.ROUTES,
    *factors.ROUTES,
    *watched.ROUTES,
    *policies.ROUTES,
    *channels.ROUTES,
    *digest.ROUTES,
    *deliveries.ROUTES,
    *mutes.ROUTES,
    *exports.ROUTES,
    *effects.ROUTES,
    *iterations.ROUTES,
    *coverage.ROUTES,
    *gateway_estimates.ROUTES,
    *reconciliation.ROUTES,
    *layers.ROUTES,
    *provider_accounts.ROUTES,
    *engagement.ROUTES,
    *teams.ROUTES,
    *features.ROUTES,
    *labels.ROUTES,
    *connections.ROUTES,
    *registrations.ROUTES,
    *summaries.ROUTES,
    *team_syncs.ROUTES,
    *backfills.ROUTES,
    *repairs.ROUTES,
    *github_apps.ROUTES,
    *keys.ROUTES,
    *dashboard_links.ROUTES,
    *shared_links.ROUTES,
    *sign_in_rules.ROUTES,
    *members.ROUTES,
    *audit.ROUTES,
    *dead_letters.ROUTES,
    *health.ROUTES,
    *page.ROUTES,
]


def create_app(settings: Settings | None = None) -> Litestar:
    """Create the ASGI application.

    Raises SetUpError without a master secret or the fast protobuf, or if an identity provider is set up incompletely.
    PostgreSQL and Redis may be down: the pools connect on first use.
    """
    settings = settings or Settings()
    require_fast_protobuf()
    organization_vault(ring_of(settings))  # raises without a master secret
    counts = RequestCounts()
    admission = Admission(limits_of(settings))
    counts.registry.register(admission)
    state = {
        "settings": settings,
        "request_counts": counts,
        "providers": configured_providers(settings),
        "admission": admission,
    }
    return Litestar(
        route_handlers=[*ROUTES, pages()],
        lifespan=[open_parts],
        state=State(state),
        dependencies={
            "settings": Provide(provide_settings, sync_to_thread=False),
            "database": Provide(provide_database, sync_to_thread=False),
            "queue": Provide(provide_queue, sync_to_thread=False),
            "organization_keys": Provide(provide_organization_keys, sync_to_thread=False),
            "caller": Provide(provide_caller),
        },
        exception_handlers={Exception: answer_anything},
        before_request=check_query,
        before_send=[counts.count, store_acts],
        openapi_config=openapi(),
        plugins=[StructDescriptions()],
        request_max_body_size=BODY_LIMIT,
        request_class=JsonRequest,
        logging_config=None,
    )


def pages() -> Router:
    """Create the dashboard's router. Only pages have a session, so a cookie can never authorize an API call."""
    return Router(
        path="/",
        route_handlers=[*dashboard_routes.ROUTES],
        middleware=[compressed, DefineMiddleware(Sessions, exclude="^/assets/")],
        guards=[guard_page],
    )


def compressed(app: ASGIApp) -> ASGIApp:
    """Compress pages and their files; the API's clients are near and its answers small."""
    return CompressionMiddleware(
        app=app, config=CompressionConfig(backend="gzip", minimum_size=500, gzip_compress_level=6)
    )


@asynccontextmanager
async def open_parts(app: Litestar) -> AsyncIterator[None]:
    """Open the shared resources, and close them when the application stops."""
    settings: Settings = app.state.settings
    size = settings.database_pool_size
    share = max(1, size * CONNECTION_SHARE // 100)
    database = Database(settings.database_url, size, share, is_pooled=settings.transaction_pooling)
    queue = Queue(settings.redis_url)
    await database.open()
    app.state.database = database
    app.state.queue = queue
    app.state.organization_keys = OrganizationKeys(database, ring_of(settings))
    app.state.reads = open_reads(database, app.state.organization_keys, thresholds_of(settings))
    app.state.known_keys = KnownKeys(database, app.state.admission.strangers, settings.key_rate)
    app.state.recent_reads = RecentReads()
    app.state.fair_thread = FairThread("large-bodies")
    app.state.webhook_intake = WebhookIntake(settings, database, queue, app.state.fair_thread)
    app.state.readiness = Readiness(database, queue, organization_vault(ring_of(settings)))
    # Logs what is away or does not fit, before a request needs it.
    first_look = asyncio.create_task(app.state.readiness.checks())
    try:
        yield
    finally:
        first_look.cancel()
        await app.state.readiness.close()
        await app.state.known_keys.uses.close()
        await queue.close()
        await database.close()


def provide_settings(state: State) -> Settings:
    """Provide the settings."""
    return state.settings  # type: ignore[no-any-return] # State holds Any


def provide_database(state: State) -> Database:
    """Provide the PostgreSQL connection pool."""
    return state.database  # type: ignore[no-any-return] # State holds Any


def provide_queue(state: State) -> Queue:
    """Provide the queue that wakes workers."""
    return state.queue  # type: ignore[no-any-return] # State holds Any


def provide_organization_keys(state: State) -> OrganizationKeys:
    """Provide the organizations' hash keys."""
    return state.organization_keys  # type: ignore[no-any-return] # State holds Any
