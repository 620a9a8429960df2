"""The identity providers that the settings name. Their libraries are loaded only if there is one."""

# ruff: noqa: PLC0415 - a service without a provider starts more quickly
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from schema.errors import SetUpError
from schema.settings import Settings
from vocabulary.ip_addresses import is_loopback

if TYPE_CHECKING:
    from service.auth.providers.provider import Provider

GITLAB_SCOPE = "openid email"
GITLAB_GROUPS = "groups"


def configured_providers(settings: Settings) -> "Mapping[str, Provider]":
    """Return the providers by name; raises SetUpError if the settings of one are incomplete."""
    found: dict[str, Provider] = {}
    if _is_set(
        {
            "SHIPLEDGER_OIDC_ISSUER": settings.oidc_issuer,
            "SHIPLEDGER_OIDC_CLIENT_ID": settings.oidc_client_id,
            "SHIPLEDGER_OIDC_CLIENT_SECRET": settings.oidc_client_secret.get_secret_value(),
        }
    ):
        from service.auth.providers.openid import OpenIdProvider

        found["oidc"] = OpenIdProvider(
            name="oidc",
            title=settings.oidc_name,
            issuer=_https(settings.oidc_issuer, "SHIPLEDGER_OIDC_ISSUER"),
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            scope=settings.oidc_scope,
            groups_claim=settings.oidc_groups_claim,
        )
    if _is_set(
        {
            "SHIPLEDGER_GITHUB_CLIENT_ID": settings.github_client_id,
            "SHIPLEDGER_GITHUB_CLIENT_SECRET": settings.github_client_secret.get_secret_value(),
        }
    ):
        from service.auth.providers.github import GithubProvider

        found["github"] = GithubProvider(
            url=_https(settings.github_url, "SHIPLEDGER_GITHUB_URL"),
            client_id=settings.github_client_id,
            client_secret=settings.github_client_secret.get_secret_value(),
        )
    if _is_set(
        {
            "SHIPLEDGER_GITLAB_CLIENT_ID": settings.gitlab_client_id,
            "SHIPLEDGER_GITLAB_CLIENT_SECRET": settings.gitlab_client_secret.get_secret_value(),
        }
    ):
        from service.auth.providers.openid import OpenIdProvider

        found["gitlab"] = OpenIdProvider(
            name="gitlab",
            title="GitLab",
            issuer=_https(settings.gitlab_url, "SHIPLEDGER_GITLAB_URL"),
            client_id=settings.gitlab_client_id,
            client_secret=settings.gitlab_client_secret.get_secret_value(),
            scope=GITLAB_SCOPE,
            groups_claim=GITLAB_GROUPS,
        )
    return found


def _is_set(values: Mapping[str, str]) -> bool:
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(values):
        raise SetUpError(f"{missing[0]} is not set; set {' and '.join(values)}, or leave them all out")
    return not missing


def _https(address: str, name: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise SetUpError(f"{name} must begin with https://")
    return address
