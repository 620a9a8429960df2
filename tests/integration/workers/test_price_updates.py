"""A newer price list is fetched where that is turned on, and what it changes is priced again."""

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from genai_prices.data_snapshot import set_custom_snapshot

from tests.integration.service.api.conftest import Api, api, token_event
from workers.context import WorkerContext
from workers.price_updates import update_prices
from workers.prices.listed import use_newest_list

Drain = Callable[[], Awaitable[None]]
__all__ = ["api"]  # fixture
EVENT = token_event("one", None, 100_000, occurred_at=datetime.now(UTC).isoformat())


def price_list(input_mtok: float) -> bytes:
    model = {
        "id": "claude-sonnet-4-5",
        "match": {"starts_with": "claude-sonnet-4-5"},
        "prices": {"input_mtok": input_mtok, "output_mtok": 15},
    }
    provider = {
        "id": "anthropic",
        "name": "Anthropic",
        "api_pattern": "https://api.anthropic.com",
        "model_match": {"contains": "claude"},
        "models": [model],
    }
    return json.dumps([provider]).encode()


@pytest.fixture
def served() -> Iterator[dict[str, Any]]:
    """A server of the list under `body`, at `url`."""
    answer: dict[str, Any] = {"body": b""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    answer["url"] = f"http://127.0.0.1:{server.server_port}/prices.json"
    yield answer
    server.shutdown()
    set_custom_snapshot(None)
    use_newest_list()


@pytest.fixture
def updating(worker_context: WorkerContext, served: dict[str, Any]) -> WorkerContext:
    worker_context.settings.update_prices = True
    worker_context.settings.price_list_url = served["url"]
    return worker_context


async def cost(api: Api) -> str:
    return (await api.get("ledger"))["received"]["cost_usd"]


async def test_what_a_newer_list_changes_is_priced_again(
    api: Api, updating: WorkerContext, served: dict[str, Any], drain: Drain
) -> None:
    await api.post("token-events", {"items": [EVENT]})
    served["body"] = price_list(3)
    await update_prices(updating)
    await drain()
    await update_prices(updating)
    await drain()
    assert await cost(api) == "1.80"
    served["body"] = price_list(2)
    await update_prices(updating)
    await drain()
    assert await cost(api) == "1.70"


@pytest.mark.parametrize("body", [b"", b"{}", b"no list", b"[{}]"])
async def test_a_list_that_cannot_be_read_leaves_the_present_one(
    api: Api, updating: WorkerContext, served: dict[str, Any], drain: Drain, body: bytes
) -> None:
    served["body"] = body
    await update_prices(updating)
    await api.post("token-events", {"items": [EVENT]})
    await drain()
    assert await cost(api) == "1.80"


async def test_nothing_is_fetched_unless_it_is_turned_on(
    api: Api, worker_context: WorkerContext, served: dict[str, Any], drain: Drain
) -> None:
    served["body"] = price_list(2)
    worker_context.settings.price_list_url = served["url"]
    await update_prices(worker_context)
    await api.post("token-events", {"items": [EVENT]})
    await drain()
    assert await cost(api) == "1.80"
