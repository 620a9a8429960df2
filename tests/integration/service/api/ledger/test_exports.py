"""GET /api/v1/exports/{dataset}, and format=csv|parquet on lists: files that hold what the API shows."""

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from schema.database import Database
from service.exports.datasets import DatasetName
from service.imports.focus.bills import Bills
from service.imports.focus.files import read_rows
from tests.harness.documents import DOCS
from tests.integration.service.api.conftest import DAY, REPOSITORY, Api

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")


async def download(api: Api, path: str, **query: Any) -> bytes:
    answer = await api.client.get(f"/api/v1/{path}", params=query, headers=api.organization.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return answer.content


async def rows(api: Api, path: str, **query: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((await download(api, path, **query)).decode())))


async def test_every_dataset_is_a_file_of_either_format(company: Api) -> None:
    for dataset in DatasetName:
        lines = await rows(company, f"exports/{dataset}")
        table = pyarrow.parquet.read_table(io.BytesIO(await download(company, f"exports/{dataset}", format="parquet")))
        assert table.num_rows == len(lines)
        if lines:
            assert table.column_names == list(lines[0])


async def test_the_ledger_sums_to_what_the_api_shows(company: Api) -> None:
    shown = await company.get("ledger")
    for dataset, cost in (("attributions", "list_cost_usd"), ("ledger", "effective_cost_usd")):
        lines = await rows(company, f"exports/{dataset}")
        for kind in KINDS:
            assert sum(int(line[kind]) for line in lines) == shown["received"][kind]
        assert sum(Decimal(line[cost]) for line in lines) == Decimal(shown["received"]["cost_usd"])
        merged = [line for line in lines if line["fate"] == "merged"]
        assert sum(int(line[kind]) for line in merged for kind in KINDS) == shown["merged"]["total"]


async def test_a_period_selects_days_and_a_team_its_rows(company: Api) -> None:
    assert await rows(company, "exports/ledger", **{"from": "2026-11-19"}) == []
    assert len(await rows(company, "exports/ledger", **{"from": DAY, "to": DAY})) == 4
    assert {line["team"] for line in await rows(company, "exports/ledger", team="default")} == {"default"}


async def test_pull_requests_hold_their_tokens(company: Api) -> None:
    lines = await rows(company, "exports/pull-requests")
    assert sorted(int(line["input_uncached"]) for line in lines) == [0, 100, 200, 300, 400]
    assert {line["state"] for line in lines} == {"merged", "open", "abandoned"}
    assert all(line["opened_at"].endswith("Z") for line in lines)


@pytest.mark.usefixtures("company")
async def test_another_organization_exports_nothing_of_it(other_api: Api) -> None:
    for dataset in DatasetName:
        assert await rows(other_api, f"exports/{dataset}") == []


async def test_a_charge_names_the_first_release_of_its_pull_request_and_charges_sum_to_the_ledger(company: Api) -> None:
    for day, tag, numbers in (("20", "v2", [1, 2]), ("19", "v1", [1])):
        release = {"forge": "github", "repository": REPOSITORY, "tag": tag, "state": "published"}
        at = f"2026-11-{day}T10:00:00Z"
        await company.import_items("releases", {**release, "released_at": at, "pull_requests": numbers})
    made = [(await company.get("releases", repository=REPOSITORY, tag=tag))["items"][0] for tag in ("v1", "v2")]
    first, second = (each["artifact_id"] for each in made)
    for version in ("1.2", "1.4"):
        lines = await rows(company, f"exports/focus-{version}")
        shipped = {line["x_Release"]: int(float(line["ConsumedQuantity"])) for line in lines if line["x_Release"]}
        assert shipped == {first: 200, second: 400}
        assert sum(float(line["ConsumedQuantity"]) for line in lines) == 2000
        tags = [json.loads(line["Tags"]) for line in lines]
        assert sorted(each["release"] for each in tags if "release" in each) == sorted([first, second])


async def test_what_does_not_apply_is_refused_with_the_remedy(company: Api) -> None:
    for path, query, detail in (
        ("exports/nothing", {}, "attributions"),
        ("exports/ledger", {"format": "json"}, "must be one of csv, parquet"),
        ("exports/release-pull-requests", {"from": DAY}, "does not apply to release-pull-requests"),
        ("exports/release-pull-requests", {"team": "default"}, "does not apply to release-pull-requests"),
        ("teams", {"format": "xml"}, "must be one of json, csv, parquet"),
        ("attributions", {"format": "csv", "limit": 10}, "holds every row"),
        ("overview", {"format": "csv"}, "is not a parameter"),
    ):
        assert detail in (await company.get(path, 400, **query))["detail"]


async def test_a_list_as_csv_holds_the_items_of_all_its_pages(company: Api) -> None:
    pages = await company.get("attributions")
    lines = await rows(company, "attributions", format="csv")
    assert [line["artifact_id"] for line in lines] == [item["artifact_id"] for item in pages["items"]]
    for line, item in zip(lines, pages["items"], strict=True):
        assert int(line["tokens.total"]) == item["tokens"]["total"]
        assert line["cost_usd"] == item["cost_usd"]


async def test_the_ledger_by_team_as_csv_has_its_parts_as_columns(company: Api) -> None:
    lines = await rows(company, "ledger", format="csv", group_by="team")
    shown = await company.get("ledger")
    assert [(line["team"], line["before.merged.total"]) for line in lines] == [("default", "")]
    assert int(lines[0]["parts.merged.total"]) == shown["merged"]["total"]


async def test_a_list_as_parquet_has_typed_columns(company: Api) -> None:
    file = await download(company, "metrics/tokens-per-pr", format="parquet")
    table = pyarrow.parquet.read_table(io.BytesIO(file))
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["period_start"], types["tokens.total"], types["cost_usd"]) == (
        "date32[day]",
        "int64",
        "decimal128(38, 9)",
    )


async def test_a_list_as_a_file_needs_the_key_like_its_pages(company: Api) -> None:
    answer = await company.client.get("/api/v1/teams", params={"format": "csv"})
    assert answer.status_code == 401


@pytest.mark.parametrize("version", ["1.2", "1.4"])
async def test_focus_charges_sum_to_the_ledger(company: Api, version: str) -> None:
    shown = (await company.get("ledger"))["received"]
    lines = await rows(company, f"exports/focus-{version}")
    assert sum(Decimal(line["ConsumedQuantity"]) for line in lines) == shown["total"]
    assert sum(Decimal(line["EffectiveCost"]) for line in lines) == Decimal(shown["cost_usd"])
    assert all(line["ChargePeriodStart"] == f"{DAY}T00:00:00Z" for line in lines)


@pytest.mark.parametrize("version", ["1.2", "1.4"])
async def test_our_own_import_reads_the_focus_charges_back_to_the_same_totals(
    company: Api, version: str, tmp_path: Path
) -> None:
    shown = (await company.get("ledger"))["received"]
    file = tmp_path / "focus.csv"
    file.write_bytes(await download(company, f"exports/focus-{version}"))
    bills = Bills({})
    bills.add(read_rows(file, lambda _: None))
    charges = [charge for bill in bills for charge in bill.charges]
    by_kind = {
        kind: sum(charge.tokens for charge in charges if charge.kind == kind) for kind in ("input_uncached", "output")
    }
    assert by_kind == {"input_uncached": shown["input_uncached"], "output": shown["output_visible"]}
    assert sum(charge.effective_cost for charge in charges) == Decimal(shown["cost_usd"])
    assert {charge.provider for charge in charges} == {"anthropic"}


async def test_the_documentation_describes_every_column_of_every_view(company: Api, database: Database) -> None:
    async with database.organization(company.organization.organization_id) as tenant:
        rows = await tenant.connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'reporting'"
        )
    stored = {(row["table_name"], row["column_name"]) for row in rows if not row["table_name"].startswith("focus")}
    described = set()
    for section in (DOCS / "views.md").read_text().split("\n### ")[1:]:
        view = re.search(r"`reporting\.(\w+)`", section)
        assert view
        described |= {(view[1], column) for column in re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)}
    assert described == stored
