"""deploy/otel-collector/laptop.yaml keeps on disk what cannot be sent, and listens on its own machine only."""

import pytest

from service.telemetry.otlp.records import Signal
from tests.harness.edge_collector import configuration

LAPTOP = configuration("laptop.yaml")


def test_only_this_machine_reaches_it() -> None:
    protocols = LAPTOP["receivers"]["otlp"]["protocols"]
    assert {protocol["endpoint"].rsplit(":", 1)[0] for protocol in protocols.values()} == {"127.0.0.1"}


def test_what_cannot_be_sent_waits_on_disk_until_it_can() -> None:
    exporter = LAPTOP["exporters"]["otlp_http"]
    assert exporter["sending_queue"]["storage"] in LAPTOP["service"]["extensions"]
    assert LAPTOP["extensions"]["file_storage"]["fsync"] is True
    assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s"


@pytest.mark.parametrize("signal", Signal)
def test_each_signal_takes_a_way_of_parts_that_exist(signal: Signal) -> None:
    pipeline = LAPTOP["service"]["pipelines"][signal.value]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) <= set(LAPTOP[kind])
