"""What a forge or provider answered to a refused request, from an allow-list. Pure.

An answer may name people, so known phrases are recognized in it, never quoted: what is returned is composed of the
HTTP status, phrases of this file, and the names of permissions.
"""

import re
from collections.abc import Iterator, Mapping

LONGEST_BODY = 20_000
MAY_LACK_PERMISSIONS = {403, 404}

# The more specific come first: the first that occurs in an answer is returned.
PHRASES = (
    # GitHub: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    "Bad credentials",
    "Requires authentication",
    "Resource not accessible by integration",
    "Resource not accessible by personal access token",
    "Resource protected by organization SAML enforcement",
    "has enabled OAuth App access restrictions",
    "has an IP allow list enabled",
    "forbids access via a personal access token (classic)",
    "forbids access via a fine-grained personal access token",
    "token's lifetime is greater than",
    "This installation has been suspended",
    "Your account was suspended",
    "Could not resolve to a Repository",
    "Repository access blocked",
    "Must have admin rights to Repository",
    "Must be an organization owner or team maintainer",
    "A JSON web token could not be decoded",
    "'Expiration time' claim ('exp') is too far in the future",
    "'Issued at' claim ('iat') must be an Integer",
    "Integration not found",
    "Hook already exists on this repository",
    "Validation Failed",
    "secondary rate limit",
    "API rate limit exceeded",
    # GitLab: https://docs.gitlab.com/api/rest/troubleshooting/
    "The request requires higher privileges than provided by the access token",
    "Token was revoked",
    "Token is expired",
    "Requests to localhost are not allowed",
    "Requests to the local network are not allowed",
    "Requests to the link local network are not allowed",
    "URL is blocked",
    "Invalid url given",
    "Maximum number of project hooks",
    "Maximum number of group hooks",
    "Group Not Found",
    "Project Not Found",
    "insufficient_scope",
    "invalid_token",
    # Channels of alerts.
    "channel_is_archived",
    "no_active_hooks",
    "no_service",
    "no_team",
    "invalid_payload",
    "invalid_blocks",
    "action_prohibited",
    "Invalid Routing Key",
    "Event object is invalid",
    # Providers of models.
    "invalid x-api-key",
    "Incorrect API key provided",
    "Invalid API key",
    "You have insufficient permissions for this operation",
    "invalid_api_key",
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "overloaded_error",
    "Not Found",
    "Unauthorized",
    "Forbidden",
)

# https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
PERMISSIONS = frozenset(
    {
        "actions",
        "administration",
        "checks",
        "contents",
        "deployments",
        "issues",
        "members",
        "metadata",
        "organization_administration",
        "organization_copilot_seat_management",
        "organization_hooks",
        "organization_plan",
        "pull_requests",
        "repository_hooks",
        "statuses",
        "webhooks",
    }
)
SCOPES = frozenset(
    {
        "repo",
        "public_repo",
        "repo:status",
        "read:org",
        "write:org",
        "admin:org",
        "read:user",
        "user",
        "admin:repo_hook",
        "read:repo_hook",
        "write:repo_hook",
        "admin:org_hook",
        "manage_billing:copilot",
        "read:enterprise",
        "manage_billing:enterprise",
        "admin:enterprise",
        "api",
        "read_api",
        "read_user",
        "read_repository",
        "api.usage.read",
    }
)

_PERMISSION = re.compile(r"([a-z_]+)=(read|write|admin)")
_SCOPES_IN_BODY = re.compile(r'(?:"scope":\s*"|Missing scopes: )([a-z_.: ,]+)')
_SCOPE = re.compile(r"[a-z_]+(?:[.:][a-z_]+)*")


def read_answer(status: int, body: str, headers: Mapping[str, str]) -> str:
    """Return the status, what the answer said, and which permissions it needs, as far as these are known."""
    begins = body[:LONGEST_BODY]
    phrase = next((each for each in PHRASES if each.lower() in begins.lower()), None)
    needed = [*_missing_scopes(begins)]
    if status in MAY_LACK_PERMISSIONS:
        known = {name.lower(): str(value) for name, value in headers.items()}
        needed += [*_permissions(known), *_scopes(known)]
    said = f"{status} {phrase}" if phrase else str(status)
    return f"{said}, needs {' or '.join(dict.fromkeys(needed))}" if needed else said


def _permissions(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the alternatives for a fine-grained token or an App, such as `issues=read and pull_requests=read`."""
    for alternative in headers.get("x-accepted-github-permissions", "").split(";"):
        found = [(name, level) for name, level in _PERMISSION.findall(alternative) if name in PERMISSIONS]
        if found:
            yield " and ".join(f"{name}={level}" for name, level in found)


def _scopes(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the scopes of which a classic token has none."""
    held = set(_SCOPE.findall(headers.get("x-oauth-scopes", "")))
    accepted = _SCOPE.findall(headers.get("x-accepted-oauth-scopes", ""))
    if not held.intersection(accepted):
        yield from (each for each in accepted if each in SCOPES)


def _missing_scopes(body: str) -> Iterator[str]:
    """Yield the scopes that GitLab and OpenAI name in an answer."""
    if found := _SCOPES_IN_BODY.search(body):
        yield from (each for each in _SCOPE.findall(found[1]) if each in SCOPES)
