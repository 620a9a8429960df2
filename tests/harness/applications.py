"""The service's application for tests: wired once for many of them, since wiring takes longer than most."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import State

from schema.settings import Settings
from service.http.request_counts import RequestCounts

_ADDRESSES = {"database_url": None, "redis_url": None}

# Those that no test uses at the moment, by their settings.
_IDLE: list[tuple[dict[str, Any], Litestar]] = []


@contextmanager
def application(settings: Settings) -> Iterator[Litestar]:
    """An application of these settings, to be started and stopped within the block.

    What it keeps from request to request begins with its lifespan, or is laid here, so that one test sees nothing of
    another's. Two at once are two applications.
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
    # Counted by a hook that the application holds; so the object stays, and begins anew.
    RequestCounts.__init__(counts)
    app.state = State({"settings": settings, "request_counts": counts})
    yield app
    _IDLE.append(found)
