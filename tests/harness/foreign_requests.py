"""Requests of one organization that name rows of another in every place where a request may name a row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.reference.examples import BODIES, PARAMETERS
from tests.harness.foreign_rows import DIGEST, ID, NAME, NUMBER, SECRET

# The table and column of each kind of id in paths, queries and bodies. A new kind must be added here.
KINDS: Mapping[str, tuple[str, str]] = {
    "account_id": ("provider_account", "account_id"),
    "alert_id": ("alert", "alert_id"),
    "app_id": ("github_app", "registration_id"),
    "backfill_id": ("backfill", "backfill_id"),
    "change_id": ("change", "change_id"),
    "channel_id": ("alert_channel", "channel_id"),
    "connection_id": ("connection", "connection_id"),
    "delivery_id": ("alert_delivery", "delivery_id"),
    "factor_id": ("ownership_factor", "factor_id"),
    "import_id": ("import", "import_id"),
    "key_id": ("api_key", "key_id"),
    "link_id": ("shared_link", "link_id"),
    "mute_id": ("alert_mute", "mute_id"),
    "price_id": ("contract_price", "price_id"),
    "registration_id": ("hook_registration", "connection_id"),
    "rule_id": ("sign_in_rule", "rule_id"),
    "team_id": ("team", "team_id"),
}
# Parts of paths and parameters that name no row.
NO_IDS = {"dataset": "ledger"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request; `named` are the values of the other organization in it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def leaks(self, answer: str) -> list[str]:
        """Return what an answer shows of the other organization beyond what the request named."""
        said = f"{self.path} {self.query} {self.body}"
        hidden = (SECRET, str(NUMBER), f"{NUMBER:,}", ID, DIGEST)
        return [each for each in hidden if each in answer and each not in said]


def ids_of(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return an id of each kind from rows by table."""
    found = {kind: str(rows[table][column]) for kind, (table, column) in KINDS.items()}
    found["member_id"] = f"m1_{rows['member']['member'].hex()}"
    found["artifact_id"] = f"a1_{rows['pull_request']['artifact_id'].hex()}"
    return found | NO_IDS


def attempts(description: Mapping[str, Any], ids: Mapping[str, str]) -> Iterator[Attempt]:
    """Yield requests to every endpoint: with foreign ids in the path, in each parameter, and in the body."""
    names = {**ids, "team": NAME, "teams": NAME, "cursor": ids["key_id"]}
    for path, operations in description.items():
        filled = path.format(**ids)
        for method, operation in operations.items():
            example = BODIES.get(f"{method.upper()} {path}")
            body = _replaced(example, names)
            parameters = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            required = {
                each["name"]: str(names.get(each["name"], PARAMETERS.get(each["name"], 1)))
                for each in operation.get("parameters", [])
                if each["in"] == "query" and each.get("required")
            }
            yield Attempt(method.upper(), filled, required, body)
            for name in parameters:
                value = str(names.get(name, PARAMETERS.get(name, NAME)))
                yield Attempt(method.upper(), filled, {**required, name: value}, body)


def _replaced(body: Any, names: Mapping[str, str]) -> Any:
    """Return a body in which each id and each team is the other organization's."""
    if isinstance(body, list):
        return [_replaced(each, names) for each in body]
    if not isinstance(body, dict):
        return body
    return {name: _value(name, value, names) for name, value in body.items()}


def _value(name: str, value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str | int) and name in names:
        return type(value)(names[name]) if not isinstance(value, bool) else value
    return _replaced(value, names)
