"""The service's application for tests, wired once for many tests because wiring takes longer than most tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import State

from schema.settings import Settings
from service.auth.providers.configured import configured_providers
from service.http.admission.admission import Admission
from service.http.admission.limits import limits_of
from service.http.request_counts import RequestCounts

_ADDRESSES = dict.fromkeys(("database_url", "worker_database_url", "owner_database_url", "redis_url"))

# Applications that no test uses now, with their settings.
_IDLE: list[tuple[dict[str, Any], Litestar]] = []


@contextmanager
def application(settings: Settings) -> Iterator[Litestar]:
    """Yield an application with these settings, to be started and stopped inside the block.

    Its state begins with its lifespan or is reset here, so that tests do not affect each other. Two blocks at the same
    time get two applications.
    """
    from service.app import create_app

    wanted = settings.model_dump() | _ADDRESSES
    found = next((each for each in _IDLE if each[0] == wanted), None)
    if found is None:
        found = (wanted, create_app(settings))
    else:
        _IDLE.remove(found)
    app = found[1]
    counts = app.state.request_counts
    # The application's hooks refer to this object, so reset it instead of replacing it.
    RequestCounts.__init__(counts)
    providers = configured_providers(settings)
    admission = Admission(limits_of(settings))
    counts.registry.register(admission)
    app.state = State({"settings": settings, "request_counts": counts, "providers": providers, "admission": admission})
    yield app
    _IDLE.append(found)
