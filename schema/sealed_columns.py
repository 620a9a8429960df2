"""Every column of sealed values, so that all of them are sealed again when the secret key changes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# The type of each column that is part of a key.
UUID, BIGINT, BYTES, TEXT = "uuid", "bigint", "bytea", "text"


class SealedColumn(NamedTuple):
    """A column, the purpose of its vault, and the table's key except the organization, with types."""

    table: str
    column: str
    purpose: str
    key: Mapping[str, str]


_CONNECTION = {"connection_id": UUID}
_APP = {"registration_id": UUID}
_ARTIFACT = {"artifact_id": BYTES}

SEALED_COLUMNS: Sequence[SealedColumn] = (
    SealedColumn("organization", "sealed_key", "organization-key", {}),
    SealedColumn("connection", "sealed_secret", "secret", _CONNECTION),
    SealedColumn("connection", "sealed_token", "token", _CONNECTION),
    SealedColumn("github_app", "sealed_form", "github-app", _APP),
    SealedColumn("github_app", "sealed_code", "github-app", _APP),
    SealedColumn("github_app", "sealed_credentials", "github-app", _APP),
    SealedColumn("hook_registration", "sealed_path", "repository-name", _CONNECTION),
    SealedColumn("hook_registration", "sealed_token", "token", _CONNECTION),
    SealedColumn("provider_account", "sealed_key", "token", {"account_id": UUID}),
    SealedColumn("alert_channel", "sealed_settings", "alert-channel", {"channel_id": BIGINT}),
    SealedColumn("shared_link", "sealed_view", "shared-view", {"link_id": UUID}),
    SealedColumn("repair_check", "sealed_places", "repair-places", {"subject_id": UUID, "kind": TEXT}),
    SealedColumn("summary", "sealed_place", "summary", _ARTIFACT),
    SealedColumn("summary", "sealed_remote", "summary", _ARTIFACT),
    SealedColumn("enrichment", "sealed_name", "repository-name", _ARTIFACT),
    SealedColumn("backfill_step", "sealed_name", "repository-name", {"backfill_id": UUID, "repository": BYTES}),
    SealedColumn("delivery", "sealed_body", "body", {"delivery_id": BIGINT}),
)
