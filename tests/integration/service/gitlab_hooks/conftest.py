"""A service that hooks reach, and a GitLab that keeps them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schema.database import Database
from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.histories import make_repository
from tests.harness.forges.hook_registrations import HookRegistrations
from tests.harness.listening import listening
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients


@pytest.fixture
def hooks(
    settings: Settings,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    clock: QuickClock,
) -> Iterator[HookRegistrations]:
    fake = FakeGitlab(clock)
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=6)}
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    with fake.serve() as url, application(settings) as app, listening(app) as service:
        yield HookRegistrations(organization, database, fake, url, service, context)
