"""Prometheus counters of refused telemetry bodies and of rejected records, by reason."""

from collections.abc import Mapping

from litestar.datastructures import State
from prometheus_client import CollectorRegistry, Counter

from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Reason


class IntakeCounts:
    """Refused bodies and rejected records by signal and reason."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._bodies = Counter(
            "shipledger_telemetry_bodies_refused",
            "Telemetry bodies that were refused",
            ["signal", "reason"],
            registry=registry,
        )
        self._records = Counter(
            "shipledger_telemetry_records_rejected",
            "Log records, spans and data points that were rejected while the rest of their body was stored",
            ["signal", "reason"],
            registry=registry,
        )

    def refuse(self, signal: Signal, reason: str) -> None:
        """Count a refused body; `reason` is the type of the problem in the response."""
        self._bodies.labels(signal, reason).inc()

    def reject(self, signal: Signal, rejections: Mapping[Reason, int]) -> None:
        """Count rejected records."""
        for reason, number in rejections.items():
            self._records.labels(signal, reason).inc(number)


def intake_counts(state: State) -> IntakeCounts:
    """Return the application's counters, in the registry of its other metrics."""
    if "intake_counts" not in state:
        state.intake_counts = IntakeCounts(state.request_counts.registry)
    counts: IntakeCounts = state.intake_counts
    return counts
