"""The files of deploy/grafana fit together, and name only metrics that exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.documents import DOCUMENTS, metrics, text_of
from tests.harness.servers import ROLES

DEPLOY = Path(__file__).parents[3] / "deploy"
GRAFANA = DEPLOY / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
# What Prometheus adds to the name of a histogram.
PARTS = r"_(bucket|sum|count)$"


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_each_panel_has_a_title_a_sentence_a_place_and_a_source_that_is_provisioned(file: Path) -> None:
    sources = {
        source["uid"]: source["type"]
        for source in read(GRAFANA / "provisioning/datasources/shipledger.yaml")["datasources"]
    }
    panels = json.loads(file.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["title"]
        assert panel["description"].strip()
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        for one in (panel, *panel["targets"]):
            assert sources[one["datasource"]["uid"]] == one["datasource"]["type"]


def test_each_metric_of_the_dashboards_is_exposed() -> None:
    named = {
        re.sub(PARTS, "", name)
        for file in DASHBOARDS
        for name in re.findall(r"\bshipledger_[a-z_]+\b", file.read_text())
    }
    # Another test says that the documents name exactly the metrics that are exposed.
    assert named == metrics(text_of(DOCUMENTS)) - {ROLES.application, ROLES.sweep}


def test_the_profile_of_compose_mounts_files_that_exist_and_sets_what_provisioning_reads() -> None:
    services = read(DEPLOY / "compose.yaml")["services"]
    profile = {name: one for name, one in services.items() if one.get("profiles") == ["grafana"]}
    assert set(profile) == {"reports-role", "prometheus", "grafana"}
    for one in profile.values():
        for mount in one["volumes"]:
            assert (DEPLOY / mount.split(":")[0]).exists(), mount
    provisioned = (GRAFANA / "provisioning/datasources/shipledger.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)\}", provisioned)) <= set(profile["grafana"]["environment"])
    (provider,) = read(GRAFANA / "provisioning/dashboards/shipledger.yaml")["providers"]
    assert any(provider["options"]["path"] in mount for mount in profile["grafana"]["volumes"])
    (scraped,) = read(GRAFANA / "prometheus.yaml")["scrape_configs"]
    for target in scraped["static_configs"][0]["targets"]:
        assert target.split(":")[0] in services
