"""deploy/otel-collector says what service/telemetry says, and its parts fit together."""

import json
import re
from typing import Any

import pytest

from service.telemetry.otlp.records import Signal
from service.telemetry.otlp.series import DIVIDING
from service.telemetry.reading import links
from service.telemetry.sources import (
    claude_code,
    cline,
    codeburn,
    codex,
    copilot,
    gemini_cli,
    litellm,
    openinference,
    qwen_code,
    session_records,
    vercel_ai,
)
from service.telemetry.sources.conventions import spellings
from service.telemetry.sources.registry import WANTED
from tests.harness.edge_collector import FOLDER, STATEMENTS, configuration, statements

EDGE = configuration("edge.yaml")
FLEET = configuration("edge.yaml", "fleet.yaml")
OWN_CONTEXT = {Signal.LOGS: "log", Signal.TRACES: "span", Signal.METRICS: "datapoint"}
# Texts of which only numbers and commit ids are read, and only from a record itself.
TEXTS = {claude_code.PARAMETERS, vercel_ai.METADATA, litellm.USAGE}
# What names a session, by whatever name, or holds its name.
SESSIONS = {links.SESSION, codex.SESSION, codex.THREAD, *spellings.SESSION, *vercel_ai.SESSION, cline.TASK, "prompt_id"}
SESSIONS |= {*session_records.NAMES["session"]}
SERIES = "shipledger.series"


def kept(signal: Signal, context: str) -> set[str]:
    (found,) = [line for where, line in statements(EDGE, signal) if where == context and line.startswith("keep_keys(")]
    names = re.fullmatch(rf"keep_keys\({context}\.attributes, (\[.*\])\)", found)
    assert names
    listed: list[str] = json.loads(names[1])
    assert listed == sorted(set(listed))
    return set(listed)


@pytest.mark.parametrize("signal", Signal)
def test_only_known_attributes_of_a_record_pass(signal: Signal) -> None:
    more = {*DIVIDING, SERIES} if signal is Signal.METRICS else set()
    assert kept(signal, OWN_CONTEXT[signal]) == WANTED[signal].attributes | more


@pytest.mark.parametrize("signal", Signal)
def test_only_known_attributes_of_a_resource_pass(signal: Signal) -> None:
    assert kept(signal, "resource") == WANTED[signal].attributes - TEXTS


@pytest.mark.parametrize("signal", Signal)
def test_whatever_names_a_session_becomes_a_salted_hash(signal: Signal) -> None:
    names = SESSIONS & WANTED[signal].attributes
    assert names
    for context in (OWN_CONTEXT[signal], "resource"):
        lines = [line for where, line in statements(EDGE, signal) if where == context]
        keeping = next(place for place, line in enumerate(lines) if line.startswith("keep_keys("))
        for name in names:
            value = f'{context}.attributes["{name}"]'
            hashing = (
                f'set({value}, SHA256(Concat(["${{env:SHIPLEDGER_EDGE_SALT}}", {value}], "/"))) where {value} != nil'
            )
            assert lines.index(hashing) > keeping


def named_as_missing(condition: str) -> set[str]:
    found = re.findall(r'attributes\["([^"]+)"\] == nil', condition)
    assert " and ".join(f'attributes["{name}"] == nil' for name in found) == condition
    return set(found)


def test_logs_with_tokens_a_commit_a_branch_or_a_failure_pass() -> None:
    (condition,) = EDGE["processors"]["filter/reporting"]["logs"]["log_record"]
    failures = re.findall(r' and attributes\["event\.(name|kind)"\] != "([^"]+)"', condition)
    assert {name for key, name in failures if key == "name"} == {
        *(
            "api_error",
            "claude_code.api_error",
            "codex.api_request",
            "codex.websocket_request",
            gemini_cli.ERROR,
            qwen_code.ERROR,
            session_records.EVENT,
        )
    }
    assert [kind for key, kind in failures if key == "kind"] == [codex.FAILED]
    condition = re.sub(r' and attributes\["event\.(name|kind)"\] != "([^"]+)"', "", condition)
    tokens = {*claude_code.COUNTS, *codex.COUNTS, *gemini_cli.COUNTS, *qwen_code.COUNTS}
    assert named_as_missing(condition) == tokens | {links.BRANCH, claude_code.REVISION, claude_code.PARAMETERS}


def test_spans_with_tokens_a_branch_or_a_model_failure_pass() -> None:
    well, without_requests = EDGE["processors"]["filter/reporting"]["traces"]["span"]
    reporting = {*spellings.USAGE, *vercel_ai.INPUT, *vercel_ai.OUTPUT, *openinference.USAGE, copilot.BRANCH}
    reporting |= {*claude_code.COUNTS, *codex.TURN_COUNTS, codeburn.INPUT, codeburn.OUTPUT, codeburn.REPOSITORY}
    requests = {spellings.OPERATION, spellings.REQUEST_TYPE, vercel_ai.OPERATION, litellm.CALL}
    assert named_as_missing(without_requests) == reporting | requests
    without_status = well.removesuffix(" and status.code != STATUS_CODE_ERROR")
    assert without_status != well
    assert named_as_missing(without_status) == reporting | {spellings.ERROR}


def test_instruments_pass_that_count_tokens() -> None:
    (condition,) = EDGE["processors"]["filter/reporting"]["metrics"]["metric"]
    names = re.findall(r'name != "([^"]+)"', condition)
    assert " and ".join(f'name != "{name}"' for name in names) == condition
    assert set(names) == WANTED[Signal.METRICS].instruments


@pytest.mark.parametrize("processor", ["transform/anonymise", "filter/reporting"])
def test_nothing_passes_on_an_error(processor: str) -> None:
    assert EDGE["processors"][processor]["error_mode"] == "propagate"


@pytest.mark.parametrize("signal", Signal)
def test_every_kind_of_attribute_that_a_signal_has_is_dealt_with(signal: Signal) -> None:
    dealt = {
        Signal.LOGS: {"log", "resource", "scope"},
        Signal.TRACES: {"span", "spanevent", "resource", "scope"},
        Signal.METRICS: {"datapoint", "exemplar", "metric", "resource", "scope"},
    }
    assert {context for context, _ in statements(EDGE, signal)} == dealt[signal]
    contexts = [group["context"] for group in EDGE["processors"]["transform/anonymise"][STATEMENTS[signal]]]
    # A series is identified by its whole resource, so that is cut afterwards.
    assert contexts.index(OWN_CONTEXT[signal]) < contexts.index("resource")


@pytest.mark.parametrize("whole", [EDGE, FLEET], ids=["edge", "fleet"])
def test_pipelines_name_only_what_is_defined_and_use_all_of_it(whole: dict[str, Any]) -> None:
    for kind in ("receivers", "processors", "exporters"):
        named = {name for pipeline in whole["service"]["pipelines"].values() for name in pipeline[kind]}
        spare = {"batch"} if whole is FLEET else set()  # the fleet's batches are cut behind its queue
        assert named == whole[kind].keys() - spare
    assert set(whole["service"].get("extensions", ())) == whole.get("extensions", {}).keys()


@pytest.mark.parametrize("whole", [EDGE, FLEET], ids=["edge", "fleet"])
@pytest.mark.parametrize("signal", Signal)
def test_whatever_an_agent_sends_is_anonymised_before_anything_else_sees_it(
    whole: dict[str, Any], signal: Signal
) -> None:
    pipelines = [
        pipeline
        for name, pipeline in whole["service"]["pipelines"].items()
        if name.partition("/")[0] == signal.value and "otlp" in pipeline["receivers"]
    ]
    assert [pipeline["processors"][:3] for pipeline in pipelines] == [
        ["memory_limiter", "transform/anonymise", "filter/reporting"]
    ]


def test_all_leaves_by_one_exporter_with_the_key_and_is_repeated_for_good() -> None:
    assert EDGE["exporters"] == {
        "otlp_http": {
            "endpoint": "${env:SHIPLEDGER_URL}",
            "headers": {"Authorization": "Bearer ${env:SHIPLEDGER_API_KEY}"},
            "retry_on_failure": {"max_elapsed_time": "0s"},
        }
    }


def test_a_fleet_keeps_every_queue_on_disk_and_repeats_for_good() -> None:
    for name, exporter in FLEET["exporters"].items():
        assert exporter["sending_queue"]["storage"] == "file_storage", name
        assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s", name
    assert not any("batch" in pipeline["processors"] for pipeline in FLEET["service"]["pipelines"].values())


def test_a_fleet_passes_traces_sessions_and_series_to_the_member_that_keeps_them() -> None:
    routing = {name: exporter.get("routing_key") for name, exporter in FLEET["exporters"].items()}
    assert routing == {
        "otlp_http": None,
        "load_balancing/traces": "traceID",
        "load_balancing/logs": "attributes",
        "load_balancing/metrics": "streamID",
    }
    assert set(FLEET["exporters"]["load_balancing/logs"]["routing_attributes"]) == {links.SESSION, codex.SESSION}
    port = FLEET["receivers"]["otlp/fleet"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    for name in routing.keys() - {"otlp_http"}:
        assert FLEET["exporters"][name]["resolver"]["dns"]["port"] == port


def test_the_readme_names_every_variable() -> None:
    files = "".join((FOLDER / name).read_text() for name in ("edge.yaml", "fleet.yaml"))
    readme = (FOLDER / "README.md").read_text()
    assert {name for name in re.findall(r"\$\{env:(\w+)\}", files) if name not in readme} == set()
