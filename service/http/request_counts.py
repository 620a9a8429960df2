"""Prometheus metrics: requests of this process, and rows waiting in PostgreSQL."""

from collections import Counter
from collections.abc import Iterator

from litestar.types import Message, Scope
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from service.queries.upkeep.backlog import Waiting


class RequestCounts(Collector):
    """Counts responses by method, route template and status; never by path, which may contain a name.

    A plain dictionary keeps counting cheap; it is converted to metrics when Prometheus reads them.
    """

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self.registry = CollectorRegistry()
        self.registry.register(self)

    async def count(self, message: Message, scope: Scope) -> None:
        """Count a response; Litestar calls this as `before_send` hook."""
        if message["type"] == "http.response.start":
            self._answers[str(scope.get("method")), scope.get("path_template") or "unmatched", message["status"]] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the metric for prometheus_client."""
        answers = CounterMetricFamily(
            "shipledger_http_responses", "HTTP responses", labels=["method", "route", "status"]
        )
        for (method, route, status), number in self._answers.items():
            answers.add_metric([method, route, str(status)], number)
        yield answers


def backlog_gauges(waiting: list[Waiting]) -> CollectorRegistry:
    """Return gauges by table: waiting and dead rows, and the age of the oldest waiting row."""
    registry = CollectorRegistry()
    rows = Gauge(
        "shipledger_rows", "Rows that wait for a worker or were given up", ["table", "state"], registry=registry
    )
    age = Gauge("shipledger_oldest_waiting_seconds", "Age of the oldest waiting row", ["table"], registry=registry)
    for table in waiting:
        rows.labels(table.name, "waiting").set(table.waiting)
        rows.labels(table.name, "dead").set(table.dead)
        age.labels(table.name).set(table.oldest_seconds)
    return registry
