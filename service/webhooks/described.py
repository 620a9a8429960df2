"""The webhook endpoints in OpenAPI's words, since Litestar describes only handlers that it calls itself."""

from typing import Any

ACCEPTED = {
    "description": "Verified; `delivery` says what became of it",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["delivery"],
                "properties": {"delivery": {"type": "string", "enum": ["stored", "repeated", "dropped"]}},
            }
        }
    },
}
CONNECTION = {"name": "connection_id", "in": "path", "schema": {"type": "string"}, "required": True}


def described(name: str, summary: str, description: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """A path whose POST takes a forge's JSON, signed, without an API key."""
    return {
        "post": {
            "tags": ["webhooks"],
            "summary": summary,
            "description": description,
            "operationId": name,
            "security": [],
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
            "responses": {"202": ACCEPTED},
        }
    }


PATHS = {
    "/webhooks/github": described(
        "WebhooksGithubGithubAppWebhook",
        "Webhooks of the GitHub App, for all its installations",
        "Signed with the secret of a registered App, or of the operator's; the installation says whose it is.",
    ),
    "/webhooks/github/{connection_id}": described(
        "WebhooksGithubConnectionIdGithubWebhook",
        "A webhook of a GitHub repository or organization",
        "Signed with the connection's secret (`X-Hub-Signature-256`); a repeated delivery adds nothing.",
        CONNECTION,
    ),
    "/webhooks/gitlab/{connection_id}": described(
        "WebhooksGitlabConnectionIdGitlabWebhook",
        "A webhook of a GitLab project, group or instance",
        "Signed with the connection's secret (`webhook-signature`), or carrying it (`X-Gitlab-Token`).",
        CONNECTION,
    ),
}
