"""Counts that Prometheus reads: requests of this process, and the rows that wait in PostgreSQL."""

from collections import Counter
from collections.abc import Iterator

from litestar.types import Message, Scope
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from service.queries.upkeep.backlog import Waiting


class RequestCounts(Collector):
    """Answers by method, route template and status; never a path, which may hold a name.

    They are counted in a plain dictionary, since every answer pays for it, and turned into metrics when those are read.
    """

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self.registry = CollectorRegistry()
        self.registry.register(self)

    async def count(self, message: Message, scope: Scope) -> None:
        """Litestar's `before_send` hook."""
        if message["type"] == "http.response.start":
            self._answers[str(scope.get("method")), scope.get("path_template") or "unmatched", message["status"]] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """What prometheus_client asks for."""
        answers = CounterMetricFamily("shipledger_answers", "Requests answered", labels=["method", "route", "status"])
        for (method, route, status), number in self._answers.items():
            answers.add_metric([method, route, str(status)], number)
        yield answers


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
