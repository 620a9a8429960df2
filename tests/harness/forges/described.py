"""Compare requests to a fake GitHub, and its responses, with GitHub's OpenAPI description of its REST API.

Only if Prism is installed (`tests/harness/forges/prism.py`); otherwise nothing is compared.
"""

from collections import Counter
from typing import Any

from tests.harness.forges.openapi import BASE
from tests.harness.forges.prism import Application, Exchange, Prism, prism

# The description does not cover GraphQL.
NOT_DESCRIBED = {f"{BASE}/graphql"}
# These statuses are documented for the whole API and few operations list them: authentication, limits, not found and
# not modified. Any server may fail, too.
UNLISTED = {304, 401, 403, 404, 429, *range(500, 600)}

# How often each operation was compared in this run.
COMPARED: Counter[str] = Counter()


class Compared:
    """An application whose every API exchange is compared; `found` are the violations."""

    def __init__(self, application: Application) -> None:
        self._application = application
        # Before the first request: Prism starts slowly, and clients have short timeouts.
        self._prism = prism()
        self.found: set[str] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        through = self._prism if path.startswith(BASE) and path not in NOT_DESCRIBED else None
        if through is None:
            await self._application(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        exchange = Exchange(self._application, scope, body)
        await self._compare(through, exchange)
        for message in exchange.reported:
            await send(message)

    async def _compare(self, through: Prism, exchange: Exchange) -> None:
        method, path = exchange.scope["method"], exchange.scope["path"]
        reported = await through.carry(exchange)
        operation = through.operations.named(method, path)
        if operation is None:
            self.found.add(f"{method} {path} is not described")
            return
        COMPARED[operation] += 1
        for each in reported:
            if each["severity"] == "Error" or exchange.status not in UNLISTED:
                place = ".".join(each["location"])
                self.found.add(f"{operation} {exchange.status}, {place}: {each['message']}")
        query = exchange.scope["query_string"].decode()
        for name in through.operations.unknown_parameters(operation, query):
            self.found.add(f"{operation} has no query parameter {name}")

    def verify(self) -> None:
        """Raise AssertionError that names every violation."""
        assert not self.found, "\n".join(sorted(self.found))
