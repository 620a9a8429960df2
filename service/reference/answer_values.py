"""Values of fields in examples of answers, by name."""

from collections.abc import Mapping
from typing import Any, Final

from service.reference.examples import ARTIFACT_ID, LAST_DAY, REPOSITORY, ROW_ID

# What a text without a value of its own shows; tests find it.
UNNAMED: Final = "..."
# What is usually null.
NULLS: Final = frozenset(
    {
        *("next_cursor", "withheld_reason", "together_reason", "failure", "reason", "explanation", "revoked_at"),
        *("removed_at", "expires_at", "summaries_failure", "snoozed_to", "hard_usd", "of_model", "secret", "test"),
        *("reverted_at", "reverted_by", "fix_released_at", "drifted_at", "continues_at", "github_app", "deleted_at"),
        *("landed_by", "base_url", "last_repair", "exceeded_on", "earliest_on", "note", "dry_run", "report"),
    }
)
# Where tokens of a ledger are, beside merged pull requests.
PARTS: Final = frozenset({"in_flight", "abandoned", "overhead", "pending", "difference", "superseded"})
FALSE: Final = frozenset({"bot", "reverted", "digest", "dry_run", "signed", "replaced"})
# The last days of periods, and those of the period before.
DAYS: Final = {"last_day": LAST_DAY, "compared_first_day": "2026-10-01", "compared_last_day": "2026-10-31"}
# The keys of objects that have any.
KEYS: Final = {
    "": "status",
    "sources": "litellm",
    "failures": "overloaded",
    "hook": "push_events",
    "replayed": "delivery",
}
KINDS: Final[Mapping[str, int]] = {
    "input_uncached": 1200,
    "cache_read": 40000,
    "cache_write": 3000,
    "output_visible": 900,
    "output_reasoning": 300,
}
NUMBERS: Final[Mapping[str, Any]] = {
    **KINDS,
    "total": sum(KINDS.values()),
    "tokens": sum(KINDS.values()),
    "low": 30000,
    "high": 62000,
    "attempts": 1,
    "dead": 0,
    "waiting": 0,
    "refused": 0,
    "failed_requests": 0,
    "id": 7,
    "index": 0,
}
USD: Final[Mapping[str, str]] = {
    "zero": "0.00",
    "before_usd": "0.05",
    "after_usd": "0.06",
    "change_usd": "0.01",
    "volume_usd": "0.01",
    **dict.fromkeys(("size_usd", "model_mix_usd", "cache_usd", "price_usd"), "0.00"),
    **dict.fromkeys(("unexplained_difference_usd", "other_cost_usd", "reverted_cost_usd"), "0.00"),
}
LINKED: Final = {"artifact": 0.1, "commit": 0.3, "branch": 0.5, "repository": 0.1, "cohort": 0.0}
SHAPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "EvidenceShares": LINKED,
    "EvidenceCoverage": {**LINKED, "branch": 0.4, "overhead": 0.1},
    "LinkShares": {"artifact": 0.1, "commit": 0.5, "branch": 0.3, "start": 0.0, "none": 0.1},
    "BasisCoverage": {"measured": 1.0, "derived": 0.0, "estimated": 0.0},
}
TEXTS: Final[Mapping[str, str]] = {
    "action": "POST /api/v1/keys",
    "agent": "claude-code",
    "actor": f"key {ROW_ID}",
    **dict.fromkeys(("artifact_id", "pull_request_id", "reverted_pull_request_id", "reverted_by"), ARTIFACT_ID),
    "cannot": "tags of a push with more than three",
    "cause": "more requests",
    "channel": "platform",
    **dict.fromkeys(("connection", "import_id"), ROW_ID),
    "context_tier": "200k",
    "counted_source": "claude-code",
    "created_by": f"key {ROW_ID}",
    "detail": "claude-code and litellm report similar numbers of tokens in the same hours",
    "estimates": "energy and carbon are estimates from published factors",
    "event": "raised",
    "each of ": "ok",
    "each of sources": "gateway",
    "evidence": "branch",
    "explanation": "the forge refused the access token",
    "failure": "forge_refused",
    "fate": "merged",
    "feature": "search",
    "forge": "github",
    "from_value": "v6",
    "given": "checkout",
    "group": "claude-sonnet-4-5",
    "held_back": "mobile",
    **dict.fromkeys(("low", "high"), "0.04"),
    "host": "github.com",
    "id": ROW_ID,
    "install_url": "https://github.com/apps/shipledger/installations/new",
    "key": "sl1_1_...",
    "kind": "rise",
    "label": "octo-org/octo-repo#7",
    "layer": "agent",
    "link": "/spend?team=checkout",
    "method": "links-3",
    **dict.fromkeys(("model", "of_model", "new"), "claude-sonnet-4-5"),
    "old": "claude-sonnet-4",
    "name": "checkout",
    "note": "published in 2025",
    "next_step": "Names appear as webhooks, backfills and imports send them again.",
    **dict.fromkeys(("observability", "orchestration"), "0.05"),
    "order": "agent",
    "page": "https://shipledger.example.com/github/register/...",
    "part": "output",
    "power": "0",
    "prompt_version": "review/7",
    "provider": "anthropic",
    "field": "items[3].repository",
    "reason": "the forge refused the access token",
    "region": "eu-central-1",
    "remedy": "count only one of both: shipledger layers set --supersede litellm",
    **dict.fromkeys(("repository", "repositorie"), REPOSITORY),
    "rule": "rise",
    "scope": "group",
    "secret": "...-shown-once",
    "sentence": "Spend rose by $0.01: more requests by checkout.",
    "service_tier": "standard",
    "signal": "logs",
    "source": "claude-code",
    "state": "merged",
    "subject": "checkout",
    "team": "checkout",
    "telemetry_id": "checkout",
    "text": "$0.06 in the week, $0.01 more than before.",
    "title": "Week of 16 November",
    "to_value": "v7",
    "total": "0.10",
    "unconverted_currencie": "EUR",
    "unit": "USD per million tokens",
    "url": "https://shipledger.example.com/...",
    "usd": "12.00",
    "value": "platform",
    "verdict": "cannot tell: too few teams started",
    "view": "/spend?period=4w",
    "warning": "gitlab.com cannot reach a private address",
    "webhook_url": f"https://shipledger.example.com/webhooks/github/{ROW_ID}",
    "what": "pull_request",
    "workflow": "support",
}
