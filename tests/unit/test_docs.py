"""The documents name what exists, and leave out nothing that a reader could look for."""

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from prometheus_client import REGISTRY, CollectorRegistry
from pydantic import TypeAdapter

from schema.queue import Job
from schema.settings import Settings
from schema.tables import METADATA
from service.app import create_app
from service.cli.main import main as shipledger
from service.http.admission.admission import Admission
from service.http.admission.limits import Limits
from service.http.request_counts import RequestCounts, backlog_gauges
from service.openapi import with_problems
from service.telemetry.counts import IntakeCounts
from tests.harness.documents import (
    ARCHITECTURE,
    CONTRIBUTING,
    DOCS,
    DOCUMENTS,
    PAGES,
    README,
    ROOT,
    endpoints,
    metrics,
    named_paths,
    settings,
    shipledger_commands,
    table_rows,
    text_of,
    tracked_files,
    tracked_folders,
)
from tests.harness.servers import ROLES

# Variables that commands read and the typed settings do not hold, and those of tests and of the collector.
OF_COMMANDS = {
    "SHIPLEDGER_URL", "SHIPLEDGER_API_KEY", "SHIPLEDGER_GITLAB_TOKEN", "SHIPLEDGER_PROVIDER_KEY",
    "SHIPLEDGER_LITELLM_KEY", "SHIPLEDGER_LITELLM_DATABASE_URL", "SHIPLEDGER_ALERT_SECRET",
}  # fmt: skip
OF_TESTS = {"SHIPLEDGER_REQUIRE_BROWSER"}
PER_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))


UNITS = {"MiB": 1024 * 1024, "seconds": 1, "minutes": 60, "hours": 3600}


def of_settings() -> set[str]:
    return set(names_of_settings())


def names_of_settings() -> list[str]:
    return [
        str(field.validation_alias or f"SHIPLEDGER_{name.upper()}") for name, field in Settings.model_fields.items()
    ]


def of_openapi() -> set[tuple[str, str]]:
    description = with_problems(create_app(Settings(secret_key="x" * 40)).openapi_schema.to_schema())
    return {(method.upper(), path) for path, operations in description["paths"].items() for method in operations}


def leaves(command: click.Command, name: str = "shipledger") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for child in command.list_commands(context):
        found = command.get_command(context, child)
        assert found is not None
        yield from leaves(found, f"{name} {child}")


LEAVES = dict(leaves(shipledger))


def leaf_of(line: str) -> str | None:
    """The command that a line begins with; None for a group, or the program itself."""
    words = line.split()
    return next((name for end in range(len(words), 0, -1) if (name := " ".join(words[:end])) in LEAVES), None)


def is_group(line: str) -> bool:
    return any(name.startswith(f"{line} ") for name in LEAVES) or line == "shipledger"


@PER_DOCUMENT
def test_each_command_that_a_document_names_exists_with_its_options(document: Path) -> None:
    for line in shipledger_commands(document):
        for one in expanded(line):
            name = leaf_of(one)
            assert name is not None or is_group(one.split(" -")[0].strip()), f"{document.name}: {one}"
            if name is not None:
                known = {option for parameter in LEAVES[name].params for option in parameter.opts} | {"--help"}
                named = {word for word in shlex.split(one) if re.fullmatch(r"--[a-z-]+", word)}
                assert named <= known, f"{document.name}: {one}"


def expanded(line: str) -> list[str]:
    """`key create|list` stands for two commands."""
    words = line.split()
    if len(words) > 1 and (many := next((word for word in words[1:3] if "|" in word), None)):
        return [line.replace(many, each) for each in many.split("|")]
    return [line]


def test_each_command_is_in_the_documents() -> None:
    named = {leaf_of(one) for page in PAGES for line in shipledger_commands(page) for one in expanded(line)}
    assert set(LEAVES) - named == set()


def test_documents_list_exactly_the_settings_that_exist() -> None:
    assert settings(text_of(DOCUMENTS)) - of_settings() - OF_COMMANDS - OF_TESTS == set()
    listed = {row[0].strip("`") for row in table_rows(DOCS / "operations.md", "## Settings")}
    assert listed == of_settings()
    assert settings(text_of(PAGES)) >= OF_COMMANDS


def test_the_settings_table_shows_each_default() -> None:
    fields = {name: field for field, name in zip(Settings.model_fields.values(), names_of_settings(), strict=True)}
    for variable, written, _ in table_rows(DOCS / "operations.md", "## Settings"):
        field = fields[variable.strip("`")]
        is_empty = field.default is None or str(field.default) == ""
        assert (written in {"not set", "required"}) is is_empty, variable
        if not is_empty:
            assert TypeAdapter(field.annotation).validate_python(in_base_units(written)) == field.default, variable


def in_base_units(written: str) -> str | float:
    """`25 MiB` in bytes, `24 hours` in seconds, anything else as it stands."""
    if written.startswith("`"):
        return written.strip("`")
    number, _, unit = written.partition(" ")
    return float(number) * UNITS[unit] if unit else written


def test_documents_list_exactly_the_metrics_that_are_exposed() -> None:
    exposed = {metric for registry in registries() for metric in names_in(registry)}
    # Roles of the database begin with the same word.
    assert metrics(text_of(DOCUMENTS)) - {ROLES.application, ROLES.sweep} == exposed


def registries() -> list[CollectorRegistry]:
    """Those of the service, and the one of a worker, which its modules fill."""
    import_module("workers.main")
    requests = RequestCounts().registry
    IntakeCounts(requests)
    requests.register(Admission(Limits()))
    return [requests, backlog_gauges([]), REGISTRY]


def names_in(registry: CollectorRegistry) -> set[str]:
    families = (family for family in registry.collect() if family.name.startswith("shipledger_"))
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def test_documents_list_exactly_the_endpoints_that_exist() -> None:
    assert endpoints(text_of(DOCUMENTS)) - of_openapi() == set()
    reference = (DOCS / "rest.md").read_text().split("## All endpoints")[1]
    assert of_openapi() - endpoints(reference) == set()


def test_the_privacy_page_lists_each_table_once() -> None:
    listed = [row[0].strip("`") for row in table_rows(DOCS / "privacy.md", "## Table by table")]
    assert sorted(listed) == sorted(METADATA.tables)


@PER_DOCUMENT
def test_each_file_and_folder_that_a_document_names_exists(document: Path) -> None:
    assert named_paths(document) - tracked_files() - tracked_folders() == set()


@PER_DOCUMENT
def test_each_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", document.read_text()):
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), target
        if anchor:
            assert anchor in headings(file), target


def headings(document: Path) -> set[str]:
    """Anchors as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize(("document", "most"), [(README, 900), (ARCHITECTURE, 800)], ids=["README", "ARCHITECTURE"])
def test_a_document_for_newcomers_is_short(document: Path, most: int) -> None:
    assert len(document.read_text().split()) <= most


def test_the_picture_in_the_readme_is_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text())
    assert pictures
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_the_table_of_folders_lists_each_folder_of_the_architecture_once() -> None:
    listed = [row[0].strip("`").rstrip("/") for row in table_rows(ARCHITECTURE, "## Folders")]
    assert len(listed) == len(set(listed))
    rooms = {folder for folder in tracked_folders() if is_room(folder)}
    assert set(listed) - tracked_folders() == set()
    assert rooms - set(listed) == set()


def is_room(folder: str) -> bool:
    """Every folder at the top, and the rooms of the product right below."""
    top, *below = folder.split("/")
    if not below:
        return not top.startswith(".") and top not in PRODUCT
    return len(below) == 1 and top in PRODUCT


PRODUCT = ("key_services", "schema", "service", "vocabulary", "workers")


def test_the_table_of_jobs_lists_each_job_once() -> None:
    rows = table_rows(ARCHITECTURE, "## Jobs")
    assert sorted(row[0].strip("`") for row in rows) == sorted(job.value for job in Job)
    assert all(len(row) == 4 and all(row) for row in rows)


def test_the_walks_for_newcomers_name_what_exists() -> None:
    walks = CONTRIBUTING.read_text().split("## Find your way")[1].split("\n## ")[0]
    paths = set(re.findall(r"`((?:schema|service|vocabulary|workers)/[\w/.]+)`", walks))
    assert len(re.findall(r"^\*\*.+\?\*\*", walks, re.MULTILINE)) == 3
    assert len(paths) >= 6
    assert {path.rstrip("/") for path in paths} - tracked_files() - tracked_folders() == set()
