"""Examples of parameters and bodies in the description of the API. Tests check them against their schemas."""

from collections.abc import Mapping
from typing import Any

ARTIFACT_ID = "a1_4f5c2a9e1b7d3c6f8a0e2d4b6c8f1a3e5d7b9c0f2e4a6d8b1c3f5e7a9d0b2c4e"
ROW_ID = "0192f0c1-7b5e-7c3a-9d2e-4f6a8b0c1d2e"
REPOSITORY = "github.com/octo-org/octo-repo"
DAY, LAST_DAY, INSTANT = "2026-11-01", "2026-11-30", "2026-11-22T01:45:52Z"

# By name, in queries and paths alike.
PARAMETERS: Mapping[str, Any] = {
    "from": DAY,
    "to": LAST_DAY,
    "merged_from": DAY,
    "merged_to": LAST_DAY,
    "repository": REPOSITORY,
    "number": 123,
    "tag": "v1.2.0",
    "team": "checkout",
    "group_by": "team",
    "artifact_id": ARTIFACT_ID,
    "new": "review/7",
    "old": "review/6",
    "into": "platform",
    "name": "search",
    "effective_from": DAY,
    **dict.fromkeys(("import_id", "account_id", "backfill_id", "key_id"), ROW_ID),
    **dict.fromkeys(("connection_id", "registration_id", "app_id"), ROW_ID),
    **dict.fromkeys(("price_id", "change_id", "factor_id", "alert_id", "channel_id", "delivery_id", "mute_id"), 7),
    "team_id": 7,
}

PULL_REQUEST = {
    "forge": "github",
    "repository": REPOSITORY,
    "number": 7,
    "state": "merged",
    "opened_at": "2026-11-20T09:00:00Z",
    "merged_at": "2026-11-21T16:30:00Z",
    "head_branch": "feature",
}
RELEASE = {
    "forge": "github",
    "repository": REPOSITORY,
    "tag": "v1.3.0",
    "state": "published",
    "released_at": "2026-11-22T10:00:00Z",
    "pull_requests": [7],
}
SESSION_EVIDENCE = {
    "session": "0193f8e2-7f1c-7cc3-98c4-dc0c0c07398f",
    "agent": "codex",
    "occurred_at": INSTANT,
    "repository": REPOSITORY,
    "branch": "feature",
    "commit": "6f7d5618106c4b7558541a320146da091f43c6c2",
    "event": "commit",
    "source": "hook",
}
TOKEN_EVENT = {
    "event_id": "msg_1",
    "occurred_at": INSTANT,
    "source": "our-bot",
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "team": "checkout",
    "repository": REPOSITORY,
    "branch": "feature",
    "tokens": {"input_uncached": 1200, "cache_read": 40000, "output_visible": 42},
}
GATEWAY_REQUEST = {
    "event_id": "req_1",
    "occurred_at": INSTANT,
    "model": "claude-sonnet-4-5",
    "provider": "anthropic",
    "request_bytes": 18_000,
    "response_bytes": 2_400,
}
CHARGE = {
    "first_day": DAY,
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "kind": "output",
    "currency": "USD",
    "billed_cost": "12.50",
    "tokens": 833_333,
}
BILL = {
    "issuer": "Anthropic",
    "account": "engineering",
    "period_start": DAY,
    "period_end": "2026-12-01",
    "charges": [CHARGE],
}
PROMPT_CHANGE = {
    "kind": "prompt_template",
    "occurred_at": "2026-11-18T10:00:00Z",
    "workflow": "support",
    "from_value": "v6",
    "to_value": "v7",
    "source": "ci",
}
OUTCOME = {
    "occurred_at": "2026-11-18T10:00:00Z",
    "workflow": "support",
    "count": 40,
    "successes": 36,
    "quality": 0.9,
}
FACTOR = {"part": "orchestration", "value": "0.05", "first_day": "2026-01-01", "source": "FinOps memo 2026-3"}
TEAM = {"name": "checkout", "size": 7, "telemetry_ids": ["checkout"], "repositories": [REPOSITORY]}

BODIES: Mapping[str, Any] = {
    "POST /api/v1/token-events": {"items": [TOKEN_EVENT]},
    "POST /api/v1/gateway-usage": {"items": [GATEWAY_REQUEST]},
    "POST /api/v1/pull-requests": {"items": [PULL_REQUEST]},
    "POST /api/v1/releases": {"items": [RELEASE]},
    "POST /api/v1/billing-charges": {"items": [BILL]},
    "POST /api/v1/prices": {
        "items": [{"model": "claude-sonnet-4-5", "kind": "output", "usd": "12.00", "first_day": DAY}]
    },
    "POST /api/v1/changes": {"items": [PROMPT_CHANGE]},
    "POST /api/v1/changes/langfuse": {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "timestamp": INSTANT,
        "type": "prompt-version",
        "action": "updated",
        "prompt": {"name": "review", "version": 7, "labels": ["production"]},
    },
    "POST /api/v1/changes/mlflow": {
        "entity": "prompt_alias",
        "action": "created",
        "timestamp": INSTANT,
        "data": {"name": "review", "alias": "production", "version": "7"},
    },
    "POST /api/v1/outcomes": {"items": [OUTCOME]},
    "POST /api/v1/session-evidence": {"items": [SESSION_EVIDENCE]},
    "POST /api/v1/ownership/factors": {"items": [FACTOR]},
    "POST /api/v1/budgets": {"period": "month", "usd": "2000", "team": "checkout"},
    "POST /api/v1/alerts/{alert_id}": {"state": "snoozed", "snoozed_to": "2026-12-31"},
    "POST /api/v1/policies": {"providers": ["anthropic"], "models": ["claude-*"]},
    "POST /api/v1/alert-channels": {"kind": "webhook", "url": "https://hooks.example.com/shipledger"},
    "PATCH /api/v1/alert-channels/{channel_id}": {"team": "checkout"},
    "POST /api/v1/alert-mutes": {"rule": "rise", "team": "checkout", "muted_to": "2026-12-31"},
    "PUT /api/v1/overhead-multiplier": {"orchestration": "0.05", "observability": "0.02", "power": "0"},
    "PUT /api/v1/layers": {"order": ["agent", "gateway", "provider"]},
    "POST /api/v1/provider-accounts": {"provider": "anthropic", "key": "sk-ant-admin01-..."},
    "PUT /api/v1/provider-accounts/{account_id}/key": {"key": "sk-ant-admin01-..."},
    "PUT /api/v1/provider-accounts/{account_id}/teams": {"teams": {"someone@example.com": "checkout"}},
    "POST /api/v1/teams": TEAM,
    "PUT /api/v1/features": {"name": "search", "labels": ["area/search"]},
    "PUT /api/v1/labels": {"enabled": True},
    "POST /api/v1/connections": {"forge": "gitlab", "base_url": "https://gitlab.example.com"},
    "PUT /api/v1/connections/{connection_id}/token": {"token": "glpat-..."},
    "POST /api/v1/registrations": {"scope": "group", "path": "octo-group", "token": "glpat-..."},
    "PUT /api/v1/connections/{connection_id}/summaries": {"enabled": True},
    "PUT /api/v1/connections/{connection_id}/team-sync": {"enabled": True},
    "POST /api/v1/team-syncs": {"dry_run": True},
    "POST /api/v1/backfills": {"forge": "github", "repository": REPOSITORY, "dry_run": True},
    "POST /api/v1/repairs": {"forge": "github"},
    "POST /api/v1/github-apps": {"organization": "octo-org", "dry_run": True},
    "POST /api/v1/keys": {"name": "dashboard", "scopes": ["read"]},
    "POST /api/v1/dashboard-links": {"role": "viewer", "expires_in": 3600},
    "POST /api/v1/shared-links": {"view": "/spend?period=4w", "expires_in": 604800},
    "POST /api/v1/sign-in-rules": {"provider": "oidc", "kind": "group", "value": "platform", "role": "admin"},
    "PUT /api/v1/members/{member_id}": {"role": "auditor"},
    "POST /api/v1/dead-letters/replay": {"id": None},
}


def with_examples(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with examples of its parameters and its body."""
    shown = {**operation}
    if parameters := operation.get("parameters"):
        shown["parameters"] = [_with_example(each) if _is_free(each) else each for each in parameters]
    if (body := BODIES.get(f"{method.upper()} {path}")) is not None:
        content = operation["requestBody"]["content"]
        content = {**content, "application/json": {**content["application/json"], "example": body}}
        shown["requestBody"] = {**operation["requestBody"], "content": content}
    return shown


def _with_example(parameter: dict[str, Any]) -> dict[str, Any]:
    """Add the example; that of an optional parameter in words, since pages fill in every example that they find."""
    value = PARAMETERS[parameter["name"]]
    if parameter["required"]:
        return {**parameter, "example": value}
    return {**parameter, "description": f"{parameter['description']}; for example `{value}`"}


def _is_free(parameter: Mapping[str, Any]) -> bool:
    """Return whether a parameter has an example; one that lists its values needs none."""
    schema = parameter["schema"]
    return parameter["name"] in PARAMETERS and "type" in schema and "enum" not in schema
