"""Counts that Prometheus reads: requests of this process, and the rows that wait in PostgreSQL."""

from litestar.types import Message, Scope
from prometheus_client import CollectorRegistry, Counter, Gauge

from service.queries.backlog import Waiting


class RequestCounts:
    """Answers by method, route template and status; never a path, which may hold a name."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "shipledger_answers", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._known: dict[tuple[str, str, int], Counter] = {}

    async def count(self, message: Message, scope: Scope) -> None:
        """Litestar's `before_send` hook."""
        if message["type"] != "http.response.start":
            return
        key = (str(scope.get("method", "")), scope.get("path_template") or "unmatched", message["status"])
        if (counter := self._known.get(key)) is None:
            counter = self._known[key] = self._answers.labels(*key)
        counter.inc()


def backlog_gauges(waiting: list[Waiting]) -> CollectorRegistry:
    """Waiting and dead rows and the age of the oldest waiting one, by table."""
    registry = CollectorRegistry()
    rows = Gauge(
        "shipledger_rows", "Rows that wait for a worker, or that it gave up on", ["table", "state"], registry=registry
    )
    age = Gauge("shipledger_oldest_waiting_seconds", "Age of the oldest waiting row", ["table"], registry=registry)
    for table in waiting:
        rows.labels(table.name, "waiting").set(table.waiting)
        rows.labels(table.name, "dead").set(table.dead)
        age.labels(table.name).set(table.oldest_seconds)
    return registry
