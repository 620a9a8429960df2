"""What a forge or provider answered is recognized, never quoted."""

import json

import pytest

from workers.forge_access.answers import read_answer

GITHUB = {"documentation_url": "https://docs.github.com/rest"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "answer"),
    [
        (401, {"message": "Bad credentials", **GITHUB}, {}, "401 Bad credentials"),
        (
            403,
            {"message": "Resource not accessible by integration", **GITHUB},
            {"X-Accepted-GitHub-Permissions": "issues=read,pull_requests=read; contents=write"},
            "403 Resource not accessible by integration, needs issues=read and pull_requests=read or contents=write",
        ),
        (
            404,
            {"message": "Not Found"},
            {"X-OAuth-Scopes": "read:org, read:user", "X-Accepted-OAuth-Scopes": "repo"},
            "404 Not Found, needs repo",
        ),
        (404, {"message": "Not Found"}, {"X-OAuth-Scopes": "repo", "X-Accepted-OAuth-Scopes": "repo"}, "404 Not Found"),
        (401, {"message": "401 Unauthorized"}, {}, "401 Unauthorized"),
        (404, {"message": "404 Group Not Found"}, {}, "404 Group Not Found"),
        (
            403,
            {
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "api read_api",
            },
            {},
            "403 The request requires higher privileges than provided by the access token, needs api or read_api",
        ),
        (401, {"error": {"type": "authentication_error", "message": "invalid x-api-key"}}, {}, "401 invalid x-api-key"),
        (
            403,
            {"error": "You have insufficient permissions for this operation. Missing scopes: api.usage.read."},
            {},
            "403 You have insufficient permissions for this operation, needs api.usage.read",
        ),
        (500, "", {}, "500"),
    ],
)
def test_the_status_and_known_phrases_and_permissions_are_returned(
    status: int, body: object, headers: dict[str, str], answer: str
) -> None:
    assert read_answer(status, json.dumps(body), headers) == answer


def test_names_and_secrets_in_an_answer_are_left_out() -> None:
    body = {"message": "The `canary-org` organization has an IP allow list enabled, and canary-login is not on it."}
    assert read_answer(403, json.dumps(body), {}) == "403 has an IP allow list enabled"
    assert read_answer(401, "Incorrect API key provided: sk-canary.", {}) == "401 Incorrect API key provided"
    headers = {"X-Accepted-GitHub-Permissions": "canary=read", "X-Accepted-OAuth-Scopes": "canary:login"}
    assert read_answer(403, '{"message": "Hello canary", "scope": "canary read_api"}', headers) == "403, needs read_api"
