"""OpenAPI descriptions of the webhook endpoints, which Litestar does not describe because they are plain ASGI."""

from typing import Any

ACCEPTED = {
    "description": "Verified; `delivery` is the outcome",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["delivery"],
                "properties": {
                    "delivery": {
                        "type": "string",
                        "enum": ["stored", "repeated", "dropped"],
                        "description": "stored, repeated (stored before), or dropped (of no known installation)",
                    }
                },
            }
        }
    },
}
CONNECTION = {
    "name": "connection_id",
    "in": "path",
    "description": "Id of a connection",
    "schema": {"type": "string"},
    "required": True,
}


def described(name: str, summary: str, description: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe a path whose POST accepts a forge's signed JSON without an API key."""
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
        "sendGithubAppWebhook",
        "Receive webhooks of a GitHub App",
        "Sign requests with the secret of a registered App or the operator's. The installation names the organization.",
    ),
    "/webhooks/github/{connection_id}": described(
        "sendGithubWebhook",
        "Receive webhooks of a GitHub repository or organization",
        "Sign requests with the connection's secret (`X-Hub-Signature-256`). Repeated deliveries are ignored.",
        CONNECTION,
    ),
    "/webhooks/gitlab/{connection_id}": described(
        "sendGitlabWebhook",
        "Receive webhooks of a GitLab project, group or instance",
        "Sign requests with the connection's secret (`webhook-signature`), or send the secret (`X-Gitlab-Token`).",
        CONNECTION,
    ),
}
