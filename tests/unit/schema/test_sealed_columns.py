"""A column of sealed values that rotation does not know would be lost together with the key that sealed it."""

import re
from pathlib import Path

from sqlalchemy import ARRAY, BigInteger, LargeBinary, String, Uuid
from sqlmodel.sql.sqltypes import AutoString

from schema.sealed_columns import SEALED_COLUMNS
from schema.tables import METADATA

ROOT = Path(__file__).resolve().parents[3]
KINDS = {"uuid": Uuid, "bigint": BigInteger, "bytea": LargeBinary, "text": (String, AutoString)}

# Bytes that are not encrypted: keyed hashes and digests. A new column belongs either here or to the sealed columns.
HASHES = {
    "abbreviation", "alias", "artifact", "artifact_id", "base_branch", "base_id", "bill_id", "branch", "charge_id",
    "commit", "counted_id", "default_branch", "digest", "event_id", "evidence_id", "family", "fix_id",
    "forge_team_id", "group_id", "head_branch", "head_commit", "head_repository_id", "identity", "labels",
    "left_out", "measurement_id", "member", "number", "owner", "places", "pull_request_id", "push", "reference",
    "release_id", "report_id", "repository", "repository_id", "request", "reverted_by", "series_id", "session",
    "source", "state_digest", "subject", "tally_id", "target", "target_branch", "title", "trail", "window_id",
}  # fmt: skip


def bytes_columns() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type.item_type if isinstance(column.type, ARRAY) else column.type, LargeBinary)
    }


def test_each_sealed_column_is_sealed_again_when_the_key_changes() -> None:
    sealed = {(each.table, each.column) for each in SEALED_COLUMNS}
    assert {(table, column) for table, column in bytes_columns() if column not in HASHES} == sealed
    assert all(column.startswith("sealed_") for _, column in sealed)


def test_rows_of_sealed_columns_are_found_by_their_whole_key() -> None:
    for each in SEALED_COLUMNS:
        key = {column.name: column.type for column in METADATA.tables[each.table].primary_key}
        assert set(each.key) == set(key) - {"organization_id"}, each
        assert all(isinstance(key[name], KINDS[kind]) for name, kind in each.key.items()), each


def test_each_vault_of_the_product_is_of_a_known_purpose() -> None:
    made = {
        (purpose, str(file.relative_to(ROOT)))
        for folder in ("key_services", "schema", "service", "workers")
        for file in (ROOT / folder).rglob("*.py")
        for purpose in re.findall(r"\bVault\([^\"]*?, ?\"([\w-]+)\"\)", file.read_text())
    }
    assert len(made) > 10
    known = {each.purpose for each in SEALED_COLUMNS}
    assert {(purpose, file) for purpose, file in made if purpose not in known} == set()
